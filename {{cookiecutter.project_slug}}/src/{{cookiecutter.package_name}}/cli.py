"""The command line: parses and dispatches; heavy imports happen inside the commands."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .artifacts import REPORT, differences, load_run, project_path
from .logging_config import PACKAGE, configure_logging
from .pipeline import STUDY
from .publishing import finish_move, outputs
from .raw_data import add_raw, check_raw, recorded_sums
from .runner import all_stages, run_stages
from .study import ProjectError, Stage, Study, load_settings, needs_extra

RAW = typer.Option(metavar="FILE", help="Read this raw file, not the one that the config names.")
CONFIG = typer.Option(metavar="FILE", help="Read the settings from this TOML file.")
FORCE = typer.Option("--force", help="Run although nothing has changed.")

Raw = Annotated[list[Path] | None, RAW]
Config = Annotated[Path | None, CONFIG]


def open_project(study: Study[Any]) -> Path:
    """Find the project, start its log, and finish a publication that was interrupted.

    Returns
    -------
    Path
        The current folder, or the nearest above it, that holds the study's config.

    Raises
    ------
    ProjectError
        If there is none.
    """
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / study.config).is_file():
            configure_logging(folder)
            finish_move(folder)
            return folder
    raise ProjectError(f"no {study.config.as_posix()} here or above: go to the project's folder")


def run_and_report(
    study: Study[Any], only: str | None, raw: list[Path] | None, config: Path | None, force: bool
) -> None:
    """Run all stages or one, and print what a reader wants to know first."""
    root = open_project(study)
    files = [Path(project_path(root, Path.cwd() / file)) for file in raw or ()]
    settings = load_settings(study, root, Path.cwd() / config if config else study.config, files)
    run = run_stages(study, settings, root, only, force=force)
    if run is None:
        typer.echo("Up to date: inputs, settings and code are those of the last run.")
    elif only is not None:
        typer.echo("\n".join(f"wrote {path}" for path in run.manifest["stages"][only]["outputs"]))
    else:
        typer.echo(study.headline(run))
    if only is None:
        typer.echo(f"Report: {root / REPORT}")


def add_stage(app: typer.Typer, study: Study[Any], stage: Stage[Any]) -> None:
    """Give a stage a command of its name."""

    @app.command(name=stage.name, help=f"{stage.help} One stage, from the files of those before.")
    def command(raw: Raw = None, config: Config = None) -> None:
        run_and_report(study, stage.name, raw, config, force=True)


def data_commands(study: Study[Any]) -> typer.Typer:
    """Return the commands `data add` and `data check`."""
    data = typer.Typer(help="Raw data: add a file, check the files.", no_args_is_help=True)

    @data.command(help="Copy a raw file in, make it read-only, record its hash.")
    def add(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
        name = add_raw(open_project(study), file).as_posix()
        typer.echo(f"{name} is recorded in data/raw/SHA256SUMS and read-only.")
        typer.echo(f"Git ignores it; to track it: git add --force {name} data/raw/SHA256SUMS")
        typer.echo(f'To analyse it: raw = ["{name}"] in {study.config.as_posix()}')

    @data.command(help="Hold the raw files against data/raw/SHA256SUMS.")
    def check() -> None:
        root = open_project(study)
        close(check_raw(root), f"{len(recorded_sums(root))} raw file(s) as recorded.")

    return data


def close(found: list[str], fine: str) -> None:
    """Print the differences and exit with 1, or print that all is well."""
    typer.echo("\n".join(found) or fine)
    if found:
        raise typer.Exit(1)


def build_app(study: Study[Any]) -> typer.Typer:
    """Return the command line of a study: the machine's commands, its stages, its own."""
    app = typer.Typer(
        help=f"{study.title}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.command(help="Run every stage; stop at once where nothing has changed.")
    def run(raw: Raw = None, config: Config = None, force: Annotated[bool, FORCE] = False) -> None:
        run_and_report(study, None, raw, config, force)

    for stage in all_stages(study):
        add_stage(app, study, stage)
    app.add_typer(data_commands(study), name="data")

    @app.command(help="Hold artifacts and raw files against their recorded hashes.")
    def verify() -> None:
        root = open_project(study)
        manifest = load_run(root).manifest
        names = tuple(stage.name for stage in all_stages(study))
        found = [*differences(root, manifest, names), *check_raw(root)]
        close(found, f"{len(outputs(manifest))} artifacts and the raw data are as recorded.")

    @app.command(help="Serve the last run over HTTP, for programs.")
    def serve(
        port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
        host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
        access_log: Annotated[bool, typer.Option("--access-log", help="Print requests.")] = False,
    ) -> None:
        root = open_project(study)
        try:
            from . import server
        except ModuleNotFoundError as error:
            raise needs_extra(error, "api", "serve") from error
        server.serve(study, root, host, port, access_log=access_log)

    if study.commands:
        study.commands(app, lambda: load_run(open_project(study)))
    return app


def main() -> None:
    """Run the command line; a problem is one line on stderr and exit status 1."""
    name = Path(sys.argv[0]).name.removesuffix(".exe").removesuffix(".py")
    try:
        build_app(STUDY)(prog_name=f"python -m {PACKAGE}" if name == "__main__" else name)
    except Exception as error:
        logger = logging.getLogger(PACKAGE)
        if isinstance(error, ProjectError):
            message = str(error)
        elif isinstance(error, OSError) and error.filename:
            message = f"{error.filename}: {error.strerror}"
        else:
            message = f"{type(error).__name__}: {error} (a fault of the program, see the log)"
        message = " ".join(message.split())
        if logger.handlers:
            logger.error("%s", message, exc_info=error)
        sys.stderr.write(f"error: {message}\n")
        sys.exit(1)

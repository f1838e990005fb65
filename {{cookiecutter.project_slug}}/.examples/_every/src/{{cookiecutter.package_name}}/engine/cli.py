"""The command line: parses and dispatches; heavy imports happen inside the commands."""

import gc
import json
import logging
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import PACKAGE, ProjectError, needs_extra, sentence
from .log import HOME, configure_logging, flat, read_history
from .publishing import REPORT, finish_move, load_run, outputs
from .raw_data import add_raw, check_raw, data_files, pull_raw, push_raw, read_record, remove_raw
from .runs import RunState, run_stages
from .study import Study, load_settings
from .tracking import track

RAW = typer.Option(metavar="FILE", help="Read this raw file, not the one that the config names.")
CONFIG = typer.Option(metavar="FILE", help="Read the settings from this TOML file.")
FORCE = typer.Option("--force", help="Run stages although nothing has changed.")
PORT = typer.Option(min=0, max=65535, help="0 takes a free one.")
HOST = typer.Option(help="0.0.0.0 lets other machines in.")
REQUESTS = typer.Option("--access-log", help="Print requests.")
SOURCE = typer.Argument(metavar="FILE|FOLDER")
NAME = typer.Argument(metavar="NAME", help="As in data/raw.")


def open_project(study: Study[Any]) -> Path:
    """Return the project at or above this folder, with its log begun; else raise ProjectError."""
    here, code = Path.cwd(), HOME.parents[1]
    root = next((each for each in (here, *here.parents) if (each / study.config).is_file()), None)
    if root is None:
        raise ProjectError(f"no {study.config.as_posix()} here or above: go to the project folder")
    if HOME.parent.name == "src" and (code / study.config).is_file() and not code.samefile(root):
        raise ProjectError(f"this is the code of another folder, {code}: `make setup` in {root}")
    configure_logging(root)
    finish_move(root)
    return root


def build_cli(study: Study[Any]) -> typer.Typer:
    """Return the command line of a study: the engine's commands and its own."""
    app = typer.Typer(
        help=f"{study.title}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    stages, names = study.stages, [stage.name for stage in study.stages]

    @app.command(help=f"Run the stages that are not up to date: {', '.join(names)}.")
    def run(
        stage: Annotated[str | None, typer.Argument(help="The last one to run.")] = None,
        raw: Annotated[list[Path] | None, RAW] = None,
        config: Annotated[Path | None, CONFIG] = None,
        force: Annotated[bool, FORCE] = False,
    ) -> None:
        root = open_project(study)
        gc.set_threshold(100_000, 50, 50)  # most that a run makes lives to its end
        files = [Path(os.path.relpath(file, root)) for file in raw or ()]
        settings = load_settings(study, root, Path.cwd() / (config or root / study.config), files)
        made = run_stages(stages, settings, root, until=stage, force=force, metrics=study.metrics)
        if study.published:
            study.published(made or load_run(root), settings)
        if not stage:
            track(study, made or load_run(root), settings)
        if made is None:
            typer.echo("Up to date: inputs, settings and code are those of the last run.")
        elif stage:
            for path in made.manifest["stages"][stage]["outputs"]:
                typer.echo(f"wrote {path}")
        else:
            typer.echo(study.headline(made))
        if not stage and (root / REPORT).is_file():
            typer.echo(f"Report: {root / REPORT}")

    @app.command(help="Hold artifacts and raw files against their recorded hashes.")
    def verify() -> None:
        root = open_project(study)
        made = outputs(load_run(root).manifest)
        found = RunState(root).differences(names) + check_raw(root)
        close(found, f"{len(made)} artifacts and the raw data are as recorded.")

    @app.command(help="Serve the last run over HTTP, for programs.")
    def serve(
        port: Annotated[int, PORT] = 8000,
        host: Annotated[str, HOST] = "127.0.0.1",
        access_log: Annotated[bool, REQUESTS] = False,
    ) -> None:
        root = open_project(study)
        try:
            from .serving.app import serve as serve_run
        except ModuleNotFoundError as error:
            raise needs_extra(error, "api", "make serve") from error
        serve_run(study, root, host, port, access_log=access_log)

    add_history(app, study)
    add_data(app, study)
    if study.commands:
        study.commands(app, lambda: load_run(open_project(study)))
    return app


def add_history(app: typer.Typer, study: Study[Any]) -> None:
    """Add the commands that read `logs/runs.jsonl`."""
    runs = typer.Typer(help="List the runs of this machine.", invoke_without_command=True)
    app.add_typer(runs, name="runs")

    @runs.callback()
    def show(context: typer.Context) -> None:
        for run in () if context.invoked_subcommand else read_history(open_project(study)):
            commit, _, changes = (run["commit"] or "none").partition("+")
            commit, seconds = commit[:9] + "+" * bool(changes), f"{run['seconds']:.1f} s"
            numbers = [f"{name} {value:.6g}" for name, value in run["metrics"].items()]
            facts = [f"{run['number']:>4}", run["time"], run["run"], commit, seconds, *numbers]
            typer.echo("  ".join(facts))

    @runs.command(help="Show what differs between two runs, by their numbers.")
    def compare(first: int, second: int) -> None:
        known = {run["number"]: flat(run) for run in read_history(open_project(study))}
        for number in {first, second} - known.keys():
            raise ProjectError(f"there is no run {number}: `runs` lists those that there are")
        one, two = known[first], known[second]
        for name in {**one, **two}:
            if one.get(name) != two.get(name):
                typer.echo(f"{name}: {one.get(name)} -> {two.get(name)}")


def add_data(app: typer.Typer, study: Study[Any]) -> None:
    """Add the commands that add, check and exchange raw data."""
    data = typer.Typer(help="Add, check and exchange raw data.", no_args_is_help=True)
    app.add_typer(data, name="data")

    @data.command(help="Copy a file or a folder in, make it read-only, record its hash.")
    def add(source: Annotated[Path, SOURCE]) -> None:
        root, files = open_project(study), [*map(source.joinpath, data_files(source))]
        try:
            for file in files or [source] * source.is_file():
                study.inspect(file)
        except ProjectError as error:
            raise ProjectError(f"{error}; nothing was added") from error
        names = [f"data/raw/{name}" for name in add_raw(root, source)]
        typer.echo("\n".join(f"{name} is recorded and read-only." for name in names))
        typer.echo(f"To track it: git add --force data/raw/SHA256SUMS {shlex.join(names)}")
        typer.echo(f"To analyse it: raw = {json.dumps(names[:1])} in {study.config.as_posix()}")

    @data.command(help="Take a file off the record, and delete it if it is the recorded one.")
    def remove(file: Annotated[str, NAME]) -> None:
        remove_raw(open_project(study), file.removeprefix("data/raw/"))
        typer.echo(f"{file} is removed.")

    @data.command(help="Hold the raw files against data/raw/SHA256SUMS.")
    def check() -> None:
        root = open_project(study)
        close(check_raw(root), f"{len(read_record(root))} raw file(s) as recorded.")

    def opened() -> tuple[Path, Any]:
        root = open_project(study)
        return root, load_settings(study, root, study.config)

    @data.command(help="Fetch the recorded files that are not here from the settings' remote.")
    def pull() -> None:
        root, settings = opened()
        typer.echo(f"{len(pull_raw(root, settings.remote))} file(s) fetched.")

    @data.command(help="Copy the raw files that it lacks to the settings' remote.")
    def push() -> None:
        root, settings = opened()
        typer.echo(f"{len(push_raw(root, settings.remote))} file(s) copied.")

    study.data_commands(data, opened)


def close(found: list[str], fine: str) -> None:
    """Print the differences and exit with 1, or print that all is well."""
    typer.echo("\n".join(found) or fine)
    raise typer.Exit(bool(found))


def main(study: Study[Any]) -> None:
    """Run the command line; a problem is one line on stderr and exit status 1."""
    os.environ["MPLBACKEND"] = "agg"  # a notebook's own may be none of this environment's
    name = Path(sys.argv[0]).name.removesuffix(".exe").removesuffix(".py")
    try:
        build_cli(study)(prog_name=f"python -m {PACKAGE}" if name == "__main__" else name)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of a reader that is written in Rust is no Exception
        if (logger := logging.getLogger(PACKAGE)).handlers:
            logger.error("%s", sentence(error), exc_info=error)
        sys.stderr.write(f"error: {sentence(error)}\n")
        sys.exit(1)

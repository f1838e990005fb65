"""The command line: parses and dispatches; heavy imports happen inside the commands."""

import atexit
import gc
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import PACKAGE, ProjectError, has_colours, needs_extra, sentence
from .groups import add_data, add_history, close, open_project
from .log import about
from .publishing import REPORT, load_run, outputs
from .raw_data import check_raw
from .runs import RunState, run_stages
from .study import Study, load_settings
from .tracking import track

RAW = typer.Option(metavar="FILE", help="Read this raw file, not the one that the config names.")
CONFIG = typer.Option(metavar="FILE", help="Read the settings from this TOML file.")
FORCE = typer.Option("--force", help="Run stages although nothing has changed.")
PORT = typer.Option(min=0, max=65535, help="0 takes a free one.")
HOST = typer.Option(help="0.0.0.0 lets other machines in.")
REQUESTS = typer.Option("--access-log", help="Print requests.")
VERSION = typer.Option("--version", help="Say which versions these are.")


def build_cli(study: Study[Any]) -> typer.Typer:
    """Return the command line of a study: the engine's commands and its own."""
    app = typer.Typer(
        help=f"{study.title}.",
        no_args_is_help=True,
        add_completion=Path(sys.argv[0]).stem != "__main__",  # shells complete names of commands
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    stages, names = study.stages, [stage.name for stage in study.stages]
    last = typer.Argument(help="The last one to run.", autocompletion=lambda: names)

    @app.callback(invoke_without_command=True)
    def options(version: Annotated[bool, VERSION] = False) -> None:
        if version:
            typer.echo(about())

    @app.command(help=f"Run the stages that are not up to date: {', '.join(names)}.")
    def run(
        stage: Annotated[str | None, last] = None,
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

    @app.command("open", help="Show the report of the last run in a browser.")
    def show() -> None:
        from webbrowser import open_new_tab

        load_run(root := open_project(study)).read(REPORT)
        if not open_new_tab((root / REPORT).as_uri()):
            how = "open it in one, or name one in the variable BROWSER"
            raise ProjectError(f"no browser was found for {root / REPORT}: {how}")
        typer.echo(f"Report: {root / REPORT}")

    @app.command(help="Hold artifacts and raw files against their recorded hashes.")
    def verify() -> None:
        root = open_project(study)
        made = outputs(load_run(root).manifest)
        found = RunState(root).differences(names) + check_raw(root)
        if found:
            found.append("`run` makes artifacts again; of raw data `data check` says what to do.")
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


def main(study: Study[Any]) -> None:
    """Run the command line; a problem is one line on stderr and exit status 1.

    For the script that the process is: with its exit the process ends.
    """
    ended = list[int]()
    atexit.register(_leave, ended)  # before all others, so it is called after them
    os.environ["MPLBACKEND"] = "agg"  # a notebook's own may be none of this environment's
    name = Path(sys.argv[0]).name.removesuffix(".exe").removesuffix(".py")
    try:
        build_cli(study)(prog_name=f"python -m {PACKAGE}" if name == "__main__" else name)
    except KeyboardInterrupt:
        raise
    except SystemExit as end:
        ended.append(end.code if isinstance(end.code, int) else int(end.code is not None))
        raise
    except BaseException as error:  # a panic of a reader that is written in Rust is no Exception
        if (logger := logging.getLogger(PACKAGE)).handlers:
            logger.error("%s", sentence(error), exc_info=error)
        label = typer.style("error:", fg="red", bold=True) if has_colours(sys.stderr) else "error:"
        typer.echo(f"{label} {sentence(error)}", err=True)
        ended.append(1)
        sys.exit(1)


def _leave(ended: list[int]) -> None:
    """End the process before Python takes down what threads of Arrow need (apache/arrow#34314)."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    if ended:
        os._exit(ended[0])

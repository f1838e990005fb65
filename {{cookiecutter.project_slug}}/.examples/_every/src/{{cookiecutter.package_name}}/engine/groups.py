"""The commands that have commands of their own, `runs` and `data`, and what each begins with."""

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import ProjectError
from .log import HOME, configure_logging, flat, read_history
from .publishing import finish_move
from .raw_data import add_raw, check_raw, data_files, pull_raw, push_raw, read_record, remove_raw
from .study import Study, load_settings

SOURCE = typer.Argument(metavar="FILE|FOLDER")
NAME = typer.Argument(
    metavar="NAME", help="As in data/raw.", autocompletion=lambda: [*read_record(Path.cwd())]
)


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


def add_history(app: typer.Typer, study: Study[Any]) -> None:
    """Add the commands that read `logs/runs.jsonl`."""
    runs = typer.Typer(help="List the runs of this machine.", invoke_without_command=True)
    app.add_typer(runs, name="runs")

    @runs.callback()
    def show(context: typer.Context) -> None:
        history = [] if context.invoked_subcommand else read_history(open_project(study))
        for run in history:
            commit, _, changes = (run["commit"] or "none").partition("+")
            commit, seconds = commit[:9] + "+" * bool(changes), f"{run['seconds']:.1f} s"
            numbers = [f"{name} {value:.6g}" for name, value in run["metrics"].items()]
            numbers[3:] = ["…"] * (len(numbers) > 3)  # `compare` has all
            facts = [f"{run['number']:>4}", run["time"], run["run"], commit, seconds, *numbers]
            typer.echo("  ".join(facts))
        if not (history or context.invoked_subcommand):
            typer.echo("No run of this machine is on record: `run` makes one.", err=True)

    @runs.command(help="Show what differs between two runs, by their numbers.")
    def compare(first: int, second: int) -> None:
        known = {run["number"]: flat(run) for run in read_history(open_project(study))}
        for number in {first, second} - known.keys():
            raise ProjectError(f"there is no run {number}: `runs` lists those that there are")
        one, two = known[first], known[second]
        names = [name for name in {**one, **two} if one.get(name) != two.get(name)]
        found = [f"{name}: {one.get(name)} -> {two.get(name)}" for name in names]
        typer.echo("\n".join(found) or f"Runs {first} and {second} differ in nothing on record.")


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
        typer.echo(f"{file} is removed; if {study.config.as_posix()} names it, name another.")

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
        typer.echo(f"{len(pull_raw(root, settings.remote))} file(s) fetched: `run` reads them.")

    @data.command(help="Copy the raw files that it lacks to the settings' remote.")
    def push() -> None:
        root, settings = opened()
        typer.echo(f"{len(push_raw(root, settings.remote))} file(s) copied: `data pull` elsewhere.")

    study.data_commands(data, opened)


def close(found: list[str], fine: str) -> None:
    """Print the differences and exit with 1, or print that all is well."""
    typer.echo("\n".join(found) or fine)
    raise typer.Exit(bool(found))

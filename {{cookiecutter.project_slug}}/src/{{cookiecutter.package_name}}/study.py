"""The seam: what a study gives to the machine, and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from typer import Typer

    from .artifacts import Run, Workspace


class ProjectError(Exception):
    """A problem the user can mend; its message is one line: what, where, what to do."""


def needs_extra(error: ImportError, extra: str, command: str) -> ProjectError:
    """Return what to say where a package of an extra of `pyproject.toml` is not installed."""
    how = f"`make {command}` installs it, with the extra {extra} of pyproject.toml"
    return ProjectError(f"{error.name} is not installed: {how}")


class Settings(BaseModel):
    """What a reader may change, read from `configs/*.toml`; a study subclasses it.

    Attributes
    ----------
    raw : tuple of Path
        The raw files, relative to the project or absolute; hashed before each run.
    seed : int
        The seed of whatever a study draws at random.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    raw: tuple[Path, ...]
    seed: int = 0


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Stage(Generic[S]):
    """A step of the pipeline, and the command of its name.

    `run` reads `work.input(path)` and writes `work.output(path)`, nothing else.
    """

    name: str
    help: str
    run: Callable[[S, Workspace], None]


@dataclass(frozen=True)
class Section:
    """A part of the report: a title, paragraphs parted by blank lines, a figure, a table.

    `figure` is the path of an SVG or PNG in the project, `alt` says it to who cannot see it;
    the rows of `table` share their keys, which become the header.
    """

    title: str
    text: str
    figure: str | None = None
    alt: str = ""
    table: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Study(Generic[S]):
    """A study: its settings, its stages in order, its report, its own commands and routes.

    `routes` adds routes to the application of a run, once for each run that is served; it keeps
    what they answer from in `app.state`.
    """

    title: str
    settings: type[S]
    config: Path
    stages: tuple[Stage[S], ...]
    sections: Callable[[S, Workspace], Sequence[Section]]
    headline: Callable[[Run], str]
    commands: Callable[[Typer, Callable[[], Run]], None] | None = None
    routes: Callable[[FastAPI, Run], None] | None = None


def load_settings(study: Study[S], root: Path, config: Path, raw: Sequence[Path] = ()) -> S:
    """Read the settings of a study.

    Parameters
    ----------
    root, config
        The project, and the TOML file: absolute, or relative to the project.
    raw
        Replaces the raw files that the TOML file names.

    Raises
    ------
    ProjectError
        If the file is missing, is no TOML, or holds a value that a setting cannot take.
    """
    path = root / config
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"{path} is missing: name another with --config FILE") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProjectError(f"{path} cannot be read as TOML: {error}") from error
    if raw:
        values["raw"] = [str(file) for file in raw]
    try:
        return study.settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ProjectError(f"{path}: {where}: {first['msg']} (it is {first['input']!r})") from error

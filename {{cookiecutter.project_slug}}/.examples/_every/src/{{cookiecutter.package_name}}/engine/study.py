"""The seam: what a study gives to the engine, and what a stage of it sees."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ProjectError
from .log import write
from .publishing import Run
from .raw_data import RAW, hash_raw, sha256

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer

OUTSIDE = "…/"  # the folders of a file outside the project are nobody's business
NO_PLACE = re.compile(r"(data/raw|src|configs|logs|…|\..*)(/.*)?|[^/]*|reports/manifest\.json")
TEXTS = {".svg", ".html", ".json", ".md"}


class Tracking(BaseModel):
    """Where finished runs are recorded too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mlflow: str | None = None  # such as sqlite:///mlflow.db, or a server's address


class Settings(BaseModel):
    """What a reader may change, read from `configs/*.toml`; a study subclasses it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    of_this_machine: ClassVar[frozenset[str]] = frozenset({"remote", "tracking"})  # in no manifest

    raw: tuple[Path, ...]  # relative to the project, or absolute
    seed: int = 0  # of whatever is drawn at random
    remote: str | None = None  # where raw files are pushed to: a folder or an address
    tracking: Tracking = Tracking()

    def shown(self, root: Path) -> dict[str, Any]:
        """Return the values as a manifest has them: of paths outside the project only the name."""
        values = self.model_dump(include=vars(self).keys() - self.of_this_machine)

        def text(value: object) -> str:
            return known_as(root, value) if isinstance(value, Path) else str(value)

        return dict(json.loads(json.dumps(values, default=text)))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Name a setting that a stage reads and does not declare."""
            if name in type(self).model_fields:
                raise ProjectError(f"a stage reads the setting {name}: name it in its `uses`")
            return super().__getattr__(name)


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Stage(Generic[S]):
    """A step of the pipeline: reads `work.input(path)`, writes `work.output(path)`, no more."""

    name: str
    help: str
    run: Callable[[S, Workspace], None]
    uses: tuple[str, ...] | None = None  # the settings that it reads; None: all

    def view(self, settings: S) -> S:
        """Return the settings as this stage may read them: it would not notice others change."""
        view = settings.model_copy()
        for name in () if self.uses is None else type(settings).model_fields.keys() - self.uses:
            del view.__dict__[name]
        return view


@dataclass(frozen=True)
class Study(Generic[S]):
    """A study; its routes answer from what `serve` makes of the last run.

    That may have `known`, the texts that parameters take, by path and name, `examples` of answers,
    by path, and `schemas` that OpenAPI refers to, by name. `model` returns what predicts from a
    table, and whose model is in production; it and `inspect`, of raw files, may raise ProjectError.
    """

    title: str
    settings: type[S]
    config: Path
    stages: tuple[Stage[S], ...]
    headline: Callable[[Run], str]
    metrics: Callable[[Run], Mapping[str, float]] | None = None  # what `runs` lists and compares
    published: Callable[[Run, S], None] | None = None  # called after every run with the last one
    model: Callable[[Run], tuple[Callable[..., Any], str | None]] | None = None
    commands: Callable[[Typer, Callable[[], Run]], None] | None = None
    data_commands: Callable[[Typer, Callable[[], tuple[Path, S]]], None] = lambda data, opened: None
    inspect: Callable[[Path], object] = lambda file: None
    router: Callable[[], APIRouter] | None = None
    largest_body: int = 10_000  # bytes of a request
    serve: Callable[[Run], Any] | None = None


@dataclass
class Workspace:
    """Where a stage reads and writes; `done` and `later` are what other stages make."""

    root: Path
    staging: Path
    done: Collection[str] = ()
    later: Collection[str] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)
    templates: list[Path] = field(default_factory=list)
    packages: dict[str, str] = field(default_factory=dict)

    def input(self, path: str | Path) -> Path:
        """Return where to read a file; if missing, made later or not as recorded: ProjectError."""
        name = known_as(self.root, path)
        staged = self.staging / name
        found = staged if staged.is_file() else self.root / path
        if Path(name).is_relative_to(RAW):
            self.inputs[name] = hash_raw(self.root, Path(name).relative_to(RAW).as_posix())
        elif not found.is_file() or (found != staged and name in self.later):
            raise ProjectError(f"{name} is missing: name another, or `run` the stage that makes it")
        elif name not in self.outputs:  # what this stage has written itself is no input
            self.inputs[name] = sha256(found)
        place = str(found.absolute())
        if name.startswith(OUTSIDE) and self.outside.setdefault(name, place) != place:
            raise ProjectError(f"two files are called {found.name}: give one another name")
        return found

    def output(self, path: str | Path) -> Path:
        """Return where to write a file; a place for no results is a ProjectError."""
        name = known_as(self.root, path)
        if NO_PLACE.fullmatch(name) or name in self.done:
            why = "written by another stage" if name in self.done else "no place for results"
            raise ProjectError(f"{name} is {why}: name another file of the project")
        self.outputs[name] = ""
        (self.staging / name).parent.mkdir(parents=True, exist_ok=True)
        return self.staging / name

    def source(self, path: str | Path) -> dict[str, str]:
        """Return name and SHA-256 of a file that this stage reads, as results cite it."""
        self.input(path)
        name = known_as(self.root, path)
        return {"file": name.removeprefix(OUTSIDE), "sha256": self.inputs[name]}

    def read_json(self, path: str | Path) -> Any:
        """Return the content of a JSON file."""
        return json.loads(self.input(path).read_text(encoding="utf-8"))

    def write_json(self, path: str | Path, value: object) -> None:
        """Write a value as JSON; a NaN or an infinity, which JSON has not, is a ValueError."""
        text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
        write(self.output(path), text)

    def finish(self, stage: str) -> None:
        """Hash what the stage wrote; texts get a last line end and lose trailing blanks."""
        for name in self.outputs:
            if not (file := self.staging / name).is_file():
                raise ProjectError(f"the stage {stage} did not write its output {name}")
            file.chmod(file.stat().st_mode | 0o200)  # a copy of raw data is read-only
            if file.suffix in TEXTS:
                lines = file.read_text(encoding="utf-8").rstrip().split("\n")
                write(file, "".join(line.rstrip(" \t") + "\n" for line in lines))
            self.outputs[name] = sha256(file)


def known_as(root: Path, path: str | Path) -> str:
    """Name a file as the manifest does: relative to the project, without folders outside it."""
    home = Path(os.path.normpath(root.absolute()))  # resolve() would follow links out of it
    absolute = Path(os.path.normpath(home / path))
    inside = absolute.is_relative_to(home)
    return absolute.relative_to(home).as_posix() if inside else OUTSIDE + absolute.name


def load_settings(study: Study[S], root: Path, config: Path, raw: Sequence[Path] = ()) -> S:
    """Read a study's settings from a TOML file, or raise ProjectError; `raw` replaces its own."""
    path = root / config
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return study.settings.model_validate(values | ({"raw": [*raw]} if raw else {}))
    except FileNotFoundError:
        raise ProjectError(f"{path} is missing: name another with --config FILE") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ProjectError(f"{path}: {where}: {first['msg']} (it is {first['input']!r})") from error
    except (OSError, ValueError) as error:
        raise ProjectError(f"{path} cannot be read as TOML: {error}") from error

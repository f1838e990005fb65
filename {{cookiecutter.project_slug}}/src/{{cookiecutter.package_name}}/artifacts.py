"""Where stages read and write, and what a published run is: hashes, manifest, verified loads."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .publishing import finish_move, outputs, read_manifest
from .study import ProjectError

RESULTS = "reports/results.json"
REPORT = "reports/report.html"
FIGURES = "reports/figures"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def project_path(root: Path, path: str | Path) -> str:
    """Name a file as the manifest does: relative to the project, absolute when outside it."""
    home = Path(os.path.normpath(root.absolute()))  # resolve() would follow links out of it
    absolute = Path(os.path.normpath(home / path))
    return (absolute.relative_to(home) if absolute.is_relative_to(home) else absolute).as_posix()


@dataclass
class Workspace:
    """What a stage sees: this run's files before the published ones.

    Attributes
    ----------
    root, staging
        The project, and the folder that mirrors it while a run is made.
    manifest
        The manifest in the making: who made this run, when, from what.
    stale
        Published files that this run makes anew, so none of its stages may read them.
    """

    root: Path
    staging: Path
    manifest: dict[str, Any]
    stale: frozenset[str] = frozenset()
    _read: dict[str, str] = field(default_factory=dict)
    _written: list[str] = field(default_factory=list)

    def input(self, path: str | Path) -> Path:
        """Return where to read a file of the project, or a raw file outside it.

        Raises
        ------
        ProjectError
            If the file is missing, or is not the one that its stage wrote.
        """
        name = project_path(self.root, path)
        staged = self.staging / name
        found = staged if staged.is_file() else self.root / name
        if not found.is_file() or (found != staged and name in self.stale):
            raise ProjectError(f"{name} is missing: `run` makes every file in its order")
        self._read[name] = sha256(found)
        recorded = outputs(self.manifest).get(name)
        if found != staged and recorded not in (None, self._read[name]):
            raise ProjectError(f"{name} was changed since it was written: `run --force` makes it")
        return found

    def output(self, path: str | Path) -> Path:
        """Return where to write a file of the project; its folder is made."""
        name = project_path(self.root, path)
        if Path(name).is_absolute() or name.startswith(("data/raw/", "src/")):
            raise ProjectError(f"{name} is no place for results: name a folder of the project")
        self._written.append(name)
        target = self.staging / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def finish_stage(self, name: str, **facts: object) -> None:
        """Enter into the manifest what a stage read and wrote since the last one.

        Raises
        ------
        ProjectError
            If the stage asked for an output and did not write it.
        """
        for path in self._written:
            if not (self.staging / path).is_file():
                raise ProjectError(f"the stage {name} did not write its output {path}")
        written = {path: sha256(self.staging / path) for path in self._written}
        self.manifest["stages"][name] = {**facts, "inputs": self._read, "outputs": written}
        self._read, self._written = {}, []

    def write_json(self, path: str | Path, value: object) -> None:
        """Write a value as JSON; NaN and infinity have no place in it.

        Raises
        ------
        ValueError
            If the value holds a NaN or an infinity.
        """
        text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
        self.output(path).write_text(text + "\n", encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Run:
    """A published run: its manifest, and its files as far as they are the recorded ones."""

    root: Path
    manifest: dict[str, Any]

    def read(self, path: str) -> bytes:
        """Return the bytes of an artifact, checked against the manifest.

        Raises
        ------
        ProjectError
            If the run made no such file, or the file is not the one that the run wrote.
        """
        recorded = outputs(self.manifest).get(path)
        try:
            content = (self.root / path).read_bytes()
        except FileNotFoundError:
            content = None
        if recorded is None or content is None:
            raise ProjectError(f"{path} is missing: `run` makes it")
        if hashlib.sha256(content).hexdigest() != recorded:
            raise ProjectError(f"{path} is not the file that the run wrote: `run` makes it again")
        return content

    @cached_property
    def results(self) -> dict[str, Any]:
        """Content of `reports/results.json`, checked."""
        return dict(json.loads(self.read(RESULTS)))


def load_run(root: Path) -> Run:
    """Return the last published run.

    Raises
    ------
    ProjectError
        If there is none yet.
    """
    finish_move(root)
    manifest = read_manifest(root)
    if manifest is None:
        raise ProjectError(f"there is no run in {root} yet: `run` makes one")
    return Run(root, manifest)


def differences(root: Path, manifest: dict[str, Any], stages: tuple[str, ...]) -> list[str]:
    """Name every artifact that is missing, changed, or made from an older file.

    Parameters
    ----------
    root
        The project.
    manifest
        Its last run.
    stages
        The stages that a whole run has, in order.

    Returns
    -------
    list of str
        One line for each difference; empty when all is as recorded.
    """
    found = [f"{name}: never run" for name in stages if name not in manifest["stages"]]
    current = outputs(manifest)
    for name, stage in manifest["stages"].items():
        for path, recorded in stage["outputs"].items():
            if not (root / path).is_file():
                found.append(f"{path}: missing")
            elif sha256(root / path) != recorded:
                found.append(f"{path}: changed since {name} wrote it")
        for path, read in stage["inputs"].items():
            if path in current:
                if current[path] != read:
                    found.append(f"{name}: made from an older {path}")
            elif not (root / path).is_file():
                found.append(f"{path}: missing, {name} read it")
            elif sha256(root / path) != read:
                found.append(f"{path}: changed since {name} read it")
    return found

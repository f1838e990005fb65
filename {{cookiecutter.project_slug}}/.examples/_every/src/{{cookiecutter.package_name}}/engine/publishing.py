"""Build next door, then move in; whoever opens the door finishes the move.

A run writes into `.staging/<id>/`, a mirror of the project. One rename, to `.staging/ready`, is
the moment it counts: before it nothing has happened, after it the files are moved into place,
`reports/manifest.json` last. A move that was interrupted is finished by the next command.
"""

import errno
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from .errors import ProjectError

RESULTS = "reports/results.json"
REPORT = "reports/report.html"
FIGURES = "reports/figures"
MANIFEST = Path("reports/manifest.json")
STAGING = Path(".staging")
READY = STAGING / "ready"
SCHEMA = 2
HELD = {errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}


def read_manifest(root: Path, *, any_version: bool = False) -> dict[str, Any] | None:
    """Return the last run's manifest, if any; damaged, or of another version: ProjectError."""
    try:
        manifest = dict(json.loads((root / MANIFEST).read_text(encoding="utf-8")))
        if manifest["schema_version"] == SCHEMA:
            outputs(manifest)
            return manifest
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        how = "restore it, or delete it and run again"
        raise ProjectError(f"{MANIFEST} is damaged: {how}") from None
    if not any_version:
        raise ProjectError(f"{MANIFEST} was made by another version: run again")
    with suppress(KeyError, TypeError, AttributeError):
        outputs(manifest)
        return manifest
    return manifest | {"stages": {}}


def outputs(manifest: dict[str, Any] | None) -> dict[str, str]:
    """Return path and SHA-256 of every file that the stages of a manifest wrote."""
    stages = manifest["stages"].values() if manifest else ()
    return {path: sha for stage in stages for path, sha in stage["outputs"].items()}


@dataclass(frozen=True)
class Run:
    """A published run: its manifest, and its files as far as they are the recorded ones."""

    root: Path
    manifest: dict[str, Any]

    def read(self, path: str) -> bytes:
        """Return the bytes of an artifact; one that the run did not write is a ProjectError."""
        recorded = outputs(self.manifest).get(path)
        if recorded is None or not (self.root / path).is_file():
            raise ProjectError(f"{path} is missing: `run` makes it")
        content = (self.root / path).read_bytes()
        if hashlib.sha256(content).hexdigest() != recorded:
            raise ProjectError(f"{path} is not the file that the run wrote: `run` makes it again")
        return content

    @cached_property
    def results(self) -> dict[str, Any]:
        """Content of `reports/results.json`, checked."""
        return dict(json.loads(self.read(RESULTS)))


def load_run(root: Path) -> Run:
    """Return the last published run; there being none yet is a ProjectError."""
    finish_move(root)
    manifest = read_manifest(root)
    if manifest is None:
        raise ProjectError(f"there is no run in {root} yet: `run` makes one")
    return Run(root, manifest)


def _try_lock(file: IO[bytes]) -> bool:
    """Lock a file for this process; the system lets go of it when the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            return False
        where = f"{file.name} cannot be locked ({error.strerror})"
        raise ProjectError(f"{where}: move the project to a disk that has locks") from error
    return True


@contextmanager
def lock(root: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the project's one lock, or fail after `wait` seconds; a dead process holds none."""
    (root / STAGING).mkdir(exist_ok=True)
    with (root / STAGING / "lock").open("ab") as file:
        end = time.monotonic() + wait
        while not _try_lock(file):
            if time.monotonic() >= end:
                raise ProjectError(f"another run is writing in {root}: try again when it has ended")
            time.sleep(0.02)
        yield


@contextmanager
def staged(root: Path) -> Iterator[Path]:
    """Give a run the lock and a folder; if all goes well it is published, else nothing is left."""
    with lock(root):
        move_in(root)
        for folder in (root / STAGING).iterdir():
            if folder.is_dir():  # of a run that died
                shutil.rmtree(folder)
        staging = root / STAGING / "new"
        try:
            yield staging
            for file in staging.rglob("*"):
                if file.is_file():
                    _flush(file)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        staging.rename(root / READY)
        move_in(root)


def finish_move(root: Path) -> None:
    """Finish a move that was interrupted, if there is one; every command calls this first."""
    if (root / READY).is_dir():
        with lock(root, wait=5.0):
            move_in(root)


def move_in(root: Path) -> None:
    """Move a finished run into place: files, then deletions, then the manifest.

    Can be repeated at any point; the caller holds the lock. A file that cannot be replaced is a
    ProjectError, and the run waits.
    """
    ready = root / READY
    try:
        if (ready / MANIFEST).is_file():
            new = outputs(read_manifest(ready, any_version=True))
            for file in [path for path in ready.rglob("*") if path.is_file()]:
                if file != ready / MANIFEST:
                    move_file(file, root / file.relative_to(ready))
            for path in outputs(read_manifest(root, any_version=True)).keys() - new.keys():
                if not Path(path).is_absolute() and ".." not in Path(path).parts:
                    (root / path).unlink(missing_ok=True)
            move_file(ready / MANIFEST, root / MANIFEST)
    except OSError as error:
        what = f"{error.filename2 or error.filename} cannot be replaced ({error.strerror})"
        how = "mend that, or close the program that holds it, then give any command"
        raise ProjectError(f"{what}: {how}; the finished run waits in {READY}") from error
    shutil.rmtree(ready, ignore_errors=True)


def _flush(file: Path) -> None:
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())


def move_file(source: Path, target: Path) -> None:
    """Move a file over an older one; where that lies on another disk, by a copy beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(f".{target.name}.part")
        shutil.copy2(source, beside)
        _flush(beside)
        beside.replace(target)
        source.unlink()

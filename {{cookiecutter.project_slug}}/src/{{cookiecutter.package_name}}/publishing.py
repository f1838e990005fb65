"""Build next door, then move in; whoever opens the door finishes the move.

A run writes into `.staging/<id>/`, a mirror of the project. One rename, to `.staging/ready`, is
the moment it counts: before it nothing has happened, after it the files are moved into place,
`reports/manifest.json` last. A move that was interrupted is finished by the next command. (A
person opening files by hand in those milliseconds can see both runs.)
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .study import ProjectError

MANIFEST = Path("reports/manifest.json")
STAGING = Path(".staging")
READY = STAGING / "ready"


def read_manifest(root: Path) -> dict[str, Any] | None:
    """Return the manifest of the last run, or None where there has been no run.

    Raises
    ------
    ProjectError
        If the file is there but is not a manifest.
    """
    try:
        manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
        manifest["stages"].items()
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ProjectError(
            f"{MANIFEST.as_posix()} is damaged: restore it, or delete it and run again"
        ) from None
    return dict(manifest)


def outputs(manifest: dict[str, Any] | None) -> dict[str, str]:
    """Return path and SHA-256 of every file that the stages of a manifest wrote."""
    stages = manifest["stages"].values() if manifest else ()
    return {path: sha for stage in stages for path, sha in stage["outputs"].items()}


def _try_lock(file: IO[bytes]) -> bool:
    """Lock a file for this process; the system lets go of it when the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def lock(root: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the project's one lock; a process that died holds none.

    Raises
    ------
    ProjectError
        If another process still holds it after `wait` seconds.
    """
    (root / STAGING).mkdir(exist_ok=True)
    with (root / STAGING / "lock").open("ab") as file:
        end = time.monotonic() + wait
        while not _try_lock(file):
            if time.monotonic() >= end:
                raise ProjectError(f"another run is writing in {root}: try again when it has ended")
            time.sleep(0.02)
        yield


def clear_staging(root: Path) -> None:
    """Remove the staging folders of runs that died; the caller holds the lock."""
    for folder in (root / STAGING).iterdir():
        if folder.is_dir() and folder != root / READY:
            shutil.rmtree(folder)


def publish(root: Path, staging: Path) -> None:
    """Make a staged run count, and move it into place; the caller holds the lock.

    Raises
    ------
    ProjectError
        If a program holds one of the files open (Windows); the run waits in `.staging/ready`.
    """
    for file in staging.rglob("*"):
        if file.is_file():
            with file.open("rb+") as handle:
                os.fsync(handle.fileno())
    staging.rename(root / READY)
    move_in(root)


def finish_move(root: Path) -> None:
    """Finish a move that was interrupted, if there is one; every command calls this first."""
    if (root / READY).is_dir():
        with lock(root, wait=5.0):
            move_in(root)


def move_in(root: Path) -> None:
    """Move a finished run into place: files, then deletions, then the manifest.

    Can be repeated at any point, and does nothing without a finished run; the caller holds the
    lock.
    """
    ready = root / READY
    if (ready / MANIFEST).is_file():
        new = json.loads((ready / MANIFEST).read_text(encoding="utf-8"))
        for file in [path for path in ready.rglob("*") if path.is_file()]:
            if file != ready / MANIFEST:
                _replace(file, root / file.relative_to(ready))
        for path in outputs(read_manifest(root)).keys() - outputs(new).keys():
            target = (root / path).resolve()
            if target.is_relative_to(root.resolve()):
                target.unlink(missing_ok=True)
        _replace(ready / MANIFEST, root / MANIFEST)
    shutil.rmtree(ready, ignore_errors=True)


def _replace(source: Path, target: Path) -> None:
    """Move one file, over an older one where there is one."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    except OSError as error:
        raise ProjectError(
            f"{target} cannot be replaced ({error.strerror}): close the program that holds it, "
            f"then give any command; the finished run waits in {READY.as_posix()}"
        ) from error

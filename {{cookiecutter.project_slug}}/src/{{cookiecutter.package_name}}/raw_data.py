"""Raw data: added once, never edited, recorded in `data/raw/SHA256SUMS`."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

from .artifacts import project_path, sha256
from .publishing import STAGING, lock
from .study import ProjectError

RAW = Path("data/raw")
SUMS = RAW / "SHA256SUMS"
OURS = {"README.md", "SHA256SUMS", ".gitignore"}


def recorded_sums(root: Path) -> dict[str, str]:
    """Return file name and SHA-256 of every raw file on record.

    Raises
    ------
    ProjectError
        If a line of `SHA256SUMS` is not a hash and a name.
    """
    sums: dict[str, str] = {}
    path = root / SUMS
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        sha, _, name = line.partition(" ")
        if len(sha) != 64 or not name[1:]:
            raise ProjectError(f"{SUMS.as_posix()} has a line that is not 'hash  name': {line!r}")
        sums[name[1:]] = sha
    return sums


def check_raw(root: Path) -> list[str]:
    """Hold the raw files against the record; one line for each difference."""
    sums = recorded_sums(root)
    found = []
    for name, sha in sums.items():
        path = root / RAW / name
        if not path.is_file():
            found.append(f"{(RAW / name).as_posix()}: missing")
        elif sha256(path) != sha:
            found.append(f"{(RAW / name).as_posix()}: changed since it was recorded")
    files = sorted(path for path in (root / RAW).rglob("*") if path.is_file())
    names = (path.relative_to(root / RAW).as_posix() for path in files)
    unknown = [name for name in names if name not in sums and name not in OURS]
    return found + [f"{(RAW / name).as_posix()}: not recorded, `data add` does" for name in unknown]


def hash_raw(root: Path, path: str) -> str:
    """Return the SHA-256 of a raw file; one inside `data/raw` must be the recorded one.

    Raises
    ------
    ProjectError
        If the file is missing, not recorded, or not the recorded one.
    """
    if not (root / path).is_file():
        raise ProjectError(f"{path} is missing: name another with --raw FILE")
    sha = sha256(root / path)
    if Path(path).is_relative_to(RAW):
        recorded = recorded_sums(root).get(Path(path).relative_to(RAW).as_posix())
        if recorded is None:
            raise ProjectError(f"{path} is not in {SUMS.as_posix()}: record it with `data add`")
        if recorded != sha:
            raise ProjectError(f"{path} is not the file recorded in {SUMS.as_posix()}: restore it")
    return sha


def add_raw(root: Path, file: Path) -> Path:
    """Copy a file into `data/raw`, make it read-only and record its SHA-256.

    Parameters
    ----------
    root
        The project.
    file
        A file anywhere; one that lies in `data/raw` already is recorded where it is.

    Returns
    -------
    Path
        The file in `data/raw`, relative to the project.

    Raises
    ------
    ProjectError
        If there is no such file, or another file of its name is there; nothing is replaced.
    """
    known = Path(project_path(root, file.absolute()))
    name = known.relative_to(RAW).as_posix() if known.is_relative_to(RAW) else file.name
    if not file.is_file() or name in OURS or not name.isprintable():
        raise ProjectError(f"{file} is not a file that can be raw data: name a data file")
    target = root / RAW / name
    with lock(root):
        sums = recorded_sums(root)
        sha = sha256(file)
        if sums.get(name, sha) != sha or (target.exists() and sha256(target) != sha):
            raise ProjectError(
                f"{(RAW / name).as_posix()} is another file already: give {file} a name of its own"
            )
        if not target.exists():
            copy = root / STAGING / "raw.part"
            shutil.copyfile(file, copy)
            if sha256(copy) != sha:
                raise ProjectError(f"{file} changed while it was copied: try again")
            target.parent.mkdir(parents=True, exist_ok=True)
            copy.replace(target)
        target.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        lines = [f"{digest}  {key}\n" for key, digest in sorted({**sums, name: sha}.items())]
        part = root / STAGING / "sums.part"
        part.write_text("".join(lines), encoding="utf-8", newline="\n")
        part.replace(root / SUMS)
    return RAW / name

"""Raw data: added once, never edited, recorded in `data/raw/SHA256SUMS`."""

import hashlib
import re
import shutil
import stat
from pathlib import Path
from typing import Any, NamedTuple

from .errors import ProjectError, needs_extra
from .log import write
from .publishing import STAGING, lock, move_file

RAW = Path("data/raw")
SUMS = RAW / "SHA256SUMS"
RESTORE = "restore it, or move it away, `data remove` and `data add`"
ELSE = "name another as `raw` in configs, or with --raw"
OURS = {"README.md", "SHA256SUMS"}
CLUTTER = re.compile(r"\..*|~\$.*|Thumbs\.db|desktop\.ini|.*\.dvc", re.IGNORECASE)
INSIDE = r"(?!/|(?:[^\n]*/)?\.\.(?:/|\n|$))"  # of data/raw: no name leads out of it
LINES = re.compile(rf"(?:# (\d+) bytes\n)?([0-9a-f]{{64}}) [ *]{INSIDE}([^\n]+)\n?")


class Recorded(NamedTuple):
    """The SHA-256 of a raw file, and its size in bytes where that is on record."""

    sha256: str
    size: int | None


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_record(root: Path) -> dict[str, Recorded]:
    """Return what is on record, by the name in `data/raw`; a damaged line is a ProjectError."""
    text = (root / SUMS).read_text(encoding="utf-8") if (root / SUMS).is_file() else ""
    for line in LINES.sub("", text).splitlines():
        if line.strip() and not line.startswith("#"):
            raise ProjectError(f"{SUMS} has a line that is not 'hash  name': {line!r}")
    return {name: Recorded(sha, int(n) if n else None) for n, sha, name in LINES.findall(text)}


def check_raw(root: Path) -> list[str]:
    """Hold the raw files against the record; one line for each difference."""
    record, found = read_record(root), []
    for name, recorded in record.items():
        path = root / RAW / name
        if not path.is_file():
            found.append(missing(name, recorded))
        elif sha256(path) != recorded.sha256:
            found.append(f"data/raw/{name}: changed since it was recorded: {RESTORE}")
    unknown = [name for name in data_files(root / RAW) if name not in record.keys() | OURS]
    return found + [f"data/raw/{name}: not recorded, `data add` does" for name in unknown]


def missing(name: str, recorded: Recorded) -> str:
    """Say of a recorded file that is not here what it is, and the two ways to get it."""
    size = f", {recorded.size:,} bytes" if recorded.size is not None else ""
    how = "`data pull` fetches it from the settings' remote, `data add FILE` takes your own copy"
    return f"data/raw/{name}: missing{size}, SHA-256 {recorded.sha256}: {how}"


def hash_raw(root: Path, name: str) -> str:
    """Return the SHA-256 of a file of `data/raw`; if it is not on record, a ProjectError."""
    recorded, path = read_record(root).get(name), RAW / name
    if not (root / path).is_file():
        raise ProjectError(missing(name, recorded) if recorded else f"{path} is missing: {ELSE}")
    if recorded is None:
        raise ProjectError(f"{path} is not in {SUMS}: record it with `data add`")
    if recorded.sha256 != sha256(root / path):
        raise ProjectError(f"{path} is not the file recorded in {SUMS}: {RESTORE}")
    return recorded.sha256


def data_files(folder: Path) -> list[str]:
    """Return the files below a folder but for what systems and editors leave there."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [file.as_posix() for file in files if not any(map(CLUTTER.fullmatch, file.parts))]


def add_raw(root: Path, source: Path) -> list[str]:
    """Copy a file, or all of a folder, into `data/raw`, read-only; return the recorded names.

    What lies in `data/raw` already is recorded where it is. Another file of that name, or none to
    copy, is a ProjectError; nothing is replaced.
    """
    home, source = (root / RAW).resolve(), source.absolute()
    lies = source.parent.resolve() / source.name  # a link is what it is called
    top = lies.relative_to(home) if lies.is_relative_to(home) else Path(source.name)
    sources = {top.as_posix(): source}
    if source.is_dir():
        sources = {(top / name).as_posix(): source / name for name in data_files(source)}
    usable = [name for name, file in sources.items() if name.isprintable() and file.is_file()]
    around = home.is_relative_to(lies)  # the project itself, or data/raw
    if around or not usable or len(usable) < len(sources) or OURS & sources.keys():
        raise ProjectError(f"{source} is not there, or cannot be raw data: name a data file")
    with lock(root):
        record = read_record(root)
        for name, file in sources.items():
            record[name] = _copy(root, name, file, record.get(name))
            _write_record(root, record)
    return list(sources)


def remove_raw(root: Path, name: str) -> None:
    """Take a file off the record and delete it; a changed one is a ProjectError, and kept."""
    with lock(root):
        record, path = read_record(root), root / RAW / name
        if name not in record:
            raise ProjectError(f"{name} is not in {SUMS}: its lines say what is")
        if path.is_file():
            if sha256(path) != record[name].sha256:
                raise ProjectError(f"{path} was changed since it was recorded: move it away first")
            if not path.is_symlink():
                path.chmod(stat.S_IRUSR | stat.S_IWUSR)  # Windows deletes no read-only file
            path.unlink()
        del record[name]
        _write_record(root, record)


def pull_raw(root: Path, remote: str | None) -> list[str]:
    """Fetch the recorded files that are not here; what comes must be what is on record."""
    store, place = _open_remote(root, remote)
    record, part = read_record(root), root / STAGING / "pull.part"
    names = [name for name in record if not (root / RAW / name).is_file()]
    with lock(root):
        for name in names:
            stored = f"{place}/{record[name].sha256}"
            try:
                store.get_file(stored, str(part))
            except FileNotFoundError:
                raise ProjectError(f"{name} is not in {remote}: `data push` it there") from None
            if sha256(part) != record[name].sha256:
                raise ProjectError(f"{stored} is no copy of {name}: delete it and `data push`")
            _copy(root, name, part, record[name])
    part.unlink(missing_ok=True)
    return names


def push_raw(root: Path, remote: str | None) -> list[str]:
    """Copy the recorded files to the remote, each under its SHA-256; what is there stays."""
    store, place = _open_remote(root, remote)
    store.makedirs(place, exist_ok=True)
    names = []
    for name in read_record(root):
        file, target = root / RAW / name, f"{place}/{hash_raw(root, name)}"
        if not store.exists(target) or store.size(target) != file.stat().st_size:
            store.put_file(str(file), target)
            names.append(name)
    return names


def _open_remote(root: Path, remote: str | None) -> tuple[Any, str]:
    if not remote:
        raise ProjectError('no remote is set: name a folder or an address in configs, remote = "…"')
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError as error:
        raise needs_extra(error, "remote", "uv sync --inexact --extra remote") from error
    try:
        is_url, folder = "://" in remote, root / Path(remote).expanduser()
        if not is_url and folder.resolve().is_relative_to(root.resolve()):
            raise ProjectError(f"the remote {remote} lies in the project: name a folder outside it")
        store, place = url_to_fs(remote if is_url else str(folder))
    except (ValueError, ImportError) as error:
        raise ProjectError(f"the remote {remote} cannot be opened: {error}") from error
    return store, str(place).rstrip("/")


def _copy(root: Path, name: str, file: Path, recorded: Recorded | None) -> Recorded:
    """Put a file in its place, read-only, unless another is there; no right is ever added."""
    target, sha = root / RAW / name, sha256(file)
    if (recorded and recorded.sha256 != sha) or (target.exists() and sha256(target) != sha):
        how = f"`data remove` it first, or rename {file}"
        raise ProjectError(f"{RAW / name} is another file already: {how}")
    if not target.exists():
        part = root / STAGING / "raw.part"
        part.unlink(missing_ok=True)
        part.touch(0o600)  # nobody reads a private file while it is copied
        shutil.copyfile(file, part)
        part.chmod(stat.S_IMODE(file.stat().st_mode))
        if sha256(part) != sha:
            raise ProjectError(f"{file} changed while it was copied: try again")
        move_file(part, target)
    if not target.is_symlink():  # else it is the file of somebody else
        target.chmod(stat.S_IMODE(target.stat().st_mode) & ~0o222)
    return Recorded(sha, file.stat().st_size)


def _write_record(root: Path, record: dict[str, Recorded]) -> None:
    lines = [
        ("" if each.size is None else f"# {each.size} bytes\n") + f"{each.sha256}  {name}\n"
        for name, each in sorted(record.items())
    ]
    part = root / RAW / ".SHA256SUMS.part"
    write(part, "".join(lines))
    part.replace(root / SUMS)

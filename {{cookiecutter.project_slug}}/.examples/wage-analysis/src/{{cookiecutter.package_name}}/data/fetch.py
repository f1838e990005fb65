"""The agency's archive of a year: downloaded, judged, and kept as raw data as it came."""

from __future__ import annotations

import logging
import re
import stat
import sys
import time
import zlib
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

import httpx2
import typer

from ..engine import ProjectError
from ..engine.errors import PACKAGE
from ..engine.publishing import STAGING
from ..engine.raw_data import RAW, add_raw

logger = logging.getLogger(__name__)
AGENCY = "https://www.bls.gov/oes/special-requests"
LISTED = "https://www.bls.gov/oes/tables.htm"
AREAS = {"state": ("st", "state"), "national": ("nat", "national"), "metro": ("ma", "MSA")}
TRIES, PAUSE, LONGEST = 4, 2.0, 60  # seconds: the first pause, the longest that is granted
PATIENCE = 30.0  # seconds that a server may be silent
LARGEST, UNPACKED, RATIO = 300_000_000, 2_000_000_000, 100  # bytes; how many may come of one
STARTS = {".xlsx": b"PK\x03\x04", ".xls": b"\xd0\xcf\x11\xe0"}
BOOK = re.compile(r"(?!.*description).*\.xlsx?", re.IGNORECASE)
DAMAGED = (BadZipFile, zlib.error, EOFError, RuntimeError)  # the last: a password, its method
BUSY = {408, 425, 429, *range(500, 600)}
SAID = {403: "the server refuses programs (403)", 404: "there is no such archive (404)"}
HERE = dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"))  # without a proxy


def fetch_archive(root: Path, year: int, area: str, contact: str, base: str | None) -> list[str]:
    """Return what to tell, once the archive of a year is raw data of the project at `root`.

    Of an archive with several workbooks, from which `run` could not choose, the one is kept.

    `area` is a key of `AREAS`, `contact` the e-mail address that the server is told, `base` the
    address of a folder with the archives, if it is not the agency's. An archive that cannot be
    had, or is not what it should be, is a ProjectError, which says how to get it by hand; what
    came of a download that broke off is kept for the next call.
    """
    code, stem = AREAS[area]
    name, wanted = f"oesm{year % 100:02d}{code}.zip", f"{stem}_M{year}_dl"
    url, part = f"{(base or AGENCY).rstrip('/')}/{name}", root / STAGING / name
    for file in (name, *(f"{wanted}{ending}" for ending in STARTS if area == "metro")):
        if (root / RAW / file).exists():
            return [f"data/raw/{file} is here already: nothing was downloaded.", step_to(file)]
    if not contact:
        how = "write your e-mail address there, since the agency asks programs whose they are"
        raise ProjectError(f"contact is empty in configs: {how}")
    part.parent.mkdir(exist_ok=True)
    try:
        download(url, part, f"{PACKAGE} ({contact}) httpx2/{httpx2.__version__}")
        book, others = judge(part, wanted)
        kept = part
        if any(BOOK.fullmatch(other) for other in others):
            kept = part.with_name(PurePosixPath(book).name)
            with ZipFile(part) as archive:
                kept.write_bytes(archive.read(book))
        add_raw(root, kept)
        if kept != part:
            kept.unlink()
    except DAMAGED as error:
        raise by_hand(url, f"what came is not that archive ({error})") from error
    finally:
        if not tag_of(part).exists():
            part.unlink(missing_ok=True)
    held = [f"Beside this workbook {name} holds {', '.join(others)}."] if others else []
    return [f"data/raw/{kept.name} is recorded and read-only.", *held, step_to(kept.name)]


def step_to(file: str) -> str:
    """Return how the file is analysed."""
    return f"To analyse it: `run --raw data/raw/{file}`, or name it as raw in configs"


def tag_of(part: Path) -> Path:
    """Return where the server's mark of a file is kept while only a part of it is here."""
    return part.with_name(f"{part.name}.tag")


def by_hand(url: str, why: str) -> ProjectError:
    """Return what to tell where the archive at an address cannot be used."""
    how = f"open it in a browser ({LISTED} lists all), save it, and `data add FILE`"
    return ProjectError(f"{url}: {why}: {how}")


def download(url: str, part: Path, agent: str) -> None:
    """Download a file; a busy server and a broken connection are tried again, ever later.

    A part that is here is gone on from where the server has marked the file (strong ETag, or
    Last-Modified) and says that it is the same still (RFC 9110, sections 13.1.5 and 14.2).
    """
    tag, why, wait = tag_of(part), "", 0.0
    headers = {"User-Agent": agent, "Accept-Encoding": "identity"}
    options: Any = {"timeout": PATIENCE, "follow_redirects": True, "mounts": HERE}
    try:
        with httpx2.Client(headers=headers, **options) as client:
            for attempt in range(TRIES):
                time.sleep(wait)
                wait, more = PAUSE * 2**attempt, dict[str, str]()
                if tag.exists() and part.exists():
                    size = part.stat().st_size
                    more = {"Range": f"bytes={size}-", "If-Range": tag.read_text("ascii")}
                try:
                    with client.stream("GET", url, headers=more) as answer:
                        status, later = answer.status_code, answer.headers.get("Retry-After", "")
                        sent = answer.headers.get("Content-Range", "").partition("-")[0]
                        fits = more.get("Range") == f"{sent.replace(' ', '=')}-"
                        if status == 200 or (status == 206 and fits):
                            return save(answer, url, part)
                except httpx2.TransportError as error:
                    why = f"the connection failed ({str(error) or type(error).__name__})"
                    continue
                why = SAID.get(status, f"the server answers {status}")
                if status in (206, 416):  # another part than the one that is missing
                    tag.unlink(missing_ok=True)
                elif status not in BUSY:
                    break
                wait = max(wait, min(int(later), LONGEST)) if later.isdecimal() else wait
    except (httpx2.TooManyRedirects, httpx2.InvalidURL, ValueError, ImportError) as error:
        why = f"it cannot be asked for ({error})"  # the address is none, or that of a proxy
    raise by_hand(url, why)


def save(answer: httpx2.Response, url: str, part: Path) -> None:
    """Write what comes behind what is here already, or anew; too much of it is a ProjectError."""
    tag, have = tag_of(part), part.stat().st_size if answer.status_code == 206 else 0
    if not have:
        tag.unlink(missing_ok=True)
        mark = answer.headers.get("ETag", "W/")
        mark = answer.headers.get("Last-Modified", "") if mark.startswith("W/") else mark
        if mark.isascii() and mark:
            tag.write_text(mark, "ascii")
    total = have + int(answer.headers.get("Content-Length", 0))
    hidden = not (sys.stderr.isatty() and total > have)
    with (
        part.open("ab" if have else "wb") as file,
        typer.progressbar(length=total, label=part.name, file=sys.stderr, hidden=hidden) as bar,
    ):
        bar.update(have)
        for chunk in answer.iter_raw() if total <= LARGEST else ():
            have += len(chunk)
            if have > LARGEST:
                break
            file.write(chunk)
            bar.update(len(chunk))
    tag.unlink(missing_ok=True)
    if max(have, total) > LARGEST:
        raise by_hand(url, f"it has more than {LARGEST:,} bytes")
    logger.info("%s: %d bytes", answer.url, have)


def judge(file: Path, wanted: str) -> tuple[str, list[str]]:
    """Return where an archive holds the wanted workbook, and what else; else raise BadZipFile.

    Nothing is unpacked: sizes and paths are those that it declares, and all bytes of the workbook
    are held against its checksum.
    """
    with file.open("rb") as opened:
        if opened.read(512).lstrip().startswith(b"<"):
            raise BadZipFile("it is a web page")
    with ZipFile(file) as archive:
        weigh(archive, file.stat().st_size)
        held = [each.filename for each in archive.infolist() if not each.is_dir()]
        paths = [PurePosixPath(name.lower()) for name in held]
        found = [each for each in paths if each.stem == wanted.lower() and each.suffix in STARTS]
        if len(found) != 1:
            raise BadZipFile(f"it holds {', '.join(held[:9])}, and not the one workbook {wanted}")
        name = held.pop(paths.index(found[0]))
        with archive.open(name) as book:
            if book.read(4) != STARTS[found[0].suffix]:
                raise BadZipFile(f"{name} in it is no workbook")
            while book.read(1 << 20):
                pass
            if found[0].suffix == ".xlsx":  # an archive itself
                weigh(ZipFile(book), archive.getinfo(name).file_size)
    return name, held


def weigh(archive: ZipFile, packed: int) -> None:
    """Raise BadZipFile where an archive of so many bytes would unpack to too many, or elsewhere."""
    unpacked = sum(each.file_size for each in archive.infolist())
    if unpacked > min(UNPACKED, RATIO * packed):
        raise BadZipFile(f"{packed:,} bytes would unpack to {unpacked:,}")
    for each in archive.infolist():
        path, is_link = PurePosixPath(each.filename), stat.S_ISLNK(each.external_attr >> 16)
        if is_link or path.is_absolute() or ".." in path.parts or {*"\\:"} & {*each.filename}:
            raise BadZipFile(f"{each.filename!r} in it leads elsewhere")

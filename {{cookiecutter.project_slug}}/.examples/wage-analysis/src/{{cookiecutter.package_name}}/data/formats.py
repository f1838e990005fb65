"""The tables of a file, as texts: Excel and OpenDocument, CSV, Parquet, and zip archives."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from textwrap import shorten
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq

from ..engine import ProjectError
from .workbooks import Table, as_table, begins_of, old_sheets, sheets_of

HEADER = 30  # rows in which a table's header is looked for
MOST_BYTES = 2_000_000_000  # of an archive, unpacked
DELIMITERS = ",;\t|"
OLE, PARQUET, ZIP = b"\xd0\xcf\x11\xe0", b"PAR1", b"PK"  # with which files begin
UNIT = re.compile(r"_?\((US_?\$|USD|\$|%)\)$")  # in a header, behind the name
ASIDE = re.compile(r"(.*/)?([.~]|__MACOSX).*|.*descriptions?\.xlsx?", re.IGNORECASE)
MEMBER = re.compile(r".*\.(xls[xbm]?|ods|csv|parquet)", re.IGNORECASE)


def tables_of(file: Path, known: Collection[str]) -> Iterator[Table]:
    """Yield the tables of a file; what it is, its content says, not its name.

    `known` are names of columns, by which the delimiter of a CSV file is found.

    Raises
    ------
    ProjectError
        If the file is none of these formats, is damaged, has a password, or is too large.
    """
    try:
        yield from _tables(file, file.read_bytes(), known)
    except ProjectError:
        raise
    except BaseException as error:  # a reader in Rust panics beside all exceptions
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        said = str(error).partition("\n")[0]
        if "password" in said.lower():
            raise ProjectError(f"{file}: has a password; save a copy of it without one") from None
        raise ProjectError(
            f"{file}: cannot be read as a workbook, CSV, Parquet or zip file ({said}); "
            "download it again, or save it anew as .xlsx"
        ) from error


def names_of(row: Sequence[object]) -> list[str]:
    """Return the names of a header: in upper case, without units, ``OCC_CODE`` for ``Occ code``."""
    texts = [cell if isinstance(cell, str) else "" for cell in row]
    return [UNIT.sub("", "_".join(text.strip("\ufeff \t\n").upper().split())) for text in texts]


def _tables(file: Path, content: bytes, known: Collection[str]) -> Iterator[Table]:
    if content.startswith(PARQUET):
        yield _parquet(file.name, content)
    elif content.startswith(OLE):
        yield from old_sheets(content)
    elif not content.startswith(ZIP):
        yield _csv(file, content, known)
    else:
        with ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            size = sum(archive.getinfo(name).file_size for name in names)
            if size > MOST_BYTES:
                raise ProjectError(f"{file}: unpacks to {size:,} bytes, too many to be read here")
            if {"[Content_Types].xml", "content.xml"} & {*names}:
                yield from sheets_of(content, begins_of(file, archive))
            else:
                inside = _only_member(file, names)
                yield from _tables(file / inside, archive.read(inside), known)


def _only_member(file: Path, names: Sequence[str]) -> str:
    """Return the one member of an archive that can be the table."""
    found = [name for name in names if MEMBER.fullmatch(name) and not ASIDE.fullmatch(name)]
    if len(found) != 1:
        inside = shorten(", ".join(found), 300) or "no workbook, CSV or Parquet file"
        raise ProjectError(f"{file}: holds {inside}; unpack it, and name the one file to be read")
    return found[0]


def _parquet(name: str, content: bytes) -> Table:
    table = pq.read_table(io.BytesIO(content))
    table.validate(full=True)
    named = zip(table.column_names, table.columns, strict=True)
    texts = (pa.chunked_array([[head], *cells.cast(pa.string()).chunks]) for head, cells in named)
    return as_table(name, (column.combine_chunks() for column in texts), {})


def _csv(file: Path, content: bytes, known: Collection[str]) -> Table:
    """Read a text file by the delimiter that finds most of the known names."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    if text.lstrip()[:1] == "<":
        raise ProjectError(f"{file}: is a web page, not a table; download the file itself")
    head = text[:100_000].splitlines()[:HEADER]

    def known_names(delimiter: str) -> int:
        return max((len({*names_of(row.split(delimiter))} & {*known}) for row in head), default=0)

    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=known_names), strict=True
    )
    columns = zip_longest(*rows, fillvalue="")
    return as_table(file.name, (pa.array(column, pa.string()) for column in columns), {})

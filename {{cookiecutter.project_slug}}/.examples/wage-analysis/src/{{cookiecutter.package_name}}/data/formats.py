"""The tables of a file, as texts: Excel and OpenDocument, CSV, Parquet, and zip archives."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa

from ..engine import ProjectError

HEADER = 30  # rows in which a table's header is looked for
MOST_CELLS, MOST_BYTES = 100_000_000, 2_000_000_000  # of a sheet; of an archive, unpacked
TEXT = pd.StringDtype(na_value=np.nan)
DELIMITERS = ",;\t|"
OLE, PARQUET, ZIP = b"\xd0\xcf\x11\xe0", b"PAR1", b"PK"  # with which files begin
HEAD = 500_000  # bytes of a sheet, in which its header is
CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>/]*>')  # that is not empty
EXTENT = re.compile(rb'<dimension ref="[A-Z]+\d+:([A-Z]+)(\d+)"')
SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
ASIDE = re.compile(r"(.*/)?([.~]|__MACOSX).*|.*descriptions?\.xlsx?", re.IGNORECASE)
MEMBER = re.compile(r".*\.(xls[xbm]?|ods|csv|parquet)", re.IGNORECASE)


class Table(NamedTuple):
    """A sheet or a file: its name, and its cells as texts; an empty cell is missing.

    The index of the cells is the number of the row, from 1; `begins` has the column, counted from
    0, in which one of the first rows begins, where that is known.
    """

    name: str
    cells: pd.DataFrame
    begins: Mapping[int, int]


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
    """Return the names of a header: stripped, in upper case, blanks inside as in ``OCC_CODE``."""
    texts = [cell if isinstance(cell, str) else "" for cell in row]
    return ["_".join(text.strip("\ufeff \t\n").upper().split()) for text in texts]


def letters_of(column: int) -> str:
    """Return the letters of a column counted from 0: A, …, Z, AA."""
    more, last = divmod(column, 26)
    return (letters_of(more - 1) if more else "") + chr(ord("A") + last)


def column_of(letters: str) -> int:
    """Return the place of a column, counted from 0, by its letters."""
    return reduce(lambda place, letter: 26 * place + ord(letter) - ord("A") + 1, letters, 0) - 1


def _tables(file: Path, content: bytes, known: Collection[str]) -> Iterator[Table]:
    if content.startswith(PARQUET):
        yield _parquet(file.name, content)
    elif content.startswith(OLE):
        yield from _sheets(content, {})
    elif not content.startswith(ZIP):
        yield _csv(file, content, known)
    else:
        with ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            size = sum(archive.getinfo(name).file_size for name in names)
            if size > MOST_BYTES:
                raise ProjectError(f"{file}: unpacks to {size:,} bytes, too many to be read here")
            if {"[Content_Types].xml", "content.xml"} & {*names}:
                yield from _sheets(content, _look_into(file, archive))
            else:
                inside = _only_member(file, names)
                yield from _tables(file / inside, archive.read(inside), known)


def _only_member(file: Path, names: Sequence[str]) -> str:
    """Return the one member of an archive that can be the table."""
    found = [name for name in names if MEMBER.fullmatch(name) and not ASIDE.fullmatch(name)]
    if len(found) != 1:
        inside = ", ".join(found) or "no workbook, CSV or Parquet file"
        raise ProjectError(f"{file}: holds {inside}; unpack it, and name the one file to be read")
    return found[0]


def _sheets(content: bytes, begins: Mapping[int, Mapping[int, int]]) -> Iterator[Table]:
    with _silent():
        workbook = fastexcel.read_excel(content)
    for place, name in enumerate(workbook.sheet_names):
        with _silent():
            batch = workbook.load_sheet_eager(place, header_row=None, skip_rows=0, dtypes="string")
        cells = batch.to_pandas(types_mapper={pa.string(): TEXT}.get)
        yield _table(name, cells, begins.get(place, {}))


def _look_into(file: Path, archive: ZipFile) -> dict[int, dict[int, int]]:
    """Return for each sheet where its first rows begin: the reader leaves out empty columns.

    Raises
    ------
    ProjectError
        If a sheet is too large: the reader makes room for each cell up to the last one.
    """
    begins: dict[int, dict[int, int]] = {}
    for number in filter(None, map(SHEET.fullmatch, archive.namelist())):
        with archive.open(number[0]) as sheet:
            head = sheet.read(HEAD)
        if extent := EXTENT.search(head):
            right, bottom = extent[1].decode(), int(extent[2])
            if (column_of(right) + 1) * bottom > MOST_CELLS:
                raise ProjectError(
                    f"{file}: a sheet reaches to cell {right}{bottom}; delete what stands far from "
                    "the table, or save the table alone in a new workbook"
                )
        rows = begins.setdefault(int(number[1]) - 1, {})
        for letters, row in CELL.findall(head):
            rows.setdefault(int(row), column_of(letters.decode()))
    return begins


def _parquet(name: str, content: bytes) -> Table:
    frame = pd.read_parquet(io.BytesIO(content)).reset_index(drop=True)
    header = pd.DataFrame([frame.columns.astype(str)], columns=frame.columns)
    return _table(name, pd.concat([header.astype(TEXT), frame.astype(TEXT)]), {})


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

    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=known_names))
    return _table(file.name, pd.DataFrame(list(rows), dtype=TEXT), {})


def _table(name: str, cells: pd.DataFrame, begins: Mapping[int, int]) -> Table:
    """Return a table whose cells have no outer blanks, and are missing where nothing is left."""
    stripped = (column.str.strip() for _, column in cells.items())
    frame = pd.DataFrame({place: texts.where(texts != "") for place, texts in enumerate(stripped)})
    return Table(name, frame.set_axis(pd.RangeIndex(1, len(cells) + 1, name="row")), begins)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep off the screen what a reader that panics writes there past Python; it raises too."""
    screen = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)

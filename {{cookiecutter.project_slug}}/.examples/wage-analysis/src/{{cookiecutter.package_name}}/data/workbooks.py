"""The sheets of Excel and OpenDocument workbooks, as texts."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import reduce
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..engine import ProjectError

pa.set_memory_pool(pa.system_memory_pool())  # the reader's too: what it frees is used again

MOST_CELLS, MOST_BYTES = 100_000_000, 8_000_000_000  # of a sheet; of memory for an .xls
TEXT = pd.StringDtype(na_value=np.nan)
HEAD = 500_000  # bytes of a sheet, in which its header is
CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>/]*>')  # that is not empty
EXTENT = re.compile(rb'<dimension ref="[A-Z]+\d+:([A-Z]+)(\d+)"')
SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


class Table(NamedTuple):
    """A sheet or a file: its name, and its cells as texts; an empty cell is missing.

    The index of the cells is the number of the row, from 1; `begins` has the column, counted from
    0, in which one of the first rows begins, where that is known.
    """

    name: str
    cells: pd.DataFrame
    begins: Mapping[int, int]


def as_table(name: str, columns: Iterable[pa.Array], begins: Mapping[int, int]) -> Table:
    """Return columns of texts without outer blanks, missing where nothing is left."""
    trimmed = map(pc.utf8_trim_whitespace, columns)
    texts = {str(i): pc.if_else(pc.equal(t, ""), None, t) for i, t in enumerate(trimmed)}
    cells = pa.table(texts).to_pandas(types_mapper={pa.string(): TEXT}.get)
    return Table(name, cells.set_axis(pd.RangeIndex(1, len(cells) + 1, name="row")), begins)


def sheets_of(content: bytes, begins: Mapping[int, Mapping[int, int]]) -> Iterator[Table]:
    """Yield the sheets of a workbook; `begins` is what `begins_of` returns."""
    with _silent():
        workbook = fastexcel.read_excel(content)
    for place, name in enumerate(workbook.sheet_names):
        with _silent():
            cells = workbook.load_sheet_eager(place, header_row=None, skip_rows=0, dtypes="string")
        yield as_table(name, cells.columns, begins.get(place, {}))


def old_sheets(content: bytes) -> list[Table]:
    """Read an .xls in a process of its own: the reader can ask for all memory for a damaged one."""
    path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command, environment = [sys.executable, "-m", __name__], os.environ | path
    apart = subprocess.run(command, input=content, capture_output=True, env=environment)
    if apart.returncode:
        raise ValueError(apart.stderr.decode().strip().rpartition("\n")[2] or "the reader gave up")
    return [Table(*parts) for parts in pickle.loads(apart.stdout)]


def begins_of(file: Path, archive: ZipFile) -> dict[int, dict[int, int]]:
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


def letters_of(column: int) -> str:
    """Return the letters of a column counted from 0: A, …, Z, AA."""
    more, last = divmod(column, 26)
    return (letters_of(more - 1) if more else "") + chr(ord("A") + last)


def column_of(letters: str) -> int:
    """Return the place of a column, counted from 0, by its letters."""
    return reduce(lambda place, letter: 26 * place + ord(letter) - ord("A") + 1, letters, 0) - 1


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


if __name__ == "__main__":
    with suppress(ImportError):  # Windows sets no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    try:
        sheets = [tuple(sheet) for sheet in sheets_of(sys.stdin.buffer.read(), {})]
    except Exception as error:
        sys.exit(str(error).partition("\n")[0])
    pickle.dump(sheets, sys.stdout.buffer)

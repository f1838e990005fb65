"""The one door by which raw data comes in: the table of a file, cell by cell, as texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..engine import ProjectError
from .formats import HEADER, names_of, tables_of
from .workbooks import TEXT, Table, letters_of

NOTE = 4  # filled cells; with fewer a row below the data is a note


@dataclass(frozen=True)
class RawSheet:
    """The cells of a table as texts, missing where empty; nothing is converted yet.

    `cells` has a column for each header, stripped and in upper case, and the numbers of the rows
    as its index; `letters` has the letters of each column. Columns without a header are left out,
    and blank rows, the header again, notes below the data: `left_out` has the reason by row.
    `name` is that of the sheet, or of the file where it has none, `header` the header's row.
    """

    file: Path
    name: str
    header: int
    cells: pd.DataFrame
    letters: Mapping[str, str]
    left_out: pd.Series[str]


def read_sheet(path: str | Path, known: Collection[str]) -> RawSheet:
    """Read the table of a file that has the columns, once, whatever stands above them.

    Parameters
    ----------
    path : str or Path
        A workbook (``.xlsx``, ``.xlsb``, ``.xls``, ``.ods``), CSV, Parquet, or a zip archive with
        one of these.
    known : collection of str
        Names of columns, in upper case. The first row that has half of them is the header; where
        there is none, the first row of the first table is.

    Returns
    -------
    RawSheet
        Numbers and dates are texts too. A cell that holds an Excel error such as ``#DIV/0!`` is
        empty: the library does not tell the two apart.

    Raises
    ------
    ProjectError
        If there is no such file, if it cannot be read, if it holds no data or several such tables,
        or if two columns have the same name.
    """
    file = Path(path)
    if not file.exists():
        raise ProjectError(f"{file}: no such file; check the path, or put the workbook there")
    if file.is_dir():
        raise ProjectError(f"{file}: this is a folder; name the workbook inside it")
    table, at = _with_header(file, known)
    cells = table.cells.iloc[at + 1 :]
    filled = cells.notna().sum(axis=1)
    data = filled[filled >= min(NOTE, cells.shape[1])].index
    if data.empty:
        found = "only a header" if len(table.cells) else "nothing"
        raise ProjectError(
            f"{file}: sheet {table.name!r} holds {found}; the data must be below one row of "
            "column names"
        )
    row, number = table.cells.iloc[at], table.cells.index[at]
    header = names_of(row.tolist())
    twice = [h for h, count in Counter(filter(None, header)).items() if count > 1]
    if twice:
        raise ProjectError(
            f"{file}: sheet {table.name!r} has more than one column named {', '.join(twice)}; "
            "rename or delete all but one of each"
        )
    empty = int(row.notna().to_numpy().argmax())  # columns before the header's first
    left = max(0, table.begins.get(number, empty) - empty)
    letters = {h: letters_of(left + place) for place, h in enumerate(header) if h}
    again = (cells.fillna("") == row.fillna("")).all(axis=1)
    left_out = pd.Series("a note", cells.index, TEXT).where(cells.index > data.max())
    left_out = left_out.mask(filled == 0, "blank").mask(again, "the header again").dropna()
    cells = cells.drop(index=left_out.index).set_axis(header, axis=1)
    cells = cells.drop(columns="", errors="ignore")
    return RawSheet(file, table.name, number, cells, letters, left_out)


def _with_header(file: Path, known: Collection[str]) -> tuple[Table, int]:
    """Return the table that has the header, and the place of its row; else the first table."""
    first, found = None, list[tuple[Table, int]]()
    for table in tables_of(file, known):
        first = first or table._replace(cells=table.cells.dropna(how="all"))
        for at, row in enumerate(table.cells.head(HEADER).to_numpy().tolist()):
            if 2 * len({*names_of(row)} & {*known}) >= len(known):
                found.append((table, at))
                break
    if first is None:
        raise ProjectError(f"{file}: holds no sheet; save the table in a new workbook")
    if len(found) > 1:
        names = ", ".join(repr(table.name) for table, _ in found)
        raise ProjectError(f"{file}: the sheets {names} hold such a table each; keep only one")
    return found[0] if found else (first, 0)

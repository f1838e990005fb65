"""The one door by which raw data comes in: a sheet of an Excel workbook, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from ..engine import ProjectError

HEADER = 30  # rows in which a sheet's header is looked for
NOTE = 4  # filled cells; with fewer a row below the header is a note
Cell = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True)
class RawSheet:
    """The cells of a sheet, by column; nothing is converted yet.

    `columns` maps each header, stripped and in upper case, to the cells below it, `letters` to the
    column's letters in the sheet. Columns without a header are left out, and rows that are blank or
    a note, which `left_out` has by the number of the row, as `rows` has those of the cells. An
    empty cell is ``""``. `name` differs from vintage to vintage.
    """

    file: Path
    name: str
    columns: Mapping[str, Sequence[Cell]]
    letters: Mapping[str, str]
    rows: Sequence[int]
    left_out: Mapping[int, str]


def read_sheet(path: str | Path, known: Collection[str]) -> RawSheet:
    """Read the first sheet of a workbook that has the columns, once, whatever stands above them.

    Parameters
    ----------
    path : str or Path
        An Excel workbook (``.xlsx``; the older ``.xls`` works too).
    known : collection of str
        Names of columns, in upper case. The first row that has half of them is the header; where
        there is none, the first row of the first sheet is.

    Returns
    -------
    RawSheet
        Numbers are floats, texts are as typed. A cell that holds an Excel error such as ``#DIV/0!``
        reads as empty: the library does not tell the two apart.

    Raises
    ------
    ProjectError
        If there is no such file, if it is no readable workbook, if the sheet holds no data, or
        if two columns have the same name.
    """
    file = Path(path)
    if not file.exists():
        raise ProjectError(f"{file}: no such file; check the path, or put the workbook there")
    if file.is_dir():
        raise ProjectError(f"{file}: this is a folder; name the workbook inside it")
    name, (top, left), rows, at = _sheet(file, known)
    if len(rows) < at + 2:
        found = "only a header" if rows else "nothing"
        raise ProjectError(
            f"{file}: sheet {name!r} holds {found}; the data must be below one row of column names"
        )
    header = _names(rows[at])
    twice = [h for h, count in Counter(filter(None, header)).items() if count > 1]
    if twice:
        raise ProjectError(
            f"{file}: sheet {name!r} has more than one column named {', '.join(twice)}; "
            "rename or delete all but one of each"
        )
    numbers, kept, left_out = list[int](), list[list[Cell]](), dict[int, str]()
    for number, row in enumerate(rows[at + 1 :], top + at + 2):
        told = len(row) - row.count("") >= min(NOTE, len(row))
        if told and (row[0] != "" or any(map(_is_filled, row))):
            numbers.append(number)
            kept.append(row)
        else:
            left_out[number] = "a note" if any(map(_is_filled, row)) else "blank"
    if not kept:
        raise ProjectError(f"{file}: sheet {name!r} holds only blank rows below its header")
    columns = dict(zip(header, zip(*kept, strict=True), strict=True))
    letters = {h: letters_of(left + place) for place, h in enumerate(header)}
    columns.pop("", None)
    return RawSheet(file, name, columns, letters, numbers, left_out)


def _sheet(
    file: Path, known: Collection[str]
) -> tuple[str, tuple[int, int], list[list[Cell]], int]:
    """Return name, corner and rows of the sheet with the table, and which row is the header."""
    with _opened(file) as workbook:
        first = None
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            for at, row in enumerate(sheet.to_python(nrows=HEADER)):
                if 2 * len({*_names(row)} & {*known}) >= len(known):
                    return name, sheet.start or (0, 0), sheet.to_python(), at
            first = first or (name, sheet.start or (0, 0), sheet.to_python(), 0)
        assert first  # a workbook has a sheet
        return first


def _names(row: Sequence[Cell]) -> list[str]:
    """Return the names of a header: stripped, in upper case, blanks inside as in ``OCC_CODE``."""
    return ["_".join(str(cell).strip("\ufeff \t\n").upper().split()) for cell in row]


def _is_filled(cell: Cell) -> bool:
    return bool(str(cell).strip())


@contextmanager
def _opened(file: Path) -> Iterator[CalamineWorkbook]:
    try:
        with CalamineWorkbook.from_path(file) as workbook:
            yield workbook
    except PasswordError:
        raise ProjectError(
            f"{file}: the workbook has a password; save a copy of it without one"
        ) from None
    except (CalamineError, OSError) as error:
        raise ProjectError(
            f"{file}: cannot be read as an Excel workbook ({error}); download it again, "
            "or unpack it if it is a zip archive"
        ) from error


def letters_of(column: int) -> str:
    """Return the letters of a column counted from 0: A, …, Z, AA."""
    more, last = divmod(column, 26)
    return (letters_of(more - 1) if more else "") + chr(ord("A") + last)

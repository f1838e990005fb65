"""The one door by which raw data comes in: the first sheet of an Excel workbook, cell by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from ..engine import ProjectError

Cell = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True)
class RawSheet:
    """The cells of a sheet, by column; nothing is converted yet.

    `columns` maps each header, stripped and in upper case, to the cells below it. Wholly blank rows
    and columns without a header are left out, an empty cell is ``""``. `rows_read` counts all rows
    below the header, `rows_kept` those in `columns`; `name` differs from vintage to vintage.
    """

    file: Path
    name: str
    columns: Mapping[str, Sequence[Cell]]
    rows_read: int
    rows_kept: int


def read_first_sheet(path: str | Path) -> RawSheet:
    """Read the first sheet of a workbook, once; its first row that is not blank is the header.

    Parameters
    ----------
    path : str or Path
        An Excel workbook (``.xlsx``; the older ``.xls`` works too).

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
    name, rows = _cells(file)
    if len(rows) < 2:
        found = "only a header" if rows else "nothing"
        raise ProjectError(
            f"{file}: sheet {name!r} holds {found}; the data must be on the first sheet, "
            "below one row of column names"
        )
    header = [str(cell).strip().upper() for cell in rows[0]]
    twice = [h for h, count in Counter(filter(None, header)).items() if count > 1]
    if twice:
        raise ProjectError(
            f"{file}: sheet {name!r} has more than one column named {', '.join(twice)}; "
            "rename or delete all but one of each"
        )
    kept = [row for row in rows[1:] if any(str(cell).strip() for cell in row)]
    if not kept:
        raise ProjectError(f"{file}: sheet {name!r} holds only blank rows below its header")
    columns = dict(zip(header, zip(*kept, strict=True), strict=True))
    columns.pop("", None)
    return RawSheet(file, name, columns, len(rows) - 1, len(kept))


def _cells(file: Path) -> tuple[str, list[list[Cell]]]:
    try:
        with CalamineWorkbook.from_path(file) as workbook:
            return workbook.sheet_names[0], workbook.get_sheet_by_index(0).to_python()
    except PasswordError:
        raise ProjectError(
            f"{file}: the workbook has a password; save a copy of it without one"
        ) from None
    except (CalamineError, OSError) as error:
        raise ProjectError(
            f"{file}: cannot be read as an Excel workbook ({error}); download it again, "
            "or unpack it if it is a zip archive"
        ) from error

"""From the cells of a wage workbook to a typed table, with an account of what became missing."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine import ProjectError
from .ingestion import Cell, read_first_sheet

logger = logging.getLogger(__name__)

_HEADER = (
    "AREA AREA_TITLE AREA_TYPE PRIM_STATE NAICS NAICS_TITLE I_GROUP OWN_CODE OCC_CODE OCC_TITLE "
    "O_GROUP TOT_EMP EMP_PRSE JOBS_1000 LOC_QUOTIENT PCT_TOTAL PCT_RPT H_MEAN A_MEAN MEAN_PRSE "
    "H_PCT10 H_PCT25 H_MEDIAN H_PCT75 H_PCT90 A_PCT10 A_PCT25 A_MEDIAN A_PCT75 A_PCT90 "
    "ANNUAL HOURLY"
)
COLUMNS = tuple(_HEADER.split())
NUMERIC_COLUMNS = COLUMNS[COLUMNS.index("TOT_EMP") : COLUMNS.index("ANNUAL")]
# Empty in the state files, and not in every vintage.
OPTIONAL_COLUMNS = ("PCT_TOTAL", "PCT_RPT")
WAGE_COLUMNS = tuple(c for c in NUMERIC_COLUMNS if c.startswith(("H_", "A_")))
TOP_CODE = "#"

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(?<=\d)")
_CASE = {"PRIM_STATE": str.upper, "O_GROUP": str.lower, "ANNUAL": str.upper, "HOURLY": str.upper}
# Spreadsheets that take these codes for numbers drop their leading zeros.
_CODE_WIDTH = {"AREA": 2, "NAICS": 6}
_MARKS_NAMED = 9


def preprocess_wage_data(file_path: str | Path) -> pd.DataFrame:
    """Read an OEWS workbook and return it typed, without writing anything.

    Parameters
    ----------
    file_path : str or Path
        A workbook with the columns of the 2020 to 2025 files, in any order and in any case.

    Returns
    -------
    pandas.DataFrame
        One row for each area, industry and occupation: the 32 columns of `COLUMNS` (codes and
        titles as text, `NUMERIC_COLUMNS` as float64), then ``TOTAL_PAYROLL`` (US$ a year),
        ``WAGE_EMP_RATIO`` (US$ a year per job, missing where there is no job), ``WAGE_TOP_CODED``
        (some wage of the row is ``#``, "at least this much") and ``A_MEAN_TOP_CODED``.
        ``attrs["source"]`` tells ``rows_read``, ``rows_kept`` and ``coerced``, a mapping
        column -> mark -> how many cells became missing.

    Raises
    ------
    ProjectError
        If the file cannot be read or lacks a required column.
    """
    sheet = read_first_sheet(file_path)
    absent = [c for c in COLUMNS if c not in sheet.columns and c not in OPTIONAL_COLUMNS]
    if absent:
        raise ProjectError(
            f"{sheet.file}: sheet {sheet.name!r} lacks {', '.join(absent)}; the column names of "
            "the files of May 2020 to May 2025 are understood, so rename its headers to those"
        )
    data: dict[str, Any] = {}
    coerced: dict[str, dict[str, int]] = {}
    top_coded = {c: np.zeros(sheet.rows_kept, dtype=bool) for c in WAGE_COLUMNS}
    for column in COLUMNS:
        cells = sheet.columns.get(column, [""] * sheet.rows_kept)
        if column not in NUMERIC_COLUMNS:
            data[column] = pd.array(_texts(cells, column), dtype="str")
            continue
        data[column], marks = _numbers(cells)
        if marks:
            coerced[column] = _count(marks.values())
        if column in top_coded:
            top_coded[column][[row for row, mark in marks.items() if mark == TOP_CODE]] = True
    frame = pd.DataFrame(data)
    employed = frame["TOT_EMP"].where(frame["TOT_EMP"] > 0)
    frame["TOTAL_PAYROLL"] = frame["A_MEAN"] * frame["TOT_EMP"]
    frame["WAGE_EMP_RATIO"] = frame["A_MEAN"] / employed
    frame["WAGE_TOP_CODED"] = np.logical_or.reduce(list(top_coded.values()))
    frame["A_MEAN_TOP_CODED"] = top_coded["A_MEAN"]
    source = {"rows_read": sheet.rows_read, "rows_kept": sheet.rows_kept, "coerced": coerced}
    frame.attrs["source"] = source
    size = f"{sheet.rows_read:,} rows read, {sheet.rows_kept:,} kept"
    missing = _account(coerced) or "nothing"
    logger.info("loaded %s (sheet %s): %s; missing: %s", sheet.file, sheet.name, size, missing)
    return frame


def _texts(cells: Sequence[Cell], column: str) -> list[str | None]:
    case, width = _CASE.get(column), _CODE_WIDTH.get(column, 0)
    texts = [(c.strip() if type(c) is str else _as_text(c).zfill(width)) or None for c in cells]
    return [t and case(t) for t in texts] if case else texts


def _as_text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _numbers(cells: Sequence[Cell]) -> tuple[np.ndarray[Any, np.dtype[np.float64]], dict[int, str]]:
    """Split a column into its numbers and, by row, the texts that are none."""
    values = np.array([c if type(c) is float else np.nan for c in cells], dtype=np.float64)
    marks: dict[int, str] = {}
    for row in np.flatnonzero(np.isnan(values)).tolist():
        text = _as_text(cells[row]).strip()
        if _NUMBER.fullmatch(text):
            values[row] = float(text.replace(",", ""))
        elif text:
            marks[row] = text
    return values, marks


def _count(marks: Iterable[str]) -> dict[str, int]:
    """Count each mark, most frequent first; a column of free text must not flood the account."""
    counts = Counter(marks).most_common()
    named, others = counts[:_MARKS_NAMED], sum(n for _, n in counts[_MARKS_NAMED:])
    return dict(named) | ({"(others)": others} if others else {})


def _account(coerced: dict[str, dict[str, int]]) -> str:
    """Put the same counts of several columns together: ``** 1,318 in TOT_EMP, EMP_PRSE``."""
    where: dict[tuple[str, int], list[str]] = defaultdict(list)
    for column, marks in coerced.items():
        for mark, count in marks.items():
            where[mark, count].append(column)
    return "; ".join(f"{m} {n:,} in {', '.join(columns)}" for (m, n), columns in where.items())

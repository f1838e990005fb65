"""From the cells of a wage workbook to a typed table, with an account of what became missing."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..engine import ProjectError
from ..settings import EMPTY
from .cleaning import find_superfluous
from .ingestion import Cell, RawSheet, read_sheet

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


_BLANKS = "\u0020\u00a0\u2007\u2009\u202f"
_PARTS = re.compile(rf"[,{_BLANKS}]")
_NUMBER = re.compile(
    rf"([+-]?)\$?((?:\d{{1,3}}(?:{_PARTS.pattern}\d{{3}})+|\d+)?(?:\.\d+)?(?<=\d))([Ee][+-]?\d+)?"
)
_UNSURE = re.compile(rf"(?=.*\d)[-+\d.,'%$€£¥{_BLANKS}]+")
_PLAIN_CODE = re.compile(r"^(\d{2})(\d{4}(?:\.\d{2})?)$")  # as 112011
_CASE = {"PRIM_STATE": str.upper, "O_GROUP": str.lower, "ANNUAL": str.upper, "HOURLY": str.upper}
# Spreadsheets that take these codes for numbers drop their leading zeros.
_CODE_WIDTH = {"AREA": 2, "NAICS": 6}
_MARKS_NAMED = 9


def preprocess_wage_data(file_path: str | Path) -> pd.DataFrame:
    """Return the first table of `read_wages`, the rows that count."""
    return read_wages(file_path)[0]


def read_wages(file_path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read an OEWS workbook and return it typed, without writing anything.

    Parameters
    ----------
    file_path : str or Path
        A workbook with the columns of the 2020 to 2025 files, in any order and in any case.

    Returns
    -------
    wages : pandas.DataFrame
        One row for each area, industry and occupation: the 32 columns of `COLUMNS` (codes and
        titles as text, `NUMERIC_COLUMNS` as float64), then ``TOTAL_PAYROLL`` (US$ a year),
        ``WAGE_EMP_RATIO`` (US$ a year per job, missing where there is no job), ``WAGE_TOP_CODED``
        (some wage of the row is ``#``, "at least this much") and ``A_MEAN_TOP_CODED``.
        The index is the row of the sheet. ``attrs["source"]`` tells ``rows_read``, ``rows_kept``,
        ``left_out``, a mapping reason -> rows, and ``coerced``, a mapping column -> mark -> how
        many cells became missing, those without anything as ``empty``; ``attrs["cells"]`` has the
        letters of each column in the sheet.
    rejected : pandas.DataFrame
        The rows that were left out: ``row`` (of the sheet), ``reason``, and the columns of text.
        Both tables together have every row that was read.

    Raises
    ------
    ProjectError
        If the file cannot be read, lacks a required column, or has cells that look like numbers
        and cannot be read for certain.
    """
    sheet = read_sheet(file_path, COLUMNS)
    absent = [c for c in COLUMNS if c not in sheet.columns and c not in OPTIONAL_COLUMNS]
    if absent:
        raise ProjectError(
            f"{sheet.file}: sheet {sheet.name!r} lacks {', '.join(absent)}; the column names of "
            "the files of May 2020 to May 2025 are understood, so rename its headers to those"
        )
    columns, index = dict(sheet.columns), pd.Index(np.array(sheet.rows), name="row")
    named = [c for c in COLUMNS if c not in NUMERIC_COLUMNS]
    texts = pd.DataFrame({c: pd.array(_texts(columns[c], c), "str") for c in named}, index)
    first = dict[tuple[Cell, ...], int]()
    cells = zip(*columns.values(), strict=True)
    repeated = [first.setdefault(row, place) != place for place, row in enumerate(cells)]
    reasons = find_superfluous(texts, pd.Series(repeated, index))
    rejected = texts.loc[reasons.index]
    if len(reasons):
        kept = ~index.isin(reasons.index)
        columns = {c: list(compress(cells, kept)) for c, cells in columns.items()}
        texts, index = texts[kept], index[kept]
    reasons = pd.concat([reasons, pd.Series(sheet.left_out, dtype="str")]).sort_index()
    rejected = rejected.reindex(reasons.index).rename_axis("row").reset_index()
    rejected.insert(1, "reason", reasons.to_numpy())
    wages, coerced = _typed(sheet, columns, texts)
    rows_read = len(sheet.rows) + len(sheet.left_out)
    assert rows_read == len(wages) + len(rejected), "a row is lost"
    left_out = dict(Counter(rejected["reason"]))
    source = {"rows_read": rows_read, "rows_kept": len(wages)}
    wages.attrs["source"] = {**source, "left_out": left_out, "coerced": coerced}
    wages.attrs["cells"] = dict(sheet.letters)
    size = f"{rows_read:,} rows read, {len(wages):,} kept"
    missing = _account(coerced) or "nothing"
    logger.info("loaded %s (sheet %s): %s; missing: %s", sheet.file, sheet.name, size, missing)
    for reason, n in left_out.items():
        logger.info("left out: %s rows (%s)", f"{n:,}", reason)
    return wages, rejected


def _typed(
    sheet: RawSheet, columns: Mapping[str, Sequence[Cell]], texts: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    """Return the table, and how many cells of a column became missing, by their mark."""
    n, data, unsure = len(texts), dict[str, Any](), list[str]()
    coerced: dict[str, dict[str, int]] = {}
    top_coded = {c: np.zeros(n, dtype=bool) for c in WAGE_COLUMNS}
    for column in COLUMNS:
        if column in texts:
            data[column] = texts[column].array
            continue
        data[column], marks = _numbers(columns.get(column, [""] * n))
        unlike = {mark for mark in set(marks.values()) if _UNSURE.fullmatch(mark)}
        unsure += [
            f"{sheet.letters[column]}{texts.index[row]} ({column}) {mark!r}"
            for row, mark in marks.items()
            if unlike and mark in unlike
        ]
        if set(marks.values()) != {EMPTY} or np.isfinite(data[column]).any():
            coerced |= {column: _count(marks.values())} if marks else {}
        if column in top_coded:
            top_coded[column][[row for row, mark in marks.items() if mark == TOP_CODE]] = True
    if unsure:
        raise ProjectError(
            f"{sheet.file}: {len(unsure):,} cells look like numbers, but not for certain: "
            f"{', '.join(unsure[:3])}; write them as 1234.5"
        )
    frame = pd.DataFrame(data, index=texts.index)
    employed = frame["TOT_EMP"].where(frame["TOT_EMP"] > 0)
    frame["TOTAL_PAYROLL"] = frame["A_MEAN"] * frame["TOT_EMP"]
    frame["WAGE_EMP_RATIO"] = frame["A_MEAN"] / employed
    frame["WAGE_TOP_CODED"] = np.logical_or.reduce(list(top_coded.values()))
    frame["A_MEAN_TOP_CODED"] = top_coded["A_MEAN"]
    return frame, coerced


def _texts(cells: Sequence[Cell], column: str) -> list[str | None]:
    case, width = _CASE.get(column), _CODE_WIDTH.get(column, 0)
    texts = [(c.strip() if type(c) is str else _as_text(c).zfill(width)) or None for c in cells]
    if column == "OCC_CODE":
        return [t and _PLAIN_CODE.sub(r"\1-\2", t) for t in texts]
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
        if found := _NUMBER.fullmatch(text):
            sign, digits, exponent = found.groups("")
            values[row] = float(sign + _PARTS.sub("", digits) + exponent)
        else:
            marks[row] = text or EMPTY
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

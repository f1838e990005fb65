"""From the cells of a wage workbook to a typed table, with an account of what became missing."""

from __future__ import annotations

import logging
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..engine import ProjectError
from ..settings import EMPTY
from .cleaning import find_superfluous
from .ingestion import RawSheet, read_sheet
from .vintages import derive, todays_spelling, with_todays_names
from .workbooks import TEXT

logger = logging.getLogger(__name__)

_HEADER = (
    "AREA AREA_TITLE AREA_TYPE PRIM_STATE NAICS NAICS_TITLE I_GROUP OWN_CODE OCC_CODE OCC_TITLE "
    "O_GROUP TOT_EMP EMP_PRSE JOBS_1000 LOC_QUOTIENT PCT_TOTAL PCT_RPT H_MEAN A_MEAN MEAN_PRSE "
    "H_PCT10 H_PCT25 H_MEDIAN H_PCT75 H_PCT90 A_PCT10 A_PCT25 A_MEDIAN A_PCT75 A_PCT90 "
    "ANNUAL HOURLY"
)
COLUMNS = tuple(_HEADER.split())
NUMERIC_COLUMNS = COLUMNS[COLUMNS.index("TOT_EMP") : COLUMNS.index("ANNUAL")]
# Not in every vintage, and nothing else tells them.
OPTIONAL_COLUMNS = (
    *("NAICS_TITLE", "I_GROUP", "OWN_CODE", "AREA_TYPE", "PRIM_STATE", "ANNUAL", "HOURLY"),
    *("JOBS_1000", "LOC_QUOTIENT", "PCT_TOTAL", "PCT_RPT"),
)
TEXT_COLUMNS = tuple(c for c in COLUMNS if c not in NUMERIC_COLUMNS)
WAGE_COLUMNS = tuple(c for c in NUMERIC_COLUMNS if c.startswith(("H_", "A_")))
TOP_CODE = "#"


_PLAIN = r"^-?\d+(\.\d+)?$"
_BLANKS = "\u0020\u00a0\u2007\u2009\u202f"
_PARTS = re.compile(rf"[,{_BLANKS}]")
_NUMBER = re.compile(
    rf"([+-]?)\$?((?:\d{{1,3}}(?:{_PARTS.pattern}\d{{3}})+|\d+)?(?:\.\d+)?(?<=\d))([Ee][+-]?\d+)?"
    rf"(?:[{_BLANKS}]?\$)?"
)
_DIGIT = re.compile(r"\d")  # which no mark has
_MARKS_NAMED = 9


def preprocess_wage_data(file_path: str | Path) -> pd.DataFrame:
    """Return the first table of `read_wages`, the rows that count."""
    return read_wages(file_path)[0]


def read_wages(file_path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read an OEWS workbook and return it typed, without writing anything.

    Parameters
    ----------
    file_path : str or Path
        What `read_sheet` reads, with the columns of the files of May 2003 to May 2025, in any
        order and in any case.

    Returns
    -------
    wages : pandas.DataFrame
        One row for each area, industry and occupation: the 32 columns of `COLUMNS` (codes and
        titles as text, `NUMERIC_COLUMNS` as float64), then ``TOTAL_PAYROLL`` (US$ a year),
        ``WAGE_EMP_RATIO`` (US$ a year per job, missing where there is no job), ``WAGE_TOP_CODED``
        (some wage of the row is ``#``, "at least this much") and ``A_MEAN_TOP_CODED``.
        The index is the row of the sheet. ``attrs["source"]`` tells ``rows_read``, ``rows_kept``,
        ``left_out``, a mapping reason -> rows, and ``coerced``, a mapping column -> mark -> how
        many cells became missing, those without anything as ``empty``; ``derived`` and ``absent``
        name columns that it lacks. ``attrs["cells"]`` has the letters of each column in the sheet.
    rejected : pandas.DataFrame
        The rows that were left out: ``row`` (of the sheet), ``reason``, and the columns of text.
        Both tables together have every row that was read.

    Raises
    ------
    ProjectError
        If the file cannot be read, lacks a required column, is of several years, or has cells that
        look like numbers and cannot be read for certain.
    """
    sheet = read_sheet(file_path, COLUMNS)
    cells = with_todays_names(sheet.cells)
    texts = pd.DataFrame({c: todays_spelling(cells[c]) for c in TEXT_COLUMNS if c in cells})
    derived = derive(texts)
    texts = pd.concat([texts, derived], axis=1)
    absent = [c for c in COLUMNS if c not in texts and c not in cells]
    if needed := [c for c in absent if c not in OPTIONAL_COLUMNS]:
        named = f"{', '.join(needed[:9])}{' and more' if len(needed) > 9 else ''}"
        raise ProjectError(
            f"{sheet.file}: sheet {sheet.name!r}, row {sheet.header}, lacks {named}; the column "
            "names of the files of May 2003 to May 2025 are understood, so rename its headers to "
            "those, or name another file"
        )
    if "YEAR" in cells and cells["YEAR"].nunique() > 1:
        raise ProjectError(f"{sheet.file}: is of several years (YEAR); keep the rows of one")
    texts = texts.reindex(columns=TEXT_COLUMNS).astype(TEXT)
    reasons = find_superfluous(texts, cells.duplicated())
    rejected = texts.loc[reasons.index]
    if len(reasons):
        cells, texts = cells.drop(index=reasons.index), texts.drop(index=reasons.index)
    reasons = pd.concat([reasons, sheet.left_out]).sort_index()
    rejected = rejected.reindex(reasons.index).rename_axis("row").reset_index()
    rejected.insert(1, "reason", reasons.to_numpy())
    letters = dict(zip(cells.columns, sheet.letters.values(), strict=True))
    wages, coerced = _typed(sheet, cells, texts, letters)
    rows_read = len(sheet.cells) + len(sheet.left_out)
    assert rows_read == len(wages) + len(rejected), "a row is lost"
    left_out = dict(Counter(rejected["reason"]))
    source = {"rows_read": rows_read, "rows_kept": len(wages)}
    columns: dict[str, list[str]] = {"derived": derived.columns.tolist(), "absent": absent}
    wages.attrs["source"] = {**source, "left_out": left_out, "coerced": coerced, **columns}
    wages.attrs["cells"] = letters
    size = f"{rows_read:,} rows read, {len(wages):,} kept"
    missing = _account(coerced) or "nothing"
    logger.info("loaded %s (sheet %s): %s; missing: %s", sheet.file, sheet.name, size, missing)
    for reason, n in left_out.items():
        logger.info("left out: %s rows (%s)", f"{n:,}", reason)
    for what, names in columns.items():
        if names:
            logger.info("not in the file, %s: %s", what, ", ".join(names))
    return wages, rejected


def _typed(
    sheet: RawSheet, cells: pd.DataFrame, texts: pd.DataFrame, letters: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    """Return the table, and how many cells of a column became missing, by their mark."""
    data, coerced = dict[str, Any](), dict[str, dict[str, int]]()
    unsure, top_coded = list[str](), dict[str, Any]()
    for column in COLUMNS:
        if column in texts:
            data[column] = texts[column]
            continue
        if column not in cells:
            data[column] = np.full(len(cells), np.nan)
            top_coded[column] = np.zeros(len(cells), dtype=bool)
            continue
        data[column], marks = _numbers(cells[column])
        unlike = [mark for mark in marks.unique() if _DIGIT.search(mark)]
        unsure += [
            f"{letters[column]}{row} ({column}) {mark!r}"
            for row, mark in marks[marks.isin(unlike)].items()
        ]
        if set(marks.unique()) != {EMPTY} or np.isfinite(data[column]).any():
            coerced |= {column: _count(marks)} if len(marks) else {}
        top_coded[column] = (cells[column] == TOP_CODE).to_numpy()
    if unsure:
        raise ProjectError(
            f"{sheet.file}: {len(unsure):,} cells look like numbers, but not for certain: "
            f"{', '.join(unsure[:3])}; write them as 1234.5"
        )
    frame = pd.DataFrame(data, index=texts.index)
    employed = frame["TOT_EMP"].where(frame["TOT_EMP"] > 0)
    frame["TOTAL_PAYROLL"] = frame["A_MEAN"] * frame["TOT_EMP"]
    frame["WAGE_EMP_RATIO"] = frame["A_MEAN"] / employed
    frame["WAGE_TOP_CODED"] = np.logical_or.reduce([top_coded[c] for c in WAGE_COLUMNS])
    frame["A_MEAN_TOP_CODED"] = top_coded["A_MEAN"]
    return frame, coerced


def _numbers(cells: pd.Series[str]) -> tuple[np.ndarray[Any, np.dtype[np.float64]], pd.Series[str]]:
    """Split a column into its numbers and, by row, the texts that are none."""
    texts = pa.array(cells)
    plain = pc.match_substring_regex(texts, _PLAIN)
    numbers = pc.if_else(plain, texts, None).cast(pa.float64())
    values = numbers.to_numpy(zero_copy_only=False).copy()
    rest = cells[np.isnan(values)].fillna(EMPTY)
    read = dict[str, float]()
    for text in rest.unique():
        if found := _NUMBER.fullmatch(text):
            sign, digits, exponent = found.groups("")
            read[text] = float(sign + _PARTS.sub("", digits) + exponent)
    values[np.isnan(values)] = rest.map(read)
    return values, rest[~rest.isin(list(read))]


def _count(marks: pd.Series[str]) -> dict[str, int]:
    """Count each mark, most frequent first; a column of free text must not flood the account."""
    counts = Counter(marks.tolist()).most_common()
    named, others = counts[:_MARKS_NAMED], sum(n for _, n in counts[_MARKS_NAMED:])
    return dict(named) | ({"(others)": others} if others else {})


def _account(coerced: dict[str, dict[str, int]]) -> str:
    """Put the same counts of several columns together: ``** 1,318 in TOT_EMP, EMP_PRSE``."""
    where: dict[tuple[str, int], list[str]] = defaultdict(list)
    for column, marks in coerced.items():
        for mark, count in marks.items():
            where[mark, count].append(column)
    return "; ".join(f"{m} {n:,} in {', '.join(columns)}" for (m, n), columns in where.items())

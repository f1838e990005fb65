"""Lesson 2: from rows to a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..data.ingestion import read_sheet
from ..data.preprocessing import COLUMNS

MARKS = ("*", "**", "#")


def marks_of(workbook: Path, column: str) -> dict[str, int]:
    """Return how often each mark stands in a column of the workbook itself."""
    counts = read_sheet(workbook, COLUMNS).cells[column].value_counts()
    return {mark: int(counts[mark]) for mark in MARKS if mark in counts}


def break_one_cell(wages: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which one cell is wrong: a 25th percentile above its median.

    In a row that is published by the year alone: elsewhere the hourly wage would disagree too.
    """
    broken = wages.copy()
    by_year = wages.loc[wages["ANNUAL"] == "TRUE", "A_MEDIAN"].dropna()
    broken.loc[by_year.index[0], "A_PCT25"] = by_year.iloc[0] + 10
    return broken

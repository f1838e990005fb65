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
    """Return a copy in which one cell is wrong: a median below the 25th percentile."""
    broken = wages.copy()
    row = wages[["A_PCT25", "A_MEDIAN"]].dropna().index[0]
    broken.loc[row, "A_PCT25"] = wages.loc[row, "A_MEDIAN"] + 10
    return broken

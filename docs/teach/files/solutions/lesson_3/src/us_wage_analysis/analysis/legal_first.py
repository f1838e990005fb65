"""The areas in which legal occupations are paid more than management."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..data.row_selection import rows_of_level
from ..engine import ProjectError

NAME = "legal_first"
LEGAL, MANAGEMENT = "23-0000", "11-0000"


@dataclass(frozen=True)
class LegalFirst:
    """How many areas publish both mean wages, and in which of them the legal one is higher."""

    areas: int
    first: tuple[str, ...]


def compare_legal_with_management(df: pd.DataFrame) -> LegalFirst:
    """Compare A_MEAN of two major groups area by area; an area that hides one is left out.

    Raises
    ------
    ProjectError
        If there are no major rows, or no area has both wages.
    """
    rows = rows_of_level(df, "major", NAME)
    wages = rows.pivot(index="AREA_TITLE", columns="OCC_CODE", values="A_MEAN")
    both = wages.reindex(columns=[LEGAL, MANAGEMENT]).dropna()
    if both.empty:
        raise ProjectError(f"{NAME}: no area has A_MEAN of both {LEGAL} and {MANAGEMENT}")
    first = both.index[both[LEGAL] > both[MANAGEMENT]]
    return LegalFirst(len(both), tuple(sorted(first)))

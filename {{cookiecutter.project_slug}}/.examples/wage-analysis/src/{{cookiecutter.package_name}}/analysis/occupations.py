"""How wages spread inside the major groups, and how the numeric columns go together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..study import ProjectError

PERCENTILES = ("A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90")
FEWEST_ROWS = 3  # two points always correlate perfectly


@dataclass(frozen=True)
class GroupSpread:
    """A major group's annual wage percentiles (US$) and jobs, over the areas that publish them."""

    code: str
    title: str
    p10: float
    p25: float
    median: float
    p75: float
    p90: float
    employment: float
    areas: int


def wage_spread_by_group(df: pd.DataFrame) -> tuple[GroupSpread, ...]:
    """Return the wage percentiles of each major group, the highest median first.

    Means over the areas weighted by employment: what the typical job of the group meets where it
    is. Each job counts once, so the Virgin Islands do not weigh as much as California, and five
    percentiles from the same rows stay in order. Areas without all five are left out.

    Raises
    ------
    ProjectError
        If no ``major`` row holds all five percentiles and TOT_EMP.
    """
    major = df[df["O_GROUP"] == "major"].dropna(subset=[*PERCENTILES, "TOT_EMP"])
    major = major[major["TOT_EMP"] > 0]
    if major.empty:
        raise ProjectError(
            "wage spread by group: no row of O_GROUP 'major' has TOT_EMP and all five annual "
            "percentiles; check the workbook"
        )
    spreads = []
    for code, rows in major.groupby("OCC_CODE"):
        weights = rows["TOT_EMP"].to_numpy(np.float64)
        wages = rows[list(PERCENTILES)].to_numpy(np.float64)
        p10, p25, median, p75, p90 = map(float, np.average(wages, axis=0, weights=weights))
        who = (str(code), str(rows["OCC_TITLE"].iloc[0]))
        jobs = float(weights.sum())
        spreads.append(GroupSpread(*who, p10, p25, median, p75, p90, jobs, len(rows)))
    return tuple(sorted(spreads, key=lambda spread: (-spread.median, spread.code)))


def correlation_matrix(df: pd.DataFrame) -> pd.DataFrame:
    """Return Pearson's r of each pair of numeric columns, over the rows that hold both.

    Columns without two different values are left out; a pair with fewer than three common rows
    is missing. The rows are taken as they come: choose a scope first (`selection.scope_rows`).
    """
    numeric = df.select_dtypes("number")
    varying = numeric.columns[numeric.nunique() > 1]
    return numeric[varying].corr(min_periods=FEWEST_ROWS)

"""Which areas pay most, how sure each mean wage is, and which ranks it can claim."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..study import ProjectError
from .selection import one_row_per_area

NAME = "areas"
PRINTED_ZERO = 0.05  # a relative standard error printed as 0.0 is below this, never nothing


@dataclass(frozen=True)
class AreaEstimate:
    """An area's mean annual wage (US$), its relative standard error (percent) and its ranks.

    `low` to `high` is the interval from the published standard error; `rank_low` to `rank_high`
    are the ranks that the area can claim, 1 being the highest wage.
    """

    area: str
    a_mean: float
    rse: float
    low: float
    high: float
    rank: int
    rank_low: int
    rank_high: int


@dataclass(frozen=True)
class AreaComparison:
    """All areas from the highest mean wage to the lowest, and their median (US$).

    `left_out` names areas without a published mean or standard error, which have no rank.
    """

    areas: tuple[AreaEstimate, ...]
    median: float
    confidence_level: float
    left_out: tuple[str, ...]

    def highest(self, n: int) -> tuple[AreaEstimate, ...]:
        """Return the `n` areas of the highest mean wages, the highest first."""
        return self.areas[:n]

    def lowest(self, n: int) -> tuple[AreaEstimate, ...]:
        """Return the `n` areas of the lowest mean wages, the lowest first."""
        return self.areas[::-1][:n]


def compare_areas(df: pd.DataFrame, *, confidence_level: float = 0.95) -> AreaComparison:
    """Rank the areas by A_MEAN of their ``total`` rows.

    SE = A_MEAN * MEAN_PRSE / 100: the survey's sampling error, not its errors of response or
    coverage. Areas of equal wage are sorted by name. The ranks hold jointly at the confidence
    level: an area ranks behind each one whose interval, widened for the number of areas, lies
    wholly above its own. Source: Klein, Wright & Wieczorek, JRSS C 69 (2020).

    Raises
    ------
    ProjectError
        If there is no ``total`` row with a mean wage and its error, or an area has two.
    """
    totals = df[df["O_GROUP"] == "total"]
    known = totals["A_MEAN"].notna() & totals["MEAN_PRSE"].notna()
    rows = one_row_per_area(totals[known], NAME)
    if rows.empty:
        raise ProjectError(
            f"{NAME}: no row of O_GROUP 'total' has A_MEAN and MEAN_PRSE; check the workbook"
        )
    rows = rows.sort_values(["A_MEAN", "AREA_TITLE"], ascending=[False, True])
    means, rse = rows["A_MEAN"].to_numpy(np.float64), rows["MEAN_PRSE"].to_numpy(np.float64)
    errors = means * np.maximum(rse, PRINTED_ZERO) / 100
    tail = (1 - confidence_level) / 2
    single, joint = (float(stats.norm.isf(p)) * errors for p in (tail, tail / len(means)))
    low, high = means - joint, means + joint
    above = (low[None, :] > high[:, None]).sum(axis=1)
    below = (high[None, :] < low[:, None]).sum(axis=1)
    areas = tuple(
        AreaEstimate(
            area=str(rows["AREA_TITLE"].iloc[i]),
            a_mean=float(means[i]),
            rse=float(rse[i]),
            low=float(means[i] - single[i]),
            high=float(means[i] + single[i]),
            rank=i + 1,
            rank_low=int(above[i]) + 1,
            rank_high=len(means) - int(below[i]),
        )
        for i in range(len(means))
    )
    left_out = tuple(str(title) for title in totals.loc[~known, "AREA_TITLE"])
    return AreaComparison(areas, float(np.median(means)), confidence_level, left_out)

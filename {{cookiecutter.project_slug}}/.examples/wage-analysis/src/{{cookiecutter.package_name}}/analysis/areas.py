"""Which areas pay most, how sure each mean wage is, and which ranks it can claim."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..data.row_selection import one_row_per_area, rows_of_level
from ..engine import ProjectError
from .statistics.number_formats import dollars

NAME = "areas"
RANKING = f"{NAME}: a ranking of areas"
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


def compare_areas(df: pd.DataFrame, *, confidence_level: float = 0.95) -> tuple[AreaEstimate, ...]:
    """Rank the areas by A_MEAN of their ``total`` rows, the highest first.

    SE = A_MEAN * MEAN_PRSE / 100: the survey's sampling error, not its errors of response or
    coverage; areas without it are left out, those of equal wage sorted by name. The ranks hold
    jointly at the confidence level: an area ranks behind each one whose interval, widened for the
    number of areas, lies wholly above its own. Source: Klein, Wright & Wieczorek, JRSS C 69 (2020).

    Raises
    ------
    ProjectError
        If fewer than two areas have a ``total`` row with A_MEAN and MEAN_PRSE, or one has two.
    """
    totals = rows_of_level(df, "total", RANKING).dropna(subset=["A_MEAN", "MEAN_PRSE"])
    rows = one_row_per_area(totals, NAME)
    if len(rows) < 2:
        known = zip(rows["AREA_TITLE"], rows["A_MEAN"], strict=True)
        held = [f"one, {area}, {dollars(mean)} a year on average" for area, mean in known]
        raise ProjectError(
            f"{RANKING} needs two whose total row has A_MEAN and MEAN_PRSE; this file has "
            f"{(*held, 'none')[0]}"
        )
    rows = rows.sort_values(["A_MEAN", "AREA_TITLE"], ascending=[False, True])
    means, rse = rows["A_MEAN"].to_numpy(np.float64), rows["MEAN_PRSE"].to_numpy(np.float64)
    errors = means * np.maximum(rse, PRINTED_ZERO) / 100
    tail = (1 - confidence_level) / 2
    single, joint = (float(stats.norm.isf(p)) * errors for p in (tail, tail / len(means)))
    low, high = means - joint, means + joint
    best = 1 + (low[None, :] > high[:, None]).sum(axis=1)
    worst = len(means) - (high[None, :] < low[:, None]).sum(axis=1)
    ranks = np.arange(1, len(means) + 1)
    # in the order of the fields
    columns = (rows["AREA_TITLE"], means, rse, means - single, means + single, ranks, best, worst)
    return tuple(map(AreaEstimate, *(column.tolist() for column in columns)))

"""Standard errors clustered by area and by occupation, for one regressor and a constant."""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ...data.row_selection import Cells, FloatArray
from .results import TwoWay, TwoWayInterval


def two_way_slope(
    x: FloatArray,
    y: FloatArray,
    areas: NDArray[Any],
    codes: NDArray[Any],
    confidence_level: float = 0.95,
    scale: float = 1.0,
    limit: float = math.inf,
) -> TwoWay:
    """Return the interval of the least-squares slope of `y` on `x`, clustered two ways.

    Parameters
    ----------
    x, y, areas, codes : array, shape (n,)
        Regressor (not constant), response, and the clusters of each row; nothing missing.
    confidence_level : float
        Level of the interval.
    scale, limit : float
        Factor on slope and standard errors, and where the interval is cut: sd_x / sd_y and 1 for
        a correlation, whose interval can pass 1 on a handful of clusters.

    Returns
    -------
    TwoWay
        Its interval is None with fewer than two clusters or three rows, or without residuals;
        its estimates are the standard errors, two-way and one-way, and the clusters' counts.

    Notes
    -----
    V_area + V_occupation - V_cell, each with its small-sample factor; where that is negative, as
    it can be on small data, the larger one-way variance stands. Source: Cameron, Gelbach &
    Miller, Journal of Business & Economic Statistics 29 (2011).
    """
    area, code = pd.factorize(areas)[0], pd.factorize(codes)[0]
    n_areas, n_codes = int(area.max()) + 1, int(code.max()) + 1
    counts = {"area_clusters": float(n_areas), "occupation_clusters": float(n_codes)}
    if min(n_areas, n_codes) < 2 or len(x) < 3:
        why = f"{n_areas} areas, {n_codes} occupations, {len(x)} rows: 2, 2, 3 are needed"
        return TwoWay(None, counts, {"interval_two_way": why})
    centred = x - x.mean()
    sxx = float(centred @ centred)
    slope = float(centred @ y) / sxx
    scores = centred * (y - y.mean() - slope * centred) * (scale / sxx)
    cell = pd.factorize(area * n_codes + code)[0]
    by_area, by_code, by_cell = (_variance(scores, labels) for labels in (area, code, cell))
    variance = by_area + by_code - by_cell
    if variance <= 0:
        variance = max(by_area, by_code)
    if variance <= 0:
        return TwoWay(None, counts, {"interval_two_way": "the residuals are all zero"})
    df = float(min(n_areas, n_codes) - 1)
    half = float(stats.t.ppf((1 + confidence_level) / 2, df)) * math.sqrt(variance)
    errors = {
        "two_way_stderr": math.sqrt(variance),
        "area_stderr": math.sqrt(by_area),
        "occupation_stderr": math.sqrt(by_code),
    }
    low, high = max(slope * scale - half, -limit), min(slope * scale + half, limit)
    return TwoWay(TwoWayInterval(low, high, df), errors | counts)


def two_way_difference(first: Cells, second: Cells, confidence_level: float = 0.95) -> TwoWay:
    """Return the two-way interval of mean(first) - mean(second): the slope on an indicator."""
    is_first = np.repeat([1.0, 0.0], [len(first.values), len(second.values)])
    values, areas, codes = (
        np.concatenate([getattr(first, name), getattr(second, name)])
        for name in ("values", "areas", "codes")
    )
    return two_way_slope(is_first, values, areas, codes, confidence_level)


def _variance(scores: FloatArray, labels: NDArray[np.intp]) -> float:
    sums = np.bincount(labels, weights=scores)
    clusters, rows = len(sums), len(scores)
    return clusters / (clusters - 1) * (rows - 1) / (rows - 2) * float(sums @ sums)

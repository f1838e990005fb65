"""Standard errors clustered by area and by occupation, for one regressor and a constant."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from .results import TwoWayInterval
from .selection import Cells, FloatArray


@dataclass(frozen=True)
class TwoWay:
    """A two-way interval with the numbers behind it, or None with the reason.

    `estimates` holds ``two_way_stderr``, the one-way ``area_stderr`` and ``occupation_stderr``,
    and the two numbers of clusters.
    """

    interval: TwoWayInterval | None
    estimates: Mapping[str, float]
    reasons: Mapping[str, str]


def two_way_slope(
    x: FloatArray,
    y: FloatArray,
    areas: NDArray[Any],
    codes: NDArray[Any],
    confidence_level: float = 0.95,
    scale: float = 1.0,
) -> TwoWay:
    """Return the interval of the least-squares slope of `y` on `x`, clustered two ways.

    Parameters
    ----------
    x, y, areas, codes : array, shape (n,)
        Regressor (not constant), response, and the clusters of each row; nothing missing.
    confidence_level : float
        Level of the interval.
    scale : float
        Factor on slope and standard errors, such as sd_x / sd_y to speak of a correlation.

    Returns
    -------
    TwoWay
        Its interval is None with fewer than two clusters or three rows, or without residuals.

    Notes
    -----
    V_area + V_occupation - V_cell, each with its small-sample factor; where that is negative, as
    it can be on small data, the larger one-way variance stands. Source: Cameron, Gelbach &
    Miller, Journal of Business & Economic Statistics 29 (2011).
    """
    area, code = pd.factorize(areas)[0], pd.factorize(codes)[0]
    clusters = (int(area.max()) + 1, int(code.max()) + 1)
    counts = {"area_clusters": float(clusters[0]), "occupation_clusters": float(clusters[1])}
    if min(clusters) < 2 or len(x) < 3:
        why = f"{clusters[0]} areas, {clusters[1]} occupations, {len(x)} rows: 2, 2, 3 are needed"
        return TwoWay(None, counts, {"interval_two_way": why})
    centred = x - x.mean()
    sxx = float(centred @ centred)
    slope = float(centred @ y) / sxx
    scores = centred * (y - y.mean() - slope * centred) * (scale / sxx)
    cell = pd.factorize(area * clusters[1] + code)[0]
    by_area, by_code, by_cell = (_variance(scores, labels) for labels in (area, code, cell))
    variance = by_area + by_code - by_cell
    if variance <= 0:
        variance = max(by_area, by_code)
    if variance <= 0:
        return TwoWay(None, counts, {"interval_two_way": "the residuals are all zero"})
    df = float(min(clusters) - 1)
    half = float(stats.t.ppf((1 + confidence_level) / 2, df)) * math.sqrt(variance)
    errors = {
        "two_way_stderr": math.sqrt(variance),
        "area_stderr": math.sqrt(by_area),
        "occupation_stderr": math.sqrt(by_code),
    }
    interval = TwoWayInterval(slope * scale - half, slope * scale + half, df)
    return TwoWay(interval, errors | counts, {})


def two_way_difference(first: Cells, second: Cells, confidence_level: float = 0.95) -> TwoWay:
    """Return the two-way interval of mean(first) - mean(second): the slope on an indicator."""
    return two_way_slope(
        np.repeat([1.0, 0.0], [len(first.values), len(second.values)]),
        np.concatenate([first.values, second.values]),
        np.concatenate([first.areas, second.areas]),
        np.concatenate([first.codes, second.codes]),
        confidence_level,
    )


def _variance(scores: FloatArray, labels: NDArray[np.intp]) -> float:
    sums = np.bincount(labels, weights=scores)
    clusters, rows = len(sums), len(scores)
    return clusters / (clusters - 1) * (rows - 1) / (rows - 2) * float(sums @ sums)

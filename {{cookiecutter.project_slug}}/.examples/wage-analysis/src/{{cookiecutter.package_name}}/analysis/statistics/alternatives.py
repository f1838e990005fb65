"""Other methods for the questions of the analyses: arrays go in, a finding comes out.

They raise a ProjectError where there are too few rows, or rows that do not vary.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ...data.row_selection import Cells, FloatArray, varies
from ...engine import ProjectError
from .clustered_errors import two_way_slope
from .effect_sizes import average_g
from .results import EffectSize
from .tail_probabilities import log10_chi2, log10_f


class Finding(NamedTuple):
    """A value with its interval, a test's statistic with log10 of its p, or all of them."""

    value: float
    low: float | None = None
    high: float | None = None
    log10_p: float | None = None


def sized(effect: EffectSize) -> Finding:
    """Return an effect size as a finding."""
    return Finding(effect.value, effect.low, effect.high)


def average_g_of(groups: Sequence[Cells], level: float) -> Finding:
    """Return g_av of two groups."""
    _need(min(len(group.values) for group in groups) > 2, "three rows in each group")
    return sized(average_g(groups[0].values, groups[1].values, level))


def welch_of_means(groups: Sequence[Cells], level: float) -> Finding:
    """Return the difference of the means of occupation means, each counted once, with Welch's t."""
    means = [pd.Series(c.values).groupby(c.codes).mean() for c in groups]
    a, b = (np.asarray(of_codes, dtype=np.float64) for of_codes in means)
    _need(min(len(a), len(b)) > 1 and (varies(a) or varies(b)), "two occupations in each group")
    test = stats.ttest_ind(a, b, equal_var=False)
    p = log10_f(float(test.statistic) ** 2, 1, float(test.df))
    low, high = map(float, test.confidence_interval(level))
    return Finding(float(a.mean() - b.mean()), low, high, p)


def slopes(
    x: FloatArray, y: FloatArray, clusters: tuple[NDArray[Any], NDArray[Any]], level: float
) -> tuple[Finding, Finding]:
    """Return the least-squares slope, its rows as independent and clustered both ways."""
    _need(len(x) > 2 and varies(x) and varies(y), "three rows that vary")
    line, two_way = stats.linregress(x, y), two_way_slope(x, y, *clusters, level)
    half = float(stats.t.ppf((1 + level) / 2, len(x) - 2)) * float(line.stderr)
    slope, ends = float(line.slope), two_way.interval
    if ends is None:
        raise ProjectError(two_way.reasons["interval_two_way"])
    return Finding(slope, slope - half, slope + half), Finding(slope, ends.low, ends.high)


def spearman(
    x: FloatArray, y: FloatArray, clusters: tuple[NDArray[Any], NDArray[Any]], level: float
) -> tuple[Finding, Finding]:
    """Return Spearman's rho, its rows as independent and clustered both ways as a slope of ranks.

    Source of the first interval: Bonett & Wright, Psychometrika 65 (2000).
    """
    _need(len(x) > 3 and varies(x) and varies(y), "four rows that vary")
    ranks_x, ranks_y = (stats.zscore(stats.rankdata(values)) for values in (x, y))
    by_rank, two_way = slopes(ranks_x, ranks_y, clusters, level)
    rho = by_rank.value
    _need(abs(rho) < 1 - 1e-12, "ranks that do not agree entirely")
    half = float(stats.norm.ppf((1 + level) / 2)) * math.sqrt((1 + rho**2 / 2) / (len(x) - 3))
    return Finding(
        rho, math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
    ), two_way


def welch_f(groups: Sequence[FloatArray]) -> Finding:
    """Return Welch's F, which does not need equal variances. Source: Biometrika 38 (1951)."""
    k = len(groups)
    _need(k > 1 and all(len(g) > 1 and varies(g) for g in groups), "two rows that vary by group")
    n = np.array([len(g) for g in groups])
    mean, weight = (np.array([f(g) for g in groups]) for f in (np.mean, _weight))
    share = weight / weight.sum()
    loss = float((((1 - share) ** 2) / (n - 1)).sum()) / (k**2 - 1)
    between = float((weight * (mean - share @ mean) ** 2).sum()) / (k - 1)
    f = between / (1 + 2 * (k - 2) * loss)
    return Finding(f, log10_p=log10_f(f, k - 1, 1 / (3 * loss)))


def kruskal_wallis(groups: Sequence[FloatArray]) -> Finding:
    """Return epsilon squared, H / (n - 1): the share of the variance of ranks between groups."""
    _need(len(groups) > 1, "two groups")
    every = np.concatenate(groups)
    _need(varies(every), "rows that vary")
    h = float(stats.kruskal(*groups).statistic)
    return Finding(h / (len(every) - 1), log10_p=log10_chi2(h, len(groups) - 1))


def _weight(group: FloatArray) -> float:
    return len(group) / float(group.var(ddof=1))


def _need(held: bool, what: str) -> None:
    if not held:
        raise ProjectError(f"needed: {what}")

"""A bootstrap of areas and occupations: a check of standard errors clustered both ways."""

from collections.abc import Sequence

import numpy as np

from ...data.row_selection import Cells, FloatArray
from ...engine import ProjectError
from .alternatives import Finding, average_g_of

DRAWS, SEED = 1000, 2025


def resample(groups: Sequence[Cells], weights: Sequence[FloatArray]) -> list[list[FloatArray]]:
    """Return mean and variance of each group in each resample, of shape (DRAWS,).

    Areas are drawn with replacement for all groups at once, occupations inside each; a row counts
    as often as its area times its occupation was drawn, times its weight. Such draws spread rather
    too widely than too little. Source: Owen, Annals of Applied Statistics 1 (2007).

    Raises
    ------
    ProjectError
        If there is but one area, or occupation in a group, or a resample misses a group.
    """
    random, moments = np.random.default_rng(SEED), list[list[FloatArray]]()

    def draw(clusters: int) -> FloatArray:
        if clusters < 2:
            raise ProjectError("a bootstrap needs two areas, and two occupations in each group")
        return random.multinomial(clusters, [1 / clusters] * clusters, DRAWS).astype(np.float64)

    names = np.unique(np.concatenate([group.areas for group in groups]))
    of_areas = draw(len(names))
    for group, weight in zip(groups, weights, strict=True):
        codes, column = np.unique(group.codes, return_inverse=True)
        of_codes, cell = draw(len(codes)), np.searchsorted(names, group.areas) * len(codes) + column
        centre = np.rint(group.values.mean())  # whole, so that sums of whole wages stay exact
        away, sums = group.values - centre, list[FloatArray]()
        for values in (weight, weight * away, weight * away**2):
            table = np.bincount(cell, values, len(names) * len(codes)).reshape(len(names), -1)
            sums.append(((of_areas @ table) * of_codes).sum(axis=1))
        n, total, squares = sums
        if n.min() <= 1:
            raise ProjectError("a resample has no rows of one group")
        moments.append([centre + total / n, (squares - total**2 / n) / (n - 1)])
    return moments


def drawn_differences(groups: Sequence[Cells], level: float) -> tuple[Finding, Finding]:
    """Return the difference of two means, and g_av, with the quantiles of their resamples."""
    (mean_1, var_1), (mean_2, var_2) = resample(groups, [np.ones_like(g.values) for g in groups])
    a, b = (float(group.values.mean()) for group in groups)
    sizes = (mean_1 - mean_2) / np.sqrt((var_1 + var_2) / 2)
    size = average_g_of(groups, level).value
    return _between(a - b, mean_1 - mean_2, level), _between(size, sizes, level)


def drawn_weighted(
    groups: Sequence[Cells], weights: Sequence[FloatArray], level: float
) -> tuple[Finding, Finding]:
    """Return difference and ratio of two weighted means with the quantiles of their resamples."""
    (mean_1, _), (mean_2, _) = resample(groups, weights)
    pairs = zip(groups, weights, strict=True)
    a, b = (float(np.average(group.values, weights=weight)) for group, weight in pairs)
    return _between(a - b, mean_1 - mean_2, level), _between(a / b, mean_1 / mean_2, level)


def _between(value: float, draws: FloatArray, level: float) -> Finding:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Finding(value, float(low), float(high))

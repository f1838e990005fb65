"""How large a difference is: effect sizes with their intervals."""

import math

import numpy as np
from scipy import optimize, stats
from scipy.special import gammaln

from ...data.row_selection import Cells, FloatArray
from .results import EffectSize

# Beyond these scipy's noncentral t and F fail or take minutes, and only their chi-square part,
# the spread inside the groups, still matters.
LARGEST_T, LARGEST_F = 10_000, 1_000_000


def hedges_g(first: FloatArray, second: FloatArray, confidence_level: float = 0.95) -> EffectSize:
    """Return Hedges' g: mean(first) - mean(second) in pooled SDs, corrected for small samples.

    Each sample has at least two values, and they are not both constant. The noncentral-t
    interval does not take the correction. Sources: Hedges, Journal of Educational Statistics 6
    (1981); Cumming & Finch, Educational and Psychological Measurement 61 (2001).
    """
    n1, n2 = len(first), len(second)
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * first.var(ddof=1) + (n2 - 1) * second.var(ddof=1)) / df)
    d = float(first.mean() - second.mean()) / pooled
    return _standardised("Hedges' g", d, df, math.sqrt(n1 * n2 / (n1 + n2)), confidence_level)


def average_g(first: FloatArray, second: FloatArray, confidence_level: float = 0.95) -> EffectSize:
    """Return g_av: mean(first) - mean(second) in the root of the mean of both variances.

    Unlike Hedges' g it allows for unequal variances; each sample has at least three values, and
    they are not both constant. Source: Delacre et al., PsyArXiv tu6mp (2021).
    """
    n1, n2, v1, v2 = len(first), len(second), float(first.var(ddof=1)), float(second.var(ddof=1))
    df = (n1 - 1) * (n2 - 1) * (v1 + v2) ** 2 / ((n2 - 1) * v1**2 + (n1 - 1) * v2**2)
    sd = math.sqrt((v1 + v2) / 2)
    d = float(first.mean() - second.mean()) / sd
    return _standardised("g_av", d, df, sd / math.sqrt(v1 / n1 + v2 / n2), confidence_level)


def paired_g(differences: FloatArray, confidence_level: float = 0.95) -> EffectSize:
    """Return Hedges' g of at least three differences, not all equal: their mean in their SDs."""
    n = len(differences)
    d = float(differences.mean() / differences.std(ddof=1))
    return _standardised("Hedges' g of differences", d, n - 1, math.sqrt(n), confidence_level)


def mean_absolute_deviation(values: FloatArray) -> float:
    """Return the sum of distances from the median over n - 1, in the unit of `values`."""
    return float(np.abs(values - np.median(values)).sum()) / (len(values) - 1)


def spread_ratio(
    first: FloatArray, second: FloatArray, confidence_level: float = 0.95
) -> EffectSize:
    """Return the ratio of mean absolute deviations from the median, first over second.

    Neither sample is constant. Source: Bonett & Seier, The American Statistician 57 (2003).
    """
    ratio = mean_absolute_deviation(first) / mean_absolute_deviation(second)
    stderr = math.sqrt(_log_deviation_variance(first) + _log_deviation_variance(second))
    factor = math.exp(float(stats.norm.ppf((1 + confidence_level) / 2)) * stderr)
    return EffectSize("ratio of mean absolute deviations", ratio, ratio / factor, ratio * factor)


def omega_squared(f: float, groups: int, n: int, confidence_level: float = 0.95) -> EffectSize:
    """Return omega squared of a one-way F: the share of variance that lies between the groups.

    `n` rows exceed the `groups`. The estimate falls below zero where F is below 1, its
    noncentral-F interval never does. Source: Steiger, Psychological Methods 9 (2004).
    """
    between = (groups - 1) * (f - 1)

    def excess(noncentrality: float, p: float) -> float:
        return float(stats.ncf.cdf(f, groups - 1, n - groups, noncentrality)) - p

    def limit(p: float) -> float:
        if f > LARGEST_F:
            return (groups - 1) * f * float(stats.chi2.isf(p, n - groups)) / (n - groups)
        if excess(0.0, p) <= 0:
            return 0.0
        high = max(groups * f, 1.0)
        while excess(high, p) > 0:
            high *= 2
        return float(optimize.brentq(excess, 0.0, high, args=(p,)))

    low, high = limit((1 + confidence_level) / 2), limit((1 - confidence_level) / 2)
    return EffectSize("omega squared", between / (between + n), low / (low + n), high / (high + n))


def describe_two(first: Cells, second: Cells) -> dict[str, float]:
    """Return means, SDs, their difference with its SE, and the sizes that sentences tell.

    Superiority: how often a random value of `first` exceeds one of `second`, ties counted half.
    """
    a, b = first.values, second.values
    higher = float(stats.mannwhitneyu(a, b, method="asymptotic").statistic)
    ratio = {"ratio_of_means": float(a.mean() / b.mean())} if b.mean() > 0 else {}
    return ratio | {
        "mean_1": float(a.mean()),
        "mean_2": float(b.mean()),
        "sd_1": float(a.std(ddof=1)),
        "sd_2": float(b.std(ddof=1)),
        "difference": float(a.mean() - b.mean()),
        "difference_stderr": math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)),
        "probability_of_superiority": higher / (len(a) * len(b)),
        "occupations_1": float(first.occupations),
        "occupations_2": float(second.occupations),
    }


def _standardised(
    name: str, d: float, df: float, root: float, confidence_level: float
) -> EffectSize:
    correction = math.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / math.sqrt(df / 2)
    t = abs(d) * root
    reach = 12 * math.sqrt(1 + t**2 / (2 * df))  # a dozen standard errors of the noncentrality

    def excess(noncentrality: float, p: float) -> float:
        cdf = float(stats.nct.cdf(t, df, noncentrality))
        # far out scipy gives NaN, where the probability is 1 or 0 to all digits
        return (float(noncentrality < t) if math.isnan(cdf) else cdf) - p

    tails = ((1 + confidence_level) / 2, (1 - confidence_level) / 2)
    if t < LARGEST_T:
        ends = [optimize.brentq(excess, t - reach, t + reach, args=(p,)) / root for p in tails]
    else:
        ends = [abs(d) * math.sqrt(stats.chi2.isf(p, df) / df) for p in tails]
    low, high = ends if d >= 0 else (-ends[1], -ends[0])
    return EffectSize(name, correction * d, low, high)


def _log_deviation_variance(values: FloatArray) -> float:
    centre = float(np.median(values))
    deviation = float(np.abs(values - centre).mean())
    skew = (float(values.mean()) - centre) / deviation
    return (skew**2 + float(values.var(ddof=1)) / deviation**2 - 1) / len(values)

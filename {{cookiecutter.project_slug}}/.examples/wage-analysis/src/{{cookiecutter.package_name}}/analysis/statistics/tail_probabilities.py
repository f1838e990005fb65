"""Logarithms of p-values that are too small for a float."""

import math

from scipy import stats
from scipy.special import betaln, gammaln

TINY = 1e-290  # below this, p-values of scipy lose digits and then become 0


def log10_f(f: float, df_1: float, df_2: float) -> float:
    """Return log10 of the upper tail of F; of a two-sided t it is that of t squared, df 1 and df.

    By the series of the incomplete beta function where p underflows. Source: DLMF 8.17.8.
    """
    if (p := float(stats.f.sf(f, df_1, df_2))) > TINY:
        return math.log10(p)
    a, b, x = df_2 / 2, df_1 / 2, df_2 / (df_2 + df_1 * f)
    total, term, k = 1.0, 1.0, 0
    while term > 1e-17 * total:
        term *= (a + b + k) / (a + 1 + k) * x
        total, k = total + term, k + 1
    logs = a * math.log(x) + b * math.log1p(-x) - math.log(a) - float(betaln(a, b))
    return (logs + math.log(total)) / math.log(10)


def log10_chi2(h: float, df: float) -> float:
    """Return log10 of the upper tail of chi-square, by its asymptotic series where p underflows."""
    if (p := float(stats.chi2.sf(h, df))) > TINY:
        return math.log10(p)
    a, y = df / 2, h / 2
    total, term, k = 1.0, 1.0, 1
    while abs(term) > 1e-17 * total and k < y:
        term *= (a - k) / y
        total, k = total + term, k + 1
    logs = -y + (a - 1) * math.log(y) - float(gammaln(a)) + math.log(total)
    return logs / math.log(10)

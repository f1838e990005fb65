"""Does a cell's number of jobs say anything about its mean wage?"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from ..models.regression import FEEBLE, EmploymentWageRegression, fit_employment_wage
from .clustered import TwoWay, two_way_slope
from .results import AnalysisResult, EffectSize, Interval, Scope, log10_of
from .selection import FloatArray, scope_rows
from .wording import Leaning, lean_on, more_or_less, p_text, share_text

PEARSON = "employment_wage_pearson"
REGRESSION = "employment_wage_regression"
JOBS = 10_000  # sentences speak of this many jobs: a single one moves the wage by cents
LOWER = ("lower", "higher")


def run_pearson_test(
    df: pd.DataFrame, *, scope: Scope = "detailed", confidence_level: float = 0.95
) -> AnalysisResult:
    """Correlate TOT_EMP (jobs) with A_MEAN (US$) over the rows that hold both.

    Pearson's r with Fisher's interval, which n = 3 and r = 1 or -1 do not have; the two-way
    interval is the slope's, times sd(x) / sd(y).

    Raises
    ------
    ProjectError
        If fewer than three rows hold both, or one of the two does not vary.
    """
    rows, x, y = _complete(df, scope, PEARSON)
    fit = fit_employment_wage(rows)
    test = stats.pearsonr(x, y)
    r = float(test.statistic)
    log10_pvalue, reasons = log10_of(float(test.pvalue))
    interval = effect = None
    perfect = 1 - abs(r) < 1e-12  # rounding leaves r a little short of 1
    if fit.n > 3 and not perfect:
        ends = test.confidence_interval(confidence_level)
        interval = Interval("correlation", float(ends.low), float(ends.high))
        effect = EffectSize("Pearson's r", r, interval.low, interval.high)
        two_way = _within_one(_two_way(rows, x, y, confidence_level, x.std() / y.std()))
        leaning = lean_on(interval, two_way.interval, confidence_level)
        conclusion = _pearson_conclusion(r, float(test.pvalue), leaning)
    else:
        why = "all rows lie on one line" if perfect else "more than 3 rows are needed"
        reasons |= dict.fromkeys(("interval", "effect_size", "interval_two_way"), why)
        two_way = TwoWay(None, {}, {})
        conclusion = f"No interval for r = {r:.2f} of {fit.n} rows can be given: {why}."
    return AnalysisResult(
        name=PEARSON,
        scope=scope,
        method="Pearson correlation",
        groups=(),
        statistic=r,
        pvalue=float(test.pvalue),
        log10_pvalue=log10_pvalue,
        df=float(fit.n - 2),
        n=(fit.n,),
        estimates={"r_squared": r**2, **two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=effect,
        conclusion=conclusion,
        reasons={**reasons, **two_way.reasons},
    )


def run_regression(
    df: pd.DataFrame, *, scope: Scope = "detailed", confidence_level: float = 0.95
) -> AnalysisResult:
    """Fit A_MEAN (US$) on TOT_EMP (jobs) by least squares; the statistic is the slope.

    The interval is the classical one. The effect size is the slope with its HC3 interval
    (MacKinnon & White, Journal of Econometrics 29, 1985), which a row of leverage 1 forbids.

    Raises
    ------
    ProjectError
        If fewer than three rows hold both, or one of the two does not vary.
    """
    rows, x, y = _complete(df, scope, REGRESSION)
    fit = fit_employment_wage(rows)
    pvalue = float(stats.pearsonr(x, y).pvalue)  # the slope's own, and never divided by zero
    log10_pvalue, reasons = log10_of(pvalue)
    quantile = float(stats.t.ppf((1 + confidence_level) / 2, fit.n - 2))
    half = quantile * fit.slope_stderr
    interval = Interval("slope in US$ per job", fit.slope - half, fit.slope + half)
    two_way = _two_way(rows, x, y, confidence_level)
    robust, effect = _hc3(x, y, fit), None
    if "hc3_stderr" in robust:
        reach = quantile * robust["hc3_stderr"]
        effect = EffectSize("slope (HC3)", fit.slope, fit.slope - reach, fit.slope + reach)
    else:
        reasons["effect_size"] = "one row has leverage 1: the line goes through it whatever it is"
    estimates = {
        "slope": fit.slope,
        "intercept": fit.intercept,
        "r_squared": fit.r_squared,
        "slope_stderr": fit.slope_stderr,
        "intercept_stderr": fit.intercept_stderr,
        "residual_sd": fit.residual_sd,
    }
    leaning = lean_on(interval, two_way.interval, confidence_level)
    return AnalysisResult(
        name=REGRESSION,
        scope=scope,
        method="least squares",
        groups=(),
        statistic=fit.slope,
        pvalue=pvalue,
        log10_pvalue=log10_pvalue,
        df=float(fit.n - 2),
        n=(fit.n,),
        estimates={**estimates, **robust, **two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=effect,
        conclusion=_regression_conclusion(fit, leaning),
        reasons={**reasons, **two_way.reasons},
    )


def _complete(
    df: pd.DataFrame, scope: Scope, analysis: str
) -> tuple[pd.DataFrame, FloatArray, FloatArray]:
    rows = scope_rows(df, scope, analysis).dropna(subset=["TOT_EMP", "A_MEAN"])
    return rows, rows["TOT_EMP"].to_numpy(np.float64), rows["A_MEAN"].to_numpy(np.float64)


def _two_way(
    rows: pd.DataFrame, x: FloatArray, y: FloatArray, level: float, scale: float = 1.0
) -> TwoWay:
    areas, codes = rows["AREA"].to_numpy(), rows["OCC_CODE"].to_numpy()
    return two_way_slope(x, y, areas, codes, level, scale)


def _within_one(two_way: TwoWay) -> TwoWay:
    """Cut the interval where a correlation ends: on a handful of clusters it can pass 1."""
    interval = two_way.interval
    if interval is None:
        return two_way
    low, high = max(interval.low, -1.0), min(interval.high, 1.0)
    return replace(two_way, interval=replace(interval, low=low, high=high))


def _hc3(x: FloatArray, y: FloatArray, fit: EmploymentWageRegression) -> dict[str, float]:
    centred = x - x.mean()
    sxx = float(centred @ centred)
    leverage = 1 / fit.n + centred**2 / sxx
    found = {"largest_leverage": float(leverage.max())}
    if found["largest_leverage"] > 1 - 1e-12:
        return found
    residuals = (y - fit.intercept - fit.slope * x) / (1 - leverage)
    return found | {"hc3_stderr": math.sqrt(float(((centred * residuals) ** 2).sum())) / sxx}


def _pearson_conclusion(r: float, pvalue: float, leaning: Leaning) -> str:
    nothing = max(leaning.low**2, leaning.high**2) < 0.01
    lead = "How many jobs a cell has says next to nothing about its wage: employment"
    sign = "negative" if r < 0 else "positive" if r > 0 else "level"
    verdict = "cannot be told from none" if leaning.includes_zero else "stands"
    return (
        f"{lead if nothing else 'Employment'} explains {share_text(r**2)} of the variance of mean "
        f"wages, and the {'tiny ' if r**2 < 0.01 else ''}{sign} relation (r = {r:z.3f}, "
        f"{p_text(pvalue)} were the rows independent) {verdict}, {leaning.how} "
        f"({leaning.name} {leaning.low:z.3f} to {leaning.high:z.3f}{leaning.caution})."
    )


def _regression_conclusion(fit: EmploymentWageRegression, leaning: Leaning) -> str:
    per_jobs = replace(leaning, low=leaning.low * JOBS, high=leaning.high * JOBS)
    use = ", too little to predict a wage" if fit.r_squared < FEEBLE else ""
    return (
        f"{JOBS:,} more jobs go with a mean wage {more_or_less(fit.slope * JOBS, 1, LOWER)}"
        f"{per_jobs.clause('no relation is shown', LOWER)}; the line explains "
        f"{share_text(fit.r_squared)} of the variance{use}."
    )

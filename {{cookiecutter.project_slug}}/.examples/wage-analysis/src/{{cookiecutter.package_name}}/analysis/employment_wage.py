"""Does a cell's number of jobs say anything about its mean wage?"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from ..data.row_selection import FloatArray, Question, Scope, Wages, select
from ..engine import ProjectError
from ..models.regression import FEEBLE, EmploymentWageRegression, fit_employment_wage
from .statistics.clustered_errors import two_way_slope
from .statistics.number_formats import Leaning, lean_on, more_or_less, p_text, share_text
from .statistics.results import AnalysisResult, EffectSize, Interval, TwoWay

PEARSON = "employment_wage_pearson"
REGRESSION = "employment_wage_regression"
JOBS = 10_000  # sentences speak of this many jobs: a single one moves the wage by cents
LOWER = ("lower", "higher")
LEVERAGE_1 = "one row has leverage 1: the line goes through it whatever it is"
FEWEST_ROWS = 3  # two points always correlate perfectly
_Clusters = tuple[NDArray[Any], NDArray[Any]]
Fitted = tuple[Question, EmploymentWageRegression, FloatArray, FloatArray, _Clusters]


def run_pearson_test(df: Wages, *, scope: Scope = "detailed") -> AnalysisResult:
    """Correlate TOT_EMP (jobs) with A_MEAN (US$) over the rows that hold both.

    Pearson's r with Fisher's interval, which n = 3 and r = 1 or -1 do not have; the two-way
    interval is the slope's, times sd(x) / sd(y).
    """
    question, fit, x, y, clusters = jobs_and_wages(df, scope, PEARSON)
    level, n = question.confidence_level, fit.n
    test = stats.pearsonr(x, y)
    r, pvalue = float(test.statistic), float(test.pvalue)
    perfect = 1 - abs(r) < 1e-12  # rounding leaves r a little short of 1
    why = "all rows lie on one line" if perfect else "more than 3 rows are needed"
    missing = dict.fromkeys(("interval", "effect_size", "interval_two_way"), why)
    interval, effect, two_way = None, None, TwoWay(None, {}, missing)
    conclusion = f"No interval for r = {r:.2f} of {n} rows can be given: {why}."
    if n > 3 and not perfect:
        interval = Interval("correlation", *map(float, test.confidence_interval(level)))
        effect = EffectSize("Pearson's r", r, interval.low, interval.high)
        two_way = two_way_slope(x, y, *clusters, level, scale=x.std() / y.std(), limit=1.0)
        conclusion = _pearson_conclusion(r, pvalue, lean_on(interval, two_way.interval, level))
    return AnalysisResult(
        name=PEARSON,
        scope=question.scope,
        method="Pearson correlation",
        statistic=r,
        pvalue=pvalue,
        df=float(n - 2),
        n=(n,),
        estimates={"r_squared": r**2, **two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=effect,
        conclusion=conclusion,
        reasons=two_way.reasons,
    )


def run_regression(df: Wages, *, scope: Scope = "detailed") -> AnalysisResult:
    """Fit A_MEAN (US$) on TOT_EMP (jobs) by least squares; the statistic is the slope.

    The interval is the classical one. The effect size is the slope with its HC3 interval
    (MacKinnon & White, Journal of Econometrics 29, 1985), which a row of leverage 1 forbids.
    """
    question, fit, x, y, clusters = jobs_and_wages(df, scope, REGRESSION)
    level = question.confidence_level
    quantile = float(stats.t.ppf((1 + level) / 2, fit.n - 2))
    half = quantile * fit.slope_stderr
    interval = Interval("slope in US$ per job", fit.slope - half, fit.slope + half)
    two_way = two_way_slope(x, y, *clusters, level)
    robust, effect, reasons = _hc3(x, y, fit), None, {"effect_size": LEVERAGE_1}
    if (stderr := robust.get("hc3_stderr")) is not None:
        ends = (fit.slope - quantile * stderr, fit.slope + quantile * stderr)
        effect, reasons = EffectSize("slope (HC3)", fit.slope, *ends), {}
    told = ("slope", "intercept", "r_squared", "slope_stderr", "intercept_stderr", "residual_sd")
    return AnalysisResult(
        name=REGRESSION,
        scope=question.scope,
        method="least squares",
        statistic=fit.slope,
        pvalue=float(stats.pearsonr(x, y).pvalue),  # the slope's own, and never divided by zero
        df=float(fit.n - 2),
        n=(fit.n,),
        estimates={name: getattr(fit, name) for name in told} | robust | {**two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=effect,
        conclusion=_regression_conclusion(fit, lean_on(interval, two_way.interval, level)),
        reasons={**reasons, **two_way.reasons},
    )


def correlation_matrix(df: pd.DataFrame) -> pd.DataFrame:
    """Return Pearson's r of each pair of numeric columns, over the rows that hold both.

    Columns without two different values are left out; a pair with fewer than three common rows
    is missing. The rows are taken as they come: choose a scope first. Fewer than two such columns
    are a ProjectError.
    """
    numeric = df.select_dtypes("number")
    varying = numeric.columns[numeric.nunique() > 1]
    if len(varying) < 2:
        which = "two numeric columns that vary are needed"
        raise ProjectError(f"correlation_matrix: {which}; this file has {len(varying)}")
    return numeric[varying].corr(min_periods=FEWEST_ROWS)


def jobs_and_wages(df: Wages, scope: Scope, analysis: str) -> Fitted:
    """Return TOT_EMP and A_MEAN of the rows that hold both, with their areas and occupations."""
    chosen = select(df, Question(scope), analysis)
    rows = chosen.rows.dropna(subset=["TOT_EMP", "A_MEAN"])
    x, y = (rows[column].to_numpy(np.float64) for column in ("TOT_EMP", "A_MEAN"))
    clusters = (rows["AREA"].to_numpy(), rows["OCC_CODE"].to_numpy())
    return chosen.question, fit_employment_wage(rows), x, y, clusters


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

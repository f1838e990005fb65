"""Do management wages spread more widely than production wages?"""

from dataclasses import replace

import numpy as np
from scipy import stats

from ..data.row_selection import FloatArray, Question, Scope, Wages, select
from .statistics.clustered_errors import two_way_difference
from .statistics.effect_sizes import mean_absolute_deviation, spread_ratio
from .statistics.number_formats import Leaning, lean_on, p_text, ratio_text
from .statistics.results import AnalysisResult, EffectSize, Interval

NAME = "wage_variance_levene"


def run_levene_test(df: Wages, *, scope: Scope = "detailed") -> AnalysisResult:
    """Compare how widely A_MEAN (US$) spreads in two groups, by distances from the medians.

    Levene's test about the median (Brown & Forsythe, JASA 69, 1974). The intervals enclose the
    difference of mean distances, whose squared t is W; effect size: Bonett & Seier's ratio.
    """
    chosen = select(df, Question(scope), NAME)
    level = chosen.question.confidence_level
    a, b = chosen.pair("A_MEAN")
    far_1, far_2 = (replace(c, values=np.abs(c.values - np.median(c.values))) for c in (a, b))
    chosen.refuse_constant(far_1, far_2, "the distance of A_MEAN from the median")
    test = stats.levene(a.values, b.values, center="median")
    ends = stats.ttest_ind(far_1.values, far_2.values).confidence_interval(level)
    interval = Interval("difference of mean distances from the median", *map(float, ends))
    two_way = two_way_difference(far_1, far_2, level)
    ratio, reasons = None, {"effect_size": "one group does not vary"}
    if far_1.values.any() and far_2.values.any():
        ratio, reasons = spread_ratio(a.values, b.values, level), {}
    estimates = {
        "spread_1": mean_absolute_deviation(a.values),
        "spread_2": mean_absolute_deviation(b.values),
        "difference": float(far_1.values.mean() - far_2.values.mean()),
        **_variants(a.values, b.values),
        **two_way.estimates,
    }
    pvalue, leaning = float(test.pvalue), lean_on(interval, two_way.interval, level)
    return AnalysisResult(
        name=NAME,
        scope=chosen.question.scope,
        method="Levene's test, median-centred",
        groups=(a.label, b.label),
        statistic=float(test.statistic),
        pvalue=pvalue,
        df=(1.0, float(len(a.values) + len(b.values) - 2)),
        n=(len(a.values), len(b.values)),
        estimates=estimates,
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=ratio,
        conclusion=_conclusion((a.label, b.label), ratio, pvalue, estimates, leaning),
        reasons={**reasons, **two_way.reasons},
    )


def _variants(a: FloatArray, b: FloatArray) -> dict[str, float]:
    by_mean = stats.levene(a, b, center="mean")
    found = {
        "mean_centred_statistic": float(by_mean.statistic),
        "mean_centred_pvalue": float(by_mean.pvalue),
    }
    if min(a.min(), b.min()) <= 0 or not (np.ptp(a) and np.ptp(b)):
        return found
    on_logs = stats.levene(np.log(a), np.log(b), center="median")
    return found | {
        "log_scale_statistic": float(on_logs.statistic),
        "log_scale_pvalue": float(on_logs.pvalue),
        "log_scale_ratio": spread_ratio(np.log(a), np.log(b)).value,
    }


def _conclusion(
    labels: tuple[str, str],
    ratio: EffectSize | None,
    pvalue: float,
    estimates: dict[str, float],
    leaning: Leaning,
) -> str:
    naive = "no ratio, since one group does not vary"
    if ratio is not None:
        value, low, high = map(ratio_text, (ratio.value, ratio.low, ratio.high))
        naive = f"ratio {value}, naive interval {low} to {high}"
    if not leaning.includes_zero:
        on_logs = estimates.get("log_scale_ratio")
        level = f"; relative to their level the ratio is {ratio_text(on_logs)}" if on_logs else ""
        return (
            f"In dollars {labels[0]} wages spread {'more' if leaning.low > 0 else 'less'} widely "
            f"than {labels[1]} wages ({naive}): their mean distance from the median is "
            f"{leaning.ends()} ({leaning.name}, {leaning.how}{leaning.caution}){level}."
        )
    tests = {
        "about the median": pvalue,
        "about the mean": estimates["mean_centred_pvalue"],
        "on the log scale": estimates.get("log_scale_pvalue", 1.0),
    }
    turned = [f"{how} ({p_text(p)})" for how, p in tests.items() if p < 1 - leaning.level]
    otherwise = f"; tests of independent rows say otherwise {' and '.join(turned)}"
    return (
        f"No difference in spread between {labels[0]} and {labels[1]} wages is shown "
        f"({naive}): {leaning.how}, the {leaning.name} of the mean distance from the median "
        f"reaches from {leaning.ends()}, which does not prove equality"
        f"{otherwise if turned else ''}{leaning.caution}."
    )

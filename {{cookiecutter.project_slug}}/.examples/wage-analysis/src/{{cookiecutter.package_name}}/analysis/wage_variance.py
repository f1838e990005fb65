"""Do management wages spread more widely than production wages?"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from .clustered import two_way_difference
from .effect_sizes import mean_absolute_deviation, spread_ratio
from .results import AnalysisResult, EffectSize, Interval, Scope, log10_of
from .selection import MANAGEMENT, PRODUCTION, FloatArray, Group, refuse_constant, two_groups
from .wording import Leaning, lean_on, p_text, ratio_text

NAME = "wage_variance_levene"


def run_levene_test(
    df: pd.DataFrame,
    *,
    scope: Scope = "detailed",
    first: Group = MANAGEMENT,
    second: Group = PRODUCTION,
    confidence_level: float = 0.95,
) -> AnalysisResult:
    """Compare how widely A_MEAN (US$) spreads in two groups, by distances from the medians.

    Levene's test about the median (Brown & Forsythe, JASA 69, 1974). The intervals enclose the
    difference of mean distances, whose squared t is W; effect size: Bonett & Seier's ratio.

    Raises
    ------
    ProjectError
        If a group has fewer than two wages, the groups overlap, or no distance varies.
    """
    a, b = two_groups(df, "A_MEAN", first, second, scope, NAME)
    far_1, far_2 = (np.abs(cells.values - np.median(cells.values)) for cells in (a, b))
    distances = (replace(a, values=far_1), replace(b, values=far_2))
    refuse_constant(*distances, "the distance of A_MEAN from the median", scope, NAME)
    test = stats.levene(a.values, b.values, center="median")
    ends = map(float, stats.ttest_ind(far_1, far_2).confidence_interval(confidence_level))
    interval = Interval("difference of mean distances from the median", *ends)
    two_way = two_way_difference(*distances, confidence_level)
    log10_pvalue, reasons = log10_of(float(test.pvalue))
    ratio = None
    if far_1.any() and far_2.any():
        ratio = spread_ratio(a.values, b.values, confidence_level)
    else:
        reasons["effect_size"] = "one group does not vary"
    estimates = {
        "spread_1": mean_absolute_deviation(a.values),
        "spread_2": mean_absolute_deviation(b.values),
        "difference": float(far_1.mean() - far_2.mean()),
        **_variants(a.values, b.values),
        **two_way.estimates,
    }
    leaning = lean_on(interval, two_way.interval, confidence_level)
    return AnalysisResult(
        name=NAME,
        scope=scope,
        method="Levene's test, median-centred",
        groups=(a.label, b.label),
        statistic=float(test.statistic),
        pvalue=float(test.pvalue),
        log10_pvalue=log10_pvalue,
        df=(1.0, float(len(a.values) + len(b.values) - 2)),
        n=(len(a.values), len(b.values)),
        estimates=estimates,
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=ratio,
        conclusion=_conclusion((a.label, b.label), ratio, estimates, float(test.pvalue), leaning),
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
    groups: tuple[str, str],
    ratio: EffectSize | None,
    estimates: dict[str, float],
    pvalue: float,
    leaning: Leaning,
) -> str:
    naive = "no ratio, since one group does not vary"
    if ratio is not None:
        ends = f"{ratio_text(ratio.low)} to {ratio_text(ratio.high)}"
        naive = f"ratio {ratio_text(ratio.value)}, naive interval {ends}"
    if leaning.includes_zero:
        tests = {
            "about the median": pvalue,
            "about the mean": estimates["mean_centred_pvalue"],
            "on the log scale": estimates.get("log_scale_pvalue", 1.0),
        }
        turned = [f"{how} ({p_text(p)})" for how, p in tests.items() if p < 1 - leaning.level]
        otherwise = f"; tests of independent rows say otherwise {' and '.join(turned)}"
        return (
            f"No difference in spread between {groups[0]} and {groups[1]} wages is shown "
            f"({naive}): {leaning.how}, the {leaning.name} of the mean distance from the median "
            f"reaches from {leaning.ends()}, which does not prove equality"
            f"{otherwise if turned else ''}{leaning.caution}."
        )
    on_logs = estimates.get("log_scale_ratio")
    relative = f"; relative to their level the ratio is {ratio_text(on_logs)}" if on_logs else ""
    return (
        f"In dollars {groups[0]} wages spread {'more' if leaning.low > 0 else 'less'} widely than "
        f"{groups[1]} wages ({naive}): their mean distance from the median is {leaning.ends()} "
        f"({leaning.name}, {leaning.how}{leaning.caution}){relative}."
    )

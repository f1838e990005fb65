"""Are management cells paid more than production cells, and by how much?"""

import math

import numpy as np
import pandas as pd
from scipy import stats

from ..study import ProjectError
from .clustered import two_way_difference
from .effect_sizes import describe_two, hedges_g, paired_g
from .results import AnalysisResult, Interval, Scope, log10_of
from .selection import (
    MANAGEMENT,
    PRODUCTION,
    Cells,
    FloatArray,
    Group,
    code_starts,
    one_row_per_area,
    refuse_constant,
    two_groups,
    varies,
)
from .wording import Leaning, dollars, lean_on, more_or_less, ratio_text, sentence_start

NAME = "management_vs_production"
PAIRED = "management_vs_production_paired"


def compare_management_vs_production(
    df: pd.DataFrame,
    *,
    scope: Scope = "detailed",
    first: Group = MANAGEMENT,
    second: Group = PRODUCTION,
    confidence_level: float = 0.95,
) -> AnalysisResult:
    """Compare the mean annual wages (A_MEAN, US$) of two groups, first minus second.

    Welch's t-test (Biometrika 34, 1947); effect size: Hedges' g.

    Raises
    ------
    ProjectError
        If a group has fewer than two wages, the groups overlap, or neither varies.
    """
    a, b = two_groups(df, "A_MEAN", first, second, scope, NAME)
    refuse_constant(a, b, "A_MEAN", scope, NAME)
    test = stats.ttest_ind(a.values, b.values, equal_var=False)
    ends = map(float, test.confidence_interval(confidence_level))
    interval = Interval("difference of means", *ends)
    two_way = two_way_difference(a, b, confidence_level)
    leaning = lean_on(interval, two_way.interval, confidence_level)
    log10_pvalue, reasons = log10_of(float(test.pvalue))
    titles = (first.title_contains, second.title_contains) if scope == "article" else ()
    return AnalysisResult(
        name=NAME,
        scope=scope,
        method="Welch's t-test",
        groups=(a.label, b.label),
        statistic=float(test.statistic),
        pvalue=float(test.pvalue),
        log10_pvalue=log10_pvalue,
        df=float(test.df),
        n=(len(a.values), len(b.values)),
        estimates={**describe_two(a, b), **two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=hedges_g(a.values, b.values, confidence_level),
        conclusion=_conclusion(a, b, titles, leaning),
        reasons={**reasons, **two_way.reasons},
    )


def compare_management_vs_production_paired(
    df: pd.DataFrame,
    *,
    first: Group = MANAGEMENT,
    second: Group = PRODUCTION,
    confidence_level: float = 0.95,
) -> AnalysisResult:
    """Compare two major groups area by area, by their A_MEAN (US$) in the ``major`` rows.

    Paired t-test, about how areas differ; effect size: Hedges' g of the differences. The survey's
    own error of the mean difference is ``survey_stderr``.

    Raises
    ------
    ProjectError
        If fewer than three areas have both wages, or all differences are equal.
    """
    major = df[(df["O_GROUP"] == "major") & df["A_MEAN"].notna()]
    one, two = (
        one_row_per_area(major[code_starts(major, group.soc_prefix)], PAIRED)
        for group in (first, second)
    )
    areas = one.index.intersection(two.index)
    a, rse_1 = one.loc[areas, ["A_MEAN", "MEAN_PRSE"]].to_numpy(np.float64).T
    b, rse_2 = two.loc[areas, ["A_MEAN", "MEAN_PRSE"]].to_numpy(np.float64).T
    differences = a - b
    if len(areas) < 3 or not varies(differences):
        raise ProjectError(
            f"{PAIRED}: {len(areas)} areas have a wage in the major rows of both '{first.label}' "
            f"and '{second.label}'; three that differ are needed: check O_GROUP in the workbook or "
            "choose other groups in the settings"
        )
    test = stats.ttest_1samp(differences, 0.0)
    ends = map(float, test.confidence_interval(confidence_level))
    interval = Interval("mean difference by area", *ends)
    log10_pvalue, reasons = log10_of(float(test.pvalue))
    estimates = {
        "mean_1": float(a.mean()),
        "mean_2": float(b.mean()),
        "difference": float(differences.mean()),
        "difference_sd": float(differences.std(ddof=1)),
        "difference_stderr": float(differences.std(ddof=1)) / math.sqrt(len(a)),
        "smallest_difference": float(differences.min()),
        "largest_difference": float(differences.max()),
        "areas_first_higher": float((differences > 0).sum()),
    }
    if min(a.min(), b.min()) > 0:
        estimates["ratio"] = math.exp(float(np.log(a / b).mean()))
    survey = np.hypot(a * rse_1, b * rse_2) / 100
    if np.isfinite(survey).all():
        estimates["survey_stderr"] = math.sqrt(float(survey @ survey)) / len(a)
    groups = (first.label, second.label)
    leaning = Leaning(interval.low, interval.high, confidence_level, "over areas", "")
    return AnalysisResult(
        name=PAIRED,
        scope="major",
        method="paired t-test by area",
        groups=groups,
        statistic=float(test.statistic),
        pvalue=float(test.pvalue),
        log10_pvalue=log10_pvalue,
        df=float(test.df),
        n=(len(a),),
        estimates=estimates,
        interval=interval,
        interval_two_way=None,
        effect_size=paired_g(differences, confidence_level),
        conclusion=_paired_conclusion(differences, estimates.get("ratio"), groups, leaning),
        reasons=reasons | {"interval_two_way": "one difference per area leaves nothing to cluster"},
    )


def _conclusion(a: Cells, b: Cells, titles: tuple[str, ...], leaning: Leaning) -> str:
    mean_1, mean_2 = float(a.values.mean()), float(b.values.mean())
    gap = more_or_less(mean_1 - mean_2)
    times = f", {ratio_text(mean_1 / mean_2)} times as much" if mean_2 > 0 else ""
    noun = ("title" if titles else "occupation") + ("" if a.occupations == 1 else "s")
    counts = f"({a.occupations} {noun} against {b.occupations})"
    lead = (
        f"{sentence_start(a.label)} cells average {dollars(mean_1)} a year, {b.label} cells "
        f"{dollars(mean_2)} {counts}: {gap}{times}"
    )
    if titles:
        other = f"titles with '{titles[1]}' {counts}{times}"
        lead = f"Titles with '{titles[0]}' average {gap} a year than {other}"
    return f"{lead}{leaning.clause('these rows do not settle who is paid more')}."


def _paired_conclusion(
    differences: FloatArray, ratio: float | None, groups: tuple[str, str], leaning: Leaning
) -> str:
    mean, n = float(differences.mean()), len(differences)
    count = int((differences > 0).sum() if mean >= 0 else (differences < 0).sum())
    where = f"In every one of the {n} areas" if count == n else f"In {count} of {n} areas"
    times = f", or {ratio:.2f} times as much" if ratio is not None else ""
    return (
        f"{where} {groups[0]} is paid {'more' if mean >= 0 else 'less'} than "
        f"{groups[1]}: over all of them {more_or_less(mean)} a year on average{times}"
        f"{leaning.clause('they do not settle who is paid more')}."
    )

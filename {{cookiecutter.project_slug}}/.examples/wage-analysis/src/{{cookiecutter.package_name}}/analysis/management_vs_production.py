"""Are management cells paid more than production cells, and by how much?"""

import math

import numpy as np
import pandas as pd
from scipy import stats

from ..data.row_selection import (
    DETAILED,
    Cells,
    Question,
    Scope,
    Selection,
    Wages,
    code_starts,
    one_row_per_area,
    rows_of_level,
    select,
    varies,
)
from ..engine import ProjectError
from .statistics.clustered_errors import two_way_difference
from .statistics.effect_sizes import describe_two, hedges_g, paired_g
from .statistics.number_formats import (
    Leaning,
    dollars,
    lean_on,
    more_or_less,
    ratio_text,
    sentence_start,
)
from .statistics.results import AnalysisResult, Interval

NAME = "management_vs_production"
PAIRED = "management_vs_production_paired"
BY_AREA = f"{PAIRED}: a paired comparison by area"


def compare_management_vs_production(df: Wages, *, scope: Scope = "detailed") -> AnalysisResult:
    """Compare the mean annual wages (A_MEAN, US$) of two groups, first minus second.

    Welch's t-test (Biometrika 34, 1947); effect size: Hedges' g.
    """
    chosen = select(df, Question(scope), NAME)
    level = chosen.question.confidence_level
    a, b = chosen.pair("A_MEAN")
    test = stats.ttest_ind(a.values, b.values, equal_var=False)
    interval = Interval("difference of means", *map(float, test.confidence_interval(level)))
    two_way = two_way_difference(a, b, level)
    return AnalysisResult(
        name=NAME,
        scope=chosen.question.scope,
        method="Welch's t-test",
        groups=(a.label, b.label),
        statistic=float(test.statistic),
        pvalue=float(test.pvalue),
        df=float(test.df),
        n=(len(a.values), len(b.values)),
        estimates={**describe_two(a, b), **two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=hedges_g(a.values, b.values, level),
        conclusion=_conclusion(chosen, a, b, lean_on(interval, two_way.interval, level)),
        reasons=two_way.reasons,
    )


def compare_management_vs_production_paired(
    df: pd.DataFrame, question: Question = DETAILED
) -> AnalysisResult:
    """Compare two major groups area by area, by their A_MEAN (US$) in the ``major`` rows.

    Paired t-test, about how areas differ; effect size: Hedges' g of the differences. The survey's
    own error of the mean difference is ``survey_stderr``. The scope of the question is not used.

    Raises
    ------
    ProjectError
        If fewer than three areas have both wages, or all differences are equal.
    """
    groups, level = question.groups, question.confidence_level
    labels = (groups.management.label, groups.production.label)
    major = rows_of_level(df, "major", BY_AREA).dropna(subset=["A_MEAN"])
    one, two = (
        one_row_per_area(major[code_starts(major, group.soc_prefix)], PAIRED)
        for group in (groups.management, groups.production)
    )
    both = one.merge(two, left_index=True, right_index=True, suffixes=("_1", "_2"))
    a, b = (both[column].to_numpy(np.float64) for column in ("A_MEAN_1", "A_MEAN_2"))
    differences = a - b
    n = len(differences)
    if n < 3 or not varies(differences):
        raise ProjectError(
            f"{BY_AREA} needs three areas with A_MEAN in the major rows of both '{labels[0]}' and "
            f"'{labels[1]}', and differences that vary; this file has {n}"
        )
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    test = stats.ttest_1samp(differences, 0.0)
    interval = Interval("mean difference by area", *map(float, test.confidence_interval(level)))
    estimates = {
        "mean_1": float(a.mean()),
        "mean_2": float(b.mean()),
        "difference": mean,
        "difference_sd": sd,
        "difference_stderr": sd / math.sqrt(n),
        "smallest_difference": float(differences.min()),
        "largest_difference": float(differences.max()),
        "areas_first_higher": float((differences > 0).sum()),
    }
    times = ""
    if min(a.min(), b.min()) > 0:
        estimates["ratio"] = math.exp(float(np.log(a / b).mean()))
        times = f", or {estimates['ratio']:.2f} times as much"
    survey = np.hypot(a * both["MEAN_PRSE_1"], b * both["MEAN_PRSE_2"]).to_numpy(np.float64) / 100
    if np.isfinite(survey).all():
        estimates["survey_stderr"] = math.sqrt(float(survey @ survey)) / n
    count = int((differences > 0).sum() if mean >= 0 else (differences < 0).sum())
    where = f"In every one of the {n} areas" if count == n else f"In {count} of {n} areas"
    leaning = Leaning(interval.low, interval.high, level, "over areas", "")
    return AnalysisResult(
        name=PAIRED,
        scope="major",
        method="paired t-test by area",
        groups=labels,
        statistic=float(test.statistic),
        pvalue=float(test.pvalue),
        df=float(test.df),
        n=(n,),
        estimates=estimates,
        interval=interval,
        effect_size=paired_g(differences, level),
        conclusion=(
            f"{where} {labels[0]} is paid {'more' if mean >= 0 else 'less'} than {labels[1]}: over "
            f"all of them {more_or_less(mean)} a year on average{times}"
            f"{leaning.clause('they do not settle who is paid more')}."
        ),
        reasons={"interval_two_way": "one difference per area leaves nothing to cluster"},
    )


def _conclusion(chosen: Selection, a: Cells, b: Cells, leaning: Leaning) -> str:
    mean_1, mean_2 = float(a.values.mean()), float(b.values.mean())
    gap = more_or_less(mean_1 - mean_2)
    times = f", {ratio_text(mean_1 / mean_2)} times as much" if mean_2 > 0 else ""
    groups, by_title = chosen.question.groups, chosen.question.scope == "article"
    noun = ("title" if by_title else "occupation") + ("" if a.occupations == 1 else "s")
    counts = f"({a.occupations} {noun} against {b.occupations})"
    lead = (
        f"{sentence_start(a.label)} cells average {dollars(mean_1)} a year, {b.label} cells "
        f"{dollars(mean_2)} {counts}: {gap}{times}"
    )
    if by_title:
        lead = (
            f"Titles with '{groups.management.title_contains}' average {gap} a year than titles "
            f"with '{groups.production.title_contains}' {counts}{times}"
        )
    return f"{lead}{leaning.clause('these rows do not settle who is paid more')}."

"""Do computer and mathematical cells have higher median wages than all other cells?"""

import math

import pandas as pd
from scipy import stats

from .clustered import two_way_difference
from .effect_sizes import describe_two, hedges_g
from .results import AnalysisResult, Interval, Scope
from .selection import TECHNOLOGY, Group, cells, code_starts, refuse_constant, scope_rows
from .wording import Leaning, lean_on, more_or_less, share_text

NAME = "tech_vs_nontech_ztest"
ABOVE = ("below", "above")


def run_ztest(
    df: pd.DataFrame,
    *,
    scope: Scope = "detailed",
    group: Group = TECHNOLOGY,
    confidence_level: float = 0.95,
) -> AnalysisResult:
    """Compare A_MEDIAN (US$) of a group, by SOC code, with all other rows of the scope.

    Two-sample z-test with unpooled variances; effect size: Hedges' g.

    Raises
    ------
    ProjectError
        If the group or the rest has fewer than two median wages, or neither varies.
    """
    rows = scope_rows(df, scope, NAME)
    inside = code_starts(rows, group.soc_prefix)
    a = cells(rows[inside], "A_MEDIAN", group.label, scope, NAME)
    b = cells(rows[~inside], "A_MEDIAN", "all others", scope, NAME)
    refuse_constant(a, b, "A_MEDIAN", scope, NAME)
    estimates = describe_two(a, b)
    difference, stderr = estimates["difference"], estimates["difference_stderr"]
    z = difference / stderr
    half = float(stats.norm.ppf((1 + confidence_level) / 2)) * stderr
    interval = Interval("difference of means", difference - half, difference + half)
    two_way = two_way_difference(a, b, confidence_level)
    leaning = lean_on(interval, two_way.interval, confidence_level)
    return AnalysisResult(
        name=NAME,
        scope=scope,
        method="two-sample z-test",
        groups=(a.label, b.label),
        statistic=z,
        pvalue=2 * float(stats.norm.sf(abs(z))),
        log10_pvalue=(float(stats.norm.logsf(abs(z))) + math.log(2)) / math.log(10),
        df=None,
        n=(len(a.values), len(b.values)),
        estimates={**estimates, **two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=hedges_g(a.values, b.values, confidence_level),
        conclusion=_conclusion(group, estimates, leaning),
        reasons={"df": "a z-test has none", **two_way.reasons},
    )


def _conclusion(group: Group, estimates: dict[str, float], leaning: Leaning) -> str:
    difference, share = estimates["difference"], estimates["probability_of_superiority"]
    gap = more_or_less(difference, 100, ABOVE)
    sure = leaning.clause("it is not settled which are higher", ABOVE)
    return (
        f"Median wages of {group.label} cells lie about {gap} those of all other cells{sure}; "
        f"{share_text(share if difference >= 0 else 1 - share)} of random pairs go that way."
    )

"""Do computer and mathematical cells have higher median wages than all other cells?"""

import math

from scipy import stats

from ..data.row_selection import Question, Scope, Wages, select
from .statistics.clustered_errors import two_way_difference
from .statistics.effect_sizes import describe_two, hedges_g
from .statistics.number_formats import Leaning, lean_on, more_or_less, share_text
from .statistics.results import AnalysisResult, Interval

NAME = "tech_vs_nontech_ztest"
ABOVE = ("below", "above")


def run_ztest(df: Wages, *, scope: Scope = "detailed") -> AnalysisResult:
    """Compare A_MEDIAN (US$) of technology, by SOC code, with all other rows of the scope.

    Two-sample z-test with unpooled variances; effect size: Hedges' g.
    """
    chosen = select(df, Question(scope), NAME)
    level = chosen.question.confidence_level
    a, b = chosen.technology("A_MEDIAN")
    estimates = describe_two(a, b)
    difference, stderr = estimates["difference"], estimates["difference_stderr"]
    z = difference / stderr
    half = float(stats.norm.ppf((1 + level) / 2)) * stderr
    interval = Interval("difference of means", difference - half, difference + half)
    two_way = two_way_difference(a, b, level)
    return AnalysisResult(
        name=NAME,
        scope=chosen.question.scope,
        method="two-sample z-test",
        groups=(a.label, b.label),
        statistic=z,
        pvalue=2 * float(stats.norm.sf(abs(z))),
        log10_pvalue=(float(stats.norm.logsf(abs(z))) + math.log(2)) / math.log(10),
        n=(len(a.values), len(b.values)),
        estimates={**estimates, **two_way.estimates},
        interval=interval,
        interval_two_way=two_way.interval,
        effect_size=hedges_g(a.values, b.values, level),
        conclusion=_conclusion(a.label, estimates, lean_on(interval, two_way.interval, level)),
        reasons={"df": "a z-test has none", **two_way.reasons},
    )


def _conclusion(label: str, estimates: dict[str, float], leaning: Leaning) -> str:
    difference, share = estimates["difference"], estimates["probability_of_superiority"]
    gap = more_or_less(difference, 100, ABOVE)
    sure = leaning.clause("it is not settled which are higher", ABOVE)
    return (
        f"Median wages of {label} cells lie about {gap} those of all other cells{sure}; "
        f"{share_text(share if difference >= 0 else 1 - share)} of random pairs go that way."
    )

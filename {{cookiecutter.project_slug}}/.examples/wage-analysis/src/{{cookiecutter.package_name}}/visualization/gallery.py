"""The figures of a run, by the name of their files."""

from collections.abc import Mapping
from typing import get_args

import pandas as pd

from ..analysis.questions import Answers
from ..analysis.results import AnalysisResult, Scope
from ..analysis.selection import Group
from . import comparisons, figures
from .style import Drawing


def draw_all(
    df: pd.DataFrame, answers: Answers, groups: Mapping[str, Group], confidence_level: float
) -> dict[str, Drawing]:
    """Draw every figure of the report.

    Parameters
    ----------
    df : DataFrame
        Preprocessed wages, with their ``attrs``.
    answers, groups, confidence_level
        What `ask` found, and what it was asked with.
    """

    def scopes(name: str) -> dict[Scope, AnalysisResult]:
        return {scope: answers.test(name, scope) for scope in get_args(Scope)}

    pair, level = (groups["management"], groups["production"]), confidence_level
    regression = answers.test("employment_wage_regression")
    return {
        "areas": figures.areas(answers.areas),
        "wage_by_group": figures.wage_by_group(answers.spread),
        "management_vs_production": comparisons.management_vs_production(
            df, scopes("management_vs_production"), *pair, level
        ),
        "employment_vs_wage": comparisons.employment_vs_wage(
            df, scopes("employment_wage_pearson"), regression, level
        ),
        "tech_vs_nontech": comparisons.tech_vs_nontech(
            df, scopes("tech_vs_nontech_ztest"), groups["technology"], level
        ),
        "missing": figures.missing(df),
    }

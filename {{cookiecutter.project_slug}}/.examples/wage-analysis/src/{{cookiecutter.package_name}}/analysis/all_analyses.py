"""Every analysis in every scope: what a run asks of the table, and results.json answers."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, get_args

import pandas as pd

from ..data.row_selection import Question, Scope, select, title_has
from ..settings import Groups
from .areas import AreaEstimate
from .employment_wage import run_pearson_test, run_regression
from .management_vs_production import (
    compare_management_vs_production,
    compare_management_vs_production_paired,
)
from .statistics.number_formats import p_text
from .statistics.results import AnalysisResult
from .tech_vs_nontech import run_ztest
from .wage_by_group import run_anova
from .wage_variance import run_levene_test

logger = logging.getLogger(__name__)

IN_EACH_SCOPE = (
    compare_management_vs_production,
    run_levene_test,
    run_pearson_test,
    run_regression,
    run_ztest,
    run_anova,
)


def ask(df: pd.DataFrame, groups: Groups, confidence_level: float = 0.95) -> list[AnalysisResult]:
    """Run every analysis on preprocessed wages, and log what each finds.

    Raises
    ------
    ProjectError
        If an analysis cannot be done with these rows; it is named.
    """
    questions = [Question(scope, groups, confidence_level) for scope in get_args(Scope)]
    selections = [select(df, question) for question in questions]
    tests = [analyse(chosen) for chosen in selections for analyse in IN_EACH_SCOPE]
    tests.append(compare_management_vs_production_paired(df, questions[0]))
    for test in tests:
        p, n = p_text(test.pvalue, test.log10_pvalue), sum(test.n)
        logger.info("%s (%s): %.6g, %s, n %d", test.name, test.scope, test.statistic, p, n)
    return tests


def describe_data(df: pd.DataFrame, groups: Groups) -> dict[str, Any]:
    """Return what the report says of the rows themselves, beside ``df.attrs["source"]``.

    Returns
    -------
    dict
        ``rows_by_level``; ``article_titles``, the titles that each group's word finds;
        ``top_coded``, the rows whose A_MEAN is top-coded, in all and by major group.
    """
    top = df.loc[df["A_MEAN_TOP_CODED"], "OCC_CODE"].str[:2].value_counts()
    return {
        **df.attrs["source"],
        "rows_by_level": df["O_GROUP"].value_counts().to_dict(),
        "article_titles": {
            group.label: sorted(df.loc[title_has(df, group.title_contains), "OCC_TITLE"].unique())
            for group in (groups.management, groups.production)
        },
        "top_coded": {"rows": int(top.sum()), "major_groups": top.to_dict()},
    }


def area_rows(areas: Sequence[AreaEstimate], n: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Return the `n` lowest and highest areas, and all of them, as results.json holds them."""
    rows = [asdict(area) for area in areas]
    return {"lowest": rows[::-1][:n], "highest": rows[:n], "all": rows}

"""Every analysis in every scope: what a run asks of the table, and results.json answers."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, get_args

import pandas as pd

from ..data.row_selection import Question, Scope, select, title_has
from ..settings import Groups
from . import employment_wage, tech_vs_nontech, wage_by_group, wage_variance
from . import management_vs_production as means
from .areas import AreaEstimate
from .statistics.number_formats import p_text
from .statistics.results import AnalysisResult, Reasons, left_out

logger = logging.getLogger(__name__)

IN_EACH_SCOPE = {
    means.NAME: means.compare_management_vs_production,
    wage_variance.NAME: wage_variance.run_levene_test,
    employment_wage.PEARSON: employment_wage.run_pearson_test,
    employment_wage.REGRESSION: employment_wage.run_regression,
    tech_vs_nontech.NAME: tech_vs_nontech.run_ztest,
    wage_by_group.NAME: wage_by_group.run_anova,
}


def ask(
    df: pd.DataFrame, groups: Groups, confidence_level: float = 0.95
) -> tuple[list[AnalysisResult], Reasons]:
    """Return what every analysis finds in preprocessed wages, and why others cannot be made."""
    tests, reasons = list[AnalysisResult](), Reasons()
    chosen = cache(lambda scope: select(df, Question(scope, groups, confidence_level)))
    for scope in get_args(Scope):
        for name, analyse in IN_EACH_SCOPE.items():
            with left_out(reasons, name, scope):
                tests.append(analyse(chosen(scope)))
    with left_out(reasons, means.PAIRED, "major"):
        question = Question(groups=groups, confidence_level=confidence_level)
        tests.append(means.compare_management_vs_production_paired(df, question))
    for test in tests:
        p, n = p_text(test.pvalue, test.log10_pvalue), sum(test.n)
        logger.info("%s (%s): %.6g, %s, n %d", test.name, test.scope, test.statistic, p, n)
    return tests, reasons


def describe_data(df: pd.DataFrame, groups: Groups) -> dict[str, Any]:
    """Return what the report says of the rows themselves, beside ``df.attrs["source"]``.

    Returns
    -------
    dict
        ``areas``, how many there are; ``rows_by_level``; ``article_titles``, those with A_MEAN that
        a group's word finds; ``top_coded``, the rows with top-coded A_MEAN, also by major group.
    """
    paid = df[df["A_MEAN"].notna()]
    top = df.loc[df["A_MEAN_TOP_CODED"], "OCC_CODE"].str[:2].value_counts()
    return {
        **df.attrs["source"],
        "areas": df["AREA"].nunique(),
        "rows_by_level": df["O_GROUP"].value_counts().to_dict(),
        "article_titles": {
            group.label: sorted({*paid["OCC_TITLE"][title_has(paid, group.title_contains)]})
            for group in (groups.management, groups.production)
        },
        "top_coded": {"rows": int(top.sum()), "major_groups": top.to_dict()},
    }


def area_rows(areas: Sequence[AreaEstimate], n: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Return the `n` lowest and highest areas, and all of them, as results.json holds them."""
    rows = [asdict(area) for area in areas]
    return {"lowest": rows[::-1][:n], "highest": rows[:n], "all": rows}

"""All questions, in every scope: what a run asks of the table, and results.json answers."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

import pandas as pd

from ..models.regression import EmploymentWageRegression, fit_employment_wage
from .areas import AreaComparison, compare_areas
from .employment_wage import run_pearson_test, run_regression
from .management_vs_production import (
    compare_management_vs_production,
    compare_management_vs_production_paired,
)
from .occupations import GroupSpread, correlation_matrix, wage_spread_by_group
from .results import AnalysisResult, Scope
from .selection import Group, scope_rows, title_has
from .tech_vs_nontech import run_ztest
from .wage_by_group import run_anova
from .wage_variance import run_levene_test
from .wording import p_text

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answers:
    """Everything that a run finds: tests, areas, spread, correlations, the fitted regression."""

    tests: tuple[AnalysisResult, ...]
    areas: AreaComparison
    spread: tuple[GroupSpread, ...]
    correlations: pd.DataFrame
    model: EmploymentWageRegression

    def test(self, name: str, scope: str = "detailed") -> AnalysisResult:
        """Return one test by its name in results.json and its scope."""
        return next(item for item in self.tests if (item.name, item.scope) == (name, scope))


def ask(df: pd.DataFrame, groups: Mapping[str, Group], confidence_level: float = 0.95) -> Answers:
    """Run every analysis in both scopes, and log what each finds.

    Parameters
    ----------
    df : DataFrame
        Preprocessed wages.
    groups : mapping of str to Group
        The groups ``management``, ``production`` and ``technology``.
    confidence_level : float
        Level of every interval.

    Raises
    ------
    ProjectError
        If an analysis cannot be done with these rows; it is named.
    """
    pair: dict[str, Any] = {"first": groups["management"], "second": groups["production"]}
    level: dict[str, Any] = {"confidence_level": confidence_level}
    tests: list[AnalysisResult] = []
    for scope in get_args(Scope):
        common: dict[str, Any] = {"scope": scope, **level}
        tests += [
            compare_management_vs_production(df, **pair, **common),
            run_levene_test(df, **pair, **common),
            run_pearson_test(df, **common),
            run_regression(df, **common),
            run_ztest(df, group=groups["technology"], **common),
            run_anova(df, **common),
        ]
    tests.append(compare_management_vs_production_paired(df, **pair, **level))
    for test in tests:
        p = p_text(test.pvalue, test.log10_pvalue) if test.pvalue is not None else "no p"
        n = sum(test.n)
        logger.info("%s (%s): %.6g, %s, n %d", test.name, test.scope, test.statistic, p, n)
    detailed = scope_rows(df, "detailed", "correlations")
    return Answers(
        tests=tuple(tests),
        areas=compare_areas(df, **level),
        spread=wage_spread_by_group(df),
        correlations=correlation_matrix(detailed),
        model=fit_employment_wage(detailed),
    )


def describe_data(df: pd.DataFrame, groups: Mapping[str, Group]) -> dict[str, Any]:
    """Return what the report says of the rows themselves, beside ``df.attrs["source"]``.

    Returns
    -------
    dict
        ``rows_by_level``; ``article_titles``, the titles that each group's word finds;
        ``top_coded``, the rows whose A_MEAN is top-coded, in all and by major group.
    """
    compared = (groups["management"], groups["production"])
    titles = {
        group.label: sorted(df.loc[title_has(df, group.title_contains), "OCC_TITLE"].unique())
        for group in compared
    }
    top = df.loc[df["A_MEAN_TOP_CODED"], "OCC_CODE"].str[:2].value_counts()
    return {
        **df.attrs["source"],
        "rows_by_level": {str(k): int(v) for k, v in df["O_GROUP"].value_counts().items()},
        "article_titles": titles,
        "top_coded": {
            "rows": int(top.sum()),
            "major_groups": {str(code): int(count) for code, count in top.items()},
        },
    }


def area_rows(areas: AreaComparison, n: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Return the `n` lowest and highest areas, and all of them, as results.json holds them."""
    chosen = {"lowest": areas.lowest(n), "highest": areas.highest(n), "all": areas.areas}
    return {name: [asdict(area) for area in found] for name, found in chosen.items()}

"""Mistakes that this data invites, each made or nearly made by somebody before."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.clustered import two_way_slope
from {{ cookiecutter.package_name }}.analysis.employment_wage import (
    run_pearson_test,
    run_regression,
)
from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production,
)
from {{ cookiecutter.package_name }}.analysis.results import AnalysisResult
from {{ cookiecutter.package_name }}.analysis.selection import code_starts, title_has
from {{ cookiecutter.package_name }}.analysis.tech_vs_nontech import run_ztest
from {{ cookiecutter.package_name }}.analysis.wage_by_group import run_anova
from {{ cookiecutter.package_name }}.analysis.wage_variance import run_levene_test
from {{ cookiecutter.package_name }}.analysis.wording import p_text
from {{ cookiecutter.package_name }}.study import ProjectError


def small(codes: str, wages: list[float], jobs: list[float] | None = None) -> pd.DataFrame:
    """Return detailed rows in as many areas as there are rows."""
    df = pd.DataFrame({"OCC_CODE": codes.split(), "A_MEAN": wages, "A_MEDIAN": wages})
    df["AREA"] = [f"{i:02}" for i in range(len(df))]
    return df.assign(O_GROUP="detailed", TOT_EMP=jobs or 10.0, OCC_TITLE=df["OCC_CODE"])


@pytest.mark.parametrize("dtype", ["str", "object"])
def test_titles_are_found_literally_in_any_case_and_missing_ones_are_not(dtype: str) -> None:
    titles = ["MANAGEMENT", None, "Manage.ment", "Cost (management)"]
    rows = pd.DataFrame({"OCC_TITLE": pd.Series(titles, dtype=dtype)})
    assert title_has(rows, "management").tolist() == [True, False, False, True]
    assert title_has(rows, "e.m").tolist() == [False, False, True, False]
    assert title_has(rows, "(").tolist() == [False, False, False, True]


def test_the_code_alone_counts_the_major_rows_too(wages: pd.DataFrame) -> None:
    held = wages[wages["A_MEAN"].notna()]
    assert code_starts(held, "11").sum() == 1875
    assert compare_management_vs_production(wages).n[0] == 1821
    assert title_has(wages, "management").sum() == 244
    assert wages["OCC_TITLE"].str.contains("management").sum() == 0


def test_variances_divide_by_n_less_one(wages: pd.DataFrame) -> None:
    result = compare_management_vs_production(wages, scope="article")
    words = ("management", "production")
    groups = [wages.loc[title_has(wages, word), "A_MEAN"].dropna() for word in words]
    wrong = math.sqrt(sum(group.var(ddof=0) / len(group) for group in groups))
    assert result.estimates["difference"] / wrong == pytest.approx(14.052431)
    assert result.statistic < 14.03


def test_signs_are_management_less_production_and_technology_less_the_rest() -> None:
    df = small("11-1 11-2 51-1 51-2 15-1 15-2", [9.0, 8, 2, 1, 30, 40])
    assert compare_management_vs_production(df).estimates["difference"] == 7
    assert run_ztest(df).estimates["difference"] == 30


def test_levene_is_centred_on_the_median(wages: pd.DataFrame) -> None:
    result = run_levene_test(wages, scope="article")
    assert result.pvalue is not None
    assert result.pvalue > 0.4
    assert result.estimates["mean_centred_pvalue"] < 0.05  # what other programs would print


@pytest.mark.parametrize(
    ("p", "log10_p", "text"),
    [
        (0.0, None, "p < 1e-300"),
        (0.0, -547.3, "p < 1e-300"),
        (2e-38, -37.7, "p < 0.001"),
        (0.0193, None, "p = 0.019"),
        (0.99999, None, "p > 0.99"),
    ],
)
def test_p_is_never_said_to_be_zero(p: float, log10_p: float | None, text: str) -> None:
    assert p_text(p, log10_p) == text


def test_an_underflow_is_null_with_its_reason(wages: pd.DataFrame) -> None:
    result = compare_management_vs_production(wages).to_dict()
    assert (result["pvalue"], result["log10_pvalue"]) == (0.0, None)
    assert result["reasons"]["log10_pvalue"] == "p < 1e-300"


@pytest.mark.parametrize("change", [{"statistic": math.nan}, {"n": (np.inf,)}, {"pvalue": None}])
def test_a_result_refuses_what_json_cannot_say(change: dict[str, float | None]) -> None:
    good = vars(run_anova(small("11-1 11-1 51-1 51-1", [1.0, 2, 3, 4])))
    with pytest.raises(ValueError, match=r"JSON|no reason for pvalue"):
        AnalysisResult(**(good | change))


SINGLE = ("11-1 51-1 51-2 51-3", [9.0, 1, 2, 3])
CONSTANT = ("11-1 11-2 51-1 51-2", [9.0, 9, 1, 1])


@pytest.mark.parametrize(
    ("run", "rows", "message"),
    [
        (compare_management_vs_production, SINGLE, "'management' has 1 rows"),
        (run_levene_test, SINGLE, "'management' has 1 rows"),
        (run_ztest, SINGLE, "'computer and mathematical' has 0 rows"),
        (compare_management_vs_production, CONSTANT, "varies neither"),
        (run_levene_test, CONSTANT, "varies neither"),
        (run_levene_test, ("11-1 11-2 51-1 51-2", [9.0, 8, 1, 4]), "varies neither"),
        (run_ztest, ("15-1 15-2 51-1 51-2", [9.0, 9, 1, 1]), "varies neither"),
        (run_anova, CONSTANT, "4 rows with A_MEAN in 2 major groups"),
        (run_anova, ("11-1 11-2", [1.0, 2]), "2 rows with A_MEAN in 1 major groups"),
        (run_pearson_test, CONSTANT, "both columns must vary"),
        (run_regression, ("11-1 11-2", [1.0, 2]), "three are needed"),
    ],
)
def test_groups_of_one_and_constants_are_clear_errors(run, rows, message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        run(small(*rows))


@pytest.mark.parametrize(
    ("wages", "jobs"), [([1.0, 2, 4], [3.0, 1, 2]), ([2.0, 4, 6, 8], [1.0, 2, 3, 4])]
)
def test_three_rows_or_a_perfect_line_have_no_fisher_interval(wages, jobs) -> None:
    result = run_pearson_test(small("11-1 11-2 11-1 11-2"[: 5 * len(wages) - 1], wages, jobs))
    assert result.interval is None
    assert set(result.reasons) >= {"interval", "effect_size", "interval_two_way"}
    json.dumps(result.to_dict(), allow_nan=False)


def test_a_two_way_interval_of_a_correlation_ends_at_one() -> None:
    result = run_pearson_test(small("11-1 11-2 11-1 11-2", [1.0, 2, 4, 3], [1.0, 2, 3, 4]))
    assert result.interval_two_way is not None
    assert (result.interval_two_way.low, result.interval_two_way.high) == (-1, 1)


def test_a_constant_group_still_has_a_levene_test_but_no_ratio() -> None:
    result = run_levene_test(small("11-1 11-2 11-3 51-1 51-2 51-3", [5.0, 5, 5, 1, 2, 9]))
    assert result.effect_size is None
    assert "no ratio" in result.conclusion


def test_a_row_of_leverage_one_has_no_hc3() -> None:
    df = small("11-1 11-2 11-1 11-2", [1.0, 2, 4, 9], [5.0, 5, 5, 90])
    assert run_regression(df).reasons["effect_size"].startswith("one row has leverage 1")


def test_a_negative_two_way_variance_gives_way_to_the_larger_one_way_one() -> None:
    x, y = np.array([1.0, 1, 2, 3, 0, 3]), np.array([2.0, 1, 2, 2, 1, 1])
    found = two_way_slope(x, y, np.array(list("aabbcc")), np.array(list("dedede"))).estimates
    assert found["two_way_stderr"] == found["area_stderr"] > found["occupation_stderr"] > 0


def test_hc3_is_fixed_beforehand_since_hc1_would_call_the_slope_significant(
    wages: pd.DataFrame,
) -> None:
    result = run_regression(wages, scope="article")
    assert result.effect_size is not None
    assert result.effect_size.low < 0 < result.effect_size.high
    rows = wages.dropna(subset=["TOT_EMP", "A_MEAN"])
    x = rows["TOT_EMP"] - rows["TOT_EMP"].mean()
    residuals = rows["A_MEAN"] - rows["A_MEAN"].mean() - result.statistic * x
    hc0 = math.sqrt(((x * residuals) ** 2).sum()) / (x**2).sum()
    assert result.statistic + 1.96 * hc0 < 0

"""The sentences stay true whatever the data say: each direction, each doubt, each level."""

import doctest

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis import wording
from {{ cookiecutter.package_name }}.analysis.employment_wage import (
    run_pearson_test,
    run_regression,
)
from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production,
    compare_management_vs_production_paired,
)
from {{ cookiecutter.package_name }}.analysis.results import Interval, TwoWayInterval
from {{ cookiecutter.package_name }}.analysis.tech_vs_nontech import run_ztest
from {{ cookiecutter.package_name }}.analysis.wage_by_group import run_anova
from {{ cookiecutter.package_name }}.analysis.wage_variance import run_levene_test


def cells(gap: float = 0, spread: float = 1, slope: float = 0, first: str = "11") -> pd.DataFrame:
    """Return 45 areas x 40 occupations; the even ones differ from SOC 51 by `gap` and `spread`."""
    rng = np.random.default_rng(3)
    area, occupation = (grid.ravel() for grid in np.indices((45, 40)))
    even = occupation % 2 == 0
    noise = rng.normal(0, 500, 40)[occupation] + rng.normal(0, 2000, len(area))
    jobs = rng.integers(30, 5000, len(area)).astype(float)
    wage = 90_000 + gap * even + noise * np.where(even, spread, 1) + slope * jobs
    return pd.DataFrame(
        {
            "AREA": [f"{i:02}" for i in area],
            "OCC_CODE": [f"{(first, 51)[i % 2]}-{i:04}" for i in occupation],
            "OCC_TITLE": [f"{('Management', 'Production')[i % 2]} {i}" for i in occupation],
            "O_GROUP": "detailed",
            "TOT_EMP": jobs,
            "A_MEAN": wage,
            "A_MEDIAN": wage,
        }
    )


@pytest.mark.parametrize("scope", ["article", "detailed"])
@pytest.mark.parametrize(
    ("gap", "says"), [(30_000, "00 more, allowing"), (-30_000, "00 less, allowing"), (0, "less to")]
)
def test_difference(scope, gap: float, says: str) -> None:
    result = compare_management_vs_production(cells(gap), scope=scope, confidence_level=0.9)
    noun = "titles" if scope == "article" else "occupations"
    assert f"(20 {noun} against 20)" in result.conclusion
    assert says in result.conclusion
    assert "90 % interval" in result.conclusion
    assert ("do not settle" in result.conclusion) == (gap == 0)
    assert "too narrow" not in result.conclusion  # 40 clusters are enough


@pytest.mark.parametrize(
    ("spread", "says"), [(9, "more widely"), (0.1, "less widely"), (1, "No difference in spread")]
)
def test_spread(spread: float, says: str) -> None:
    conclusion = run_levene_test(cells(spread=spread)).conclusion
    assert says in conclusion
    assert ("does not prove equality" in conclusion) == (spread == 1)
    assert ("relative to their level" in conclusion) == (spread != 1)


def test_spread_tells_which_tests_of_independent_rows_say_otherwise(wages: pd.DataFrame) -> None:
    conclusion = run_levene_test(wages, scope="article").conclusion
    assert "otherwise about the mean (p = 0.035) and on the log scale (p < 0.001)" in conclusion
    assert "resting on only 11 areas or occupations" in conclusion


@pytest.mark.parametrize(("gap", "says"), [(30_000, "above"), (-30_000, "below"), (0, "to $")])
def test_technology(gap: float, says: str) -> None:
    conclusion = run_ztest(cells(gap, first="15")).conclusion
    assert f"00 {says}" in conclusion or gap == 0
    assert ("100 % of random pairs go that way" in conclusion) == (gap != 0)
    assert ("not settled" in conclusion) == (gap == 0)


@pytest.mark.parametrize(
    ("slope", "sign", "wage"), [(5, "positive", "higher"), (-5, "negative", "lower")]
)
def test_employment_that_matters(slope: float, sign: str, wage: str) -> None:
    df = cells(slope=slope)
    assert f"the {sign} relation" in run_pearson_test(df).conclusion
    assert ") stands, allowing for" in run_pearson_test(df).conclusion
    assert f" {wage}, allowing for" in run_regression(df).conclusion
    assert "too little" not in run_regression(df).conclusion


def test_employment_that_does_not_matter() -> None:
    assert "cannot be told from none" in run_pearson_test(cells()).conclusion
    assert "so no relation is shown" in run_regression(cells()).conclusion
    assert "too little to predict a wage" in run_regression(cells()).conclusion


@pytest.mark.parametrize(
    ("gap", "says"), [(90_000, "the smaller part lies"), (2000, "the larger part lies"), (0, "0 %")]
)
def test_groups(gap: float, says: str) -> None:
    result = run_anova(cells(gap))
    assert says in result.conclusion
    assert ("it may be none at all" in result.conclusion) == (gap == 0)
    assert (result.groups, result.n) == (("11", "51"), (900, 900))


def test_groups_of_one_occupation_each_say_nothing_between_occupations() -> None:
    result = run_anova(cells(2000).query("OCC_CODE in ['11-0000', '51-0001']"))
    assert "occupation_means_f" not in result.estimates
    assert "too few occupations" in result.conclusion


@pytest.mark.parametrize(
    ("differences", "says"),
    [
        ((30, 40, 50), "In every one of the 3 areas management is paid more"),
        ((-30, -40, -50), "In every one of the 3 areas management is paid less"),
        ((-30, 40, 60), "In 2 of 3 areas management is paid more"),
        ((30, -40, -60), "In 2 of 3 areas management is paid less"),
    ],
)
def test_paired(differences: tuple[float, ...], says: str) -> None:
    rows = [
        (f"{i}", f"{i}", code, "major", 100.0 + part, 1.0)
        for i, difference in enumerate(differences)
        for code, part in (("11-0000", difference), ("51-0000", 0.0))
    ]
    names = ["AREA", "AREA_TITLE", "OCC_CODE", "O_GROUP", "A_MEAN", "MEAN_PRSE"]
    result = compare_management_vs_production_paired(pd.DataFrame(rows, columns=names))
    assert result.conclusion.startswith(says)
    assert ("do not settle" in result.conclusion) == ("every" not in says)


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (60084, 85504, "$60,100 to $85,500 more"),
        (-85504, -60084, "$60,100 to $85,500 less"),
        (-510, 71182, "$500 less to $71,200 more"),
        (-30, 30, "$30 less to $30 more"),
        (0, 500, "$0 to $500 more"),
    ],
)
def test_ends(low: float, high: float, ends: str) -> None:
    assert wording.lean_on(Interval("", low, high), None, 0.95).ends() == ends


def test_sentences_lean_on_the_two_way_interval_where_there_is_one() -> None:
    naive = Interval("difference", 1, 2)
    leaning = wording.lean_on(naive, TwoWayInterval(-5, 8, 10), 0.99)
    assert (leaning.low, leaning.high, leaning.name) == (-5, 8, "99 % interval")
    assert "only 11 areas or occupations" in leaning.caution
    assert wording.lean_on(naive, TwoWayInterval(-5, 8, 39), 0.95).caution == ""


def test_examples_of_the_wording() -> None:
    tried = doctest.testmod(wording)
    assert (tried.attempted, tried.failed) == (5, 0)

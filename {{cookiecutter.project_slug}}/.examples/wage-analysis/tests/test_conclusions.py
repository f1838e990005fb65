"""The sentences stay true whatever the data say: each direction, each doubt, each level."""

import doctest

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.employment_wage import (
    run_pearson_test,
    run_regression,
)
from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production,
    compare_management_vs_production_paired,
)
from {{ cookiecutter.package_name }}.analysis.statistics import number_formats
from {{ cookiecutter.package_name }}.analysis.statistics.results import Interval, TwoWayInterval
from {{ cookiecutter.package_name }}.analysis.tech_vs_nontech import run_ztest
from {{ cookiecutter.package_name }}.analysis.wage_by_group import run_anova
from {{ cookiecutter.package_name }}.analysis.wage_variance import run_levene_test
from {{ cookiecutter.package_name }}.data.row_selection import Question, select

WELCH = compare_management_vs_production


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


SETTLED, OPEN = ("90 % interval",), ("do not settle", "less to", "90 % interval")
RELATIVE, NO_PROOF = "relative to their level", "does not prove equality"
ALL_PAIRS, NONE_AT_ALL = "100 % of random pairs go that way", "it may be none at all"


@pytest.mark.parametrize(
    ("run", "data", "says", "never"),
    [
        (WELCH, {"gap": 30_000}, ("00 more, allowing", *SETTLED), ("do not settle", "too narrow")),
        (WELCH, {"gap": -30_000}, ("00 less, allowing", *SETTLED), ("do not settle",)),
        (WELCH, {}, OPEN, ("too narrow",)),  # 40 clusters are enough
        (run_levene_test, {"spread": 9}, ("more widely", RELATIVE), (NO_PROOF,)),
        (run_levene_test, {"spread": 0.1}, ("less widely", RELATIVE), (NO_PROOF,)),
        (run_levene_test, {}, ("No difference in spread", NO_PROOF), (RELATIVE,)),
        (run_ztest, {"gap": 30_000, "first": "15"}, ("00 above", ALL_PAIRS), ("not settled",)),
        (run_ztest, {"gap": -30_000, "first": "15"}, ("00 below", ALL_PAIRS), ("not settled",)),
        (run_ztest, {"first": "15"}, ("to $", "not settled"), (ALL_PAIRS,)),
        (run_pearson_test, {"slope": 5}, ("the positive relation", ") stands, allowing for"), ()),
        (run_pearson_test, {"slope": -5}, ("the negative relation", ") stands, allowing for"), ()),
        (run_pearson_test, {}, ("cannot be told from none", "tiny"), (") stands",)),
        (run_regression, {"slope": 5}, (" higher, allowing for",), ("too little",)),
        (run_regression, {"slope": -5}, (" lower, allowing for",), ("too little",)),
        (run_regression, {}, ("so no relation is shown", "too little to predict a wage"), ()),
        (run_anova, {"gap": 90_000}, ("the smaller part lies",), (NONE_AT_ALL,)),
        (run_anova, {"gap": 2000}, ("the larger part lies",), (NONE_AT_ALL,)),
        (run_anova, {}, ("0 %", NONE_AT_ALL), ()),
    ],
)
def test_a_sentence_says_the_direction_and_the_doubt(run, data, says, never):
    df = cells(**data)
    for scope, noun in (("article", "titles"), ("detailed", "occupations")):
        result = run(select(df, Question(scope, confidence_level=0.9)))
        said = says + ((f"(20 {noun} against 20)",) if run is WELCH else ())
        assert [part for part in said if part not in result.conclusion] == []
        assert [part for part in never if part in result.conclusion] == []


def test_spread_tells_which_tests_of_independent_rows_say_otherwise(found):
    conclusion = found["wage_variance_levene"]["article"]["conclusion"]
    assert "otherwise about the mean (p = 0.035) and on the log scale (p < 0.001)" in conclusion
    assert "resting on only 11 areas or occupations" in conclusion


def test_groups_of_one_occupation_each_say_nothing_between_occupations():
    assert run_anova(cells()).groups == ("11", "51")
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
def test_paired(differences, says):
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
def test_ends(low, high, ends):
    assert number_formats.lean_on(Interval("", low, high), None, 0.95).ends() == ends


def test_sentences_lean_on_the_two_way_interval_where_there_is_one():
    naive = Interval("difference", 1, 2)
    leaning = number_formats.lean_on(naive, TwoWayInterval(-5, 8, 10), 0.99)
    assert (leaning.low, leaning.high, leaning.name) == (-5, 8, "99 % interval")
    assert "only 11 areas or occupations" in leaning.caution
    assert number_formats.lean_on(naive, TwoWayInterval(-5, 8, 39), 0.95).caution == ""


def test_examples_of_the_wording():
    tried = doctest.testmod(number_formats)
    assert (tried.attempted, tried.failed) == (6, 0)


@pytest.mark.parametrize(
    ("p", "log10_p", "text"),
    [
        (0.0, None, "p < 1e-300"),
        (0.0, -547.3, "p < 1e-300"),
        (2e-38, -37.7, "p < 0.001"),
        (0.0193, None, "p = 0.019"),
        (0.99999, None, "p > 0.99"),
        (None, None, "no p"),
    ],
)
def test_p_is_never_said_to_be_zero(p, log10_p, text):
    assert number_formats.p_text(p, log10_p) == text

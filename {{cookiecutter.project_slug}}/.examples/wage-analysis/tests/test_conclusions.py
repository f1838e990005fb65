"""The sentences stay true whatever the data say: each direction, each doubt, each level."""

import doctest

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.all_analyses import IN_EACH_SCOPE
from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production_paired,
)
from {{ cookiecutter.package_name }}.analysis.statistics import number_formats
from {{ cookiecutter.package_name }}.analysis.statistics.results import Interval, TwoWayInterval
from {{ cookiecutter.package_name }}.data.row_selection import Question, select

WELCH, LEVENE, PEARSON, REGRESSION, Z_TEST, ANOVA, *_ = IN_EACH_SCOPE.values()


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
        (LEVENE, {"spread": 9}, ("more widely", RELATIVE), (NO_PROOF,)),
        (LEVENE, {"spread": 0.1}, ("less widely", RELATIVE), (NO_PROOF,)),
        (LEVENE, {}, ("No difference in spread", NO_PROOF), (RELATIVE,)),
        (Z_TEST, {"gap": 30_000, "first": "15"}, ("00 above", ALL_PAIRS), ("not settled",)),
        (Z_TEST, {"gap": -30_000, "first": "15"}, ("00 below", ALL_PAIRS), ("not settled",)),
        (Z_TEST, {"first": "15"}, ("to $", "not settled"), (ALL_PAIRS,)),
        (PEARSON, {"slope": 5}, ("the positive relation", ") stands, allowing for"), ()),
        (PEARSON, {"slope": -5}, ("the negative relation", ") stands, allowing for"), ()),
        (PEARSON, {}, ("cannot be told from none", "tiny"), (") stands",)),
        (REGRESSION, {"slope": 5}, (" higher, allowing for",), ("too little",)),
        (REGRESSION, {"slope": -5}, (" lower, allowing for",), ("too little",)),
        (REGRESSION, {}, ("so no relation is shown", "too little to predict a wage"), ()),
        (ANOVA, {"gap": 90_000}, ("the smaller part lies",), (NONE_AT_ALL,)),
        (ANOVA, {"gap": 2000}, ("the larger part lies",), (NONE_AT_ALL,)),
        (ANOVA, {}, ("0 %", NONE_AT_ALL), ()),
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
    result = ANOVA(cells(2000).query("OCC_CODE in ['11-0000', '51-0001']"))
    assert result.groups == ("11", "51")
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
    wages = [100.0 + part for difference in differences for part in (difference, 0)]
    df = pd.DataFrame({"A_MEAN": wages, "O_GROUP": "major", "MEAN_PRSE": 1.0})
    df["AREA"] = df["AREA_TITLE"] = [str(i // 2) for i in df.index]
    df["OCC_CODE"] = ["11-0000", "51-0000"] * len(differences)
    conclusion = compare_management_vs_production_paired(df).conclusion
    assert conclusion.startswith(says)
    assert ("do not settle" in conclusion) == ("every" not in says)


def test_sentences_lean_on_the_two_way_interval_where_there_is_one():
    naive, lean_on = Interval("difference", 1, 2), number_formats.lean_on
    leaning = lean_on(naive, TwoWayInterval(-5, 8, 10), 0.99)
    assert (leaning.low, leaning.high, leaning.name) == (-5, 8, "99 % interval")
    assert "only 11 areas or occupations" in leaning.caution
    assert lean_on(naive, TwoWayInterval(-5, 8, 39), 0.95).caution == ""
    ends = {
        (60084, 85504): "$60,100 to $85,500 more",
        (-85504, -60084): "$60,100 to $85,500 less",
        (-510, 71182): "$500 less to $71,200 more",
        (-30, 30): "$30 less to $30 more",
        (0, 500): "$0 to $500 more",
    }
    for (low, high), said in ends.items():
        assert lean_on(Interval("", low, high), None, 0.95).ends() == said


def test_examples_of_the_wording_and_p_is_never_said_to_be_zero():
    tried = doctest.testmod(number_formats)
    assert (tried.attempted, tried.failed) == (7, 0)
    ps = [(0.0, -547.3), (2e-38, -37.7), (0.0193, None), (0.99999, None), (None, None)]
    said = ["p < 0.001", "p < 0.001", "p = 0.019", "p > 0.99", "no p"]
    assert [number_formats.p_text(*each) for each in ps] == said

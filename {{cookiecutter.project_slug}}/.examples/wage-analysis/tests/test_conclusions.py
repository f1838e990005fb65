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
from {{ cookiecutter.package_name }}.analysis.results import (
    AnalysisResult,
    Interval,
    TwoWayInterval,
)
from {{ cookiecutter.package_name }}.analysis.tech_vs_nontech import run_ztest
from {{ cookiecutter.package_name }}.analysis.wage_by_group import run_anova
from {{ cookiecutter.package_name }}.analysis.wage_variance import run_levene_test
from {{ cookiecutter.package_name }}.analysis.wording import lean_on, p_text

AREAS, OCCUPATIONS = 45, 40


def cells(gap: float = 0.0, spread: float = 1.0, slope: float = 0.0) -> pd.DataFrame:
    """Return 45 areas x 40 occupations; the even ones, SOC 11, differ by `gap` and `spread`."""
    rng = np.random.default_rng(3)
    area, occupation = (grid.ravel() for grid in np.indices((AREAS, OCCUPATIONS)))
    first = occupation % 2 == 0
    noise = rng.normal(0, 1000, OCCUPATIONS)[occupation] + rng.normal(0, 5000, len(area))
    jobs = rng.integers(30, 5000, len(area)).astype(float)
    wage = 60_000 + gap * first + noise * np.where(first, spread, 1) + slope * jobs
    return pd.DataFrame(
        {
            "AREA": [f"{i:02}" for i in area],
            "OCC_CODE": [f"{(11, 51)[i % 2]}-{i:04}" for i in occupation],
            "OCC_TITLE": [f"{('Management', 'Production')[i % 2]} {i}" for i in occupation],
            "O_GROUP": "detailed",
            "TOT_EMP": jobs,
            "A_MEAN": wage,
            "A_MEDIAN": wage,
        }
    )


def tech(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(OCC_CODE=df["OCC_CODE"].str.replace("11-", "15-"))


@pytest.mark.parametrize("scope", ["article", "detailed"])
@pytest.mark.parametrize(
    ("gap", "says"),
    [(30_000, " more, allowing"), (-30_000, " less, allowing"), (0, " less to $1")],
)
def test_difference(scope, gap: float, says: str) -> None:
    result = compare_management_vs_production(cells(gap), scope=scope, confidence_level=0.9)
    noun = "titles" if scope == "article" else "occupations"
    assert f"(20 {noun} against 20)" in result.conclusion
    assert says in result.conclusion
    assert "90 % interval" in result.conclusion
    assert ("do not settle" in result.conclusion) == (gap == 0)
    assert ("times as much" in result.conclusion) == (result.estimates["mean_2"] > 0)
    assert "too narrow" not in result.conclusion  # 40 clusters are enough


@pytest.mark.parametrize(
    ("spread", "says"), [(9, "more widely"), (0.1, "less widely"), (1, "No difference in spread")]
)
def test_spread(spread: float, says: str) -> None:
    conclusion = run_levene_test(cells(spread=spread)).conclusion
    assert says in conclusion
    assert ("does not prove equality" in conclusion) == (spread == 1)
    assert ("relative to their level" in conclusion) == (spread != 1)


def test_spread_tells_which_tests_of_independent_rows_say_otherwise() -> None:
    one = cells(spread=3)
    one = one[one["OCC_CODE"].isin(["11-0000", "51-0001", "51-0003"])]
    result = run_levene_test(one)
    assert result.pvalue is not None
    assert result.pvalue < 0.05
    assert "say otherwise about the median (p < 0.001)" in result.conclusion
    assert "resting on only 3 areas or occupations" in result.conclusion


@pytest.mark.parametrize(
    ("gap", "says", "share"), [(30_000, "above", ">="), (-30_000, "below", ">="), (0, "above", "")]
)
def test_technology(gap: float, says: str, share: str) -> None:
    result = run_ztest(tech(cells(gap)))
    assert f"{says} those of all other cells" in result.conclusion or gap == 0
    assert ("not settled" in result.conclusion) == (gap == 0)
    if share:
        assert "100 % of random pairs" in result.conclusion


@pytest.mark.parametrize(
    ("slope", "sign", "wage"), [(5, "positive", "higher"), (-5, "negative", "lower"), (0, "", "")]
)
def test_employment(slope: float, sign: str, wage: str) -> None:
    df = cells(slope=slope)
    pearson, regression = run_pearson_test(df), run_regression(df)
    if slope:
        assert f"the {sign} relation" in pearson.conclusion
        assert ") stands, allowing for" in pearson.conclusion
        assert f"${10 * abs(slope)},".replace("$50", "$") not in regression.conclusion or slope
        assert f" {wage}, allowing for" in regression.conclusion
        assert "too little" not in regression.conclusion
    else:
        assert "tiny" in pearson.conclusion
        assert "cannot be told from none" in pearson.conclusion
        assert "so no relation is shown" in regression.conclusion
        assert "too little to predict a wage" in regression.conclusion


@pytest.mark.parametrize(
    ("gap", "says"), [(90_000, "the smaller part lies inside"), (9000, "the larger part"), (0, "0 %")]
)
def test_groups(gap: float, says: str) -> None:
    result = run_anova(cells(gap))
    assert says in result.conclusion
    assert ("it may be none at all" in result.conclusion) == (gap == 0)
    assert len(result.n) == len(result.groups) == 2
    assert sum(result.n) == AREAS * OCCUPATIONS


def test_groups_of_one_occupation_each_have_no_interval_between_occupations() -> None:
    df = cells(9000)
    result = run_anova(df[df["OCC_CODE"].isin(["11-0000", "51-0001"])])
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
        (f"{i}", code, "major", 100.0 + part, 1.0)
        for i, difference in enumerate(differences)
        for code, part in (("11-0000", difference), ("51-0000", 0.0))
    ]
    df = pd.DataFrame(rows, columns=["AREA", "OCC_CODE", "O_GROUP", "A_MEAN", "MEAN_PRSE"])
    result = compare_management_vs_production_paired(df.assign(AREA_TITLE=df["AREA"]))
    assert result.conclusion.startswith(says)
    one_sided = len({difference > 0 for difference in differences}) == 1
    assert ("do not settle" in result.conclusion) != one_sided


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
    assert lean_on(Interval("", low, high), None, 0.95).ends() == ends


def test_sentences_lean_on_the_two_way_interval_where_there_is_one() -> None:
    naive, two_way = Interval("difference", 1, 2), TwoWayInterval(-5, 8, 10)
    leaning = lean_on(naive, two_way, 0.99)
    assert (leaning.low, leaning.high, leaning.includes_zero) == (-5, 8, True)
    assert leaning.name == "99 % interval"
    assert "only 11 areas or occupations" in leaning.caution
    assert lean_on(naive, TwoWayInterval(-5, 8, 39), 0.95).caution == ""


@pytest.mark.parametrize(
    ("p", "log10_p", "text"),
    [
        (0.0, None, "p < 1e-300"),
        (1e-320, None, "p < 1e-300"),
        (0.0, -547.3, "p < 1e-300"),
        (2e-38, -37.7, "p < 0.001"),
        (0.0193, None, "p = 0.019"),
        (0.99999, None, "p > 0.99"),
    ],
)
def test_p_is_never_said_to_be_zero(p: float, log10_p: float | None, text: str) -> None:
    assert p_text(p, log10_p) == text


def test_examples_of_the_wording() -> None:
    tried = doctest.testmod(wording)
    assert tried.attempted >= 5
    assert tried.failed == 0


@pytest.mark.parametrize("change", [{"statistic": float("nan")}, {"pvalue": None}])
def test_a_result_refuses_what_json_cannot_say(change: dict[str, float | None]) -> None:
    good = vars(run_anova(cells(9000)))
    with pytest.raises(ValueError, match="JSON|no reason for pvalue"):
        AnalysisResult(**(good | change))

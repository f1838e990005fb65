"""Every analysis on frames small enough for a pocket calculator, and on what cannot be asked."""

import json
import math
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from {{ cookiecutter.package_name }}.analysis.all_analyses import IN_EACH_SCOPE
from {{ cookiecutter.package_name }}.analysis.areas import compare_areas
from {{ cookiecutter.package_name }}.analysis.employment_wage import correlation_matrix
from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production_paired,
)
from {{ cookiecutter.package_name }}.analysis.statistics.results import AnalysisResult
from {{ cookiecutter.package_name }}.analysis.wage_by_group import PERCENTILES, wage_spread_by_group
from {{ cookiecutter.package_name }}.data.row_selection import Question, select, title_has
from {{ cookiecutter.package_name }}.engine import ProjectError
from {{ cookiecutter.package_name }}.models.regression import fit_employment_wage
from {{ cookiecutter.package_name }}.settings import Group, Groups

WELCH, LEVENE, PEARSON, REGRESSION, Z_TEST, ANOVA, *_ = IN_EACH_SCOPE.values()
PAIRED = compare_management_vs_production_paired


def small(codes: str, wages: list[float], jobs: list[float] | None = None) -> pd.DataFrame:
    """Return detailed rows in as many areas as there are rows."""
    df = pd.DataFrame({"OCC_CODE": codes.split(), "A_MEAN": wages, "A_MEDIAN": wages})
    df["AREA"] = df["AREA_TITLE"] = [f"{i:02}" for i in range(len(df))]
    more = {"TOT_EMP": jobs or 10.0, "OCC_TITLE": df["OCC_CODE"], "MEAN_PRSE": 1.0}
    return df.assign(O_GROUP="detailed", **more)


@pytest.fixture
def df() -> pd.DataFrame:
    """Return cells whose means, spreads and pairs are seen at a glance, two in each area."""
    wages = [200.0, 100, 220, 120, 40, 30, 50, math.nan]
    codes = "11-10 11-91 11-10 11-91 51-40 51-91 51-40 51-91"
    return small(codes, wages).assign(AREA=["01", "01", "02", "02"] * 2)


def test_welch_by_hand(df):
    before = df.copy(deep=True)
    result = WELCH(df)
    pd.testing.assert_frame_equal(df, before)
    with pytest.raises(FrozenInstanceError):
        result.statistic = 0.0
    assert (result.groups, result.n) == (("management", "production"), (4, 3))
    expected = {"mean_1": 160, "mean_2": 40, "difference": 120, "ratio_of_means": 4}
    expected |= {"probability_of_superiority": 1, "occupations_1": 2, "occupations_2": 2}
    assert result.estimates.items() >= expected.items()
    stderr = math.sqrt((40**2 + 60**2 + 60**2 + 40**2) / 3 / 4 + 100 / 3)
    assert result.statistic == pytest.approx(120 / stderr)
    single = WELCH(df.assign(AREA="01"))
    assert single.interval_two_way is None
    assert "1 areas" in single.reasons["interval_two_way"]
    assert "taking the rows as independent" in single.conclusion
    titles = ["MANAGEMENT"] * 3 + ["Other"] + ["Production"] * 2 + ["Mass production"] * 2
    article = WELCH(df.assign(OCC_TITLE=titles, O_GROUP="major"), scope="article")
    counted = (article.estimates["occupations_1"], article.estimates["occupations_2"])
    assert (article.n, counted) == ((3, 3), (1, 2))


def test_groups_and_level_are_part_of_the_question(df):
    one = Group(label="machinists", title_contains="x", soc_prefix="51-4")
    two = Group(label="others", title_contains="y", soc_prefix="11-9")
    groups = Groups(management=one, production=two)
    narrow, wide = (WELCH(select(df, Question("detailed", groups, p))) for p in (0.5, 0.99))
    assert narrow.groups == ("machinists", "others")
    assert narrow.estimates["difference"] == -65
    for name in ("interval", "interval_two_way", "effect_size"):
        inner, outer = getattr(narrow, name), getattr(wide, name)
        assert outer.low < inner.low < inner.high < outer.high


@pytest.mark.parametrize("change", [{"statistic": math.nan}, {"n": (np.inf,)}, {"pvalue": None}])
def test_a_result_refuses_what_json_cannot_say(change):
    good = vars(ANOVA(small("11-1 11-1 51-1 51-1", [1.0, 2, 3, 4])))
    with pytest.raises(ValueError, match=r"JSON|no reason for pvalue"):
        AnalysisResult(**(good | {"log10_pvalue": None} | change))


def pairs(*wages: tuple[float, float]) -> pd.DataFrame:
    both = [wage for pair in wages for wage in pair]
    df = small("11-0000 51-0000 " * len(wages), both)
    return df.assign(O_GROUP="major", AREA=[f"0{i // 2}" for i in df.index])


def test_paired_by_area():
    df = pairs((90.0, 50.0), (80.0, 50.0), (60.0, 40.0), (math.nan, 40.0))
    result = PAIRED(df, Question(confidence_level=0.9))
    assert "90 % interval" in result.conclusion
    assert (result.scope, result.n, result.df) == ("major", (3,), 2)
    assert result.estimates["difference"] == 30
    assert result.statistic == pytest.approx(30 / (10 / math.sqrt(3)))
    assert result.estimates["ratio"] == pytest.approx((1.8 * 1.6 * 1.5) ** (1 / 3))
    survey = math.sqrt(0.9**2 + 0.8**2 + 0.6**2 + 0.5**2 + 0.5**2 + 0.4**2) / 3
    assert result.estimates["survey_stderr"] == pytest.approx(survey)
    assert result.interval_two_way is None
    assert result.reasons["interval_two_way"]


def totals(*rows: tuple[str, float, float]) -> pd.DataFrame:
    df = pd.DataFrame(rows, columns=["AREA_TITLE", "A_MEAN", "MEAN_PRSE"])
    return df.assign(AREA=[f"{i:05}" for i in df.index], O_GROUP="total")


def test_areas_are_ranked_by_what_is_published_and_ties_share_their_ranks():
    ties = (("B", 50_000, 1.0), ("A", 50_000, 1.0), ("C", 90_000, 2.0), ("D", 40_000, 1.0))
    found = compare_areas(totals(*ties, ("No mean", np.nan, 1.0), ("No error", 60_000, np.nan)))
    ranks = {area.area: (area.rank, area.rank_low, area.rank_high) for area in found}
    assert ranks == {"C": (1, 1, 1), "A": (2, 2, 3), "B": (3, 2, 3), "D": (4, 4, 4)}
    half = 1.959964 * 1800
    assert (found[0].low, found[0].high) == pytest.approx((90_000 - half, 90_000 + half))
    assert found[0].rse == 2.0
    zero, least = compare_areas(totals(("A", 50_000, 0.0), ("B", 50_000, 0.1)))
    assert zero.rse == 0  # printed so, but not nothing
    assert zero.high - zero.low == pytest.approx((least.high - least.low) / 2)
    assert zero.low < 50_000 < zero.high


def test_hundreds_of_areas_have_the_rank_ranges_of_the_definition():
    rng = np.random.default_rng(5)
    n = 400
    means, rse = rng.normal(60_000, 9000, n).round(-1), rng.uniform(0.1, 4, n).round(1)
    df = totals(*((f"Area {i}", means[i], rse[i]) for i in range(n)))
    found = compare_areas(df, confidence_level=0.9)
    wide = stats.norm.ppf(1 - 0.1 / (2 * n)) / 100
    ends = [(a.a_mean * (1 - wide * a.rse), a.a_mean * (1 + wide * a.rse)) for a in found]
    for area, (low, high) in zip(found, ends, strict=True):
        assert area.rank_low == 1 + sum(other > high for other, _ in ends)
        assert area.rank_high == n - sum(other < low for _, other in ends)
        assert area.rank_low <= area.rank <= area.rank_high


def major(code: str, jobs: float, *wages: float) -> dict[str, object]:
    row = {"OCC_CODE": code, "OCC_TITLE": f"Title {code}", "O_GROUP": "major", "TOT_EMP": jobs}
    return row | dict(zip(PERCENTILES, wages, strict=True))


def test_percentiles_are_weighted_by_employment_and_sorted_by_median():
    rows = [
        major("11-0000", 300, 10, 20, 30, 40, 50),
        major("11-0000", 100, 20, 30, 50, 60, 90),
        major("11-0000", 900, 20, 30, 50, 60, np.nan),
        major("15-0000", 100, 30, 40, 60, 70, 80),
        major("15-1250", 100, 1, 1, 1, 1, 1) | {"O_GROUP": "minor"},
    ]
    first, second = wage_spread_by_group(pd.DataFrame(rows))
    assert (first.code, second.code) == ("15-0000", "11-0000")
    assert (second.p10, second.p25, second.median) == (12.5, 22.5, 35)
    assert (second.p75, second.p90) == (45, 60)
    assert (second.title, second.employment, second.areas) == ("Title 11-0000", 400, 2)


def test_correlations_are_pairwise_complete():
    numbers = {"X": [1.0, 2, 3, 4, np.nan], "Y": [2.0, 1, 4, np.nan, 9], "EMPTY": np.nan}
    rare = {"SAME": 1.0, "RARE": [1.0, 2, np.nan, np.nan, np.nan]}
    flags = {"TEXT": list("abcde"), "FLAG": [True, False, True, False, True]}
    matrix = correlation_matrix(pd.DataFrame(numbers | rare | flags))
    assert list(matrix) == list(matrix.index) == ["X", "Y", "RARE"]
    assert matrix.loc["X", "Y"] == pytest.approx(np.corrcoef([1, 2, 3], [2, 1, 4])[0, 1])
    assert np.isnan(matrix.loc["X", "RARE"])


def test_titles_are_found_literally_in_any_case_and_missing_ones_are_not():
    titles = ["MANAGEMENT", None, "Manage.men", "Cost (management)"]
    for dtype in ("str", "object"):
        rows = pd.DataFrame({"OCC_TITLE": pd.Series(titles, dtype=dtype)})
        found = [title_has(rows, text).to_list() for text in ("management", "e.m", "(")]
        assert [np.flatnonzero(each).tolist() for each in found] == [[0, 3], [2], [3]]


def test_what_a_method_does_not_have_is_left_out_with_the_reason():
    codes = "11-1 11-2 11-1 11-2"
    for wages, jobs in (([1.0, 2, 4], [3.0, 1, 2]), ([8.0, 6, 4, 2], [1.0, 2, 3, 4])):
        result = PEARSON(small(codes[: 5 * len(wages) - 1], wages, jobs))  # three, a perfect line
        assert result.interval is None
        assert set(result.reasons) >= {"interval", "effect_size", "interval_two_way"}
        json.dumps(result.to_dict(), allow_nan=False)
    cut = PEARSON(small(codes, [1.0, 2, 4, 3], [1.0, 2, 3, 4])).interval_two_way
    assert (cut.low, cut.high) == (-1, 1)
    constant = LEVENE(small("11-1 11-2 11-3 51-1 51-2 51-3", [5.0, 5, 5, 1, 2, 9]))
    assert constant.effect_size is None
    assert "no ratio" in constant.conclusion
    far_out = REGRESSION(small(codes, [1.0, 2, 4, 9], [5.0, 5, 5, 90]))
    assert far_out.reasons["effect_size"].startswith("one row has leverage 1")


SAME = Groups(production=Group(label="managers", title_contains="manager", soc_prefix="11"))
SINGLE = small("11-1 51-1 51-2 51-3", [9.0, 1, 2, 3])
CONSTANT = small("11-1 11-2 51-1 51-2", [9.0, 9, 1, 1])
TWO = small("11-1 11-2", [1.0, 2], [3.0, 4])
NO_TOP = pd.DataFrame([major("11", 9, 1, 2, 3, 4, np.nan)])
NAMED = r"^management_vs_production \(detailed\).*"


@pytest.mark.parametrize(
    ("run", "rows", "message"),
    [
        (WELCH, TWO, NAMED + "two detailed rows with A_MEAN; 'production' has 0$"),
        (WELCH, TWO.assign(O_GROUP="major"), NAMED + "needs detailed rows"),
        (WELCH, select(CONSTANT, Question(groups=SAME)), NAMED + "share 2 rows"),
        (lambda df: WELCH(df, scope="all"), SINGLE, "no scope 'all'"),
        (WELCH, SINGLE, "'management' has 1$"),
        (LEVENE, SINGLE.assign(A_MEAN=np.nan), "'management' has 0, and 1 without it"),
        (Z_TEST, SINGLE, "'computer and mathematical' has 0"),
        (WELCH, CONSTANT, "varies neither"),
        (LEVENE, CONSTANT, "varies neither"),
        (LEVENE, small("11-1 11-2 51-1 51-2", [9.0, 8, 1, 4]), "distance.*varies neither"),
        (Z_TEST, small("15-1 15-2 51-1 51-2", [9.0, 9, 1, 1]), "varies neither"),
        (ANOVA, CONSTANT, "wages that vary inside one; this file has 2"),
        (ANOVA, TWO, "two major groups with A_MEAN are needed.*this file has 1"),
        (PEARSON, CONSTANT, "both columns must vary"),
        (REGRESSION, TWO, "three rows.*are needed.*has 2"),
        (fit_employment_wage, TWO[:0], "TOT_EMP and A_MEAN.*this file has 0"),
        (fit_employment_wage, SINGLE.assign(A_MEAN=4.0), "TOT_EMP and A_MEAN"),
        (PAIRED, pairs((90, 50), (80, 50)), "^management_vs_production_paired: .*three.*has 2"),
        (PAIRED, pairs((90, 50), (80, 40), (60, 20)), "differences that vary; this file has 3"),
        (PAIRED, pairs((90, 50)).assign(O_GROUP="detailed"), "needs major rows"),
        (PAIRED, pd.concat([pairs((90, 50))] * 2), "00 has several rows.*cross-industry"),
        (compare_areas, SINGLE, "^areas: .* needs total rows"),
        (compare_areas, totals(("Guam", 41_000, 1)), "this file has one, Guam, \\$41,000 a year"),
        (correlation_matrix, TWO[:1], "two numeric columns that vary are needed"),
        (compare_areas, totals(*[("A", 1, 1)] * 2).assign(AREA="01"), "^areas: A has several rows"),
        (wage_spread_by_group, NO_TOP, "^wage_by_group: .*has 0"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error(run, rows, message):
    with pytest.raises(ProjectError, match=message):
        run(rows)

"""Management against production on frames small enough for a pocket calculator."""

import json
import math
from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production,
    compare_management_vs_production_paired,
)
from {{ cookiecutter.package_name }}.analysis.selection import Group
from {{ cookiecutter.package_name }}.study import ProjectError

TITLES = {
    "11-1011": "Chief Executives",
    "11-9199": "Managers, All Other",
    "13-1111": "MANAGEMENT Analysts",
    "51-4041": "Machinists",
    "51-9199": "Production Workers, All Other",
    "11-0000": "Management Occupations",
    "51-0000": "Production Occupations",
}


def frame(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return rows of area, code and wage; the other columns follow from them."""
    df = pd.DataFrame(rows, columns=["AREA", "OCC_CODE", "A_MEAN"])
    level = df["OCC_CODE"].str.endswith("0000").map({True: "major", False: "detailed"})
    titles = df["OCC_CODE"].map(TITLES)
    return df.assign(AREA_TITLE=df["AREA"], OCC_TITLE=titles, O_GROUP=level, MEAN_PRSE=1.0)


@pytest.fixture
def df() -> pd.DataFrame:
    wages = """01 11-1011 200, 02 11-1011 220, 01 11-9199 100, 02 11-9199 120, 01 13-1111 80,
        01 51-4041 40, 02 51-4041 50, 01 51-9199 30, 02 51-9199 nan,
        01 11-0000 150, 02 11-0000 160, 01 51-0000 40"""
    rows = [row.split() for row in wages.split(",")]
    return frame(*((area, code, float(wage)) for area, code, wage in rows))


def test_the_detailed_scope_goes_by_code_and_level(df: pd.DataFrame) -> None:
    result = compare_management_vs_production(df)
    assert (result.groups, result.n) == (("management", "production"), (4, 3))
    estimates = result.estimates
    assert (estimates["mean_1"], estimates["mean_2"], estimates["difference"]) == (160, 40, 120)
    assert (estimates["ratio_of_means"], estimates["probability_of_superiority"]) == (4, 1)
    assert (estimates["occupations_1"], estimates["occupations_2"]) == (2, 2)
    stderr = math.sqrt((40**2 + 60**2 + 60**2 + 40**2) / 3 / 4 + 100 / 3)
    assert result.statistic == pytest.approx(120 / stderr)


def test_the_article_scope_goes_by_title_in_any_case_and_takes_every_level(
    df: pd.DataFrame,
) -> None:
    result = compare_management_vs_production(df, scope="article")
    assert result.n == (3, 2)
    assert result.estimates["mean_1"] == pytest.approx((80 + 150 + 160) / 3)
    assert result.estimates["mean_2"] == 35


def test_groups_and_level_are_arguments(df: pd.DataFrame) -> None:
    groups = {
        "first": Group("machinists", "machinist", "51-4"),
        "second": Group("other managers", "all other", "11-9"),
    }
    narrow, wide = (
        compare_management_vs_production(df, **groups, confidence_level=level)
        for level in (0.5, 0.99)
    )
    assert narrow.groups == ("machinists", "other managers")
    assert narrow.estimates["difference"] == -65
    for name in ("interval", "interval_two_way", "effect_size"):
        inner, outer = getattr(narrow, name), getattr(wide, name)
        assert outer.low < inner.low < inner.high < outer.high


def test_frame_and_result_stay_as_they_are_and_fit_into_json(df: pd.DataFrame) -> None:
    before = df.copy(deep=True)
    result = compare_management_vs_production(df)
    pd.testing.assert_frame_equal(df, before)
    with pytest.raises(FrozenInstanceError):
        result.statistic = 0.0  # type: ignore[misc]
    plain = result.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["groups"] == ["management", "production"]
    assert set(plain["interval_two_way"]) == {"low", "high", "df"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d[d["OCC_CODE"].str[:2] != "51"], "'production' has 0 rows with A_MEAN"),
        (lambda d: d[d["O_GROUP"] == "major"], "no such rows; check O_GROUP"),
    ],
)
def test_what_cannot_be_tested_is_one_clear_error(df: pd.DataFrame, change, message: str) -> None:
    with pytest.raises(ProjectError, match=rf"^management_vs_production \(detailed\).*{message}"):
        compare_management_vs_production(change(df))


def test_groups_that_overlap_and_unknown_scopes_are_refused(df: pd.DataFrame) -> None:
    with pytest.raises(ProjectError, match="share 4 rows"):
        compare_management_vs_production(df, second=Group("managers", "manager", "11"))
    with pytest.raises(ProjectError, match="no scope 'all'"):
        compare_management_vs_production(df, scope="all")  # type: ignore[arg-type]


def test_one_area_leaves_the_two_way_interval_out_with_the_reason(df: pd.DataFrame) -> None:
    result = compare_management_vs_production(df.assign(AREA="01"))
    assert result.interval_two_way is None
    assert "1 areas" in result.reasons["interval_two_way"]
    assert "taking the rows as independent" in result.conclusion


def pairs(*wages: tuple[float, float]) -> pd.DataFrame:
    codes = ("11-0000", "51-0000")
    return frame(*((f"{i:02}", codes[j], pair[j]) for i, pair in enumerate(wages) for j in (0, 1)))


def test_paired_by_area() -> None:
    df = pairs((90.0, 50.0), (80.0, 50.0), (60.0, 40.0), (math.nan, 40.0))
    result = compare_management_vs_production_paired(df)
    assert (result.scope, result.n, result.df) == ("major", (3,), 2)
    assert result.estimates["difference"] == 30
    assert result.statistic == pytest.approx(30 / (10 / math.sqrt(3)))
    assert result.estimates["ratio"] == pytest.approx((1.8 * 1.6 * 1.5) ** (1 / 3))
    survey = math.sqrt(0.9**2 + 0.8**2 + 0.6**2 + 0.5**2 + 0.5**2 + 0.4**2) / 3
    assert result.estimates["survey_stderr"] == pytest.approx(survey)
    assert result.interval_two_way is None
    assert result.reasons["interval_two_way"]


@pytest.mark.parametrize(
    ("df", "message"),
    [
        (pairs((90.0, 50.0), (80.0, 50.0)), "2 areas"),
        (pairs((90.0, 50.0), (80.0, 40.0), (60.0, 20.0)), "3 areas.*three that differ"),
        (pairs((90.0, 50.0)).assign(O_GROUP="detailed"), "0 areas"),
        (pd.concat([pairs((90.0, 50.0))] * 2), "00 has several rows.*cross-industry"),
    ],
)
def test_paired_needs_three_areas_that_differ(df: pd.DataFrame, message: str) -> None:
    with pytest.raises(ProjectError, match=f"^management_vs_production_paired: .*{message}"):
        compare_management_vs_production_paired(df)

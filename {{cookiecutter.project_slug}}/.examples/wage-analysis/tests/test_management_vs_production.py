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

COLUMNS = ["AREA", "AREA_TITLE", "OCC_CODE", "OCC_TITLE", "O_GROUP", "A_MEAN", "MEAN_PRSE"]
TITLES = {
    "11-1011": "Chief Executives",
    "11-9199": "Managers, All Other",
    "13-1111": "MANAGEMENT Analysts",
    "11-3051": "Industrial Production Managers",
    "51-4041": "Machinists",
    "51-9199": "Production Workers, All Other",
    "11-0000": "Management Occupations",
    "51-0000": "Production Occupations",
}


def frame(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return rows of area, code and wage; the other columns follow from them."""
    level = {code: "major" if code.endswith("0000") else "detailed" for _, code, _ in rows}
    full = [
        (area, f"Area {area}", code, TITLES[code], level[code], wage, 1.0)
        for area, code, wage in rows
    ]
    return pd.DataFrame(full, columns=COLUMNS)


@pytest.fixture
def df() -> pd.DataFrame:
    return frame(
        ("01", "11-1011", 200.0),
        ("02", "11-1011", 220.0),
        ("01", "11-9199", 100.0),
        ("02", "11-9199", 120.0),
        ("01", "13-1111", 80.0),
        ("01", "51-4041", 40.0),
        ("02", "51-4041", 50.0),
        ("01", "51-9199", 30.0),
        ("02", "51-9199", math.nan),
        ("01", "11-0000", 150.0),
        ("02", "11-0000", 160.0),
        ("01", "51-0000", 40.0),
    )


def test_the_detailed_scope_goes_by_code_and_level(df: pd.DataFrame) -> None:
    result = compare_management_vs_production(df)
    assert result.groups == ("management", "production")
    assert result.n == (4, 3)  # the missing wage is left out, the major rows are
    estimates = result.estimates
    assert (estimates["mean_1"], estimates["mean_2"], estimates["difference"]) == (160, 40, 120)
    assert estimates["ratio_of_means"] == 4
    assert estimates["probability_of_superiority"] == 1
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
    machinists = Group("machinists", "machinist", "51-4")
    analysts = Group("other managers", "all other", "11-9")
    narrow, wide = (
        compare_management_vs_production(df, first=machinists, second=analysts, confidence_level=c)
        for c in (0.5, 0.99)
    )
    assert narrow.groups == ("machinists", "other managers")
    assert narrow.estimates["difference"] == -65
    for name in ("interval", "interval_two_way", "effect_size"):
        assert getattr(wide, name).low < getattr(narrow, name).low
        assert getattr(wide, name).high > getattr(narrow, name).high


def test_the_frame_stays_as_it_was_and_the_result_too(df: pd.DataFrame) -> None:
    before = df.copy(deep=True)
    result = compare_management_vs_production(df)
    pd.testing.assert_frame_equal(df, before)
    with pytest.raises(FrozenInstanceError):
        result.statistic = 0.0  # type: ignore[misc]


def test_the_result_is_ready_for_json(df: pd.DataFrame) -> None:
    result = compare_management_vs_production(df).to_dict()
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["groups"] == ["management", "production"]
    assert result["interval"]["of"] == "difference of means"
    assert set(result["interval_two_way"]) == {"low", "high", "df"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d[d["OCC_CODE"].str[:2] != "51"], r"'production' has 0 rows with A_MEAN"),
        (lambda d: d[d["OCC_CODE"] != "51-4041"], r"'production' has 1 rows with A_MEAN"),
        (lambda d: d[d["O_GROUP"] == "major"], r"detailed.*O_GROUP"),
        (lambda d: d.assign(A_MEAN=50.0), r"A_MEAN varies neither in 'management' nor"),
    ],
)
def test_what_cannot_be_tested_is_one_clear_error(df: pd.DataFrame, change, message: str) -> None:
    with pytest.raises(ProjectError, match=message) as error:
        compare_management_vs_production(change(df))
    assert str(error.value).startswith("management_vs_production")
    assert "\n" not in str(error.value)


def test_groups_that_overlap_and_unknown_scopes_are_refused(df: pd.DataFrame) -> None:
    with pytest.raises(ProjectError, match="share 4 rows"):
        compare_management_vs_production(df, second=Group("managers", "manager", "11"))
    with pytest.raises(ProjectError, match="'all'.*'article' or 'detailed'"):
        compare_management_vs_production(df, scope="all")  # type: ignore[arg-type]


def test_one_area_leaves_the_two_way_interval_out_with_the_reason(df: pd.DataFrame) -> None:
    rows = pd.concat([df[df["AREA"] == "01"]] * 2)
    result = compare_management_vs_production(rows)
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
    assert result.effect_size is not None
    assert result.effect_size.low < result.effect_size.value < result.effect_size.high


@pytest.mark.parametrize(
    ("df", "message"),
    [
        (pairs((90.0, 50.0), (80.0, 50.0)), "2 areas"),
        (pairs((90.0, 50.0), (80.0, 40.0), (60.0, 20.0)), "3 areas.*three that differ"),
        (pairs((90.0, 50.0)).assign(O_GROUP="detailed"), "0 areas"),
        (pd.concat([pairs((90.0, 50.0))] * 2), "Area 00 has several rows.*cross-industry"),
    ],
)
def test_paired_needs_three_areas_that_differ(df: pd.DataFrame, message: str) -> None:
    with pytest.raises(ProjectError, match=f"management_vs_production_paired: .*{message}"):
        compare_management_vs_production_paired(df)

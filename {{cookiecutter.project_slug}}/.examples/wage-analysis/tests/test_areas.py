"""Ranks and intervals of areas on made-up areas, few and many."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from {{ cookiecutter.package_name }}.analysis.areas import compare_areas
from {{ cookiecutter.package_name }}.study import ProjectError


def totals(*rows: tuple[str, float, float]) -> pd.DataFrame:
    df = pd.DataFrame(rows, columns=["AREA_TITLE", "A_MEAN", "MEAN_PRSE"])
    return df.assign(AREA=[f"{i:05}" for i in range(len(df))], O_GROUP="total")


def test_areas_are_ranked_with_their_intervals_and_median() -> None:
    found = compare_areas(totals(("Low", 40_000, 1.0), ("High", 90_000, 2.0), ("Mid", 50_000, 1.0)))
    assert [area.area for area in found.areas] == ["High", "Mid", "Low"]
    assert found.median == 50_000
    high = found.areas[0]
    assert (high.rank, high.rank_low, high.rank_high, high.rse) == (1, 1, 1, 2.0)
    half = 1.959964 * 1800
    assert (high.low, high.high) == pytest.approx((90_000 - half, 90_000 + half))
    assert found.highest(1)[0].area == "High"
    assert [area.area for area in found.lowest(2)] == ["Low", "Mid"]


def test_ties_are_broken_by_name_and_share_their_range() -> None:
    found = compare_areas(totals(("B", 50_000, 1.0), ("A", 50_000, 1.0), ("C", 90_000, 1.0)))
    assert [(area.area, area.rank) for area in found.areas] == [("C", 1), ("A", 2), ("B", 3)]
    assert {(area.rank_low, area.rank_high) for area in found.areas[1:]} == {(2, 3)}


def test_an_error_printed_as_zero_is_small_but_not_nothing() -> None:
    zero, small = compare_areas(totals(("A", 50_000, 0.0), ("B", 50_000, 0.1))).areas
    assert zero.rse == 0
    assert zero.low < 50_000 < zero.high
    assert zero.high - zero.low == pytest.approx((small.high - small.low) / 2)


def test_areas_without_mean_or_error_are_left_out_and_named() -> None:
    found = compare_areas(totals(("A", 50_000, 1.0), ("B", np.nan, 1.0), ("C", 60_000, np.nan)))
    assert [area.area for area in found.areas] == ["A"]
    assert found.left_out == ("B", "C")
    assert (found.areas[0].rank_low, found.areas[0].rank_high) == (1, 1)


def test_hundreds_of_areas_have_the_rank_ranges_of_the_definition() -> None:
    rng = np.random.default_rng(5)
    n = 400
    means, rse = rng.normal(60_000, 9000, n).round(-1), rng.uniform(0.1, 4, n).round(1)
    found = compare_areas(
        totals(*((f"Area {i}", means[i], rse[i]) for i in range(n))), confidence_level=0.9
    )
    wide = stats.norm.ppf(1 - 0.1 / (2 * n))
    halves = [wide * area.a_mean * area.rse / 100 for area in found.areas]
    ends = [(a.a_mean - half, a.a_mean + half) for a, half in zip(found.areas, halves, strict=True)]
    for area, (low, high) in zip(found.areas, ends, strict=True):
        assert area.rank_low == 1 + sum(other > high for other, _ in ends)
        assert area.rank_high == n - sum(other < low for _, other in ends)
        assert area.rank_low <= area.rank <= area.rank_high


@pytest.mark.parametrize(
    ("df", "message"),
    [
        (totals(("A", 50_000, 1.0)).assign(O_GROUP="detailed"), "no row of O_GROUP 'total'"),
        (totals(("A", 1.0, 1.0), ("A", 2.0, 1.0)).assign(AREA="01"), "A has several rows"),
    ],
)
def test_what_cannot_be_ranked_is_one_clear_error(df: pd.DataFrame, message: str) -> None:
    with pytest.raises(ProjectError, match=f"^areas: {message}"):
        compare_areas(df)

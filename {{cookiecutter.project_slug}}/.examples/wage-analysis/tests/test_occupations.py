"""Wage spread by major group, and the correlations of the numeric columns."""

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.occupations import (
    PERCENTILES,
    correlation_matrix,
    wage_spread_by_group,
)
from {{ cookiecutter.package_name }}.study import ProjectError


def major(code: str, jobs: float, *wages: float) -> dict[str, object]:
    row = {"OCC_CODE": code, "OCC_TITLE": f"Title {code}", "O_GROUP": "major", "TOT_EMP": jobs}
    return row | dict(zip(PERCENTILES, wages, strict=True))


def test_percentiles_are_weighted_by_employment_and_sorted_by_median() -> None:
    df = pd.DataFrame(
        [
            major("11-0000", 300, 10, 20, 30, 40, 50),
            major("11-0000", 100, 20, 30, 50, 60, 90),
            major("11-0000", 900, 20, 30, 50, 60, np.nan),
            major("15-0000", 100, 30, 40, 60, 70, 80),
            major("15-1250", 100, 1, 1, 1, 1, 1) | {"O_GROUP": "minor"},
        ]
    )
    second, first = wage_spread_by_group(df)[::-1]
    assert (first.code, second.code) == ("15-0000", "11-0000")
    assert (second.p10, second.p25, second.median) == (12.5, 22.5, 35)
    assert (second.p75, second.p90) == (45, 60)
    assert (second.title, second.employment, second.areas) == ("Title 11-0000", 400, 2)


def test_spread_needs_major_rows() -> None:
    with pytest.raises(ProjectError, match="O_GROUP 'major'"):
        wage_spread_by_group(pd.DataFrame([major("11-0000", 300, 1, 2, 3, 4, np.nan)]))


def test_the_real_workbook(wages: pd.DataFrame) -> None:
    spreads = wage_spread_by_group(wages)
    assert len(spreads) == 22
    for group in spreads:
        assert group.p10 < group.p25 < group.median < group.p75 < group.p90
    matrix = correlation_matrix(wages)
    assert matrix.loc["TOT_EMP", "A_MEAN"] == pytest.approx(-0.00722915971)
    assert not {"PCT_TOTAL", "PCT_RPT", "WAGE_TOP_CODED"} & set(matrix)
    assert matrix.notna().all(axis=None)


def test_correlations_are_pairwise_complete() -> None:
    df = pd.DataFrame(
        {
            "TEXT": list("abcde"),
            "X": [1.0, 2, 3, 4, np.nan],
            "Y": [2.0, 1, 4, np.nan, 9],
            "EMPTY": np.nan,
            "SAME": 1.0,
            "RARE": [1.0, 2, np.nan, np.nan, np.nan],
            "FLAG": [True, False, True, False, True],
        }
    )
    matrix = correlation_matrix(df)
    assert list(matrix) == list(matrix.index) == ["X", "Y", "RARE"]
    assert matrix.loc["X", "Y"] == pytest.approx(np.corrcoef([1, 2, 3], [2, 1, 4])[0, 1])
    assert np.isnan(matrix.loc["X", "RARE"])

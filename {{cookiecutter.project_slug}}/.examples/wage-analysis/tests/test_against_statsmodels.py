"""What this package computes itself, against statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.api import CompareMeans, DescrStatsW
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from {{ cookiecutter.package_name }}.analysis.clustered import two_way_slope
from {{ cookiecutter.package_name }}.analysis.employment_wage import run_regression
from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production,
)
from {{ cookiecutter.package_name }}.analysis.tech_vs_nontech import run_ztest
from {{ cookiecutter.package_name }}.models.regression import fit_employment_wage


def samples(wages: pd.DataFrame, column: str, first: pd.Series, second: pd.Series) -> CompareMeans:
    one, two = (wages.loc[mask, column].dropna() for mask in (first, second))
    return CompareMeans(DescrStatsW(one), DescrStatsW(two))


def test_welch(wages: pd.DataFrame) -> None:
    detailed = wages[wages["O_GROUP"] == "detailed"]
    codes = detailed["OCC_CODE"].str[:2]
    compared = samples(detailed, "A_MEAN", codes == "11", codes == "51")
    t, _, df = compared.ttest_ind(usevar="unequal")
    result = compare_management_vs_production(wages, confidence_level=0.9)
    assert (result.statistic, result.df) == pytest.approx((t, df))
    low, high = compared.tconfint_diff(alpha=0.1, usevar="unequal")
    assert (result.interval.low, result.interval.high) == pytest.approx((low, high))


def test_z(wages: pd.DataFrame) -> None:
    inside = wages["OCC_CODE"].str.startswith("15")
    compared = samples(wages, "A_MEDIAN", inside, ~inside)
    result = run_ztest(wages, scope="article", confidence_level=0.99)
    expected = compared.ztest_ind(usevar="unequal")
    assert (result.statistic, result.pvalue) == pytest.approx(expected, rel=1e-9)
    low, high = compared.zconfint_diff(alpha=0.01, usevar="unequal")
    assert (result.interval.low, result.interval.high) == pytest.approx((low, high))
    pooled, _ = compared.ztest_ind()  # its default, which is another test
    assert round(pooled, 1) == 21.1


def test_regression_and_hc3(wages: pd.DataFrame) -> None:
    rows = wages.dropna(subset=["TOT_EMP", "A_MEAN"])
    fitted = sm.OLS(rows["A_MEAN"], sm.add_constant(rows["TOT_EMP"])).fit()
    model = fit_employment_wage(wages)
    assert (model.intercept, model.slope) == pytest.approx(tuple(fitted.params))
    assert (model.intercept_stderr, model.slope_stderr) == pytest.approx(tuple(fitted.bse))
    assert model.r_squared == pytest.approx(fitted.rsquared)
    robust = run_regression(wages, scope="article").estimates["hc3_stderr"]
    assert robust == pytest.approx(fitted.HC3_se["TOT_EMP"])


@pytest.mark.parametrize("seed", range(5))
def test_two_way_standard_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 400
    areas, codes = rng.integers(0, 12, n), rng.integers(0, 30, n)
    x = rng.normal(size=30)[codes] + rng.normal(size=n)
    y = 2 * x + rng.normal(size=12)[areas] + 2 * rng.normal(size=30)[codes] + rng.normal(size=n)
    fitted = sm.OLS(y, sm.add_constant(x)).fit()
    both, by_area, by_code = cov_cluster_2groups(fitted, areas, codes)
    found = two_way_slope(x, y, areas, codes)
    expected = tuple(np.sqrt(cov[1, 1]) for cov in (both, by_area, by_code))
    names = ("two_way_stderr", "area_stderr", "occupation_stderr")
    assert tuple(found.estimates[name] for name in names) == pytest.approx(expected)
    assert found.interval is not None
    assert found.interval.df == 11
    assert (found.interval.low + found.interval.high) / 2 == pytest.approx(fitted.params[1])

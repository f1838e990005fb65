"""The numbers of the real workbook, and what the package computes itself against other packages.

Each number agrees to a relative 1e-6 with one computed by plain formulas and by other packages.
Keys are those of results.json or of its estimates; an interval is low, high and perhaps df, an
effect size is value, low, high.
"""

import pickle

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.api import CompareMeans, DescrStatsW
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from {{ cookiecutter.package_name }}.analysis.all_analyses import IN_EACH_SCOPE
from {{ cookiecutter.package_name }}.analysis.employment_wage import correlation_matrix
from {{ cookiecutter.package_name }}.analysis.statistics.clustered_errors import two_way_slope
from {{ cookiecutter.package_name }}.analysis.statistics.effect_sizes import (
    hedges_g,
    mean_absolute_deviation,
    omega_squared,
    spread_ratio,
)
from {{ cookiecutter.package_name }}.analysis.wage_by_group import wage_spread_by_group
from {{ cookiecutter.package_name }}.data.row_selection import (
    Question,
    code_starts,
    select,
    title_has,
)
from {{ cookiecutter.package_name }}.models.regression import fit_employment_wage

WELCH, _, _, REGRESSION, Z_TEST, *_ = IN_EACH_SCOPE.values()
EXPECTED = {
    ("management_vs_production", "article"): """
        statistic 14.0268932, df 549.830783, n 243 316, pvalue 1.9794471e-38
        log10_pvalue -37.703456, mean_1 104000.905, mean_2 68664.6835, sd_1 27519.108
        sd_2 31947.018, difference 35336.222, difference_stderr 2519.1766
        interval 30387.834 40284.610, ratio_of_means 1.5146200
        probability_of_superiority 0.80904568, effect_size 1.1722491 0.99250546 1.3542470
        two_way_stderr 16088.004, interval_two_way -510.08446 71182.528 10, occupations_1 5
        occupations_2 6""",
    ("management_vs_production", "detailed"): """
        statistic 70.6518827, df 2018.13555, n 1821 4097, pvalue 0, mean_1 124465.766
        mean_2 51671.3058, sd_1 42832.240, sd_2 14888.176, difference 72794.460
        difference_stderr 1030.3258, interval 70773.847 74815.074, ratio_of_means 2.4087985
        probability_of_superiority 0.97415248, effect_size 2.7165779 2.6430744 2.7906364
        area_stderr 1831.0425, occupation_stderr 6153.5586, two_way_stderr 6337.0053
        interval_two_way 60084.037 85504.883 53, occupations_1 37, occupations_2 105""",
    ("management_vs_production_paired", "major"): """
        statistic 29.892038, df 53, n 54, log10_pvalue -34.124500, difference 81891.852
        difference_sd 20131.774, difference_stderr 2739.5874, interval 76396.935 87386.768
        smallest_difference 45950, largest_difference 132700, areas_first_higher 54
        effect_size 4.0099094 3.2482126 4.8819346, ratio 2.5519012, survey_stderr 189.06238""",
    ("wage_variance_levene", "article"): """
        statistic 0.588688405, pvalue 0.44325185, log10_pvalue -0.35334944, df 1 557
        spread_1 21247.645, spread_2 22693.905, effect_size 0.93627099 0.79613293 1.1010766
        mean_centred_statistic 4.4522735, log_scale_statistic 28.012632
        log_scale_ratio 0.66610642""",
    ("wage_variance_levene", "detailed"): """
        statistic 1743.72841, pvalue 0, df 1 5916, spread_1 31804.280, spread_2 9780.1245
        effect_size 3.2519300 3.0766376 3.4372097, mean_centred_statistic 1781.3419
        log_scale_statistic 224.18768, log_scale_ratio 1.4279940""",
    ("employment_wage_pearson", "article"): """
        statistic -0.00722915971, n 35402, df 35400, pvalue 0.17377726
        interval -0.017644692 0.0031879417, r_squared 5.2260750e-05
        interval_two_way -0.020492559 0.0060342397 53""",
    ("employment_wage_pearson", "detailed"): """
        statistic -0.0299557839, n 34163, df 34161, pvalue 3.0622796e-08
        interval -0.040546981 -0.019357856, r_squared 0.00089734899
        interval_two_way -0.073183554 0.013271987 53""",
    ("employment_wage_regression", "article"): """
        statistic -0.00178312745, intercept 73831.7174, intercept_stderr 237.13038
        slope_stderr 0.0013109363, pvalue 0.17377726, interval -0.0043526032 0.00078634832
        hc3_stderr 0.00099118012, effect_size -0.0017831274 -0.0037258712 0.00015961632
        two_way_stderr 0.0016310733, interval_two_way -0.0050546462 0.0014883913 53
        residual_sd 44497.795, largest_leverage 0.28753760""",
    ("employment_wage_regression", "detailed"): """
        statistic -0.0821175725, intercept 74356.4242, intercept_stderr 252.12812
        slope_stderr 0.014825016, pvalue 3.0622796e-08, interval -0.11117510 -0.053060045
        hc3_stderr 0.013980030, effect_size -0.082117573 -0.10951890 -0.054716246
        two_way_stderr 0.059080249, interval_two_way -0.20061755 0.036382400 53
        residual_sd 44915.159, largest_leverage 0.10161057""",
    ("tech_vs_nontech_ztest", "article"): """
        statistic 36.2243113, n 998 35693, mean_1 100992.02, mean_2 69516.192, sd_1 26304.654
        sd_2 46924.837, difference 31475.832, difference_stderr 868.91458
        interval 29772.791 33178.873, pvalue 2.5225625e-287, log10_pvalue -286.59816
        effect_size 0.67709611 0.61401190 0.74019881, probability_of_superiority 0.82243292
        two_way_stderr 4478.0986, interval_two_way 22493.904 40457.760 53""",
    ("tech_vs_nontech_ztest", "detailed"): """
        statistic 34.5894778, n 944 34508, mean_1 101136.89, mean_2 69875.059, sd_1 26636.050
        sd_2 47462.447, difference 31261.827, difference_stderr 903.79587
        interval 29490.420 33033.234, pvalue 3.6369010e-262, log10_pvalue -261.43927
        effect_size 0.66473509 0.59990156 0.72958741, probability_of_superiority 0.81988144
        two_way_stderr 4697.9142, interval_two_way 21839.004 40684.650 53""",
    ("wage_by_group_anova", "article"): """
        statistic 974.118006, df 21 36615, pvalue 0, effect_size 0.35806187 0.35091595 0.36517744
        eta_squared 0.35843610, occupations 846, occupation_means_f 27.728357
        occupation_means_omega_squared 0.39884693, occupation_means_omega_squared_low 0.35119979
        occupation_means_omega_squared_high 0.44435806""",
    ("wage_by_group_anova", "detailed"): """
        statistic 919.243858, df 21 35430, pvalue 0, effect_size 0.35229887 0.34501665 0.35955220
        eta_squared 0.35268897, occupations 824, occupation_means_f 26.605097
        occupation_means_omega_squared 0.39487718, occupation_means_omega_squared_low 0.34645164
        occupation_means_omega_squared_high 0.44116323""",
}
NUMBERS = [
    (name, scope, key, [float(value) for value in values])
    for (name, scope), text in EXPECTED.items()
    for key, *values in map(str.split, text.strip().replace("\n", ",").split(","))
]

AREAS = {  # a_mean, rse, low, high
    "Puerto Rico": (38840, 0.7, 38307.125, 39372.875),
    "Guam": (46210, 0.7, 45576.010, 46843.990),
    "Mississippi": (50810, 0.3, 50511.243, 51108.757),
    "District of Columbia": (111010, 0.5, 109922.12, 112097.88),
    "Massachusetts": (85610, 0.3, 85106.622, 86113.378),
    "Washington": (83330, 0.4, 82676.705, 83983.295),
}


@pytest.mark.parametrize(("name", "scope", "key", "expected"), NUMBERS)
def test_number(found, name, scope, key, expected):
    result = found[name][scope]
    value = result[key] if key in result else result["estimates"][key]
    if isinstance(value, dict):
        value = [part for part in value.values() if not isinstance(part, str)]
    values = value if isinstance(value, list) else [value]
    assert values == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize("keywords", [{"scope": "article"}, {}])
@pytest.mark.parametrize("analyse", IN_EACH_SCOPE.values())
def test_scope_is_a_keyword_that_is_detailed_by_default(wages, found, analyse, keywords):
    result = analyse(wages, **keywords)
    assert result.to_dict() == found[result.name][keywords.get("scope", "detailed")]


def test_the_areas_and_the_ranks_that_they_can_claim(run):
    areas = run.results["areas"]
    ends = [*areas["lowest"], *areas["highest"]]
    for area, (name, numbers) in zip(ends, AREAS.items(), strict=True):
        found = [area[key] for key in ("a_mean", "rse", "low", "high")]
        assert (area["area"], found) == (name, pytest.approx(numbers, rel=1e-6))
    ranges = {area["area"]: (area["rank_low"], area["rank_high"]) for area in areas["all"]}
    alone = {low: name for name, (low, high) in ranges.items() if low == high}
    firsts = {1: "District of Columbia", 2: "Massachusetts", 5: "California"}
    assert alone == firsts | {50: "Arkansas", 53: "Guam", 54: "Puerto Rico"}
    assert ranges["Washington"] == ranges["New York"] == (3, 4)
    assert ranges["Michigan"] == (22, 31)
    assert np.median([high - low + 1 for low, high in ranges.values()]) == 6


def test_what_the_contract_says_beside_numbers(found, wages):
    spreads = [item["estimates"] for item in found["wage_variance_levene"].values()]
    two_way_t = [spread["difference"] / spread["two_way_stderr"] for spread in spreads]
    assert two_way_t == pytest.approx([-0.13, 5.97], abs=0.005)
    result = found["management_vs_production"]["detailed"]
    assert (result["pvalue"], result["log10_pvalue"]) == (0.0, None)
    assert result["reasons"]["log10_pvalue"] == "p < 1e-300"
    assert code_starts(wages[wages["A_MEAN"].notna()], "11").sum() == 1875  # 1,821 detailed ones
    assert title_has(wages, "management").sum() == 244
    assert wages["OCC_TITLE"].str.contains("management").sum() == 0


def test_spread_and_correlations(wages):
    spread = wage_spread_by_group(wages)
    assert len(spread) == 22
    assert all(s.p10 < s.p25 < s.median < s.p75 < s.p90 for s in spread)
    matrix = correlation_matrix(wages)
    assert matrix.loc["TOT_EMP", "A_MEAN"] == pytest.approx(-0.00722915971)
    assert not {"PCT_TOTAL", "PCT_RPT", "WAGE_TOP_CODED"} & set(matrix)
    assert matrix.notna().all(axis=None)


def samples(rows, column, first, second):
    one, two = (rows.loc[mask, column].dropna() for mask in (first, second))
    return CompareMeans(DescrStatsW(one), DescrStatsW(two))


def test_welch_and_z(wages):
    rows = wages[wages["O_GROUP"] == "detailed"]
    is_first, is_second = (rows["OCC_CODE"].str.startswith(code) for code in ("11", "51"))
    compared = samples(rows, "A_MEAN", is_first, is_second)
    t, _, df = compared.ttest_ind(usevar="unequal")
    welch = WELCH(select(wages, Question(confidence_level=0.9)))
    low, high = compared.tconfint_diff(alpha=0.1, usevar="unequal")
    ends = (welch.interval.low, welch.interval.high)
    assert (welch.statistic, welch.df, *ends) == pytest.approx((t, df, low, high))
    inside = wages["OCC_CODE"].str.startswith("15")
    compared = samples(wages, "A_MEDIAN", inside, ~inside)
    z = Z_TEST(select(wages, Question("article", confidence_level=0.99)))
    expected = compared.ztest_ind(usevar="unequal")
    assert (z.statistic, z.pvalue) == pytest.approx(expected, rel=1e-9)
    ends = compared.zconfint_diff(alpha=0.01, usevar="unequal")
    assert (z.interval.low, z.interval.high) == pytest.approx(ends)


def test_regression_and_hc3(wages):
    rows = wages.dropna(subset=["TOT_EMP", "A_MEAN"])
    fitted = sm.OLS(rows["A_MEAN"], sm.add_constant(rows["TOT_EMP"])).fit()
    model, robust = fit_employment_wage(wages), REGRESSION(wages, scope="article").estimates
    found = (model.intercept, model.slope, model.intercept_stderr, model.slope_stderr)
    assert found == pytest.approx((*fitted.params, *fitted.bse))
    assert model.r_squared == pytest.approx(fitted.rsquared)
    assert robust["hc3_stderr"] == pytest.approx(fitted.HC3_se["TOT_EMP"])


@pytest.mark.parametrize("seed", range(5))
def test_two_way_standard_error(seed):
    rng = np.random.default_rng(seed)
    n = 400
    areas, codes = rng.integers(0, 12, n), rng.integers(0, 30, n)
    x = rng.normal(size=30)[codes] + rng.normal(size=n)
    y = 2 * x + rng.normal(size=12)[areas] + 2 * rng.normal(size=30)[codes] + rng.normal(size=n)
    fitted = sm.OLS(y, sm.add_constant(x)).fit()
    found = two_way_slope(x, y, areas, codes)
    expected = [np.sqrt(cov[1, 1]) for cov in cov_cluster_2groups(fitted, areas, codes)]
    names = ("two_way_stderr", "area_stderr", "occupation_stderr")
    assert [found.estimates[name] for name in names] == pytest.approx(expected)
    assert found.interval is not None
    assert found.interval.df == 11
    assert (found.interval.low + found.interval.high) / 2 == pytest.approx(fitted.params[1])


def test_a_negative_two_way_variance_gives_way_to_the_larger_one_way_one():
    x, y = np.array([1.0, 1, 2, 3, 0, 3]), np.array([2.0, 1, 2, 2, 1, 1])
    found = two_way_slope(x, y, np.array(list("aabbcc")), np.array(list("dedede"))).estimates
    assert found["two_way_stderr"] == found["area_stderr"] > found["occupation_stderr"] > 0


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_hedges_g_interval_holds_the_t_that_was_seen(level):
    rng = np.random.default_rng(7)
    two = rng.normal(3, 1, 12), rng.normal(1, 2, 9)
    g, back, root = hedges_g(*two, level), hedges_g(*two[::-1], level), np.sqrt(12 * 9 / 21)
    t = stats.ttest_ind(*two).statistic
    tails = stats.nct.cdf(t, 19, g.low * root), stats.nct.sf(t, 19, g.high * root)
    assert tails == pytest.approx([(1 + level) / 2] * 2)
    assert g.value == pytest.approx(t / root * (1 - 3 / (4 * 19 - 1)), rel=1e-3)
    assert (g.value, g.low, g.high) == pytest.approx((-back.value, -back.high, -back.low))


@pytest.mark.parametrize("gap", [0, 0.5, 40, 3000, 1e6])
@pytest.mark.parametrize("n", [2, 5, 400])
def test_hedges_g_has_an_interval_however_far_apart_the_groups_are(gap, n):
    a = np.arange(n, dtype=float)
    g = hedges_g(a + gap, a)
    assert np.isfinite([g.value, g.low, g.high]).all()
    assert g.low <= gap / a.std(ddof=1) <= g.high


def test_spread_agrees_with_the_example_of_statpsych():
    scores = "30 20 15 10 10 60 20 25 20 30 10 5 50 40 20 10 0 20 50"
    y = np.array(scores.split(), dtype=float)
    assert mean_absolute_deviation(y) == pytest.approx(12.5)
    same = spread_ratio(y, y)  # its log variance is twice that of one deviation
    assert same.value == 1
    assert np.log(same.high) / np.sqrt(2) == pytest.approx(np.log(19.62282 / 12.5), rel=1e-5)
    assert -np.log(same.low) / np.sqrt(2) == pytest.approx(np.log(12.5 / 7.962667), rel=1e-5)
    assert spread_ratio(3 * y + 5, y).value == pytest.approx(3)


@pytest.mark.parametrize(
    ("f", "low", "high"), [(0.01, 0, 0), (1, 0, 0.2), (9, 0.1, 0.6), (1e9, 0.9, 1)]
)
def test_omega_squared_stays_a_share(f, low, high):
    omega = omega_squared(f, 5, 60)
    assert omega.value == pytest.approx(4 * (f - 1) / (4 * (f - 1) + 60))
    assert low <= omega.low <= omega.high <= high


@pytest.fixture
def model():
    x, y = [0, 10, 20, 30, 40, np.nan], [50, 40, 45, 20, 10, 99]
    return fit_employment_wage(pd.DataFrame({"TOT_EMP": x, "A_MEAN": y}))


def test_the_fit_leaves_incomplete_rows_out_predicts_on_the_line_and_can_be_saved(model):
    assert (model.slope, model.intercept) == pytest.approx((-1, 53))
    seen = (model.n, model.employment_low, model.employment_high, model.employment_mean)
    assert seen == (5, 0, 40, 20)
    assert pickle.loads(pickle.dumps(model)) == model
    for jobs in (0, 25, 25.5, np.float64(25), np.int64(3), 10**6):
        wage = model.predict(jobs)
        assert (wage, type(wage)) == (pytest.approx(53 - float(jobs)), float)


@pytest.mark.parametrize("jobs", [-1, np.nan, np.inf, "100", None, True, [1.0], 1j])
def test_prediction_refuses_what_is_no_number_of_jobs(model, jobs):
    with pytest.raises(ValueError, match="employment must be"):
        model.predict(jobs)

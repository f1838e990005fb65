"""The numbers of the real workbook, computed once by plain formulas and once by other packages.

Each agrees to a relative 1e-6. Keys are those of results.json or of its estimates; an interval is
low, high and perhaps df, an effect size is value, low, high.
"""

from typing import Any

import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.areas import AreaComparison, compare_areas
from {{ cookiecutter.package_name }}.analysis.employment_wage import (
    run_pearson_test,
    run_regression,
)
from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production,
    compare_management_vs_production_paired,
)
from {{ cookiecutter.package_name }}.analysis.tech_vs_nontech import run_ztest
from {{ cookiecutter.package_name }}.analysis.wage_by_group import run_anova
from {{ cookiecutter.package_name }}.analysis.wage_variance import run_levene_test

SCOPES = ("article", "detailed")
ANALYSES = {
    "management_vs_production": compare_management_vs_production,
    "wage_variance_levene": run_levene_test,
    "employment_wage_pearson": run_pearson_test,
    "employment_wage_regression": run_regression,
    "tech_vs_nontech_ztest": run_ztest,
    "wage_by_group_anova": run_anova,
}

EXPECTED = {
    ("management_vs_production", "article"): """
        statistic 14.0268932, df 549.830783, n 243 316, pvalue 1.9794471e-38
        log10_pvalue -37.703456, mean_1 104000.905, mean_2 68664.6835, sd_1 27519.108
        sd_2 31947.018, difference 35336.222, difference_stderr 2519.1766
        interval 30387.834 40284.610, ratio_of_means 1.5146200
        probability_of_superiority 0.80904568, effect_size 1.1722491 0.99250546 1.3542470
        two_way_stderr 16088.004, interval_two_way -510.08446 71182.528 10
        occupations_1 5, occupations_2 6""",
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
        effect_size -0.0072291597 -0.017644692 0.0031879417
        interval -0.017644692 0.0031879417, r_squared 5.2260750e-05
        interval_two_way -0.020492559 0.0060342397 53""",
    ("employment_wage_pearson", "detailed"): """
        statistic -0.0299557839, n 34163, df 34161, pvalue 3.0622796e-08
        effect_size -0.029955784 -0.040546981 -0.019357856
        interval -0.040546981 -0.019357856, r_squared 0.00089734899
        interval_two_way -0.073183554 0.013271987 53""",
    ("employment_wage_regression", "article"): """
        statistic -0.00178312745, slope -0.0017831274, intercept 73831.7174
        intercept_stderr 237.13038, slope_stderr 0.0013109363, pvalue 0.17377726
        interval -0.0043526032 0.00078634832, hc3_stderr 0.00099118012
        effect_size -0.0017831274 -0.0037258712 0.00015961632, two_way_stderr 0.0016310733
        interval_two_way -0.0050546462 0.0014883913 53, r_squared 5.2260750e-05
        residual_sd 44497.795, largest_leverage 0.28753760""",
    ("employment_wage_regression", "detailed"): """
        statistic -0.0821175725, slope -0.082117573, intercept 74356.4242
        intercept_stderr 252.12812, slope_stderr 0.014825016, pvalue 3.0622796e-08
        interval -0.11117510 -0.053060045, hc3_stderr 0.013980030
        effect_size -0.082117573 -0.10951890 -0.054716246, two_way_stderr 0.059080249
        interval_two_way -0.20061755 0.036382400 53, r_squared 0.00089734899
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
        occupation_means_omega_squared 0.39884693
        occupation_means_omega_squared_low 0.35119979
        occupation_means_omega_squared_high 0.44435806""",
    ("wage_by_group_anova", "detailed"): """
        statistic 919.243858, df 21 35430, pvalue 0, effect_size 0.35229887 0.34501665 0.35955220
        eta_squared 0.35268897, occupations 824, occupation_means_f 26.605097
        occupation_means_omega_squared 0.39487718
        occupation_means_omega_squared_low 0.34645164
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


@pytest.fixture(scope="module")
def found(wages: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    results = [run(wages, scope=scope) for run in ANALYSES.values() for scope in SCOPES]
    results.append(compare_management_vs_production_paired(wages))
    return {(result.name, result.scope): result.to_dict() for result in results}


@pytest.mark.parametrize(("name", "scope", "key", "expected"), NUMBERS)
def test_number(found, name: str, scope: str, key: str, expected: list[float]) -> None:
    result = found[name, scope]
    value = result[key] if key in result else result["estimates"][key]
    if isinstance(value, dict):
        value = [part for part in value.values() if not isinstance(part, str)]
    values = value if isinstance(value, list) else [value]
    assert values == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize(("scope", "t"), [("article", -0.13), ("detailed", 5.97)])
def test_two_way_t_of_the_distances_from_the_median(found, scope: str, t: float) -> None:
    estimates = found["wage_variance_levene", scope]["estimates"]
    assert round(estimates["difference"] / estimates["two_way_stderr"], 2) == t


@pytest.fixture(scope="module")
def areas(wages: pd.DataFrame) -> AreaComparison:
    return compare_areas(wages)


def test_the_lowest_and_highest_areas(areas: AreaComparison) -> None:
    assert [area.area for area in (*areas.lowest(3), *areas.highest(3))] == list(AREAS)
    for area in (*areas.lowest(3), *areas.highest(3)):
        expected = AREAS[area.area]
        assert (area.a_mean, area.rse, area.low, area.high) == pytest.approx(expected, rel=1e-6)


def test_the_ranks_that_areas_can_claim(areas: AreaComparison) -> None:
    ranges = {area.area: (area.rank_low, area.rank_high) for area in areas.areas}
    alone = {area.rank: area.area for area in areas.areas if area.rank_low == area.rank_high}
    assert alone == {
        1: "District of Columbia",
        2: "Massachusetts",
        5: "California",
        50: "Arkansas",
        53: "Guam",
        54: "Puerto Rico",
    }
    assert ranges["Washington"] == ranges["New York"] == (3, 4)
    assert ranges["Michigan"] == (22, 31)
    assert pd.Series([high - low + 1 for low, high in ranges.values()]).median() == 6

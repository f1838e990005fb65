"""What other methods say of each conclusion, and what top-coded wages could change."""

import json
import math
import warnings

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.oneway import anova_oneway

from {{ cookiecutter.package_name }}.analysis.robustness import check_conclusions
from {{ cookiecutter.package_name }}.analysis.statistics import alternatives, tail_probabilities
from {{ cookiecutter.package_name }}.analysis.top_coding import annual_ceiling, bound_top_codes
from {{ cookiecutter.package_name }}.settings import Group, Groups
from {{ cookiecutter.package_name }}.visualization.method_tables import method_values

EXPECTED = """
management: Welch's t, rows as independent: 72794.460 70773.847 74815.074 -547.33719
management: Welch's t of occupation means: 71017.447 58342.146 83692.748 -13.287267
management: g_av, rows as independent: 2.2695044 2.1788932 2.3613631
management: means of A_MEAN weighted by jobs, bootstrap of areas and occupations: 93512.072
management: ratio of means of A_MEAN weighted by jobs, bootstrap of areas and occupations: 2.8203696
wage_variance: Levene's test about the medians: 1743.7284 - - -333.50681
wage_variance: Levene's test about the means: 1781.3419
wage_variance: Levene's test about the medians of logs: 224.18768 - - -49.049218
wage_variance: ratio of mean distances of logs, rows as independent: 1.4279940 1.3628959 1.4962014
employment: slope, rows as independent (HC3): -0.082117573 -0.10951890 -0.054716246
employment: Spearman's rho, rows as independent: -0.036181633 -0.046771229 -0.025583905
employment: Spearman's rho, by area and occupation: -0.036181633 -0.097670894 0.025307629
employment: slope of logs, rows as independent: -0.0094621016 -0.012199762 -0.0067244426
employment: slope of logs, by area and occupation: -0.0094621016 -0.025803273 0.0068790702
tech: g_av, rows as independent: 0.81226847 0.76521577 0.85938553
tech: ratio of means of A_MEAN weighted by jobs, bootstrap of areas and occupations: 1.7828966
wage_by_group: Welch's F: 1372.6849 - - -2693.4647
wage_by_group: Kruskal and Wallis, epsilon squared: 0.48317082 - - -3688.1842
"""  # value, low, high, log10 of p


@pytest.fixture
def checks(run):
    return {(c["question"], c["method"]): c for c in run.results["robustness"]}


@pytest.mark.parametrize("line", EXPECTED.strip().splitlines())
def test_number(checks, line):
    question, method, numbers = line.split(": ")
    found = next(c for (q, m), c in checks.items() if q.startswith(question) and m == method)
    for key, said in zip(("value", "low", "high", "log10_p"), numbers.split(), strict=False):
        assert found[key] == (None if said == "-" else pytest.approx(float(said), rel=1e-6))


def test_only_one_conclusion_does_not_stand_under_every_method(checks, run):
    against = {key for key, check in checks.items() if not check["agrees"]}
    naive = "Pearson's r, rows as independent; slope, rows as independent (HC3); Spearman's "
    naive += "rho, rows as independent; slope of logs, rows as independent"
    assert against == {("employment_wage_pearson", method) for method in naive.split("; ")}
    said = method_values(run.results)["stands"]
    assert said.endswith(
        f"technology and the rest; the major groups; but that on jobs and wages "
        f"does not under {naive}."
    )


@pytest.mark.parametrize("question", ["management_vs_production", "tech_vs_nontech_ztest"])
def test_the_bootstrap_confirms_the_two_way_interval(checks, question):
    drawn = checks[question, "means, bootstrap of areas and occupations"]
    two_way = checks[question, "means, by area and occupation"]
    for end in ("low", "high"):
        assert abs(drawn[end] - two_way[end]) < 0.05 * (two_way["high"] - two_way["low"])


def test_methods_agree_with_other_packages():
    rng = np.random.default_rng(3)
    groups = [rng.normal(i / 4, 1 + i, 20 + 5 * i) for i in range(4)]
    expected = anova_oneway(groups, use_var="unequal")
    found = alternatives.welch_f(groups)
    assert (found.value, found.log10_p) == pytest.approx(
        (expected.statistic, math.log10(expected.pvalue))
    )
    test, n = stats.kruskal(*groups), sum(map(len, groups))
    expected = (test.statistic / (n - 1), math.log10(test.pvalue))
    assert alternatives.kruskal_wallis(groups)[::3] == pytest.approx(expected)
    x, y = rng.integers(0, 9, (2, 60)).astype(float)
    clusters = rng.integers(0, 6, (2, 60))
    naive, two_way = alternatives.spearman(x, y, tuple(clusters), 0.95)
    assert naive.value == two_way.value == pytest.approx(stats.spearmanr(x, y).statistic)


def test_tails_go_on_where_floats_end(monkeypatch):
    expected = math.log10(stats.f.sf(1e9, 3, 40)), math.log10(stats.chi2.sf(1200, 5))
    monkeypatch.setattr(tail_probabilities, "TINY", 1.0)
    found = tail_probabilities.log10_f(1e9, 3, 40), tail_probabilities.log10_chi2(1200, 5)
    assert found == pytest.approx(expected, rel=1e-9)
    assert min(expected) < -250


def test_top_codes_are_bounded(run):
    bounds = run.results["top_coding"]
    keys = ("dropped", "lower_bound", "at_mean", "at_maximum")
    found = [[row[key] for key in keys] for row in (*bounds["groups"], *bounds["numbers"])]
    assert [(g["group"], g["top_coded"], g["published"]) for g in bounds["groups"]] == [
        ("29", 92, 3053)
    ]
    expected = [
        [134751.00, 137806.43, 141278.24, 145461.32],
        [919.24386, 954.82948, 932.88489],
        [0.35229887, 0.36042516, 0.35507731],
        [34.589478, 34.052768, 33.539011],
        [31261.827, 30811.599, 30445.044],
        [-0.029955784, -0.031547325],
    ]
    for values, known in zip(found, expected, strict=True):
        assert values[: len(known)] == pytest.approx(known, rel=1e-6)
    assert (bounds["ceiling"], bounds["reasons"]) == (239_200, {})
    assert bounds["untouched"] == ["management", "production", "computer and mathematical"]
    assert "compares management with production" in method_values(run.results)["untouched"]


def test_the_ceiling_is_that_of_the_vintage(run, wages):
    names = ("state_M2025_dl.xlsx", "May 2021.csv", "MSA_M2016_dl.xlsx", "M2013.xls", "x.xlsx")
    assert [annual_ceiling(name) for name in names] == [239_200, 208_000, 208_000, None, None]
    unknown = run.results | {"data": run.results["data"] | {"file": "x.xlsx"}}
    bounds = bound_top_codes(wages, unknown, Groups())
    assert bounds["reasons"] == {"lower_bound": "the ceiling of this file's year is not known"}
    assert {row["lower_bound"] for row in (*bounds["groups"], *bounds["numbers"])} == {None}
    assert bounds["groups"][0]["at_mean"] == pytest.approx(141278.24)
    said = method_values(unknown | {"top_coding": bounds})
    assert "not known" in said["ceiling"]


@pytest.mark.parametrize(
    "change",
    [
        lambda df: df[df["O_GROUP"] != "detailed"],
        lambda df: df[df["AREA"] == "01"],
        lambda df: df[df["OCC_CODE"].str.startswith("11")],
        lambda df: df.groupby("OCC_CODE").head(1).groupby(df["OCC_CODE"].str[:2]).head(2),
        lambda df: df.assign(A_MEAN=50_000.0, A_MEDIAN=50_000.0),
        lambda df: df.assign(A_MEAN=np.nan, A_MEDIAN=np.nan),
        lambda df: df.assign(TOT_EMP=0.0),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_what_cannot_be_computed_is_null_with_a_reason(run, wages, change, known):
    results = run.results if known else run.results | {"analyses": []}
    df = change(wages[wages["AREA"].isin(["01", "02", "04"])])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checks = check_conclusions(df, results, Groups())
        bounds = bound_top_codes(df, results, Groups())
    json.dumps([checks, bounds], allow_nan=False)
    assert any(check["value"] is None for check in checks)
    silent = [c for c in checks if None in (c["value"], c["low"], c["agrees"]) and not c["reason"]]
    assert silent == []
    said = method_values(results | {"robustness": checks, "top_coding": bounds})
    assert len(said["checks"]) == len(checks)


def test_groups_may_overlap(run, wages):
    one = Group(label="all", title_contains="x", soc_prefix="11")
    checks = check_conclusions(wages, run.results, Groups(production=one))
    reasons = {c["reason"] for c in checks if c["method"] == "Welch's t of occupation means"}
    assert any("share" in (reason or "") for reason in reasons)

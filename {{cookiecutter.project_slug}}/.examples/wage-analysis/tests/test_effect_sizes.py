"""Effect sizes against published examples, simulation, brute force and each other."""

import numpy as np
import pytest
from scipy import stats

from {{ cookiecutter.package_name }}.analysis.effect_sizes import (
    hedges_g,
    mean_absolute_deviation,
    omega_squared,
    paired_g,
    probability_of_superiority,
    spread_ratio,
)


@pytest.fixture
def two() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    return rng.normal(3, 1, 12), rng.normal(1, 2, 9)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_hedges_g_interval_holds_the_t_that_was_seen(two, level: float) -> None:
    a, b = two
    g = hedges_g(a, b, level)
    root = np.sqrt(12 * 9 / 21)
    t = stats.ttest_ind(a, b).statistic
    tails = stats.nct.cdf(t, 19, g.low * root), stats.nct.sf(t, 19, g.high * root)
    assert tails[0] == pytest.approx((1 + level) / 2)
    assert tails[1] == pytest.approx((1 + level) / 2)
    assert g.value == pytest.approx(t / root * (1 - 3 / (4 * 19 - 1)), rel=1e-3)


def test_hedges_g_turns_with_the_groups(two) -> None:
    a, b = two
    there, back = hedges_g(a, b), hedges_g(b, a)
    assert (there.value, there.low, there.high) == pytest.approx(
        (-back.value, -back.high, -back.low)
    )


@pytest.mark.parametrize("gap", [0, 0.5, 40, 3000, 1e6])
@pytest.mark.parametrize("n", [2, 5, 400])
def test_hedges_g_has_an_interval_however_far_apart_the_groups_are(gap: float, n: int) -> None:
    a = np.arange(n, dtype=float)
    g = hedges_g(a + gap, a)
    assert np.isfinite([g.value, g.low, g.high]).all()
    assert g.low <= gap / a.std(ddof=1) <= g.high


def test_paired_g_is_the_one_sample_t(two) -> None:
    differences = two[0] - 2
    g = paired_g(differences)
    t = stats.ttest_1samp(differences, 0).statistic
    assert stats.nct.cdf(t, 11, g.low * np.sqrt(12)) == pytest.approx(0.975)
    assert stats.nct.cdf(t, 11, g.high * np.sqrt(12)) == pytest.approx(0.025)
    assert 0 < g.value < t / np.sqrt(12)


def test_spread_agrees_with_the_example_of_statpsych() -> None:
    scores = "30 20 15 10 10 60 20 25 20 30 10 5 50 40 20 10 0 20 50"
    y = np.array(scores.split(), dtype=float)
    assert mean_absolute_deviation(y) == pytest.approx(12.5)
    same = spread_ratio(y, y)  # its log variance is twice that of one deviation
    assert same.value == 1
    assert np.log(same.high) / np.sqrt(2) == pytest.approx(np.log(19.62282 / 12.5), rel=1e-5)
    assert -np.log(same.low) / np.sqrt(2) == pytest.approx(np.log(12.5 / 7.962667), rel=1e-5)


def test_spread_ratio_is_of_first_to_second() -> None:
    y = np.array([1.0, 2, 3, 4, 10])
    assert spread_ratio(3 * y + 5, y).value == pytest.approx(3)


@pytest.mark.parametrize(
    ("f", "low", "high"), [(0.01, 0, 0), (1, 0, 0.2), (9, 0.1, 0.6), (1e9, 0.9, 1)]
)
def test_omega_squared_stays_a_share(f: float, low: float, high: float) -> None:
    omega = omega_squared(f, 5, 60)
    assert omega.value == pytest.approx(4 * (f - 1) / (4 * (f - 1) + 60))
    assert low <= omega.low <= omega.high <= high


def test_omega_squared_interval_holds_the_f_that_was_seen() -> None:
    omega = omega_squared(9.0, 5, 60)
    for end, p in ((omega.low, 0.975), (omega.high, 0.025)):
        assert stats.ncf.cdf(9.0, 4, 55, 60 * end / (1 - end)) == pytest.approx(p)


def test_probability_of_superiority_counts_pairs_and_half_of_the_ties() -> None:
    a, b = np.array([1.0, 2, 2, 5]), np.array([0.0, 2, 4])
    pairs = [(x > y) + 0.5 * (x == y) for x in a for y in b]
    assert probability_of_superiority(a, b) == pytest.approx(np.mean(pairs))

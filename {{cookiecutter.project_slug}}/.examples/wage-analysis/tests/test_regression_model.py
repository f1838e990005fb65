"""The saved regression: its fit, its predictions, its card."""

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.employment_wage import run_regression
from {{ cookiecutter.package_name }}.models.regression import (
    EmploymentWageRegression,
    fit_employment_wage,
)
from {{ cookiecutter.package_name }}.study import ProjectError
from {{ cookiecutter.package_name }}.visualization.card import model_card

DATA = {"file": "data/raw/x.xlsx", "sha256": "ab" * 32, "rows_read": 8, "rows_kept": 7}


def rows(x: list[float], y: list[float]) -> pd.DataFrame:
    df = pd.DataFrame({"TOT_EMP": x, "A_MEAN": y})
    labels = {"AREA": [f"{i % 2}" for i in df.index], "OCC_CODE": [f"{i // 2}" for i in df.index]}
    return df.assign(O_GROUP="detailed", **labels)


@pytest.fixture
def model() -> EmploymentWageRegression:
    return fit_employment_wage(rows([0, 10, 20, 30, 40, np.nan], [50, 40, 45, 20, 10, 99]))


def test_the_fit_is_least_squares_over_complete_rows(model: EmploymentWageRegression) -> None:
    x, y = np.arange(0, 50, 10), np.array([50, 40, 45, 20, 10])
    (slope, intercept), cov = np.polyfit(x, y, 1, cov=True)
    assert (model.slope, model.intercept) == pytest.approx((slope, intercept))
    assert (model.slope_stderr, model.intercept_stderr) == pytest.approx(np.sqrt(np.diag(cov)))
    assert model.r_squared == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    assert (model.n, model.employment_low, model.employment_high) == (5, 0, 40)
    assert model.employment_mean == 20


@pytest.mark.parametrize("employment", [0, 25, 25.5, np.float64(25), np.int64(3), 10**6])
def test_prediction_is_on_the_line(model: EmploymentWageRegression, employment: float) -> None:
    assert model.predict(employment) == pytest.approx(
        model.intercept + model.slope * float(employment)
    )
    assert type(model.predict(employment)) is float


@pytest.mark.parametrize("employment", [-1, np.nan, np.inf, "100", None, True, [1.0], 1j])
def test_prediction_refuses_what_is_no_number_of_jobs(
    model: EmploymentWageRegression, employment: Any
) -> None:
    with pytest.raises(ValueError, match="employment must be"):
        model.predict(employment)


@pytest.mark.parametrize(
    "df",
    [rows([1, 2], [3, 4]), rows([1, 1, 1], [3, 4, 5]), rows([1, 2, 3], [4, 4, 4]), rows([], [])],
)
def test_what_cannot_be_fitted_is_one_clear_error(df: pd.DataFrame) -> None:
    with pytest.raises(ProjectError, match="TOT_EMP and A_MEAN"):
        fit_employment_wage(df)


def test_the_model_survives_being_saved(model: EmploymentWageRegression) -> None:
    assert pickle.loads(pickle.dumps(model)) == model


def test_the_card_holds_the_numbers_of_the_run(wages: pd.DataFrame) -> None:
    detailed = wages[wages["O_GROUP"] == "detailed"]
    model = fit_employment_wage(detailed)
    card = model_card(model, run_regression(wages), DATA)
    assert card.startswith("# Model card")
    assert "Not fit for prediction: employment explains 0.09 % of the variance" in card
    assert "r squared 0.0009" in card
    for value in (model.slope, model.intercept, model.slope_stderr, model.residual_sd):
        assert f"{value:.8g}" in card
    for text in ("34,163 rows (detailed scope)", DATA["file"], DATA["sha256"], "8 rows read"):
        assert str(text) in card
    assert "{" not in card


def test_the_card_of_a_line_that_fits_does_not_say_unfit() -> None:
    df = rows([1.0, 2, 3, 4, 5, 6], [1, 2, 3, 4.5, 5, 6])
    card = model_card(fit_employment_wage(df), run_regression(df), DATA)
    assert "Not fit" not in card

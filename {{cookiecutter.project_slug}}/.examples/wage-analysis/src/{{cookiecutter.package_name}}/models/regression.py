"""The least-squares line of mean wage on employment, which a run saves."""

import math
from dataclasses import dataclass
from io import BytesIO
from numbers import Real

import joblib
import numpy as np
import pandas as pd

from ..engine import ProjectError, Run
from ..settings import MODEL

FEEBLE = 0.1  # of the variance: a line that explains less is there to be read, not to predict


@dataclass(frozen=True)
class EmploymentWageRegression:
    """A fitted line: A_MEAN (US$) = intercept + slope * TOT_EMP (jobs).

    `residual_sd` and the standard errors (classical) are in US$, the slope in US$ per job;
    `employment_low` to `employment_high`, around `employment_mean`, are the jobs seen in the fit.
    """

    intercept: float
    slope: float
    intercept_stderr: float
    slope_stderr: float
    n: int
    r_squared: float
    residual_sd: float
    employment_low: float
    employment_high: float
    employment_mean: float

    def predict(self, employment: float) -> float:
        """Return the mean annual wage (US$) on the line for a cell of `employment` jobs.

        Beyond the range seen in the fit the line is merely drawn on.

        Raises
        ------
        ValueError
            If `employment` is not a finite number of at least 0.
        """
        given: object = employment
        if isinstance(given, bool) or not isinstance(given, Real):
            raise ValueError(f"employment must be a number of jobs, not {employment!r}")
        if not (math.isfinite(employment) and employment >= 0):
            raise ValueError(f"employment must be 0 or more jobs, not {employment}")
        return self.intercept + self.slope * float(employment)


def fit_employment_wage(df: pd.DataFrame) -> EmploymentWageRegression:
    """Fit the line to all rows that hold both TOT_EMP and A_MEAN, by least squares.

    Raises
    ------
    ProjectError
        If there are fewer than three such rows, or one of the two columns does not vary.
    """
    rows = df[["TOT_EMP", "A_MEAN"]].dropna()
    x, y = rows["TOT_EMP"].to_numpy(np.float64), rows["A_MEAN"].to_numpy(np.float64)
    n = len(x)
    if n < 3 or not (np.ptp(x) and np.ptp(y)):
        raise ProjectError(
            f"wage on employment: three rows that hold TOT_EMP and A_MEAN are needed, and both "
            f"columns must vary; this file has {n}"
        )
    mean = float(x.mean())
    centred = x - mean
    sxx = float(centred @ centred)
    slope = float(centred @ y) / sxx
    intercept = float(y.mean()) - slope * mean
    residuals = y - intercept - slope * x
    unexplained = float(residuals @ residuals)
    residual_sd = math.sqrt(unexplained / (n - 2))
    return EmploymentWageRegression(
        intercept=intercept,
        slope=slope,
        intercept_stderr=residual_sd * math.sqrt(1 / n + mean**2 / sxx),
        slope_stderr=residual_sd / math.sqrt(sxx),
        n=n,
        r_squared=1 - unexplained / float(((y - y.mean()) ** 2).sum()),
        residual_sd=residual_sd,
        employment_low=float(x.min()),
        employment_high=float(x.max()),
        employment_mean=mean,
    )


def why_no_line(run: Run) -> str | None:
    """Return why a run saved no line; None where it did."""
    reason: str | None = (
        run.results.get("reasons", {}).get("employment_wage_regression", {}).get("detailed")
    )
    return reason


def saved_line(run: Run) -> EmploymentWageRegression:
    """Return the line that a run saved; a run without one is a ProjectError that says why."""
    if why := why_no_line(run):
        raise ProjectError(f"this run has no line to predict with: {why.removesuffix('.')}")
    content = run.read(MODEL)  # only the recorded file: loading a joblib file can run code
    line: EmploymentWageRegression = joblib.load(BytesIO(content))
    return line

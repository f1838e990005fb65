"""The model card of the saved regression, written from a real run."""

from collections.abc import Mapping
from typing import Any

from ..analysis.results import AnalysisResult
from ..analysis.wording import share_text
from ..models.regression import FEEBLE, EmploymentWageRegression

CARD = """\
# Model card: mean wage on employment

{conclusion}

## What it is

A least-squares line, fitted to {n:,} rows ({scope} scope), each an estimate for one area and
occupation: A_MEAN (US$ a year) = {intercept:.8g} + ({slope:.8g}) x TOT_EMP (jobs).

## Data

`{file}`, SHA-256 `{sha256}`: {rows_read:,} rows read, {rows_kept:,} kept. The fit leaves out rows
without TOT_EMP or A_MEAN; it saw {employment_low:,.0f} to {employment_high:,.0f} jobs,
{employment_mean:,.0f} on average.

## Numbers

| quantity | value |
|---|---|
| slope, US$ per job (classical standard error) | {slope:.8g} ({slope_stderr:.8g}) |
{intervals}
| intercept, US$ (standard error) | {intercept:.8g} ({intercept_stderr:.8g}) |
| r squared | {r_squared:.8g} |
| residual standard deviation, US$ | {residual_sd:.8g} |

## Use

{use}: employment explains {share} of the variance of mean wages (r squared {r_squared:.2g}). The
rows are cells and not people, are not weighted by employment, share areas and occupations, and
say nothing about causes. Outside the range seen the line is merely drawn on.

## Load

    python -m {package} predict --employment 1000

compares the file's hash with the manifest's, then loads it. In Python, after `verify`, since a
joblib file can run code:

    model = joblib.load("models/employment_wage_regression.joblib")
    model.predict(1000)  # US$ a year
"""


def model_card(
    model: EmploymentWageRegression, result: AnalysisResult, data: Mapping[str, Any]
) -> str:
    """Return the card as Markdown; every value comes from the run.

    `result` is what `run_regression` found on the rows of the fit; `data` holds ``file``,
    ``sha256``, ``rows_read`` and ``rows_kept`` as results.json does.
    """
    intervals = {
        "as published": result.interval,
        "HC3": result.effect_size,
        "allowing for shared areas and occupations": result.interval_two_way,
    }
    return CARD.format(
        **vars(model),
        **data,
        conclusion=result.conclusion,
        scope=result.scope,
        intervals="\n".join(
            f"| slope, interval {how} | {interval.low:.8g} to {interval.high:.8g} |"
            for how, interval in intervals.items()
            if interval is not None
        ),
        use="Not fit for prediction" if model.r_squared < FEEBLE else "To be read with its errors",
        share=share_text(model.r_squared),
        package=type(model).__module__.partition(".")[0],
    )

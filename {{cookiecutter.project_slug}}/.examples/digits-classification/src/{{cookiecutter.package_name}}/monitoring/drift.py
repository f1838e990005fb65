"""New rows against the training rows: column by column, the predictions, and the score."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, false_discovery_control, ks_2samp

from ..evaluation.promotion import HeldOut
from ..evaluation.uncertainty import bootstrap
from ..models.metrics import LARGER_IS_BETTER
from ..models.prediction import FEWEST, NewRows
from ..models.training import Predictions, TrainedModel
from ..settings import ModelSettings, Monitoring

WITHIN = "The new rows are within the limits of the settings."


@dataclass(frozen=True)
class Shift:
    """How far a column moved: p-value after the correction, population stability index, shares."""

    column: str
    p: float
    stability_index: float
    moved: str
    missing: str
    shifted: bool  # beyond both limits


def assess(
    model: TrainedModel, train: pd.DataFrame, held: HeldOut, new: NewRows, settings: ModelSettings
) -> dict[str, Any]:
    """Hold new rows against the training rows; `beyond` has a sentence for each limit passed.

    Predictions and score are held against those on the test rows: nothing learned from these.
    """
    limits = settings.monitoring
    columns = compare(train, new.table, limits)
    said, theirs = model.predict(new.table), model.predict(held.table)
    before, now = (pd.DataFrame({"prediction": each.labels}) for each in (theirs, said))
    (prediction,) = compare(before, now, limits)
    shifted, beyond = [each.column for each in columns if each.shifted], list[str]()
    if len(shifted) > limits.shifted_share * len(columns):
        beyond.append(f"{len(shifted)} of {len(columns)} columns have shifted")
    if prediction.shifted:
        beyond.append("the predictions have shifted")
    known = new.labels.isin(model.classes) if model.classes else new.labels.notna()
    if len(unknown := new.labels[~known].dropna()):
        beyond.append(f"{len(unknown):,} labels are new to the model, such as {unknown.iloc[0]!r}")
    scores: dict[str, Any] = {"labels": int(known.sum()), "before": None, "now": None}
    if known.sum() >= FEWEST:
        truth = new.labels[known]
        old = scores["before"] = _score(model, held.truth, theirs, held, settings)
        new_one = scores["now"] = _score(model, truth, said.only(known), held, settings)
        better = LARGER_IS_BETTER[held.metric]
        if new_one["high"] < old["low"] if better else new_one["low"] > old["high"]:
            beyond.append(f"{held.metric} is worse than on the test rows, beyond chance")
    return {
        "rows": new.rows,
        "rows_read": len(new.table),
        "rows_before": len(train),
        "limits": limits.model_dump(),
        "columns": [asdict(each) for each in columns],
        "prediction": asdict(prediction),
        "metric": held.metric,
        "confidence_level": settings.confidence_level,
        "score": scores,
        "beyond": beyond,
        "conclusion": f"Beyond the limits: {'; '.join(beyond)}." if beyond else WITHIN,
    }


def _score(
    model: TrainedModel,
    truth: pd.Series,
    said: Predictions,
    held: HeldOut,
    settings: ModelSettings,
) -> dict[str, Any]:
    """Return a score with its interval; new rows have no groups."""
    (found,) = bootstrap(
        [held.metric],
        truth.to_numpy(),
        said,
        model.classes,
        groups=held.groups if truth is held.truth else None,
        confidence_level=settings.confidence_level,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    return found


def compare(before: pd.DataFrame, now: pd.DataFrame, limits: Monitoring) -> list[Shift]:
    """Compare two tables of the same columns; those that moved most come first.

    Numbers and dates by Kolmogorov and Smirnov's test, categories and what is missing by the
    chi-squared test; p-values are corrected after Benjamini and Hochberg (1995). The stability
    index is over the tenths of `before`, or over categories.
    """
    tests = {name: _p_values(before[name], now[name]) for name in before}
    corrected = iter(false_discovery_control([p for found in tests.values() for p in found]))
    shifts = []
    for name, found in tests.items():
        old, new = before[name], now[name]
        p, index = min(float(next(corrected)) for _ in found), _stability(_counts(old, new))
        missing = f"{old.isna().mean():.1%} to {new.isna().mean():.1%}"
        shifted = p < limits.significance and index > limits.stability_index
        moved = _moved(old.dropna(), new.dropna())
        shifts.append(Shift(str(name), p, index, moved, missing, shifted))
    return sorted(shifts, key=lambda shift: (not shift.shifted, -shift.stability_index))


def _p_values(before: pd.Series, now: pd.Series) -> list[float]:
    if before.dtype == "str":
        return [_chi_squared(_counts(before, now))]
    missing = np.array([[x.isna().sum(), x.notna().sum()] for x in (before, now)]).T
    a, b = _numbers(before.dropna()), _numbers(now.dropna())
    values = [float(ks_2samp(a, b, method="asymp").pvalue)] if len(a) and len(b) else []
    return [_chi_squared(missing), *values]


def _numbers(values: pd.Series) -> np.ndarray:
    return values.astype("int64" if values.dtype.kind == "M" else "float64").to_numpy()


def _chi_squared(counts: np.ndarray) -> float:
    """Return the p-value of bins in two columns; it is 1 where there are fewer than two."""
    counts = counts[counts.sum(axis=1) > 0]
    return float(chi2_contingency(counts).pvalue) if len(counts) > 1 else 1.0


def _counts(before: pd.Series, now: pd.Series) -> np.ndarray:
    """Return the rows of both in each bin; missing values are a bin, rare bins are one together."""
    both, n = pd.concat([before, now]), len(before)
    if both.dtype == "str":
        codes = pd.factorize(both)[0] + 1
    else:
        codes, there, old = np.zeros(len(both), int), both.notna(), _numbers(before.dropna())
        tenths = np.unique(np.quantile(old, np.arange(1, 10) / 10)) if len(old) else np.array([])
        codes[there] = 1 + np.searchsorted(tenths, _numbers(both[there]))
    sides = codes[:n], codes[n:]
    counts = np.stack([np.bincount(side, minlength=codes.max() + 1) for side in sides], axis=1)
    least = max(1 / min(n, len(both) - n), 0.01)  # with less the chi-squared test is none
    rare = counts.sum(axis=1) < least * len(both)
    return np.vstack([counts[~rare], counts[rare].sum(axis=0)])


def _stability(counts: np.ndarray) -> float:
    """Return the population stability index; half a row more in each bin keeps it finite."""
    counts = counts[counts.sum(axis=1) > 0] + 0.5
    before, now = (counts / counts.sum(axis=0)).T
    return float(((now - before) * np.log(now / before)).sum())


def _moved(before: pd.Series, now: pd.Series) -> str:
    """Say how the middle moved, or the category whose share changed most."""
    if not len(before) or not len(now):
        return "no values to compare"
    if before.dtype == "str":
        shares = [x.value_counts(normalize=True) for x in (before, now)]
        name = shares[1].sub(shares[0], fill_value=0).abs().idxmax()
        return f"{name}: {shares[0].get(name, 0):.1%} to {shares[1].get(name, 0):.1%}"
    form = "%Y-%m-%d" if before.dtype.kind == "M" else ".4g"
    return f"median {before.median():{form}} to {now.median():{form}}"

"""Intervals by the percentile bootstrap (Efron and Tibshirani 1993), over rows or whole groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from ..models.metrics import is_defined, score
from ..models.training import Predictions
from ..settings import Metric

Statistic = Callable[[np.ndarray], float]  # of how often each row was drawn; may be NaN


class Sampling(TypedDict):
    """How resamples are drawn; `groups` has a value for each row, or is None."""

    groups: pd.Series | None
    confidence_level: float
    resamples: int
    seed: int


def bootstrap(
    metrics: Sequence[Metric],
    truth: np.ndarray,
    said: Predictions,
    classes: Sequence[str],
    **sampling: Unpack[Sampling],
) -> list[dict[str, Any]]:
    """Return name, value, low and high of each metric."""
    of = [statistic(metric, truth, said, classes) for metric in metrics]
    values = [score(m, truth, said.labels, said.probabilities, classes) for m in metrics]
    found = zip(metrics, values, intervals(of, len(truth), **sampling), strict=True)
    return [{"name": name, "value": value, **ends} for name, value, ends in found]


def paired_difference(
    metric: Metric,
    truth: np.ndarray,
    one: Predictions,
    other: Predictions,
    classes: Sequence[str],
    **sampling: Unpack[Sampling],
) -> tuple[float, float, float]:
    """Return a score minus another's, low and high, the same rows drawn for both.

    Where nothing can be said, as of a single row or group, low and high are infinite.
    """
    a, b = (score(metric, truth, x.labels, x.probabilities, classes) for x in (one, other))
    f, g = (statistic(metric, truth, x, classes) for x in (one, other))
    low, high = intervals([lambda w: f(w) - g(w)], len(truth), **sampling)[0].values()
    return (a - b, -np.inf, np.inf) if low is None or high is None else (a - b, low, high)


def recalls(
    truth: np.ndarray, prediction: np.ndarray, classes: Sequence[str], **sampling: Unpack[Sampling]
) -> list[dict[str, Any]]:
    """Return rows, precision, and recall with its interval of each class; None if there are none.

    The interval is Wilson's (1927), which a perfect recall does not shrink to nothing; of groups it
    is that of the bootstrap.
    """
    found = []
    for name in classes:
        there, named = truth == name, prediction == name
        n, hits, said = (int(each.sum()) for each in (there, there & named, named))
        (ends,) = intervals([_share(there & named, there)], len(truth), **sampling)
        if n and sampling["groups"] is None:
            wilson = binomtest(hits, n).proportion_ci(sampling["confidence_level"], "wilson")
            ends = {"low": float(wilson.low), "high": float(wilson.high)}
        rates = {"recall": hits / n if n else None, "precision": hits / said if said else None}
        found.append({"class": name, "rows": n, **rates, **ends})
    return found


def intervals(
    of: Sequence[Statistic], n: int, **sampling: Unpack[Sampling]
) -> list[dict[str, float | None]]:
    """Return low and high of statistics over the same resamples of n rows, passing over NaN.

    A row without a group is one of its own. Of a single row or group nothing can be said: None.
    """
    unit = np.arange(n)
    if sampling["groups"] is not None:
        unit = pd.factorize(sampling["groups"])[0]
        unit[unit < 0] = unit.max() + 1 + np.arange((unit < 0).sum())
    units, random = int(unit.max()) + 1, np.random.default_rng(sampling["seed"])
    values = np.empty((sampling["resamples"] if units > 1 else 0, len(of)))
    with np.errstate(divide="ignore", invalid="ignore"):
        for row in values:
            drawn = np.bincount(random.integers(units, size=units), minlength=units)
            row[:] = [each(drawn[unit].astype(float)) for each in of]
    tail, found = (1 - sampling["confidence_level"]) / 2, list[dict[str, float | None]]()
    for column in values.T:
        there = column[~np.isnan(column)]
        low, high = np.quantile(there, [tail, 1 - tail]).tolist() if len(there) else (None, None)
        found.append({"low": low, "high": high})
    return found


def statistic(
    metric: Metric, truth: np.ndarray, said: Predictions, classes: Sequence[str]
) -> Statistic:
    """Return a metric, as `score` has it, as a quick function of how often each row was drawn.

    A class that was not drawn is left out of a mean over classes.
    """
    of, k, rows = said.probabilities, len(classes), np.ones(len(truth))
    if not is_defined(metric, truth, of):
        return lambda _: np.nan
    if not classes:
        error, around = truth - said.labels, truth - truth.mean()
        if metric == "mae":
            return _share(np.abs(error), rows)
        squared, first, second = (_share(x, rows) for x in (error**2, around, around**2))
        if metric == "rmse":
            return lambda w: float(np.sqrt(squared(w)))
        least = 1e-12 * second(rows)  # what is below is rounding: the numbers are all the same

        def r2(w: np.ndarray) -> float:
            spread = second(w) - first(w) ** 2
            return 1 - squared(w) / spread if spread > least else np.nan

        return r2
    actual, named = (pd.Index(classes).get_indexer(pd.Index(each)) for each in (truth, said.labels))
    if metric == "accuracy":
        return _share(actual == named, rows)
    if metric == "log_loss" and of is not None:
        tiny = np.finfo(of.dtype).eps
        return _share(-np.log(of[np.arange(len(of)), actual].clip(tiny, 1 - tiny)), rows)
    if metric == "roc_auc" and of is not None:
        areas = [_area(of[:, i], actual == i) for i in ([1] if k == 2 else range(k))]
        return lambda w: _mean(np.array([area(w) for area in areas]))

    def over_classes(w: np.ndarray) -> float:
        there, hits = (np.bincount(actual, x, k) for x in (w, w * (actual == named)))
        also = np.bincount(named, w, k) if metric == "f1_macro" else there
        with np.errstate(invalid="ignore"):  # a class that a resample lacks
            return _mean(2 * hits / (there + also))

    return over_classes


def _share(part: np.ndarray, whole: np.ndarray) -> Statistic:
    return lambda w: float(w @ part / (w @ whole))


def _area(scores: np.ndarray, positive: np.ndarray) -> Statistic:
    """Return the area under the curve of one class against the rest; ties count a half."""
    place = np.unique(scores, return_inverse=True)[1]

    def area(w: np.ndarray) -> float:
        inside, outside = (np.bincount(place, w * x) for x in (positive, ~positive))
        below = np.cumsum(outside) - outside / 2
        return float(inside @ below / (inside.sum() * outside.sum()))

    return area


def _mean(values: np.ndarray) -> float:
    there = values[~np.isnan(values)]
    return float(there.sum() / len(there))

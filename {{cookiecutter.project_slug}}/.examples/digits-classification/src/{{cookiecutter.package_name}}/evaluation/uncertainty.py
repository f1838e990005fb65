"""Intervals by the percentile bootstrap (Efron and Tibshirani 1993), over rows or whole groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

from ..models.metrics import is_defined, score
from ..models.training import Predictions
from ..settings import Metric

# Of how often each row was drawn, (resamples, rows), its value for each resample; may be NaN.
Statistic = Callable[[np.ndarray], np.ndarray]
AT_ONCE = 4_000_000  # numbers that are held for resamples of all rows


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
    """Return name, value, low and high of each metric; an accuracy over rows has Wilson's."""
    of = [statistic(metric, truth, said, classes) for metric in metrics]
    values = [score(m, truth, said.labels, said.probabilities, classes) for m in metrics]
    found = zip(metrics, values, intervals(of, len(truth), **sampling), strict=True)
    told = [{"name": name, "value": value, **ends} for name, value, ends in found]
    for each in told:
        if each["name"] == "accuracy" and sampling["groups"] is None:
            each |= wilson(int((truth == said.labels).sum()), len(truth), **sampling)
    return told


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

    The interval is Wilson's; of groups it is that of the bootstrap.
    """
    told = [(truth == name, prediction == name) for name in classes]
    of, found = [_share(there & named, there) for there, named in told], []
    drawn = intervals(of, len(truth), **sampling)
    for name, (there, named), ends in zip(classes, told, drawn, strict=True):
        n, hits, said = (int(each.sum()) for each in (there, there & named, named))
        if n and sampling["groups"] is None:
            ends = wilson(hits, n, **sampling)
        rates = {"recall": hits / n if n else None, "precision": hits / said if said else None}
        found.append({"class": name, "rows": n, **rates, **ends})
    return found


def wilson(hits: int, n: int, **sampling: Unpack[Sampling]) -> dict[str, float | None]:
    """Return Wilson's interval (1927) of a share, which no hit or all do not shrink to nothing."""
    found = binomtest(hits, n).proportion_ci(sampling["confidence_level"], "wilson")
    return {"low": float(found.low), "high": float(found.high)}


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
    n, values = sampling["resamples"] if units > 1 else 0, [np.empty((0, len(of)))]
    for first in range(0, n, step := max(1, AT_ONCE // len(unit))):
        draws = random.integers(units, size=(min(step, n - first), units))
        times = np.array([np.bincount(draw, minlength=units) for draw in draws], float)
        with threadpool_limits(1), np.errstate(divide="ignore", invalid="ignore"):
            values.append(np.column_stack([each(times[:, unit]) for each in of]))
    tail, found = (1 - sampling["confidence_level"]) / 2, list[dict[str, float | None]]()
    for column in np.concatenate(values).T:
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
        return lambda w: np.full(len(w), np.nan)
    if not classes:
        error, around = truth - said.labels, truth - truth.mean()
        if metric == "mae":
            return _share(np.abs(error), rows)
        squared, first, second = (_share(x, rows) for x in (error**2, around, around**2))
        if metric == "rmse":
            return lambda w: np.sqrt(squared(w))
        least = 1e-12 * (around @ around) / len(truth)  # below: rounding, the numbers are equal

        def r2(w: np.ndarray) -> np.ndarray:
            spread = second(w) - first(w) ** 2
            return 1 - squared(w) / np.where(spread > least, spread, np.nan)

        return r2
    actual, named = (pd.Index(classes).get_indexer(pd.Index(each)) for each in (truth, said.labels))
    if metric == "accuracy":
        return _share(actual == named, rows)
    if metric == "log_loss" and of is not None:
        tiny = np.finfo(of.dtype).eps
        return _share(-np.log(of[np.arange(len(of)), actual].clip(tiny, 1 - tiny)), rows)
    if metric == "roc_auc" and of is not None:
        areas = [_area(of[:, i], actual == i) for i in ([1] if k == 2 else range(k))]
        return lambda w: _mean([area(w) for area in areas])
    there, also = _members(actual, k), _members(named, k)
    hits = there.multiply((actual == named)[:, None]).tocsr()
    if metric == "f1_macro":
        return lambda w: _mean((2 * (w @ hits) / (w @ there + w @ also)).T)
    return lambda w: _mean((w @ hits / (w @ there)).T)


def _share(part: np.ndarray, whole: np.ndarray) -> Statistic:
    return lambda w: np.asarray(w @ part / (w @ whole))


def _members(codes: np.ndarray, n: int) -> csr_array:
    """Return which of n each row belongs to, (rows, n)."""
    return csr_array((np.ones(len(codes)), codes, np.arange(len(codes) + 1)), (len(codes), n))


def _area(scores: np.ndarray, positive: np.ndarray) -> Statistic:
    """Return the area under the curve of one class against the rest; ties count a half."""
    known, place = np.unique(scores, return_inverse=True)
    placed = _members(place, len(known))

    def area(w: np.ndarray) -> np.ndarray:
        inside, outside = (w * x @ placed for x in (positive, ~positive))
        below = np.cumsum(outside, axis=1) - outside / 2
        return np.asarray((inside * below).sum(axis=1) / (inside.sum(axis=1) * outside.sum(axis=1)))

    return area


def _mean(values: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
    """Return the mean over the first axis, passing over NaN."""
    there = ~np.isnan(values)
    return np.asarray(np.where(there, values, 0).sum(axis=0) / there.sum(axis=0))

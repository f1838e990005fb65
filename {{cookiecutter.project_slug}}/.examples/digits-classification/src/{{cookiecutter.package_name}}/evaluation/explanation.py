"""What a model leans on, what more rows would bring, and whether its probabilities hold."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from ..data.validation import Contract
from ..engine import ProjectError
from ..models.metrics import LARGER_IS_BETTER, is_defined
from ..models.parallel import parallel_map
from ..models.training import Predictions, TrainedModel
from ..models.tuning import CandidateScore, Fold, fold_score
from ..settings import Metric, ModelSettings, Task
from .uncertainty import Statistic, intervals, statistic

ROWS, ANSWERS = 2000, 200_000  # test rows that are looked at, and answers asked of the model
REPEATS, MANY = 5, 60  # of the shuffling; with so many columns it is done once
CHUNKS = 8  # of columns, each a task for a worker
SHARES = (0.1, 0.25, 0.5, 0.75)  # of a fold's training rows; the whole is known from the search
BINS, FEWEST = 10, 20  # of the calibration, and rows of a bin


def importance(
    model: TrainedModel,
    table: pd.DataFrame,
    truth: pd.Series,
    metric: Metric,
    settings: ModelSettings,
    *,
    resamples: int = 200,
) -> list[dict[str, Any]]:
    """Return by how much the score is worse with a column shuffled (Breiman 2001), largest first.

    Read on at most 2,000 rows, fewer with many columns; the intervals are over rows.
    """
    repeats = min(REPEATS, 1 + MANY // table.shape[1])
    most = min(ROWS, max(ROWS // 10, ANSWERS // (repeats * table.shape[1])))
    random = np.random.default_rng(settings.seed)
    at = np.sort(random.permutation(len(table))[:most])
    rows, known = table.iloc[at], truth.iloc[at].to_numpy()
    said, sign = model.predict(rows), 1 if LARGER_IS_BETTER[metric] else -1
    if not is_defined(metric, known, said.probabilities):
        return []
    whole = statistic(metric, known, said, model.classes)
    order = np.concatenate([random.permutation(len(rows)) for _ in range(repeats)])
    repeated = np.tile(known, repeats)
    chunks = np.array_split(np.array(rows.columns, object), min(CHUNKS, rows.shape[1]))
    tasks = [(model, rows, order, chunk) for chunk in chunks]
    answers = chain(*parallel_map(_shuffled, tasks, settings.compute, "What it leans on"))
    shuffled = [statistic(metric, repeated, each, model.classes) for each in answers]
    of = [partial(_loss, sign, repeats, whole, each) for each in shuffled]
    ends = intervals(
        of,
        len(rows),
        groups=None,
        confidence_level=settings.confidence_level,
        resamples=resamples,
        seed=settings.seed,
    )
    with np.errstate(invalid="ignore"):  # a class that these rows lack
        values = [float(loss(np.ones((1, len(rows))))[0]) for loss in of]
    found = zip(rows.columns, values, ends, strict=True)
    shown = [{"column": str(name), "value": value, **limits} for name, value, limits in found]
    return sorted(shown, key=lambda each: -float(each["value"]))


def _shuffled(
    model: TrainedModel, rows: pd.DataFrame, order: np.ndarray, names: Sequence[str]
) -> list[Predictions]:
    """Ask the model as often as `order` is longer than the rows, for each name with it shuffled."""
    repeats, found = len(order) // len(rows), list[Predictions]()
    stacked = pd.concat([rows] * repeats, ignore_index=True)
    for name in names:
        mixed = stacked.copy(deep=False)
        mixed[name] = rows[name].iloc[order].array
        found.append(model.predict(mixed))
    return found


def _loss(sign: int, n: int, whole: Statistic, shuffled: Statistic, w: np.ndarray) -> np.ndarray:
    return sign * (whole(w) - shuffled(np.tile(w, n)))


def learning_curve(
    chosen: CandidateScore,
    table: pd.DataFrame,
    labels: pd.Series,
    contract: Contract,
    settings: ModelSettings,
    *,
    task: Task,
    classes: Sequence[str],
    metric: Metric,
    folds: Sequence[Fold],
) -> list[dict[str, Any]]:
    """Return rows, mean and sd of the chosen candidate's score, fitted on parts of the folds.

    A size that lacks a class of its fold, or is too small for a fit, is passed over.
    """
    random, values = np.random.default_rng(settings.seed), labels.to_numpy()
    orders = [random.permutation(fit_on) for fit_on, _ in folds]
    cuts = [[order[: max(2, round(share * len(order)))] for order in orders] for share in SHARES]
    if task == "classes":
        kinds = [len({*values[order]}) for order in orders]
        cuts = [parts for parts in cuts if [len({*values[part]}) for part in parts] == kinds]
    given = (chosen.name, chosen.parameters, table, labels)
    fixed = (contract, task, classes, settings.time, settings.seed, metric)
    pairs = [pair for parts in cuts for pair in zip(parts, folds, strict=True)]
    tasks = [(*given, part, score_on, *fixed) for part, (_, score_on) in pairs]
    found = parallel_map(_try_fold, tasks, settings.compute, "Learning curve") if tasks else []
    scores = np.reshape(found, (-1, len(folds)))
    means, sds = [*scores.mean(axis=1), chosen.mean], [*scores.std(axis=1, ddof=1), chosen.sd]
    rows = [round(np.mean([len(part) for part in parts])) for parts in (*cuts, orders)]
    curve = zip(rows, means, sds, strict=True)
    return [{"rows": n, "mean": mean, "sd": sd} for n, mean, sd in curve if mean == mean]


def _try_fold(*task: Any) -> float:
    try:
        return fold_score(*task)
    except ProjectError:
        return np.nan


def calibration(
    truth: np.ndarray, said: Predictions, classes: Sequence[str]
) -> list[dict[str, Any]]:
    """Return mean probability of the predicted class, share that was right and rows of each bin.

    The bins hold about the same number of rows; equal probabilities share one. Of fewer rows than
    a bin should have, nothing is said.
    """
    if said.probabilities is None or len(truth) < FEWEST:
        return []
    named = pd.Index(classes).get_indexer(pd.Index(said.labels))
    sure, right = said.probabilities[np.arange(len(named)), named], truth == said.labels
    n = max(1, min(BINS, len(sure) // FEWEST))
    edges = np.unique(np.quantile(sure, np.arange(1, n) / n))
    places = np.searchsorted(edges, sure, side="right")
    bins = [places == place for place in np.unique(places)]
    means = [[float(values[b].mean()) for values in (sure, right)] for b in bins]
    rows = [int(b.sum()) for b in bins]
    return [{"said": p, "observed": q, "rows": n} for (p, q), n in zip(means, rows, strict=True)]

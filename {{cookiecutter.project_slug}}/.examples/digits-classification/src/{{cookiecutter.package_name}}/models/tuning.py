"""The search: every candidate, cross-validated on the training rows, within a budget of fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

from ..data.validation import Contract
from ..engine import ProjectError
from ..settings import Metric, ModelSettings, Task
from .candidates import CALIBRATION, build, draw_parameters
from .metrics import LARGER_IS_BETTER, OF_PROBABILITIES, OVER_CLASSES, score
from .parallel import alone, parallel_map
from .training import ask, targets

MOST_SUPPORT_VECTORS = 5_000  # training rows: with 48,000 a fit would take 20 minutes
MANY_CLASSES = 20  # boosting fits a tree for each class, so there are fewer fits with more
Fold = tuple[np.ndarray, np.ndarray]  # positions of the rows to fit on, and to score on


@dataclass(frozen=True)
class CandidateScore:
    """A candidate's best parameters, their score over the folds, and how many fits it took."""

    name: str
    mean: float | None
    sd: float | None
    parameters: dict[str, float]
    fits: int
    chosen: bool
    note: str


def search(
    table: pd.DataFrame,
    labels: pd.Series,
    contract: Contract,
    settings: ModelSettings,
    *,
    task: Task,
    classes: Sequence[str],
    metric: Metric,
    folds: Sequence[Fold],
) -> tuple[list[CandidateScore], list[str]]:
    """Return the score of each candidate, the best of them chosen, and what is to be said.

    Raises
    ------
    ProjectError
        If a candidate cannot be built or fitted as the settings say, or the metric cannot be had.
    """
    notes, passed = list[str](), dict[str, str]()
    spaces = {str(name): space for name, space in settings.candidates.items()}
    if len(table) > MOST_SUPPORT_VECTORS and spaces.pop("support_vectors", None) is not None:
        why = f"more than {MOST_SUPPORT_VECTORS:,} training rows would take hours"
        passed["support_vectors"] = why
        notes.append(f"support vectors were not tried: {why}")
    if not spaces:
        raise ProjectError("no candidate is left: name linear or gradient_boosting in [candidates]")
    fits = settings.tuning.fits
    if len(classes) > MANY_CLASSES:
        fits = fits * MANY_CLASSES // len(classes)
        notes.append(f"with {len(classes)} classes the search has {fits} fits at most")
    drawn = {"dummy": [dict[str, float]()]}
    for (name, space), n in zip(spaces.items(), shares(spaces, fits // len(folds)), strict=True):
        drawn[name] = draw_parameters(space, n, settings.seed)
    tried = [(name, parameters) for name, all_of in drawn.items() for parameters in all_of]
    fixed = (contract, task, tuple(classes), settings.time, settings.seed, metric)
    tasks = [(*each, table, labels, *fold, *fixed) for each in tried for fold in folds]
    found = parallel_map(fold_score, tasks, settings.compute, "Searching")
    of_each = np.array(found).reshape(len(tried), len(folds))
    if metric in OVER_CLASSES:  # where a fold has no row of a class, all others count for more
        whole = [labels.iloc[score_on].nunique() == len(classes) for _, score_on in folds]
        of_each[:, [any(whole) and not each for each in whole]] = np.nan
    better = 1 if LARGER_IS_BETTER[metric] else -1
    scores = list[CandidateScore]()
    for name, all_of in drawn.items():
        own = [i for i, each in enumerate(tried) if each[0] == name]
        means = {i: np.nanmean(of_each[i]) for i in own if not np.isnan(of_each[i]).all()}
        if not means:
            raise ProjectError(f"`metric`: {metric} is not defined in any fold; name another")
        best = max(means, key=lambda i: better * means[i])
        sd = (
            float(np.nanstd(of_each[best], ddof=1))
            if (~np.isnan(of_each[best])).sum() > 1
            else None
        )
        n = len(all_of) * len(folds)
        scores.append(CandidateScore(name, float(means[best]), sd, tried[best][1], n, False, ""))
    chosen = max(scores[1:], key=lambda each: better * (each.mean or 0.0))
    scores = [replace(each, chosen=each is chosen) for each in scores]
    scores += [CandidateScore(name, None, None, {}, 0, False, why) for name, why in passed.items()]
    return scores, notes


def shares(spaces: Mapping[str, Mapping[str, Sequence[float]]], total: int) -> list[int]:
    """Part a number of parameter settings evenly; what a small space leaves goes to the others."""
    sizes = {name: int(np.prod([len(x) for x in space.values()])) for name, space in spaces.items()}
    parts, left = dict[str, int](), total
    for i, name in enumerate(sorted(sizes, key=lambda name: sizes[name])):
        parts[name] = max(1, min(sizes[name], left // (len(sizes) - i)))
        left -= parts[name]
    return [parts[name] for name in spaces]


def fold_score(
    name: str,
    parameters: Mapping[str, float],
    table: pd.DataFrame,
    labels: pd.Series,
    fit_on: np.ndarray,
    score_on: np.ndarray,
    contract: Contract,
    task: Task,
    classes: Sequence[str],
    time: str | None,
    seed: int,
    metric: Metric,
) -> float:
    """Fit the whole pipeline, preprocessing too, on some rows and score it on others; may be NaN.

    A candidate that cannot be fitted is a ProjectError.
    """
    values, known = targets(labels, task), tuple(classes)
    rows = np.unique_counts(values[fit_on]).counts
    if task == "classes" and len(rows) < 2:
        return float("nan")
    needed = metric in OF_PROBABILITIES and bool(rows.min() >= CALIBRATION)
    model = build(name, parameters, contract, task, time=time, seed=seed, probabilities=needed)
    try:
        alone(model.fit, table.iloc[fit_on], values[fit_on])
    except ValueError as error:
        what = f"candidate {name} with {dict(parameters)} cannot be fitted"
        raise ProjectError(f"{what}: {error}; change [candidates.{name}]") from error
    said = ask(model, table.iloc[score_on], known)
    truth = labels.iloc[score_on].to_numpy()
    return score(metric, truth, said.labels, said.probabilities, known)


def make_folds(
    labels: pd.Series,
    settings: ModelSettings,
    *,
    task: Task,
    groups: pd.Series | None = None,
    times: pd.Series | None = None,
) -> tuple[list[Fold], list[str]]:
    """Return the folds of the training rows as positions, and what is to be said of them.

    By time each fold is scored on rows after those it was fitted on; else a group stays whole, and
    classes are stratified where they have rows enough. Of more rows than `tuning.rows` so many are
    drawn.
    """
    n, notes, most = settings.tuning.folds, list[str](), settings.tuning.rows
    random, at = np.random.default_rng(settings.seed), np.arange(len(labels))
    if len(labels) > most:
        at = np.sort(random.choice(len(labels), most, replace=False))
        notes.append(f"the search reads {most:,} of {len(labels):,} training rows, drawn by `seed`")
    values, mixed = labels.iloc[at].to_numpy(), {"shuffle": True, "random_state": settings.seed}
    if times is not None:
        at = at[np.argsort(times.iloc[at].to_numpy(), kind="stable")]
        parts = TimeSeriesSplit(min(n, len(at) - 1)).split(at)
    elif groups is not None:
        codes = pd.factorize(groups.iloc[at])[0]
        n = min(n, len(np.unique(codes)))
        if n < 2:
            raise ProjectError("`group`: all training rows are of one group; name another column")
        kind = StratifiedGroupKFold if task == "classes" else GroupKFold
        parts = kind(n, **mixed).split(at, values, codes)
    elif task == "classes":
        counts = labels.iloc[at].value_counts()
        n = min(n, int(counts.max()))
        if rare := sorted(counts.index[counts < n]):
            listed = ", ".join(map(repr, rare[:6])) + ", …" * (len(rare) > 6)
            notes.append(f"classes with fewer rows than folds miss in some: {listed}")
        parts = StratifiedKFold(n, **mixed).split(at, values.astype(str))
    else:
        parts = KFold(min(n, len(at)), **mixed).split(at)
    return [(at[fit], at[held]) for fit, held in alone(list, parts)], notes

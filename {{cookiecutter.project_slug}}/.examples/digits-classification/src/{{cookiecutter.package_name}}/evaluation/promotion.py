"""Whether a candidate may replace the model in production: by the rule of the settings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pandas as pd

from ..engine import ProjectError
from ..models.metrics import LARGER_IS_BETTER, score
from ..models.parallel import alone
from ..models.registry import SPLIT_BY, load_model, production, read_decisions
from ..models.training import Predictions, TrainedModel
from ..settings import Metric, ModelSettings
from .uncertainty import paired_difference


@dataclass(frozen=True)
class HeldOut:
    """Test rows, and what a model is held against on them; rows of one group stay together."""

    table: pd.DataFrame
    truth: pd.Series
    groups: pd.Series | None
    metric: Metric
    dummy: TrainedModel


def judge(
    root: Path, file: Path, model: TrainedModel, held: HeldOut, settings: ModelSettings
) -> dict[str, Any]:
    """Return decision and reason, as results.json has them.

    Of what was judged here before, the recorded ones: equal runs say the same, word for word.
    """
    content = file.read_bytes()
    sha, now = hashlib.sha256(content).hexdigest(), production(root)
    facts = [sha, held.metric, settings.promotion.model_dump(), settings.confidence_level]
    digest = hashlib.sha256(json.dumps([*facts, settings.resamples, settings.seed]).encode())
    for rows in (held.table, held.truth):
        digest.update(pd.util.hash_pandas_object(rows).to_numpy().tobytes())
    said = {"model": sha, "key": digest.hexdigest(), "against": now["model"] if now else None}
    for line in read_decisions(root):
        if line["key"] == said["key"]:
            said["against"] = line["against"]
            return {"decision": line["action"], "reason": line["reason"], **said}
    decision, reason = apply_rule(root, model, len(content) / 1e6, held, settings)
    return {"decision": decision, "reason": reason, **said}


def answers(model: TrainedModel, held: HeldOut) -> Predictions:
    """Return what a model, which another run may have made, says of the test rows."""
    try:
        return model.predict(model.contract.cast(held.table))
    except ProjectError as error:
        raise ProjectError(f"it reads other columns than the last run has: {error}") from error


def apply_rule(
    root: Path, model: TrainedModel, size_mb: float, held: HeldOut, settings: ModelSettings
) -> tuple[str, str]:
    """Return "promoted" or "kept", and why."""
    rule, metric, truth = settings.promotion, held.metric, held.truth.to_numpy()
    said, faults = answers(model, held), list[str]()
    value = score(metric, truth, said.labels, said.probabilities, model.classes)
    if rule.floor == "dummy":
        if _gain(model, held.dummy, held, settings)[0] <= 0:
            faults.append(f"{metric} {value:.4g} is not beyond chance better than guessing")
    elif value < rule.floor if LARGER_IS_BETTER[metric] else value > rule.floor:
        faults.append(f"{metric} {value:.4g} misses the floor of {rule.floor:g}")
    for name in model.classes:
        there = truth == name
        if there.any() and (recall := (said.labels[there] == name).mean()) < rule.class_floor:
            faults.append(f"recall of {name!r} {recall:.3f} misses the floor {rule.class_floor:g}")
    if size_mb > rule.largest_mb:
        faults.append(f"the file has {size_mb:.1f} MB, more than {rule.largest_mb:g}")
    if (took := _milliseconds(model, model.contract.cast(held.table))) > rule.slowest_ms:
        faults.append(f"a row takes {took:.0f} ms, more than {rule.slowest_ms:g}")
    worse, found = _hold_against_production(root, model, held, settings)
    faults += [found] if worse else []
    return ("kept", "; ".join(faults)) if faults else ("promoted", found)


def _hold_against_production(
    root: Path, model: TrainedModel, held: HeldOut, settings: ModelSettings
) -> tuple[bool, str]:
    """Say whether a model is worse than the one in production, beyond noise, and in words."""
    if production(root) is None:
        return False, "no model was in production"
    try:
        other, line = load_model(root)
        if (other.target, other.task, other.classes) != (model.target, model.task, model.classes):
            return False, "the model in production answers another question"
        low, high = _gain(model, other, held, settings)
    except ProjectError as error:
        return False, f"the model in production cannot be compared: {error}"
    interval = f"{held.metric}, better by {low:.4g} to {high:.4g} on the same test rows"
    shown = settings.shown(root)
    if any(line["split"][name] != shown[name] for name in SPLIT_BY):
        interval += ", some of which it may have learned from: they were parted otherwise"
    worse = high < 0
    return worse, f"{'worse' if worse else 'no worse'} than the model in production ({interval})"


def _gain(
    model: TrainedModel, other: TrainedModel, held: HeldOut, settings: ModelSettings
) -> tuple[float, float]:
    """Return the interval by which a model is better than another on the same rows."""
    said, theirs = answers(model, held), answers(other, held)
    _, low, high = paired_difference(
        held.metric,
        held.truth.to_numpy(),
        said,
        theirs,
        model.classes,
        groups=held.groups,
        confidence_level=settings.confidence_level,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    return (low, high) if LARGER_IS_BETTER[held.metric] else (-high, -low)


def _milliseconds(model: TrainedModel, table: pd.DataFrame) -> float:
    """Return the median time that a model takes for one row, with one thread."""
    times = list[float]()
    for i in range(min(len(table), 20)):
        start = perf_counter()
        alone(model.predict, table.iloc[[i]])
        times.append(perf_counter() - start)
    return 1000 * median(times)

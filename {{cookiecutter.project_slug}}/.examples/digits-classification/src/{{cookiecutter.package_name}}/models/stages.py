"""The stages that choose a model and fit it; imports stand inside them, as in `data/stages.py`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .. import settings as at
from ..data.stages import by_part, keep_facts
from ..engine import ProjectError, Workspace
from ..settings import ModelSettings


def tune(settings: ModelSettings, work: Workspace) -> None:
    """Choose among the candidates by cross-validation on the training rows."""
    from .metrics import METRICS, default_metric
    from .tuning import make_folds, search

    given = training_rows(settings, work)
    task, counts = given["task"], given["labels"].value_counts().to_dict()
    metric, why = default_metric(task, counts)
    if settings.metric:
        metric, why = settings.metric, "the settings name it"
    if metric not in METRICS[task]:
        raise ProjectError(f"`metric`: {metric} is none of {', '.join(METRICS[task])}: choose one")
    folds, notes = make_folds(given["labels"], settings, task=task, **of_folds(settings, work))
    scores, said = search(**given, metric=metric, folds=folds)
    facts: dict[str, Any] = {"metric": metric, "why": why, "folds": len(folds)}
    facts |= {"candidates": [asdict(each) for each in scores]}
    found = "; ".join(f"{x.name} {x.mean:.4g}" for x in scores if x.mean is not None)
    keep_facts(work, at.SEARCH, facts, notes + said, f"{metric} over {len(folds)} folds: {found}")


def train(settings: ModelSettings, work: Workspace) -> None:
    """Fit the chosen candidate once, on all training rows, and what it is compared with."""
    import joblib

    from .training import train

    given = training_rows(settings, work)
    scores = work.read_json(at.SEARCH)["candidates"]
    chosen = next(each for each in scores if each["chosen"])
    joblib.dump(train(chosen["name"], chosen["parameters"], **given), work.output(at.CANDIDATE))
    tried = {each["name"]: each["parameters"] for each in scores}
    baselines = {name: train(name, tried.get(name, {}), **given) for name in ("dummy", "linear")}
    joblib.dump(baselines, work.output(at.BASELINES))


def training_rows(settings: ModelSettings, work: Workspace) -> dict[str, Any]:
    """Return what every fit is given: the training rows, their labels, contract and task."""
    from ..data.validation import Contract

    labeling = work.read_json(at.LABELING)
    return {
        "table": by_part(work, at.CLEANED)["train"],
        "labels": by_part(work, at.LABELS)["train"]["label"],
        "contract": Contract.from_dict(work.read_json(at.CONTRACT)),
        "settings": settings,
        "task": labeling["task"],
        "classes": labeling["classes"],
    }


def of_folds(settings: ModelSettings, work: Workspace) -> dict[str, Any]:
    """Return groups and times of the training rows, where the settings name such columns."""
    if not (settings.group or settings.time):
        return {}
    rows = by_part(work, at.INGESTED)["train"]
    named = {"groups": settings.group, "times": settings.time}
    return {key: rows[name] for key, name in named.items() if name}

"""What `reports/results.json` says of the data, and of a model on the test rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from .. import settings as at
from ..engine import Workspace
from ..models.metrics import METRICS, is_defined
from ..models.training import TrainedModel
from ..settings import ModelSettings
from .explanation import calibration, importance
from .promotion import HeldOut
from .uncertainty import bootstrap, recalls

WORST, CONFUSED = 10, 5  # rows and pairs of classes that are listed


def data_facts(settings: ModelSettings, work: Workspace) -> dict[str, Any]:
    """Collect what the stages before have written down."""
    ingestion, cleaning = work.read_json(at.INGESTION), work.read_json(at.CLEANING)
    labeling, found = work.read_json(at.LABELING), work.read_json(at.SEARCH)
    splitting, contract = work.read_json(at.SPLITTING), work.read_json(at.CONTRACT)
    counted = {name: value for name, value in cleaning.items() if name != "notes"}
    told = {name: labeling[name] for name in ("counts", "unlabeled", "why")}
    columns = {column["name"]: column["kind"] for column in contract["columns"]}
    parts = (ingestion, cleaning, labeling, splitting, found)
    return {
        "data": {**work.source(settings.raw[0]), **counted, **told, "columns": columns},
        **{name: labeling[name] for name in ("target", "task")},
        "metric": found["metric"],
        "metric_why": found["why"],
        "confidence_level": settings.confidence_level,
        "candidates": found["candidates"],
        "folds": found["folds"],
        "split": splitting,
        "validation": work.read_json(at.VALIDATION),
        "notes": [note for facts in parts for note in facts["notes"]],
    }


def measure(
    model: TrainedModel,
    baselines: dict[str, TrainedModel],
    held: HeldOut,
    settings: ModelSettings,
) -> dict[str, Any]:
    """Return scores with intervals on the test rows, and what a look at the answers shows."""
    truth, said = held.truth.to_numpy(), model.predict(held.table)
    sampling: dict[str, Any] = {"resamples": settings.resamples, "seed": settings.seed}
    sampling |= {"groups": held.groups, "confidence_level": settings.confidence_level}
    names = [held.metric, *(name for name in METRICS[model.task] if name != held.metric)]

    def scores(of: TrainedModel) -> list[dict[str, Any]]:
        theirs = of.predict(held.table)
        there = [name for name in names if is_defined(name, truth, theirs.probabilities)]
        return bootstrap(there, truth, theirs, model.classes, **sampling)

    found: dict[str, Any] = {
        "model": {"name": model.name, "parameters": model.parameters},
        "metrics": scores(model),
        "baselines": {name: scores(each) for name, each in baselines.items()},
        "importance": importance(model, held.table, held.truth, held.metric, settings),
    }
    told = pd.DataFrame({"row": held.truth.index, "truth": truth, "prediction": said.labels})
    if model.task == "numbers":
        worst = np.argsort(-np.abs(truth - said.labels), kind="stable")[:WORST]
        return found | {"worst": told.iloc[worst].to_dict("records")}
    if said.probabilities is not None:
        told["probability"] = said.probabilities.max(axis=1)
        told = told.sort_values("probability", ascending=False, kind="stable")
    wrong = told[told["truth"] != told["prediction"]]
    pairs = wrong.value_counts(["truth", "prediction"]).rename("rows").reset_index()
    pairs = pairs.sort_values(["rows", "truth", "prediction"], ascending=[False, True, True])
    confusion = confusion_matrix(truth, said.labels, labels=list(model.classes))
    return found | {
        "worst": wrong.head(WORST).to_dict("records"),
        "confused": pairs.head(CONFUSED).to_dict("records"),
        "classes": recalls(truth, said.labels, model.classes, **sampling),
        "confusion": confusion.tolist(),
        "calibration": calibration(truth, said, model.classes),
    }


def predictions(model: TrainedModel, table: pd.DataFrame, truth: pd.Series | None) -> pd.DataFrame:
    """Return what a model says of each row, by the number of the raw row; beside it the truth."""
    columns: dict[str, Any] = {"row": table.index.astype("int64")}
    if truth is not None:
        columns["truth"] = truth.to_numpy()
    kind: Any = "float64" if model.task == "numbers" else "str"
    if table.empty:
        shown = pd.DataFrame({**columns, "prediction": pd.Series([], dtype=kind)})
        return shown.assign(**{f"probability: {name}": np.zeros(0) for name in model.classes})
    said = model.predict(table)
    columns["prediction"] = pd.Series(said.labels).astype(kind)
    if said.probabilities is not None:
        each = zip(model.classes, said.probabilities.T, strict=True)
        columns |= {f"probability: {name}": of for name, of in each}
    return pd.DataFrame(columns)

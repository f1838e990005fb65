"""The one fit that counts: a model with all that is needed to ask it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from ..data.validation import Contract
from ..features.images import Image, find_image
from ..settings import ModelSettings, Task
from .candidates import CALIBRATION, build
from .parallel import alone

PACKAGES = ("scikit-learn", "numpy", "scipy", "pandas", "joblib")


@dataclass(frozen=True)
class Predictions:
    """Labels of shape (rows,), and of classes their probabilities, (rows, classes), if any."""

    labels: np.ndarray
    probabilities: np.ndarray | None

    def only(self, rows: np.ndarray | pd.Series) -> Predictions:
        """Return some rows, chosen by a mask or by positions."""
        at = np.asarray(rows)
        of = self.probabilities
        return Predictions(self.labels[at], None if of is None else of[at])


@dataclass(frozen=True)
class TrainedModel:
    """A fitted pipeline, the contract of what it reads, and what it was made with."""

    name: str
    parameters: dict[str, float]
    pipeline: Pipeline
    contract: Contract
    target: str
    task: Task
    classes: tuple[str, ...]
    time: str | None
    image: Image | None
    versions: dict[str, str]

    def predict(self, table: pd.DataFrame) -> Predictions:
        """Ask the model about a typed table, as `contract.cast` returns it."""
        return ask(self.pipeline, table, self.classes)

    def predict_table(self, table: pd.DataFrame) -> np.ndarray:
        """Return the labels of rows of any types, cast by the contract."""
        return self.predict(self.contract.cast(table)).labels


def ask(pipeline: Pipeline, table: pd.DataFrame, classes: Sequence[str]) -> Predictions:
    """Return what a fitted pipeline predicts; a class that it never saw has probability 0."""
    if not hasattr(pipeline, "predict_proba"):
        found = pipeline.predict(table)
        return Predictions(found.astype(object) if classes else found, None)
    known, of = pipeline.classes_, pipeline.predict_proba(table)
    probabilities = np.zeros((len(table), len(classes)))
    probabilities[:, np.searchsorted(np.array(classes), known.astype(str))] = of
    return Predictions(np.array(classes, object)[probabilities.argmax(axis=1)], probabilities)


def targets(labels: pd.Series, task: Task) -> np.ndarray:
    """Return labels as scikit-learn takes them."""
    return labels.to_numpy(dtype=str if task == "classes" else float)


def train(
    name: str,
    parameters: Mapping[str, float],
    table: pd.DataFrame,
    labels: pd.Series,
    contract: Contract,
    settings: ModelSettings,
    *,
    task: Task,
    classes: Sequence[str],
) -> TrainedModel:
    """Fit a candidate, or the dummy, in this process and with one thread.

    So the same rows give the same bytes, wherever the search ran. `table` is typed, of shape (rows,
    columns), and `labels` has its index.
    """
    calibrated = task == "numbers" or labels.value_counts().min() >= CALIBRATION
    pipeline = build(
        name,
        parameters,
        contract,
        task,
        time=settings.time,
        seed=settings.seed,
        probabilities=bool(calibrated),
    )
    alone(pipeline.fit, table, targets(labels, task))
    return TrainedModel(
        name=name,
        parameters=dict(parameters),
        pipeline=pipeline,
        contract=contract,
        target=settings.target,
        task=task,
        classes=tuple(classes),
        time=settings.time,
        image=find_image((column.name for column in contract.columns), settings.image),
        versions={each: version(each) for each in PACKAGES},
    )

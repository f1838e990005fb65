"""How a prediction is scored: scikit-learn's metrics, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn import metrics

from ..settings import Metric, Task

LARGER_IS_BETTER: dict[Metric, bool] = {
    "accuracy": True,
    "balanced_accuracy": True,
    "f1_macro": True,
    "roc_auc": True,
    "log_loss": False,
    "r2": True,
    "mae": False,
    "rmse": False,
}
METRICS: dict[Task, tuple[Metric, ...]] = {
    "classes": ("accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "log_loss"),
    "numbers": ("r2", "mae", "rmse"),
}
OVER_CLASSES = {"balanced_accuracy", "f1_macro"}  # means over classes
OF_PROBABILITIES = {"roc_auc", "log_loss"}
_UNBALANCED = 3  # times as many rows in the largest class as in the smallest


def default_metric(task: Task, counts: Mapping[str, int]) -> tuple[Metric, str]:
    """Return the metric by which a model is chosen where the settings name none, and why."""
    if task == "numbers":
        return "r2", "the share of the variance that is explained"
    if max(counts.values()) > _UNBALANCED * min(counts.values()):
        return "balanced_accuracy", "the classes differ in size, and each counts the same"
    return "accuracy", "the classes are of similar size"


def is_defined(metric: Metric, truth: np.ndarray, probabilities: np.ndarray | None) -> bool:
    """Say whether a metric can be had: some need probabilities, every class, two rows."""
    if metric == "r2":
        return len(truth) > 1
    if metric not in OF_PROBABILITIES:
        return True
    if probabilities is None:
        return False
    return metric == "log_loss" or len(np.unique(truth)) == probabilities.shape[1]


def score(
    metric: Metric,
    truth: np.ndarray,
    prediction: np.ndarray,
    probabilities: np.ndarray | None,
    classes: Sequence[str],
) -> float:
    """Return the score of predictions, NaN where it is not defined.

    `truth` and `prediction` have shape (rows,), `probabilities` (rows, classes) in the order of
    `classes`; of several classes `roc_auc` is the mean over each against the rest.
    """
    if not is_defined(metric, truth, probabilities):
        return float("nan")
    if metric == "accuracy":
        return float(metrics.accuracy_score(truth, prediction))
    if metric == "balanced_accuracy":  # the mean recall of the classes that there are
        there = {"labels": np.unique(truth), "average": "macro", "zero_division": 0}
        return float(metrics.recall_score(truth, prediction, **there))
    if metric == "f1_macro":
        return float(metrics.f1_score(truth, prediction, average="macro", zero_division=0))
    if metric == "log_loss":
        return float(metrics.log_loss(truth, probabilities, labels=list(classes)))
    if metric == "roc_auc":
        of = np.asarray(probabilities)
        if len(classes) == 2:
            return float(metrics.roc_auc_score(truth == classes[1], of[:, 1]))
        return float(metrics.roc_auc_score(truth, of, multi_class="ovr", labels=list(classes)))
    if metric == "r2":
        return float(metrics.r2_score(truth, prediction))
    if metric == "mae":
        return float(metrics.mean_absolute_error(truth, prediction))
    return float(metrics.root_mean_squared_error(truth, prediction))

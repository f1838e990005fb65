"""What can be tried: a guess, a linear model, gradient boosting, support vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import ParameterGrid, ParameterSampler
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, SVR

from ..data.validation import Contract
from ..engine import ProjectError
from ..features.preprocessing import build_preprocessor
from ..settings import Task

PARAMETERS = {
    "dummy": set[str](),
    "linear": {"C"},
    "gradient_boosting": {
        *("learning_rate", "max_iter", "max_leaf_nodes", "max_depth"),
        *("min_samples_leaf", "l2_regularization", "max_features"),
    },
    "support_vectors": {"C", "gamma"},
}
WHOLE = {"max_iter", "max_leaf_nodes", "max_depth", "min_samples_leaf"}
SCALING = {"linear": "standard", "support_vectors": "range"}  # trees need none
CALIBRATION = 3  # folds; with fewer rows of a class there are no probabilities


def build(
    name: str,
    parameters: Mapping[str, float],
    contract: Contract,
    task: Task,
    *,
    time: str | None,
    seed: int,
    probabilities: bool = True,
) -> Pipeline:
    """Return an unfitted model: "dummy", or a candidate of the settings.

    Without `probabilities`, which the search rarely needs, support vectors fit in a quarter of the
    time. A parameter that the candidate does not have is a ProjectError.
    """
    if unknown := sorted(parameters.keys() - PARAMETERS[name]):
        known = ", ".join(sorted(PARAMETERS[name]))
        raise ProjectError(f"`candidates.{name}` has no {unknown[0]!r}: choose among {known}")
    given: dict[str, Any] = {key: int(x) if key in WHOLE else x for key, x in parameters.items()}
    model = (_classifier if task == "classes" else _regressor)(name, given, seed, probabilities)
    preprocessor = build_preprocessor(contract, scaling=SCALING.get(name), time=time)
    if name == "dummy":
        return Pipeline([("model", model)])
    padding = [("padding", FunctionTransformer(pad))] if name == "support_vectors" else []
    return Pipeline([*preprocessor.steps, *padding, ("model", model)])


def pad(matrix: Any) -> Any:
    """Return a dense matrix with columns of zeros, which change no distance, to a multiple of 8.

    So each row begins with a line of the processor's cache, and a fit takes a fifth less time.
    """
    return matrix if issparse(matrix) else np.pad(matrix, ((0, 0), (0, -matrix.shape[1] % 8)))


def _classifier(name: str, given: dict[str, Any], seed: int, probabilities: bool) -> Any:
    if name == "dummy":
        return DummyClassifier(strategy="prior")
    if name == "linear":
        return LogisticRegression(**given, max_iter=1000)
    if name == "gradient_boosting":
        return HistGradientBoostingClassifier(**given, early_stopping=False, random_state=seed)
    model = OneVsRestClassifier(SVC(**given))  # a distance for each class: pairs would only vote
    if not probabilities:
        return model
    return CalibratedClassifierCV(model, method="temperature", ensemble=False, cv=CALIBRATION)


def _regressor(name: str, given: dict[str, Any], seed: int, _: bool) -> Any:
    if name == "dummy":
        return DummyRegressor()
    if name == "linear":
        return Ridge(alpha=1 / given.get("C", 1.0))
    if name == "gradient_boosting":
        return HistGradientBoostingRegressor(**given, early_stopping=False, random_state=seed)
    return TransformedTargetRegressor(SVR(**given), transformer=StandardScaler())


def draw_parameters(
    space: Mapping[str, Sequence[float]], n: int, seed: int
) -> list[dict[str, float]]:
    """Return all settings of a space, or `n` of them drawn at random without repetition."""
    grid = ParameterGrid({name: [*values] for name, values in space.items()})
    if len(grid) <= n:
        return [*grid]
    return [*ParameterSampler(grid.param_grid[0], n, random_state=seed)]

"""Lesson 5: a model's life."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline


def honest_score(features: np.ndarray, labels: np.ndarray) -> float:
    """Return the cross-validated accuracy of five neighbours on the 50 best features."""
    best = SelectKBest(f_classif, k=min(50, features.shape[1]))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = make_pipeline(best, KNeighborsClassifier(5))
    return float(cross_val_score(model, features, labels, cv=folds).mean())


def is_test(row: bytes, seed: int, share: float) -> bool:
    """Say whether a row is a test row: by its content and the seed, whatever the others are."""
    digest = blake2b(row, digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big") / 2**64 < share


def may_replace(
    truth: np.ndarray, old: np.ndarray, new: np.ndarray, margin: float
) -> tuple[bool, list[int]]:
    """Say whether a model may replace another, and the classes whose recall falls too far.

    `truth`, `old` and `new` are the labels and what both models say; a class's recall may fall by
    `margin` at most.
    """
    worse = []
    for label in np.unique(truth):
        there = truth == label
        if (old[there] == label).mean() - (new[there] == label).mean() > margin:
            worse.append(int(label))
    return not worse, worse

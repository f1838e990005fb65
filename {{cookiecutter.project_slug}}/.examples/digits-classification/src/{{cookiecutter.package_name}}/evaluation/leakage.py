"""Columns that say what is to be predicted: they are named, and a person decides."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score
from sklearn.tree import DecisionTreeClassifier

from ..data.ingestion import Kind
from ..settings import Task

ROWS, FEWEST = 2000, 20  # that are looked at; in fewer a perfect column may be luck
CLASSES, OF_CLASS = 20, 5  # the largest ones, and the rows that each must have
NEARLY, SUM = 0.99, 0.995  # from here on one column, or a sum, gives the target
TERMS = 50  # of a sum at most


def find_leaks(
    table: pd.DataFrame, labels: pd.Series, kinds: Mapping[str, Kind], task: Task, *, seed: int
) -> list[str]:
    """Name columns of the training rows that alone, or as a linear sum, give the target.

    Classes are looked for behind a column's values and its thresholds; numbers behind its values,
    behind one that rises or falls with them, and behind sums. Dates are passed over for numbers,
    since a trend is no leak, and sums for classes, which many an honest table parts. At most 2,000
    rows are drawn, for classes as many of each.
    """
    known = labels.reset_index(drop=True).dropna().sample(frac=1, random_state=seed)
    if task == "classes":
        counts = known.value_counts()
        kept = counts[counts >= OF_CLASS].index[:CLASSES]
        known = known[known.isin(kept)].astype(str)
        known = known.groupby(known).head(ROWS // max(1, len(kept)))
    known, said, left = known.iloc[:ROWS], list[str](), dict[str, np.ndarray]()
    if len(known) < FEWEST or known.nunique() < 2:
        return []
    judge = _gives_classes if task == "classes" else _gives_numbers
    for column, values in table.iloc[known.index].items():
        name, kind = str(column), kinds[str(column)]
        if values.nunique(dropna=False) < 2 or (task == "numbers" and kind == "date"):
            continue
        if found := judge(values, known, kind != "category"):
            said.append(f"{name!r} alone gives the target ({found})")
        elif kind == "number":
            left[name] = _standard(values)
    if task == "numbers" and (names := _find_sum(left, _standard(known))):
        listed = ", ".join(map(repr, names[:6])) + f" and {len(names) - 6} more" * (len(names) > 6)
        said.append(f"a linear sum of {listed} gives the target (R² above {SUM})")
    return [f"{leak}: leave out what is known only when the target is" for leak in said]


def _gives_classes(values: pd.Series, labels: pd.Series, ranked: bool) -> str:
    """Say how well the other rows of the same value, or a few thresholds, tell the class."""
    (value, _), (answer, names) = pd.factorize(values, use_na_sentinel=False), pd.factorize(labels)
    counts, rows = np.zeros((value.max() + 1, len(names))), np.arange(len(value))
    np.add.at(counts, (value, answer), 1)
    others = counts[value]
    others[rows, answer] -= 1
    guess = np.where(others.any(axis=1), others.argmax(axis=1), -1)
    hits = float(pd.Series(guess == answer).groupby(answer).mean().mean())
    if ranked:
        tree = DecisionTreeClassifier(max_leaf_nodes=len(names) + 1, class_weight="balanced")
        ranks = values.rank().to_numpy()[:, None]  # which stay apart as 32-bit numbers
        said = tree.fit(ranks, answer).predict(ranks)
        hits = max(hits, balanced_accuracy_score(answer, said))
    return f"balanced accuracy {hits:.3f}" if hits >= SUM else ""


def _gives_numbers(values: pd.Series, labels: pd.Series, ranked: bool) -> str:
    """Say how well the other rows of the same value, or the values' order, tell the number."""
    y = pd.Series(_standard(labels))
    same = y.groupby(pd.factorize(values)[0])
    others = (same.transform("sum") - y) / (same.transform("size") - 1).clip(lower=1)
    explained = 1 - ((y - others) ** 2).mean()
    if explained < NEARLY and ranked:
        explained = np.mean(_standard(values.rank()) * _standard(labels.rank())) ** 2
        return f"squared rank correlation {explained:.3f}" if explained >= NEARLY else ""
    return f"R² {explained:.3f}" if explained >= NEARLY else ""


def _find_sum(table: Mapping[str, np.ndarray], y: np.ndarray) -> list[str]:
    """Return columns of which a linear sum is the answer, none of them needless, or nothing.

    They are found by orthogonal matching pursuit (Pati et al. 1993).
    """
    names, left, limit = list[str](), y, (1 - SUM) * (y @ y)

    def rest(names: list[str]) -> np.ndarray:
        x = np.column_stack([table[name] for name in names])
        return np.asarray(y - x @ np.linalg.lstsq(x, y)[0])

    while left @ left > limit:
        if len(names) == min(TERMS, len(y) // 5, len(table)):
            return []
        names.append(max(table.keys() - names, key=lambda name: (abs(left @ table[name]), name)))
        left = rest(names)
    for name in names[:]:
        fewer = [other for other in names if other != name]
        if fewer and (left := rest(fewer)) @ left <= limit:
            names = fewer
    return names


def _standard(column: pd.Series) -> np.ndarray:
    """Return values with mean 0 and variance 1, what is missing as the mean; equal ones as 0."""
    x = column.to_numpy(float)
    x = x / (np.nanmax(np.abs(x), initial=0) or 1)
    x = np.nan_to_num(x - np.nansum(x) / max(1, np.isfinite(x).sum()))
    return x / x.std() if x.std() > 1e-12 else np.zeros(len(x))

"""What is to be predicted: classes or numbers, and how one can tell."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import pandas as pd

from ..engine import ProjectError
from ..settings import Task
from .ingestion import Kind, to_numbers

_FEWEST_ROWS, _MOST_CLASSES, _FEW_NUMBERS = 20, 100, 5


@dataclass(frozen=True)
class Labels:
    """Labels by row number, missing where unknown; rows of `ignored` classes are not among them."""

    labels: pd.Series
    task: Task
    why: str
    classes: list[str]
    counts: dict[str, int]
    ignored: pd.Index
    notes: list[str]


def label_rows(
    column: pd.Series, kind: Kind, *, task: Task | None, ignore: Collection[str]
) -> Labels:
    """Turn the target into classes (texts) or numbers; left out, `task` follows from its values.

    What nothing can be learned from is a ProjectError: a date, one value, few rows, many classes.
    """
    name, there = column.name, column.dropna()
    if kind == "date":
        raise ProjectError(f"`target`: {name!r} holds dates; name one of classes or of numbers")
    few = kind == "number" and there.nunique() <= _FEW_NUMBERS and bool((there % 1 == 0).all())
    what = "texts" if kind == "category" else f"{there.nunique():,} different numbers"
    done: Task = task or ("classes" if few or kind == "category" else "numbers")
    why = f'the settings say task = "{task}"' if task else f"{name!r} holds {what}: {done}"
    if done == "numbers" and kind == "category":
        like = f"texts such as {there.iloc[0]!r}" if len(there) else "no values"
        raise ProjectError(f'`task = "numbers"`: {name!r} holds {like}; write plain numbers')
    labels = there.astype("float64") if done == "numbers" else there.map(_text).astype("str")
    known = sorted(map(str, labels.unique())) if done == "classes" else []
    for each in ignore:
        if each not in known:
            has = ", ".join(map(repr, known[:20])) or "none, it is predicted as numbers"
            raise ProjectError(f"`ignore_classes`: {name!r} has no class {each!r}, but {has}")
    ignored = labels.index[labels.isin(list(ignore)) & (done == "classes")]
    labels, notes = labels.drop(ignored), list[str]()
    if len(labels) < _FEWEST_ROWS:
        has = f"{name!r} has a value in {len(labels)} rows, {_FEWEST_ROWS} are needed"
        raise ProjectError(f"`target`: {has}; add rows, or name another column")
    if (n := labels.nunique()) < 2:
        only = f"{name!r} is {labels.tolist()[0]!r} in all rows that are not read as missing"
        raise ProjectError(f"`target`: {only}, nothing to predict; name another column")
    if done == "classes" and (n > _MOST_CLASSES or 2 * n > len(labels)):
        many = f"{name!r} has {n:,} different values in {len(labels):,} rows, too many for classes"
        raise ProjectError(f"`target`: {many}; write plain numbers, or name another column")
    sizes = labels.value_counts().sort_index() if done == "classes" else pd.Series(dtype="int64")
    counts = {str(each): int(rows) for each, rows in sizes.items()}
    if rare := [each for each, rows in counts.items() if rows == 1]:
        notes.append(f"classes with one row only: {', '.join(map(repr, rare))}")
    if len(ignored):
        notes.append(f"{len(ignored):,} rows of `ignore_classes` are left out")
    labels = labels.reindex(column.index.difference(ignored, sort=False))
    return Labels(labels, done, why, list(counts), counts, ignored, notes)


@cache
def pointed(cell: object) -> object:
    """Return a number's text, which has a decimal comma, as that of its class has it."""
    values, _ = to_numbers(pd.Series([cell]), decimal_comma=True)
    return cell if values.isna().any() else _text(float(values[0]))


def _text(value: object) -> str:
    """Return the text of a class: of 1 and of 1.0 it is "1"."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value).strip()

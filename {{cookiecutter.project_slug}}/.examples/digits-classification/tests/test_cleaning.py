"""Which columns a model may read, and what it is to predict."""

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.data.cleaning import clean_table
from {{ cookiecutter.package_name }}.data.labeling import label_rows
from {{ cookiecutter.package_name }}.engine import ProjectError

N = 60
RANDOM = np.random.default_rng(0)


def clean(columns, **options):
    table = pd.DataFrame({"y": RANDOM.normal(size=N), **columns})
    of = {"f": "number", "i": "number", "M": "date"}
    kinds = {name: of.get(values.dtype.kind, "category") for name, values in table.items()}
    asked = {"target": "y", "group": None, "time": None, "leave_out": (), "drop_duplicates": False}
    before = table.copy()
    found = clean_table(table, kinds, **{**asked, **options})
    pd.testing.assert_frame_equal(table, before)
    return found


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("x", [np.nan] * N, "empty"),
        ("x", [3.0] * N, "the same value"),
        ("x", np.arange(N) + 7.0, "an identifier"),
        ("x", RANDOM.permutation(N) + 1.0, "an identifier"),
        ("column 1", np.arange(N) * 3.0, "an identifier"),
        ("user_id", np.arange(N) * 3.0, "an identifier"),
        ("userId", [f"u{i}" for i in range(N)], "an identifier"),
        ("x", [f"7f{i:04x}9c" for i in range(N)], "an identifier"),
        ("x", [f"a house with {i} rooms" for i in range(N)], "free text"),
        ("x", [3.0] * (N - 1) + [np.nan], None),
        ("x", np.arange(N) + 1900.0, None),
        ("x", np.arange(N) * 3.0, None),
        ("x", np.arange(N) / 4, None),
        ("key", np.arange(N) / 4, None),
        ("x", pd.date_range("2024", periods=N), None),
        ("id", pd.date_range("2024", periods=N), None),
        ("humid", np.arange(N) * 3.0, None),
        ("x", [f"c{i % 20}" for i in range(N)], None),
        ("x", [f"c {i % 20}" for i in range(N)], None),
    ],
)
def test_a_column_is_left_out_for_a_reason(name, values, why):
    found = clean({name: values, "good": RANDOM.normal(size=N)})
    assert (name in found.table) == (why is None)
    if why:
        assert why in found.left_out[name]


def test_target_group_and_time_are_not_judged():
    days = pd.date_range("2024", periods=N)
    columns = {"g": np.arange(N) * 1.0, "t": [days[0]] * N, "x": RANDOM.normal(size=N)}
    found = clean({**columns, "out": 1.0}, group="g", time="t", leave_out=["out"])
    assert list(found.table) == ["t", "x"]
    assert found.left_out == {"out": "named in `leave_out`"}
    assert list(clean(columns, time="g").table) == ["t", "x"][1:]


def test_equal_rows_are_counted_and_dropped_only_if_asked():
    columns = {"x": [1.0, 2, np.nan] * 20, "y": [1.0, 2, 3] * 20, "z": ["a", "b", "b"] * 20}
    kept, dropped = clean(columns), clean(columns, drop_duplicates=True)
    assert (kept.duplicates, len(kept.table)) == (57, N)
    assert (dropped.duplicates, dropped.table.index.tolist()) == (57, [0, 1, 2])
    assert "57 rows" in kept.notes[0]


def test_columns_that_equal_another_stay_and_are_said():
    x = RANDOM.normal(size=N)
    found = clean({"x": x, "again": x, "shuffled": x[::-1]})
    assert list(found.table) == ["x", "again", "shuffled"]
    assert found.notes == ["columns that equal an earlier one, and stay: 'again'"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "prise"}, "`target`: there is no column 'prise'; the table has 'price'"),
        ({"group": "who"}, "`group`: there is no column 'who'"),
        ({"time": "when"}, "`time`: there is no column"),
        ({"leave_out": ["x"]}, "`leave_out`: there is no column"),
        ({"leave_out": ["price"]}, "no column is left"),
        ({"group": "y"}, "also group"),
    ],
)
def test_settings_that_name_no_column_are_one_sentence(options, message):
    with pytest.raises(ProjectError, match=message):
        clean({"price": RANDOM.normal(size=N)}, **options)


def label(values, task=None, ignore=()):
    column = pd.Series(values, name="y")
    kinds = {"f": "number", "M": "date"}
    return label_rows(column, kinds.get(column.dtype.kind, "category"), task=task, ignore=ignore)


@pytest.mark.parametrize(
    ("values", "task", "expected"),
    [
        (["no ", "yes"] * 30, None, ["no", "yes"]),
        ([1.0, 2.0, np.nan] * 20, None, ["1", "2"]),
        ([1.0, 2, 3, 4, 5] * 12, None, ["1", "2", "3", "4", "5"]),
        ([1.0, 2, 3, 4, 5, 6] * 10, None, None),
        ([1.0, 2, 3, 4, 5, 6] * 10, "classes", ["1", "2", "3", "4", "5", "6"]),
        ([0.5, 1.0] * 30, None, None),
        ([1.0, 2.0] * 30, "numbers", None),
    ],
)
def test_the_task_follows_from_the_values_unless_it_is_set(values, task, expected):
    found = label(values, task)
    assert found.task == ("numbers" if expected is None else "classes")
    assert found.classes == (expected or [])
    assert sum(found.counts.values()) == (found.labels.notna().sum() if expected else 0)
    assert found.labels.dtype == ("str" if expected else "float64")
    assert len(found.labels) == 60
    assert (task or "'y' holds") in found.why


def test_ignored_and_rare_classes_are_said():
    found = label(["a", "b", None] * 20 + ["c", "d", "d"], ignore=["d"])
    assert found.ignored.tolist() == [61, 62]
    assert (len(found.labels), found.labels.isna().sum()) == (61, 20)
    assert found.counts == {"a": 20, "b": 20, "c": 1}
    assert next(note.split(":")[-1] for note in found.notes) == " 'c'"


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        ([None] * 60, None, "value in 0 rows"),
        (["a", "b"] * 9, None, "value in 18 rows"),
        (["a"] * 60, None, "'a' in all rows"),
        ([1.5] * 60, None, "1.5 in all rows"),
        (pd.date_range("2024", periods=60), None, "dates"),
        (["a", "b"] * 30, "numbers", "texts such as 'a'"),
        ([f"c{i}" for i in range(60)], None, "60 different values"),
        ([f"c{i}" for i in range(101)] * 3, None, "101 different values"),
    ],
)
def test_a_target_that_cannot_be_learned_is_one_sentence(values, task, message):
    with pytest.raises(ProjectError, match=message):
        label(values, task)


def test_a_class_that_is_not_there_cannot_be_ignored():
    with pytest.raises(ProjectError, match="no class 'c', but 'a', 'b'"):
        label(["a", "b"] * 30, ignore=["c"])

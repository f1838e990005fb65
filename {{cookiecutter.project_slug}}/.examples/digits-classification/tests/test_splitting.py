"""Which rows test a model: the same ones whatever comes later, and never a group in both parts."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.data.splitting import count_copies, split_rows
from {{ cookiecutter.package_name }}.engine import ProjectError

DAYS = pd.Series(pd.date_range("2024-01-01", periods=100), name="day").astype("datetime64[us]")


def split(table, label="label", **options):
    asked = {"seed": 0, "test_share": 0.2, "group": None, "time": None, "test_from": None}
    labels = table[label] if isinstance(label, str) else label
    return split_rows(table, labels, **{**asked, **options})


def draw(n, seed=0):
    """Return n rows of few values, so that many of them are copies of others."""
    rng = np.random.default_rng(seed)
    words = pd.Series(rng.choice(["red", "blue", None], n), dtype="str")
    size = pd.Series(rng.integers(0, 40, n).astype(float))
    label = pd.Series(rng.choice(["yes", "no"], n), dtype="str")
    return pd.DataFrame({"size": size.mask(size == 7), "a word": words, "label": label})


@pytest.mark.parametrize("seed", range(3))
def test_new_rows_anywhere_move_no_old_row(seed):
    old = draw(1500, seed)
    new = draw(1500, seed + 100)
    both = pd.concat([old, new]).assign(old=[True] * 1500 + [False] * 1500)
    mixed = both.sample(frac=1, random_state=seed).sort_values("old", kind="stable")
    before = pd.concat([old, new.head(0)]), split(old).parts
    for table in (both, mixed):  # appended; inserted before, which makes the old ones the copies
        rows = table.drop(columns="old").reset_index(drop=True)
        after = split(rows).parts
        told = rows.assign(part=after).astype(object).fillna("-").value_counts()
        was = old.assign(part=before[1]).astype(object).fillna("-").value_counts()
        assert (told.reindex(was.index, fill_value=0) >= was).all()


def test_copies_are_parted_one_by_one():
    # All rows alike: hashed without the number of the occurrence, they would all be in one part.
    alike = pd.DataFrame({"size": [1.0] * 4000, "label": ["yes"] * 4000})
    assert 700 < (split(alike).parts == "test").sum() < 900


def test_a_row_is_parted_by_its_values_not_by_how_they_are_written():
    table = draw(2000)
    parts = split(table).parts
    as_texts = table["size"].map(lambda x: f"{x:g}", na_action="ignore").astype("str")
    for other in (table.iloc[:, ::-1], table.assign(size=as_texts)):
        assert split(other).parts.equals(parts)
    assert not split(table, seed=1).parts.equals(parts)


def test_cells_do_not_slide_into_each_other():
    n = pd.Series(range(1200), dtype="str")
    texts = pd.DataFrame({"a": n + "x", "b": n, "label": "yes"})
    slid = texts.assign(a=n, b="x" + n)
    assert not split(texts).parts.equals(split(slid).parts)


@pytest.mark.parametrize("n", [2, 9, 60, 999])
def test_few_rows_are_parted_exactly_and_it_is_said(n):
    table = pd.DataFrame({"size": np.arange(n) * 1.0, "label": ["yes"] * n})
    found = split(table)
    assert found.exact
    assert "a new row may move another" in found.notes[0]
    assert (found.parts == "test").sum() == max(1, round(n * 0.2))


def test_unlabeled_rows_and_those_left_out_are_in_neither_part():
    table = draw(2000)
    labels = table["label"].mask(table.index < 100)[50:]
    parts = split(table, labels).parts
    assert set(parts[:50]) == {"left out"}
    assert set(parts[50:100]) == {"unlabeled"}
    assert parts[100:].equals(split(table).parts[100:])


@pytest.mark.parametrize(("n", "exact"), [(10, True), (200, False)])
def test_a_group_is_never_in_both_parts(n, exact):
    table = draw(3000)
    group = pd.Series(np.arange(3000) % n, name="who").astype(float).mask(table.index < 30)
    found = split(table, group=group)
    in_test = group.groupby(group).agg(lambda rows: set(found.parts[rows.index]))
    assert set(map(len, in_test)) == {1}
    assert (found.exact, sum(found.groups.values())) == (exact, n)
    assert "30 rows without a group" in found.notes[0]


def test_the_latest_rows_are_the_test_rows():
    table = pd.DataFrame({"size": np.arange(100.0), "label": ["yes", "no"] * 50})
    with pytest.raises(ProjectError, match="`test_from = 2024-03-21`"):
        split(table, time=DAYS)
    time = DAYS.mask(DAYS.index == 3)
    found = split(table, time=time, test_from=datetime(2024, 3, 21))
    assert (found.parts == "test").to_numpy().nonzero()[0].tolist() == list(range(80, 100))
    assert (found.parts[3], found.method, found.exact) == ("left out", "time", False)
    who = pd.Series(["early"] * 50 + ["both"] * 40 + ["late"] * 10, dtype="str", name="who")
    grouped = split(table, time=DAYS, group=who, test_from=datetime(2024, 3, 21))
    assert grouped.groups == {"train": 2, "test": 1}
    assert "10 late rows are left out" in grouped.notes[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time": pd.Series(range(100), name="year")}, "'year' has no dates"),
        ({"time": DAYS.mask(DAYS.index > 0)}, "'day' has less than two"),
        ({"time": DAYS, "test_from": datetime(2030, 1, 1)}, "none is left for the test"),
        ({"time": DAYS, "test_from": datetime(2020, 1, 1)}, "none is left for training"),
        ({"time": DAYS, "test_from": datetime(2024, 4, 1)}, r'`ignore_classes = \["x \\"y\\""\]`'),
        ({"group": pd.Series(["one"] * 100, dtype="str")}, "none is left for the test: add groups"),
    ],
)
def test_what_cannot_be_parted_is_one_sentence(options, message):
    label = ["yes"] * 95 + ['x "y"'] * 5
    table = pd.DataFrame({"size": np.arange(100.0), "label": label})
    with pytest.raises(ProjectError, match=message):
        split(table, **options)


def test_test_rows_with_a_copy_in_training_are_counted():
    features = pd.DataFrame({"a": [1.0, np.nan, 1, np.nan, 1], "b": ["x", "y", "x", "y", None]})
    parts = pd.Series(["train", "train", "test", "test", "test"])
    assert count_copies(features, parts) == 2

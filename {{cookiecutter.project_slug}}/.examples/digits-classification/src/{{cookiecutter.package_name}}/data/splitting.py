"""Which rows a model learns from and which test it: decided by the content of each row itself."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import numpy as np
import pandas as pd

from ..engine import ProjectError

FEWEST_ROWS, FEWEST_GROUPS = 1000, 20  # with fewer, shares by hash stray too far
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")  # no codes: neither 01234 nor 2^53 and more
_ADVICE = {"rows": "add rows", "groups": "add groups", "time": "set another `test_from`"}


@dataclass(frozen=True)
class Split:
    """The part of each row (train, test, unlabeled, left out), and the groups in train and test."""

    parts: pd.Series
    method: str
    exact: bool
    groups: dict[str, int] | None
    notes: list[str]


def split_rows(
    content: pd.DataFrame,
    labels: pd.Series,
    *,
    seed: int,
    test_share: float,
    group: pd.Series | None,
    time: pd.Series | None,
    test_from: datetime | None,
) -> Split:
    """Part the labelled rows by time, by a hash of their group, or by a hash of all their cells.

    Rows that `labels` does not have are left out. New rows move no old ones, unless `exact`.

    Raises
    ------
    ProjectError
        If `time` has no dates or lacks `test_from`, a part has no rows, or training lacks a class.
    """
    rows, exact, notes = labels.dropna().index, False, list[str]()
    groups = None if group is None else _cells(group[rows].dropna())
    if time is not None:
        late = _is_late(time[rows], test_from, test_share)
        if lone := len(rows) - len(late):
            notes.append(f"{lone:,} rows without {time.name!r} are left out")
        if groups is not None:  # late rows leave: if early ones did, a new row would move them
            mine = groups.reindex(late.index)
            known = late & mine.isin(mine[~late].dropna())
            late = late[~known]
            if known.any():
                notes.append(f"{known.sum():,} late rows are left out: training has their group")
    else:
        units = _contents(content)[rows]
        if groups is not None:
            units[groups.index] = [cell.tobytes() for cell in groups.to_numpy()]
            if lone := len(rows) - len(groups):
                notes.append(f"{lone:,} rows without a group are parted by their own content")
        exact = len(rows) < FEWEST_ROWS or (groups is not None and groups.nunique() < FEWEST_GROUPS)
        if exact:
            notes.append("so few that the shares are exact: a new row may move another")
        late = _is_low(units, seed, test_share, exact)
    method = "time" if time is not None else "rows" if group is None else "groups"
    notes += _judge(labels[late.index], late, _ADVICE[method])
    parts = pd.Series("left out", content.index, dtype="str")
    parts[labels.index[labels.isna()]] = "unlabeled"
    parts[late.index] = np.where(late, "test", "train")
    if groups is None:
        return Split(parts, method, exact, None, notes)
    counts = {part: groups[parts[groups.index] == part].nunique() for part in ("train", "test")}
    return Split(parts, method, exact, counts, notes)


def count_copies(features: pd.DataFrame, parts: pd.Series) -> int:
    """Return how many test rows have the values of a training row in every column."""
    rows, part = _digests(features), parts[features.index]
    return int(rows[part == "test"].isin(rows[part == "train"]).sum())


def _is_low(units: pd.Series, seed: int, share: float, exact: bool) -> pd.Series:
    """Say of each row whether its unit's hash is below the share, or among the lowest."""
    key, once = str(seed).encode(), units.unique()
    hashes = [blake2b(unit, digest_size=8, key=key).digest() for unit in once]
    places = pd.Series([(int.from_bytes(x) >> 11) / 2**53 for x in hashes], once)
    size = min(max(round(len(once) * share), 1), len(once) - 1)
    return units.isin(places.nsmallest(size).index if exact else places.index[places < share])


def _is_late(time: pd.Series, test_from: datetime | None, share: float) -> pd.Series:
    """Say of each row that has a time whether it is at or after `test_from`."""
    if not pd.api.types.is_datetime64_any_dtype(time):
        how = "write dates in it (a year as 2024-01-01), or leave out `time`"
        raise ProjectError(f"`time`: the column {time.name!r} has no dates: {how}")
    times = time.dropna()
    if test_from is not None:
        start = pd.Timestamp(test_from)
        return times >= (start.tz_convert(None) if start.tz else start)
    at = np.sort(times.to_numpy("M8[us]"))
    starts = np.setdiff1d(np.union1d(at, at.astype("M8[D]")), at[:1])
    left = 1 - np.searchsorted(at, starts) / max(len(at), 1)
    odd = 0.05 * (starts != starts.astype("M8[D]"))  # a whole day reads better
    best = starts[left < 1][np.argsort((abs(left - share) + odd)[left < 1])[:1]]
    line = f"test_from = {str(*best).removesuffix('.000000').removesuffix('T00:00:00')}"
    how = f"for example `{line}`" if len(best) else f"but {time.name!r} has less than two"
    raise ProjectError(f"`time` needs the date from which rows are test rows, {how}")


def _judge(labels: pd.Series, late: pd.Series, how: str) -> list[str]:
    """Refuse a part without rows and a class without training rows; note one without test rows."""
    for part, has in (("training", ~late), ("the test", late)):
        if not has.any():
            raise ProjectError(f"of {len(labels):,} labelled rows none is left for {part}: {how}")
    if labels.dtype.kind == "f":
        return []
    train, test = set(labels[~late]), set(labels[late])
    if only := sorted(test - train):
        rows, line = labels.isin(only).sum(), json.dumps(only, ensure_ascii=False)
        what = f"all {rows:,} rows of {', '.join(only)} are test rows, none is in training"
        raise ProjectError(f"{what}: `ignore_classes = {line}` leaves them out; or {how}")
    return [f"no test row is of class {name!r}" for name in sorted(train - test)]


def _cells(column: pd.Series) -> pd.Series:
    """Return 64 bits for each cell: a number's own, also where it is a text, else a text's hash."""
    if column.dtype.kind not in "if":
        codes, texts = pd.factorize(column)
        bits = [_bits(x.isoformat() if isinstance(x, datetime) else str(x)) for x in texts]
        return pd.Series(np.array([*bits, np.float64("nan").view("u8")], "u8")[codes], column.index)
    numbers = column.to_numpy(float) + 0.0  # no -0.0
    return pd.Series(np.where(np.isnan(numbers), np.nan, numbers).view("u8"), column.index)


def _bits(text: str) -> int:
    """Return a number's bits, so that a column of numbers may become one of texts."""
    if NUMBER.fullmatch(text):
        return int((np.float64(text) + 0.0).view("u8"))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _digests(table: pd.DataFrame) -> pd.Series:
    """Return a hash of each row's cells, whatever the order of the columns."""
    cells = np.column_stack([_cells(table[name]).to_numpy() for name in sorted(table.columns)])
    digests = [blake2b(row.tobytes(), digest_size=16).digest() for row in cells]
    return pd.Series(digests, table.index)


def _contents(table: pd.DataFrame) -> pd.Series:
    """Return each row's digest, with the number of its occurrence: copies are parted one by one."""
    digests = _digests(table)
    return digests + digests.groupby(digests).cumcount().map(lambda n: b"%d" % n)

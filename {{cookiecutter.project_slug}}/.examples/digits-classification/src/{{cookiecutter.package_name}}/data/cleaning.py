"""What no model can learn from is left out, and said: constants, identifiers, free text."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from ..engine import ProjectError
from .ingestion import Kind

_IDENTIFIER = re.compile(
    r"(?i:(.*[_ .-])?(id|uuid|guid|key)|index|row ?names?|unnamed: \d+)|column \d+|.*[a-z](Id|ID)"
)
_NEARLY, _MANY, _FEWEST = 0.95, 0.5, 30  # shares of different values; rows that show it
_YEARS = (1500, 2100)  # a series by year is a gap-free run, and no identifier


@dataclass(frozen=True)
class Cleaned:
    """The columns that a model may read, and of the others why not; rows keep their numbers."""

    table: pd.DataFrame
    duplicates: int  # rows that equal an earlier one in all columns
    left_out: dict[str, str]
    notes: list[str]


def clean_table(
    table: pd.DataFrame,
    kinds: Mapping[str, Kind],
    *,
    target: str,
    group: str | None,
    time: str | None,
    leave_out: Collection[str],
    drop_duplicates: bool,
) -> Cleaned:
    """Return the features of a table; the time is one if it is a date, target and group are none.

    Raises
    ------
    ProjectError
        If the settings name a column that does not exist, or no feature is left.
    """
    named = [("target", target), ("group", group), ("time", time)]
    for setting, name in [*named, *(("leave_out", name) for name in leave_out)]:
        if name is not None and name not in table:
            close = get_close_matches(name, kinds, cutoff=0.5)
            listed = _listed([*close, *(other for other in kinds if other not in close)], 20)
            raise ProjectError(f"`{setting}`: there is no column {name!r}; the table has {listed}")
    if target in {group, time, *leave_out}:
        raise ProjectError(f"`target`: {target!r} is also group, time or left out; name it once")
    repeated, notes, left_out = table.duplicated(), list[str](), dict[str, str]()
    if duplicates := int(repeated.sum()):
        done = "left out" if drop_duplicates else "kept; `drop_duplicates = true` leaves them out"
        notes.append(f"{duplicates:,} rows equal an earlier one in all columns ({done})")
    rows = table[~repeated] if drop_duplicates else table
    for name in [name for name in kinds if name not in {target, group}]:
        if name in leave_out:
            left_out[name] = "named in `leave_out`"
        elif name != time and (why := _useless(name, rows[name], kinds[name])):
            left_out[name] = why
        elif name != time and _IDENTIFIER.fullmatch(name) and kinds[name] != "date":
            notes.append(f"if the rows of one {name!r} belong together, set `group` to it")
    if time and kinds[time] != "date":
        left_out[time] = "the time, and no date"
    features = rows.drop(columns=[target, *left_out, *([group] if group else [])])
    if features.empty:
        causes = {why: [n for n, w in left_out.items() if w == why] for why in left_out.values()}
        found = [*notes, *(f"left out ({why}): {_listed(names)}" for why, names in causes.items())]
        reasons = "; ".join(found) or "there is no other column"
        raise ProjectError(f"no column is left to predict {target!r} from; {reasons}; add one")
    if copies := _copies(features):
        notes.append(f"columns that equal an earlier one, and stay: {_listed(copies)}")
    return Cleaned(features, duplicates, left_out, notes)


def _listed(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


def _useless(name: str, values: pd.Series, kind: Kind) -> str:
    """Say why no model can learn from a column, or nothing."""
    there = values.dropna()
    n, different = len(there), there.nunique()
    if different == 0 or (different == 1 and n == len(values)):
        return "the same value in all rows" if different else "empty"
    unique = different >= _NEARLY * n and _IDENTIFIER.fullmatch(name) is not None
    if kind == "number":
        run = different == len(values) == there.max() - there.min() + 1
        unique = unique or (run and not there.between(*_YEARS).all())
        return "an identifier" if unique and (there % 1 == 0).all() else ""
    if kind == "category" and n >= _FEWEST and different > _MANY * n:
        if there.str.contains(r"\S\s+\S").mean() > _MANY or there.str.len().mean() > _FEWEST:
            return "free text"
        unique = unique or different >= _NEARLY * n
    return "an identifier" if unique and kind == "category" else ""


def _copies(table: pd.DataFrame) -> list[str]:
    """Return the columns that equal an earlier one."""
    seen, copies = dict[bytes, str](), list[str]()
    for name, values in table.items():
        content = pd.util.hash_array(values.to_numpy()).tobytes()
        if values.equals(table[first := seen.setdefault(content, str(name))]) and first != name:
            copies.append(str(name))
    return copies

"""Which rows are left out, and why: what other rows hold already is not counted twice."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

CROSS_INDUSTRY, ALL_OWNERS = "000000", "1235"
LEVELS = {  # of areas, the preferred one first
    "states": ("2", "3"),
    "metropolitan and nonmetropolitan areas": ("4", "6"),
    "the nation": ("1",),
}


def find_superfluous(rows: pd.DataFrame, repeated: pd.Series[bool]) -> pd.Series[str]:
    """Return the reason, by the label of the row, for each row that must not be counted.

    That are rows that stand there twice, word for word, rows of single industries or owners beside
    those of all together, and the nation or single cities beside the states.

    Parameters
    ----------
    rows : pandas.DataFrame
        The columns NAICS, OWN_CODE and AREA_TYPE as texts.
    repeated : pandas.Series of bool
        Which rows are the same as an earlier one, in every cell.
    """
    found = pd.Series(index=rows.index, dtype="str")
    for reason, mask in (("repeated word for word", repeated), *_held_already(rows)):
        found = found.mask(mask & found.isna(), reason)
    return found.dropna()


def _held_already(rows: pd.DataFrame) -> Iterator[tuple[str, pd.Series[bool]]]:
    for column, whole, what in (
        ("NAICS", CROSS_INDUSTRY, "a single industry"),
        ("OWN_CODE", ALL_OWNERS, "a single owner"),
    ):
        if (rows[column] == whole).any():
            others = rows[column].notna() & (rows[column] != whole)
            yield f"{what}, beside rows of all together", others
    known = {name: rows["AREA_TYPE"].isin(kinds) for name, kinds in LEVELS.items()}
    there = [name for name, of_level in known.items() if of_level.any()]
    for name in there[1:]:
        yield f"{name}, beside rows of {there[0]}", known[name]

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
INDUSTRIES = ("sector", "3-digit", "4-digit", "5-digit", "6-digit")  # I_GROUP


def find_superfluous(rows: pd.DataFrame, repeated: pd.Series[bool]) -> pd.Series[str]:
    """Return the reason, by the label of the row, for each row that must not be counted.

    That are rows that stand there twice, word for word; in an area, rows of single industries
    beside those of all together, and in an industry those of single owners; industries at a finer
    level than others; the nation or single cities beside the states.

    Parameters
    ----------
    rows : pandas.DataFrame
        The columns AREA, AREA_TYPE, NAICS, I_GROUP and OWN_CODE as texts.
    repeated : pandas.Series of bool
        Which rows are the same as an earlier one, in every cell.
    """
    found = pd.Series(index=rows.index, dtype="str")
    for reason, mask in (("repeated word for word", repeated), *_held_already(rows)):
        found = found.mask(mask & found.isna(), reason)
    return found.dropna()


def _held_already(rows: pd.DataFrame) -> Iterator[tuple[str, pd.Series[bool]]]:
    for column, whole, what, where in (
        ("NAICS", CROSS_INDUSTRY, "a single industry", rows["AREA"]),
        ("OWN_CODE", ALL_OWNERS, "a single owner", rows["AREA"] + rows["NAICS"]),
    ):
        single = rows[column].notna() & (rows[column] != whole)
        beside = where.isin(where[rows[column] == whole].unique())
        yield f"{what}, beside rows of all together", single & beside
    levels = {f"industries of {name}": rows["I_GROUP"] == name for name in INDUSTRIES}
    for known in (levels, {n: rows["AREA_TYPE"].isin(kinds) for n, kinds in LEVELS.items()}):
        there = [name for name, of_level in known.items() if of_level.any()]
        for name in there[1:]:
            yield f"{name}, beside rows of {there[0]}", known[name]

"""Rows that hold others: what is held already is left out, what is not in a group's members."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pandas as pd

CROSS_INDUSTRY = "000000"
LEVELS = {  # of areas, the preferred one first
    "states": ("2", "3"),
    "metropolitan and nonmetropolitan areas": ("4", "6"),
    "the nation": ("1",),
}
OFF = 5  # by which employment and annual wages, rounded to 10, may be off
INDUSTRIES = ("sector", "3-digit", "4-digit", "5-digit", "6-digit")  # I_GROUP


def find_superfluous(rows: pd.DataFrame, repeated: pd.Series[bool]) -> pd.Series[str]:
    """Return the reason, by the label of the row, for each row that must not be counted.

    That are rows that stand there twice, word for word; in an area, rows of single industries
    beside those of all together, and in an industry those of fewer owners beside those of more;
    industries at a finer level than others; the nation or single cities beside the states.

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
    single = rows["NAICS"].notna() & (rows["NAICS"] != CROSS_INDUSTRY)
    beside = rows["AREA"].isin(rows.loc[rows["NAICS"] == CROSS_INDUSTRY, "AREA"].unique())
    yield "a single industry, beside rows of all together", single & beside
    where, owners = rows["AREA"] + rows["NAICS"], rows["OWN_CODE"].fillna("")
    fewer = pd.Series(data=False, index=rows.index)
    for few, more in permutations(owners.unique(), 2):  # a code has a digit for each owner
        if few and {*few} < {*more}:
            fewer |= (owners == few) & where.isin(where[owners == more].unique())
    yield "of fewer owners, beside rows of more", fewer
    levels = {f"industries of {name}": rows["I_GROUP"] == name for name in INDUSTRIES}
    for known in (levels, {n: rows["AREA_TYPE"].isin(kinds) for n, kinds in LEVELS.items()}):
        there = [name for name, of_level in known.items() if of_level.any()]
        for name in there[1:]:
            yield f"{name}, beside rows of {there[0]}", known[name]


def rest_of_groups(df: pd.DataFrame) -> pd.DataFrame:
    """Return what is left of a total's or major group's jobs and pay without its members.

    Members of a total are the major groups, of a major group the detailed rows; `members` counts
    those with published jobs. `unpaid` are the jobs to which `pay`, of what is left, belongs;
    `jobs_off` and `pay_off` is by how much rounding may be off. What is not known is missing.
    """
    level, code = df["O_GROUP"], df["OCC_CODE"].str[:2]
    where = df["AREA"] + df["NAICS"] + df["OWN_CODE"].fillna("")
    jobs, pay, is_group = df["TOT_EMP"], df["TOTAL_PAYROLL"], level.isin(["total", "major"])
    rows = pd.DataFrame({"jobs": jobs, "unpaid": jobs.where(pay.notna()), "pay": pay})
    rows = rows.assign(members=jobs.notna(), jobs_off=OFF, pay_off=OFF * (df["A_MEAN"] + jobs))
    of = (where + code.where(level == "detailed", "00"))[level.isin(["major", "detailed"])]
    members = rows.groupby(of).sum().reindex((where + code)[is_group]).set_axis(df.index[is_group])
    groups, known = rows[is_group], ["jobs", "unpaid", "pay"]
    rest = members + groups
    return rest.assign(members=members["members"], **(groups[known] - members[known]))

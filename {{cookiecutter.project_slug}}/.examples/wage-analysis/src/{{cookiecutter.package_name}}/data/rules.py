"""The rules of a wage table: the first line of a function asks what the rows it judges must keep.

A function gets the table and returns True or False for each row that it judges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import pandas as pd

from .preprocessing import WAGE_COLUMNS

KEY = ("AREA", "NAICS", "OWN_CODE", "OCC_CODE", "O_GROUP")
HOURS = 2080  # of a year: 52 weeks of 40 hours
CENT_AN_HOUR = 20.80  # by which rounded annual and hourly wages may differ in a year
JOBS_ROUNDED = 5  # by which rounded employment may be off
AMOUNTS = [name.removeprefix("A_") for name in WAGE_COLUMNS if name.startswith("A_")]
PERCENTILES = AMOUNTS[1:]
SHEET = "a spreadsheet may have taken codes for dates or numbers: format the column as text first"
SORTED, POINTS = "columns may have been sorted apart", "points and commas may have changed places"
Of = Literal["every file", "the shipped file"]
Held = pd.Series  # of booleans, for the rows that are judged
Judge = Callable[[pd.DataFrame], Held]


@dataclass(frozen=True)
class Rule:
    """What must hold, else whose cells are shown, and what probably has happened.

    A file that breaks a rule of every file is refused; what is known of the shipped one is told.
    """

    name: str
    says: str
    shown: list[str]
    holds: Judge
    likely: str
    of: Of


RULES: list[Rule] = []


def _rule(of: Of, shown: str = "", likely: str = "") -> Callable[[Judge], Judge]:
    def keep(judge: Judge) -> Judge:
        RULES.append(Rule(judge.__name__, _first_line(judge), shown.split(), judge, likely, of))
        return judge

    return keep


every_file = partial(_rule, "every file")  # of which a function is a rule
shipped_file = _rule("the shipped file")


def _first_line(judge: Judge) -> str:
    said = (judge.__doc__ or "").partition("\n")[0].removeprefix("Ask whether ").rstrip(".")
    return said[:1].upper() + said[1:]


@every_file("OCC_CODE", SHEET)
def occupation_code(df: pd.DataFrame) -> Held:
    """Ask whether an occupation's code is such as 11-2011."""
    return df["OCC_CODE"].dropna().str.fullmatch(r"\d{2}-\d{4}(\.\d{2})?")


@every_file("AREA", SHEET)
def area_code(df: pd.DataFrame) -> Held:
    """Ask whether an area's code has 2, 4, 5 or 7 digits."""
    return df["AREA"].dropna().str.fullmatch(r"\d{2}|\d{4}|\d{5}|\d{7}")


@every_file("AREA_TYPE", "another column may stand in its place")
def area_type(df: pd.DataFrame) -> Held:
    """Ask whether the type of an area is 1, 2, 3, 4 or 6."""
    return df["AREA_TYPE"].isin(["1", "2", "3", "4", "6"])


@every_file("O_GROUP", "another column may stand in its place")
def level(df: pd.DataFrame) -> Held:
    """Ask whether a level is total, major, minor, broad or detailed."""
    return df["O_GROUP"].dropna().isin(["total", "major", "minor", "broad", "detailed"])


@every_file("OCC_CODE O_GROUP", SORTED)
def level_of_code(df: pd.DataFrame) -> Held:
    """Ask whether the code 00-0000 is the total, another one that ends in -0000 a major group."""
    coded = df.dropna(subset=["OCC_CODE", "O_GROUP"])
    code, found = coded["OCC_CODE"], coded["O_GROUP"]
    expected = pd.Series("lower", code.index).mask(code.str.endswith("-0000"), "major")
    found = found.where(found.isin(["total", "major"]), "lower")
    return found == expected.mask(code == "00-0000", "total")


@every_file("AREA OCC_CODE O_GROUP", "two files may have been put together")
def unique_key(df: pd.DataFrame) -> Held:
    """Ask whether AREA, NAICS, OWN_CODE, OCC_CODE and O_GROUP together are unique."""
    return ~df.duplicated(list(KEY))


@every_file("AREA AREA_TITLE OCC_CODE OCC_TITLE", SORTED)
def one_name_of_a_code(df: pd.DataFrame) -> Held:
    """Ask whether the code of an area or of an occupation has one name."""
    pairs = (("AREA", "AREA_TITLE"), ("OCC_CODE", "OCC_TITLE"))
    names = [df.groupby(code)[name].transform("nunique") for code, name in pairs]
    return pd.concat(names, axis=1).fillna(0).max(axis=1) <= 1


@every_file(" ".join(WAGE_COLUMNS), "the marks *, ** and # may have become 0: put them back")
def wages_above_zero(df: pd.DataFrame) -> Held:
    """Ask whether a published wage is above 0."""
    wages = df[list(WAGE_COLUMNS)].dropna(how="all")
    return ((wages > 0) | wages.isna()).all(axis=1)


@every_file("A_MEAN A_PCT10", "wages may have been written in thousands")
def wages_in_dollars(df: pd.DataFrame) -> Held:
    """Ask whether a published annual wage is above $2,080, a dollar an hour."""
    lowest = df[[f"A_{name}" for name in AMOUNTS]].min(axis=1).dropna()
    return ~lowest.between(0, HOURS, inclusive="right")


@every_file(" ".join(f"A_{name}" for name in PERCENTILES), POINTS)
def annual_percentiles_rise(df: pd.DataFrame) -> Held:
    """Ask whether the percentiles of the annual wage never decrease."""
    return _rise(df[[f"A_{name}" for name in PERCENTILES]])


@every_file(" ".join(f"H_{name}" for name in PERCENTILES), POINTS)
def hourly_percentiles_rise(df: pd.DataFrame) -> Held:
    """Ask whether the percentiles of the hourly wage never decrease."""
    return _rise(df[[f"H_{name}" for name in PERCENTILES]])


def _rise(wages: pd.DataFrame) -> Held:
    judged = wages[wages.notna().sum(axis=1) > 1].ffill(axis=1)
    return (judged.diff(axis=1).iloc[:, 1:].fillna(0) >= 0).all(axis=1)


@every_file("A_MEAN H_MEAN A_MEDIAN H_MEDIAN", POINTS)
def annual_is_hourly(df: pd.DataFrame) -> Held:
    """Ask whether an annual wage is 2,080 times the hourly one, within a cent an hour."""
    gaps = pd.DataFrame({x: (df[f"A_{x}"] - HOURS * df[f"H_{x}"]).abs() for x in AMOUNTS})
    return (gaps.dropna(how="all").fillna(0) <= CENT_AN_HOUR + 1e-6).all(axis=1)


@every_file("TOT_EMP", POINTS)
def employment_rounded(df: pd.DataFrame) -> Held:
    """Ask whether employment is a multiple of 10."""
    return df["TOT_EMP"].dropna() % 10 == 0


@every_file("AREA_TITLE TOT_EMP", "rows may be missing, or changed by hand")
def majors_make_total(df: pd.DataFrame) -> Held:
    """Ask whether the major groups of an area together have its total of jobs.

    Rounding lets each miss by 5; an area with a hidden one is not judged.
    """
    by = list(KEY[:3])
    majors = df[df["O_GROUP"] == "major"].groupby(by, dropna=False)["TOT_EMP"]
    summed = majors.agg(["sum", "count", "size"]).reset_index()
    totals = df.loc[df["O_GROUP"] == "total", [*by, "TOT_EMP"]].dropna(subset=["TOT_EMP"])
    both = totals.rename_axis("row").reset_index().merge(summed, on=by).set_index("row")
    both = both[both["count"] == both["size"]]
    return (both["TOT_EMP"] - both["sum"]).abs() <= JOBS_ROUNDED * (both["size"] + 1)


@shipped_file
def employment_hidden_together(df: pd.DataFrame) -> Held:
    """Ask whether all four numbers about jobs are hidden, or none."""
    columns = ["TOT_EMP", "EMP_PRSE", "JOBS_1000", "LOC_QUOTIENT"]
    jobs = df[columns].dropna(axis=1, how="all")  # the national file has only two
    return jobs.notna().sum(axis=1).isin([0, jobs.shape[1]])


@shipped_file
def has_its_major(df: pd.DataFrame) -> Held:
    """Ask whether the major group of a detailed row is there."""
    rows = df.dropna(subset=["AREA", "OCC_CODE"])
    group, found = rows["AREA"] + " " + rows["OCC_CODE"].str[:2], rows["O_GROUP"]
    return group[found == "detailed"].isin(group[found == "major"])


@shipped_file
def rounded_to_ten(df: pd.DataFrame) -> Held:
    """Ask whether annual wages are multiples of 10."""
    return (df[[f"A_{name}" for name in AMOUNTS]].dropna(how="all").fillna(0) % 10 == 0).all(axis=1)


@shipped_file
def share_of_total(df: pd.DataFrame) -> Held:
    """Ask whether jobs per 1,000 are the share in the area's total, within rounding."""
    totals = df[df["O_GROUP"] == "total"].drop_duplicates("AREA").set_index("AREA")["TOT_EMP"]
    said, total = df["JOBS_1000"], df["AREA"].map(totals)
    gap = (said - 1000 * df["TOT_EMP"] / total).abs()
    return (gap <= (5000 + 5 * said) / total + 0.0005)[gap.notna()]

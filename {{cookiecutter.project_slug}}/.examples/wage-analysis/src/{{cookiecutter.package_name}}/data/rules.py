"""The rules of a wage table: the first line of a function asks what the rows it judges must keep.

A function gets the table and returns True or False for each row that it judges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from typing import Literal

import pandas as pd

from .cleaning import rest_of_groups
from .preprocessing import WAGE_COLUMNS
from .vintages import SPELLED

HOURS = 2080  # of a year: 52 weeks of 40 hours
CENT_AN_HOUR = 20.80  # by which rounded annual and hourly wages may differ in a year
MAJORS = 22  # groups of occupations, from 11-0000 to 53-0000
AMOUNTS = [name.removeprefix("A_") for name in WAGE_COLUMNS if name.startswith("A_")]
PERCENTILES = {x: [f"{x}_{name}" for name in AMOUNTS[1:]] for x in "AH"}
SHARES = (0.15, 0.25, 0.25, 0.15, 0.1)  # of the jobs, that earn from one percentile to the next
TIMES = (0.9, 5)  # the least that follows; published means are 1.05 to 2.4 times that
MOST = 1_000_000  # US$ a year that a job whose wage is not published earns on average at most
SHEET = "another column may stand there, or a spreadsheet has taken codes for dates or numbers"
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


def _spelled(column: str, pattern: str) -> Judge:
    return lambda df: df[column].dropna().str.fullmatch(pattern)


RULES = [
    Rule(name.lower(), f"{name} is {said}", [name], _spelled(name, pattern), SHEET, "every file")
    for name, (said, pattern) in SPELLED.items()
]


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


@every_file("OCC_CODE O_GROUP", SORTED)
def level_of_code(df: pd.DataFrame) -> Held:
    """Ask whether codes end as levels do: the total 00-0000, major -0000, minor 00, broad 0."""
    code, level = df["OCC_CODE"], df["O_GROUP"]
    total, group = code == "00-0000", code.str.endswith("-0000", na=False)
    fits = (total == (level == "total")) & ((group & ~total) == (level == "major"))
    for finer, end in (("minor", "00"), ("broad", "0")):
        fits &= (level != finer) | code.str.endswith(end, na=False)
    return fits[code.notna() & level.notna()]


@every_file("AREA OCC_CODE O_GROUP", "two files may have been put together")
def unique_key(df: pd.DataFrame) -> Held:
    """Ask whether AREA, NAICS, OWN_CODE, OCC_CODE and O_GROUP together are unique."""
    return ~df.duplicated(["AREA", "NAICS", "OWN_CODE", "OCC_CODE", "O_GROUP"])


@every_file("AREA NAICS OWN_CODE", "two files may have been put together")
def no_job_counted_twice(df: pd.DataFrame) -> Held:
    """Ask whether no industry of an area, and no owner of an industry, lies in part in another."""
    owners, industries = df["OWN_CODE"].fillna(""), df["NAICS"].fillna("")
    twice = _twice(df["AREA"] + industries, owners, lambda a, b: not a or bool({*a} & {*b}))
    return ~(twice | _twice(df["AREA"], industries, lambda a, b: b.startswith(_beginnings(a))))


def _twice(where: Held, codes: Held, holds: Callable[[str, str], bool]) -> Held:
    """Return the rows of places in which one code holds another, wholly or in part."""
    places = where.groupby(codes).agg(set)
    pairs = ((a, b) for a, b in permutations(places.index, 2) if holds(a, b))
    return where.isin(set().union(*(places[a] & places[b] for a, b in pairs)))


def _beginnings(code: str) -> tuple[str, ...]:
    """Return what codes of an industry's parts begin with: of "31-33" 31, 32, 33, of all ""."""
    first, _, last = code.partition("-")
    ends = map(str, range(int(first), int(last) + 1)) if last else [first.rstrip("0")]
    return tuple("" if code.startswith("0000") else end for end in ends)


@every_file("AREA AREA_TITLE OCC_CODE OCC_TITLE", SORTED)
def one_name_of_a_code(df: pd.DataFrame) -> Held:
    """Ask whether the code of an area or of an occupation has one name."""
    pairs = (("AREA", "AREA_TITLE"), ("OCC_CODE", "OCC_TITLE"))
    names = [df.groupby(code)[name].transform("nunique") for code, name in pairs]
    return pd.concat(names, axis=1).fillna(0).max(axis=1) <= 1


@every_file(" ".join(("TOT_EMP", *WAGE_COLUMNS)), "the marks *, ** and # may have become 0")
def wages_and_jobs_above_zero(df: pd.DataFrame) -> Held:
    """Ask whether a published wage, and published employment, is above 0."""
    held = df[["TOT_EMP", *WAGE_COLUMNS]].dropna(how="all")
    return ((held > 0) | held.isna()).all(axis=1)


@every_file("A_MEAN A_PCT10", "wages may have been written in thousands")
def wages_in_dollars(df: pd.DataFrame) -> Held:
    """Ask whether a published annual wage is above $2,080, a dollar an hour."""
    lowest = df[[f"A_{name}" for name in AMOUNTS]].min(axis=1).dropna()
    return ~lowest.between(0, HOURS, inclusive="right")


@every_file(" ".join(PERCENTILES["A"] + PERCENTILES["H"]), POINTS)
def percentiles_rise(df: pd.DataFrame) -> Held:
    """Ask whether the percentiles of a wage, annual or hourly, never decrease."""
    steps = [df[names].ffill(axis=1).diff(axis=1) for names in PERCENTILES.values()]
    return (pd.concat(steps, axis=1).dropna(how="all").fillna(0) >= 0).all(axis=1)


@every_file("A_MEAN A_MEDIAN A_PCT90 H_MEAN H_MEDIAN H_PCT90", POINTS)
def mean_fits_percentiles(df: pd.DataFrame) -> Held:
    """Ask whether a mean wage is 0.9 to 5 times the least that its percentiles allow."""
    least = {x: df[names] @ pd.Series(SHARES, names) for x, names in PERCENTILES.items()}
    times = pd.DataFrame({x: df[f"{x}_MEAN"] / least[x] for x in least})
    judged = times.dropna(how="all").fillna(1)
    return ((judged >= TIMES[0]) & (judged <= TIMES[1])).all(axis=1)


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
    """Ask whether the major groups of an area, where all 22 are published, have its jobs."""
    held: Held = published_majors_make_total(df)
    full: Held = rest_of_groups(df).loc[held.index, "members"] == MAJORS
    return held[full]


@shipped_file
def published_majors_make_total(df: pd.DataFrame) -> Held:
    """Ask whether the major groups of an area, as many as are published, have its jobs."""
    rest = rest_of_groups(df).dropna(subset=["jobs"])
    totals: Held = df.loc[rest.index, "O_GROUP"] == "total"
    return (rest["jobs"].abs() <= rest["jobs_off"])[totals]


@every_file("AREA_TITLE OCC_TITLE TOT_EMP A_MEAN", SORTED)
def members_earn_what_groups_do(df: pd.DataFrame) -> Held:
    """Ask whether a group's members earn no more than it, its other jobs at most $1,000,000 each.

    Rounding is allowed for, and 2 % of what the group earns.
    """
    rest = rest_of_groups(df).dropna(subset=["pay"])
    off = rest["pay_off"] + 0.02 * df.loc[rest.index, "TOTAL_PAYROLL"]
    return rest["pay"].between(-off, off + MOST * (rest["unpaid"] + rest["jobs_off"]).clip(lower=0))


@shipped_file
def share_of_total(df: pd.DataFrame) -> Held:
    """Ask whether jobs per 1,000 are the share in the area's total, within rounding."""
    totals = df[df["O_GROUP"] == "total"].drop_duplicates("AREA").set_index("AREA")["TOT_EMP"]
    said, total = df["JOBS_1000"], df["AREA"].map(totals)
    gap = (said - 1000 * df["TOT_EMP"] / total).abs()
    return (gap <= (5000 + 5 * said) / total + 0.0005)[gap.notna()]

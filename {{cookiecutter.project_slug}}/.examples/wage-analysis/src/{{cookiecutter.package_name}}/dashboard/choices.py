"""What the page reads of a run, what a reader can choose, and the rows that a choice selects."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from ..analysis.captions import wage_name
from ..analysis.statistics.number_formats import dollars, sentence_start
from ..analysis.wage_by_group import PERCENTILES
from ..engine import REPORT, Run
from ..settings import WAGES, Group

MEASURES = {
    column: sentence_start(wage_name(column).removeprefix("annual wage, "))
    for column in ("A_MEAN", *PERCENTILES)
}
LEVELS = {
    "total": "All occupations together",
    "major": "Major groups",
    "minor": "Minor groups",
    "broad": "Broad occupations",
    "detailed": "Detailed occupations",
}
PUBLISHED = "published"
TOP_CODED = "# at or above the survey's ceiling"
NOT_RELEASED = "* not released"
NO_ROW = "not in the workbook"
CEILING = "$239,200 a year in May 2025"
NAMED = 60  # areas of one kind; more are in the table


@dataclass(frozen=True)
class Published:
    """What the page shows of one run: its manifest, results and report, and its table of wages."""

    manifest: Mapping[str, Any]
    results: Mapping[str, Any]
    report: str
    wages: pd.DataFrame


class Occupation(NamedTuple):
    """An occupation, or a group of them, at one level of the workbook."""

    level: str
    code: str
    title: str


def read_published(run: Run) -> Published:
    """Read all that the page shows; a file that is not the one of the run is a ProjectError."""
    wages = pd.read_parquet(io.BytesIO(run.read(WAGES)))
    return Published(run.manifest, run.results, run.read(REPORT).decode("utf-8"), wages)


def levels(wages: pd.DataFrame) -> list[str]:
    """Return the levels of the workbook, the coarsest first."""
    return [level for level in LEVELS if level in set(wages["O_GROUP"])]


def occupations(wages: pd.DataFrame, *chosen: str) -> list[Occupation]:
    """Return the occupations of the chosen levels, or of all, by level and code."""
    rows = wages.drop_duplicates(["O_GROUP", "OCC_CODE"]).sort_values("OCC_CODE")
    found = [Occupation(*row) for row in rows[["O_GROUP", "OCC_CODE", "OCC_TITLE"]].to_numpy()]
    return [each for level in chosen or levels(wages) for each in found if each.level == level]


def comparable_groups(wages: pd.DataFrame) -> dict[str, Group]:
    """Return by name what can be compared: the major groups, then each detailed occupation."""
    groups = {}
    for level, code, title in occupations(wages, "major", "detailed"):
        label, prefix, name = title, code, title
        if level == "major":
            label, prefix = title.removesuffix(" Occupations").lower(), code[:3]
            name = f"All {label} occupations"
        group = Group(label=label, title_contains=label, soc_prefix=prefix)
        groups[f"{code} {name}"] = group
    return groups


def area_wages(published: Published, occupation: Occupation, column: str) -> pd.DataFrame:
    """Return one of the `MEASURES` of an occupation's wage in every area, the highest first.

    Returns
    -------
    DataFrame
        The area, `column` (US$ a year) and ``status``, which says why a wage is missing; for a
        mean MEAN_PRSE, its relative standard error (percent); for the mean of all occupations
        also interval and ranks, as results.json holds them.
    """
    errors = ["MEAN_PRSE"] if column == "A_MEAN" else []
    found, status = _every_area(published.wages, occupation, [column, *errors])
    found["status"] = status[column]
    ranks = published.results["areas"]["all"]
    if ranks and occupation.level == "total" and column == "A_MEAN":
        ranked = pd.DataFrame(ranks).drop(columns="rse")
        ranked = ranked.rename(columns={"area": "AREA_TITLE", "a_mean": "A_MEAN"})
        found = found.merge(ranked, how="left", on=["AREA_TITLE", "A_MEAN"])
    return found.sort_values([column, "AREA_TITLE"], ascending=[False, True], ignore_index=True)


def wage_spread(published: Published, occupation: Occupation) -> pd.DataFrame:
    """Return five percentiles of an occupation's wage in every area, the highest median first.

    ``status`` says which of them are missing, and why.
    """
    found, status = _every_area(published.wages, occupation, list(PERCENTILES))
    found["status"] = [_in_one(row) for row in status.to_dict("records")]
    return found.sort_values(["A_MEDIAN", "AREA_TITLE"], ascending=[False, True], ignore_index=True)


def highest_and_lowest(areas: pd.DataFrame, column: str, what: str) -> str:
    """Say where a wage is highest and lowest; `areas` has the highest first."""
    held = areas.dropna(subset=column)
    if held.empty:
        return f"{what}: no area has one."
    wages = held["AREA_TITLE"] + " " + held[column].map(dollars)
    ends = f"highest in {wages.iloc[0]}, lowest in {wages.iloc[-1]}"
    ends = ends if len(held) > 1 else str(wages.iloc[0])
    return f"{what}: {ends} ({len(held)} of {len(areas)} areas)."


def without_number(areas: pd.DataFrame) -> list[str]:
    """Name the areas without a number, in a sentence for each reason."""
    sentences = []
    for status, rows in areas[areas["status"] != PUBLISHED].groupby("status"):
        reason = sentence_start(str(status)).replace(TOP_CODED, f"{TOP_CODED} ({CEILING})")
        names, count = list(rows["AREA_TITLE"]), len(rows)
        more = f" and {count - NAMED} more" if count > NAMED else ""
        noun = "area" if count == 1 else "areas"
        sentences.append(f"{reason}, {count} {noun}: {', '.join(names[:NAMED])}{more}.")
    return sentences


def _every_area(
    wages: pd.DataFrame, occupation: Occupation, columns: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return every area with the occupation's wages, and why a wage is missing.

    The table keeps `#` as a fact of the row. A row that has annual wages at all misses one only
    where it was `#`; a row without any may hold `#` in its hourly wages.
    """
    rows = wages[(wages["O_GROUP"] == occupation.level) & (wages["OCC_CODE"] == occupation.code)]
    areas = wages.drop_duplicates("AREA")[["AREA", "AREA_TITLE"]]
    wanted = ["AREA", "OCC_CODE", *columns, "WAGE_TOP_CODED", "HOURLY"]
    found = areas.merge(rows[wanted], how="left", on="AREA")
    top = found["WAGE_TOP_CODED"].eq(True) & found["HOURLY"].ne("TRUE")
    why = pd.Series(NOT_RELEASED, found.index).mask(top, TOP_CODED)
    why = why.mask(found["OCC_CODE"].isna(), NO_ROW)
    status = pd.DataFrame({name: why.where(found[name].isna(), PUBLISHED) for name in columns})
    found["OCC_CODE"], found["OCC_TITLE"] = occupation.code, occupation.title
    return found[["AREA", "AREA_TITLE", "OCC_CODE", "OCC_TITLE", *columns]].copy(), status


def _in_one(status: Mapping[Any, str]) -> str:
    """Say the states of several wages as one."""
    if len(set(status.values())) == 1:
        return next(iter(status.values()))
    missing = (f"{MEASURES[name]} {text}" for name, text in status.items() if text != PUBLISHED)
    return "; ".join(missing)

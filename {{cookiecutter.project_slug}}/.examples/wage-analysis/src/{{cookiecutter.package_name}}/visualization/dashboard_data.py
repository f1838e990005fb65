"""What the dashboard reads of a run, and the rows that a reader's choice selects."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from ..analysis.occupations import PERCENTILES
from ..analysis.selection import Group
from ..artifacts import RESULTS, Run
from ..pipeline import WAGES

MEASURES = {
    "A_MEAN": "Mean",
    "A_PCT10": "10th percentile",
    "A_PCT25": "25th percentile",
    "A_MEDIAN": "Median",
    "A_PCT75": "75th percentile",
    "A_PCT90": "90th percentile",
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


@dataclass(frozen=True)
class Published:
    """What the page shows of one run: its manifest, its results and its table of wages."""

    manifest: Mapping[str, Any]
    results: Mapping[str, Any]
    wages: pd.DataFrame


class Occupation(NamedTuple):
    """An occupation, or a group of them, at one level of the workbook."""

    level: str
    code: str
    title: str


def read_published(run: Run) -> Published:
    """Read all that the page shows, each file held against its recorded hash.

    Raises
    ------
    ProjectError
        If a file is missing, or is not the one that the run wrote.
    """
    results = json.loads(run.read(RESULTS))
    return Published(run.manifest, results, pd.read_parquet(io.BytesIO(run.read(WAGES))))


def levels(wages: pd.DataFrame) -> list[str]:
    """Return the levels of the workbook, the coarsest first; unknown ones come last."""
    found = set(wages["O_GROUP"])
    return [level for level in LEVELS if level in found] + sorted(found - set(LEVELS))


def occupations(wages: pd.DataFrame, *chosen: str) -> list[Occupation]:
    """Return the occupations of the chosen levels, or of all, by level and code."""
    rows = wages.drop_duplicates(["O_GROUP", "OCC_CODE"]).sort_values("OCC_CODE")
    found = [Occupation(*row) for row in rows[["O_GROUP", "OCC_CODE", "OCC_TITLE"]].to_numpy()]
    return [each for level in chosen or levels(wages) for each in found if each.level == level]


def comparable_groups(wages: pd.DataFrame) -> list[Group]:
    """Return what two groups can be made of: the major groups, then each detailed occupation."""
    major, detailed = (occupations(wages, level) for level in ("major", "detailed"))
    names = {each.code[:3]: each.title.removesuffix(" Occupations").lower() for each in major}
    return [
        *(Group(name, name, code) for code, name in names.items()),
        *(Group(each.title, each.title, each.code) for each in detailed),
    ]


def area_wages(published: Published, occupation: Occupation, column: str) -> pd.DataFrame:
    """Return one wage of an occupation in every area of the run, the highest first.

    Parameters
    ----------
    published
        The run.
    occupation, column
        Whose wage, and which of `MEASURES`.

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
    if occupation.level == "total" and column == "A_MEAN":
        ranked = pd.DataFrame(published.results["areas"]["all"]).drop(columns="rse")
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
    no_row = found["OCC_CODE"].isna()
    status = pd.DataFrame(PUBLISHED, index=found.index, columns=columns)
    for column in columns:
        missing = found[column].isna()
        status.loc[missing, column] = NOT_RELEASED
        status.loc[missing & top, column] = TOP_CODED
        status.loc[no_row, column] = NO_ROW
    found["OCC_CODE"], found["OCC_TITLE"] = occupation.code, occupation.title
    return found[["AREA", "AREA_TITLE", "OCC_CODE", "OCC_TITLE", *columns]].copy(), status


def _in_one(status: Mapping[Any, str]) -> str:
    """Say the states of several wages as one."""
    if len(set(status.values())) == 1:
        return next(iter(status.values()))
    missing = (f"{MEASURES[name]} {text}" for name, text in status.items() if text != PUBLISHED)
    return "; ".join(missing)

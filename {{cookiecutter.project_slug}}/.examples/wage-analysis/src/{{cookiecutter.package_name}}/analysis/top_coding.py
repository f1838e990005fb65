"""What top-coded wages (#), which are at least the survey's ceiling, can change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import isnan
from typing import Any

import pandas as pd

from ..data.row_selection import Question, Selection, select
from ..data.rules import HOURS
from ..engine import ProjectError
from ..settings import Groups
from .employment_wage import PEARSON, run_pearson_test
from .statistics.results import AnalysisResult, Item, by_name
from .tech_vs_nontech import NAME as TECHNOLOGY
from .tech_vs_nontech import run_ztest
from .wage_by_group import NAME as BY_GROUP
from .wage_by_group import run_anova

NAME = "top_coding"
# first and last May, US$ an hour: "Field Descriptions" in the workbooks of the survey
CEILINGS = ((2016, 2021, 100.0), (2022, 2025, 115.0))
ASSUMED = ("lower_bound", "at_mean", "at_maximum")
Analyse = Callable[[Selection], AnalysisResult]
ASKED: dict[str, tuple[Analyse, dict[str, tuple[str, ...]]]] = {
    BY_GROUP: (run_anova, {"F": ("statistic",), "omega squared": ("effect_size", "value")}),
    TECHNOLOGY: (run_ztest, {"Z": ("statistic",), "US$": ("estimates", "difference")}),
    PEARSON: (run_pearson_test, {"r": ("statistic",)}),
}


def annual_ceiling(file: str) -> float | None:
    """Return the annual wage (US$) from which `file` has #, by the year in its name (``M2025``)."""
    named = re.search(r"(?:M|May[ _-]?)(20\d\d)", file)
    year = int(named[1]) if named else 0
    return next((HOURS * hourly for a, b, hourly in CEILINGS if a <= year <= b), None)


def bound_top_codes(df: pd.DataFrame, results: Item, groups: Groups) -> dict[str, Any]:
    """Return detailed results with # left out and under three assumptions, as results.json has it.

    ``lower_bound`` puts the ceiling in the place of each #; ``at_mean`` and ``at_maximum`` put
    there the mean and the maximum of the occupation's published rows, and leave # out where it has
    none. `untouched` are the compared groups without #. What cannot be computed is None, and
    `reasons` says why.
    """
    ceiling = annual_ceiling(results["data"]["file"])
    reasons = {} if ceiling else {"lower_bound": "the ceiling of this file's year is not known"}
    bounds: dict[str, Any] = {"ceiling": ceiling, "groups": [], "numbers": [], "untouched": []}
    try:
        question = Question("detailed", groups, results["confidence_level"])
        chosen = select(df, question, NAME)
    except ProjectError as error:
        return bounds | {"reasons": reasons | {"groups": str(error)}}
    rows = chosen.rows
    top = rows["A_MEAN_TOP_CODED"]
    frames: dict[str, pd.DataFrame | None] = {"dropped": rows}
    frames |= {how: _filled(rows, how, ceiling) for how in ASSUMED}
    for code, n in rows.loc[top, "OCC_CODE"].str[:2].value_counts().items():
        inside = rows["OCC_CODE"].str.startswith(str(code))
        counts = {"group": code, "top_coded": int(n), "published": int(rows[inside].A_MEAN.count())}
        means = {how: _mean(frame, inside) for how, frame in frames.items()}
        bounds["groups"].append(counts | means)
    published = by_name(results)
    for name, (analyse, keys) in ASKED.items() if top.any() else ():
        tests: dict[str, Any] = {"dropped": published.get(name, {}).get("detailed")}
        for how in ASSUMED:
            try:
                tests[how] = _asked(analyse, chosen, frames[how])
            except ProjectError as error:
                tests[how], reasons[f"{name}, {how}"] = None, str(error)
        for key, path in keys.items():
            values = {how: test and _value(test, path) for how, test in tests.items()}
            bounds["numbers"].append({"analysis": name, "quantity": key} | values)
    hidden = rows["WAGE_TOP_CODED"]
    bounds["untouched"] = [
        label for label, held in chosen.members.values() if not hidden[held].any()
    ]
    return bounds | {"reasons": reasons}


def _filled(rows: pd.DataFrame, how: str, ceiling: float | None) -> pd.DataFrame | None:
    if how == "lower_bound" and ceiling is None:
        return None
    filled = {}
    for column in ("A_MEAN", "A_MEDIAN"):
        published = rows.groupby("OCC_CODE")[column]
        other: Any = ceiling
        if how != "lower_bound":
            other = published.transform("mean" if how == "at_mean" else "max")
        filled[column] = rows[column].mask(rows["A_MEAN_TOP_CODED"] & rows[column].isna(), other)
    return rows.assign(**filled)


def _mean(frame: pd.DataFrame | None, inside: Any) -> float | None:
    mean = None if frame is None else frame.loc[inside, "A_MEAN"].mean()
    return None if mean is None or isnan(mean) else float(mean)


def _asked(analyse: Analyse, chosen: Selection, frame: pd.DataFrame | None) -> Item | None:
    return None if frame is None else analyse(replace(chosen, rows=frame)).to_dict()


def _value(test: Any, path: tuple[str, ...]) -> float | None:
    for key in path:
        test = test and test.get(key)
    return None if test is None else float(test)

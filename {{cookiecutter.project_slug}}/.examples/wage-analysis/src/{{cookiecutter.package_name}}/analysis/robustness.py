"""What other methods say of each conclusion, and whether it stands under them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from ..data.row_selection import Cells, FloatArray, Selection, varies
from ..engine import ProjectError
from ..settings import Groups
from .employment_wage import PEARSON, REGRESSION, jobs_and_wages
from .management_vs_production import NAME as MEANS
from .statistics.alternatives import (
    Finding,
    average_g_of,
    kruskal_wallis,
    sized,
    slopes,
    spearman,
    welch_f,
    welch_of_means,
)
from .statistics.bootstrap import drawn_differences, drawn_weighted
from .statistics.effect_sizes import spread_ratio
from .statistics.published import Published
from .statistics.results import Item
from .tech_vs_nontech import NAME as TECHNOLOGY
from .wage_by_group import NAME as BY_GROUP
from .wage_variance import NAME as SPREAD

NAME = "robustness"
ROWS, TWO_WAY = "rows as independent", "by area and occupation"
BOOTSTRAP = "bootstrap of areas and occupations"
Choose = Callable[[Selection, str], tuple[Cells, Cells]]
# a method by its name: the unit of its value, and what asks it
Methods = dict[str, tuple[str, Callable[[], Finding]]]


def check_conclusions(df: pd.DataFrame, results: Item, groups: Groups) -> list[dict[str, Any]]:
    """Return what each method says of the detailed rows, as results.json holds it.

    Of `results` ``analyses`` and ``confidence_level`` are read, and nothing in them is computed
    again. `question` is the analysis; `agrees`, whether the method finds what the report's
    conclusion leans on: a direction (of tests, an effect), or none. What cannot be computed is
    None, with a `reason`.
    """
    table, rows = Published(df, results, groups), list[dict[str, Any]]()
    questions = {
        MEANS: _two_groups(table, MEANS, "Welch's t", Selection.pair, "A_MEAN"),
        SPREAD: _spread(table),
        PEARSON: _jobs(table),
        TECHNOLOGY: _two_groups(table, TECHNOLOGY, "Z", Selection.technology, "A_MEDIAN"),
        BY_GROUP: _by_group(table),
    }
    for question, methods in questions.items():
        said = table.conclusion(question)
        for method, (unit, ask) in methods.items():
            named = {"question": question, "method": method, "unit": unit}
            rows.append(named | _answer(ask, unit, said, table.level))
    return rows


def _answer(
    ask: Callable[[], Finding], unit: str, said: float | None, level: float
) -> dict[str, Any]:
    try:
        with np.errstate(all="ignore"):
            found = ask()
        if not all(number is None or math.isfinite(number) for number in found):
            raise ProjectError("these rows leave nothing to estimate it from")
    except ProjectError as error:
        return dict.fromkeys((*Finding._fields, "agrees")) | {"reason": str(error)}
    if said is None:
        return found._asdict() | {"agrees": None, "reason": "the report draws no conclusion"}
    if found.low is not None and found.high is not None:
        null = 1.0 if unit == "times" else 0.0
        agrees = (found.low > null) - (found.high < null) == said
        return found._asdict() | {"agrees": agrees, "reason": None}
    effect = found.log10_p is not None and found.log10_p < math.log10(1 - level)
    why = "a test without an interval; log10_p is the logarithm of its p-value"
    return found._asdict() | {"agrees": effect == bool(said), "reason": why}


def _two_groups(table: Published, name: str, test: str, choose: Choose, column: str) -> Methods:
    level, cells = table.level, cache(lambda: choose(table.chosen(), column))
    drawn = cache(lambda: drawn_differences(cells(), level))

    @cache
    def by_jobs() -> tuple[Finding, Finding]:
        rows = table.chosen().rows
        both = (rows["TOT_EMP"] > 0) & rows["A_MEAN"].notna()
        held = rows.assign(**{c: rows[c].where(both) for c in ("TOT_EMP", "A_MEAN")})
        wages, jobs = (choose(replace(table.chosen(), rows=held), c) for c in ("A_MEAN", "TOT_EMP"))
        return drawn_weighted(wages, [group.values for group in jobs], level)

    jobs = f"means of A_MEAN weighted by jobs, {BOOTSTRAP}"
    return {
        f"{test}, {ROWS}": ("US$", partial(table.interval, name, "interval")),
        f"means, {TWO_WAY}": ("US$", partial(table.interval, name, "interval_two_way")),
        f"means, {BOOTSTRAP}": ("US$", lambda: drawn()[0]),
        "Welch's t of occupation means": ("US$", lambda: welch_of_means(cells(), level)),
        f"g_av, {ROWS}": ("SD", lambda: average_g_of(cells(), level)),
        f"g_av, {BOOTSTRAP}": ("SD", lambda: drawn()[1]),
        jobs: ("US$", lambda: by_jobs()[0]),
        f"ratio of {jobs}": ("times", lambda: by_jobs()[1]),
    }


def _spread(table: Published) -> Methods:
    def on_logs() -> Finding:
        a, b = (np.log(c.values) for c in table.chosen().pair("A_MEAN"))
        if not (varies(a) and varies(b)):
            raise ProjectError("needed: wages that vary in both groups")
        return sized(spread_ratio(a, b, table.level))

    ratio, levene = "ratio of mean distances", partial(table.test, SPREAD)
    return {
        "Levene's test about the medians": ("W", partial(levene, "statistic")),
        "Levene's test about the means": ("W", partial(levene, "mean_centred_statistic")),
        "Levene's test about the medians of logs": ("W", partial(levene, "log_scale_statistic")),
        f"{ratio}, {ROWS}": ("times", partial(table.interval, SPREAD, "effect_size")),
        f"{ratio} of logs, {ROWS}": ("times", on_logs),
        f"mean distances, {TWO_WAY}": ("US$", partial(table.interval, SPREAD, "interval_two_way")),
    }


def _jobs(table: Published) -> Methods:
    cells = cache(lambda: jobs_and_wages(table.chosen(), "detailed", NAME)[2:])
    of_ranks = cache(lambda: spearman(*cells(), table.level))

    @cache
    def of_logs() -> tuple[Finding, Finding]:
        x, y, (areas, codes) = cells()
        held = (x > 0) & (y > 0)
        logs = np.log(x[held]), np.log(y[held])
        return slopes(*logs, (areas[held], codes[held]), table.level)

    hc3 = partial(table.interval, REGRESSION, "effect_size")
    return {
        f"Pearson's r, {ROWS}": ("r", partial(table.interval, PEARSON, "interval")),
        f"Pearson's r, {TWO_WAY}": ("r", partial(table.interval, PEARSON, "interval_two_way")),
        "slope, rows as independent (HC3)": ("US$ per job", hc3),
        f"Spearman's rho, {ROWS}": ("rho", lambda: of_ranks()[0]),
        f"Spearman's rho, {TWO_WAY}": ("rho", lambda: of_ranks()[1]),
        f"slope of logs, {ROWS}": ("% per %", lambda: of_logs()[0]),
        f"slope of logs, {TWO_WAY}": ("% per %", lambda: of_logs()[1]),
    }


def _by_group(table: Published) -> Methods:
    @cache
    def groups() -> list[FloatArray]:
        rows = table.chosen().rows.dropna(subset=["A_MEAN"])
        by_code = rows.groupby(rows["OCC_CODE"].str[:2])["A_MEAN"]
        return [wages.to_numpy(np.float64) for _, wages in by_code]

    def of_means() -> Finding:
        name = "occupation_means_omega_squared"
        return Finding(*(table.known(BY_GROUP, f"{name}{end}") for end in ("", "_low", "_high")))

    return {
        f"omega squared, {ROWS}": ("", partial(table.interval, BY_GROUP, "effect_size")),
        "omega squared of occupation means": ("", of_means),
        "Welch's F": ("F", lambda: welch_f(groups())),
        "Kruskal and Wallis, epsilon squared": ("", lambda: kruskal_wallis(groups())),
    }

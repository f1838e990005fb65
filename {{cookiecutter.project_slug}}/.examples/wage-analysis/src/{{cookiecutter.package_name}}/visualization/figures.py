"""The figures of the report, and those that list something: areas, major groups, marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from statistics import median

import pandas as pd
from matplotlib.figure import Figure

from ..analysis.captions import Marks, marks_by_column, marks_text, short_title, wage_name
from ..analysis.statistics.number_formats import money, ranks_text
from ..analysis.statistics.results import Item, by_name
from ..analysis.wage_by_group import GroupSpread, wage_spread_by_group
from ..data.preprocessing import TOP_CODE
from ..data.row_selection import Question, select
from ..engine.style import ACCENT, GREY, INK, SOFT, house_style
from ..settings import Groups
from .comparisons import employment_vs_wage, management_vs_production, tech_vs_nontech
from .layout import listing, shorten, spread_list, write_columns

MOST_AREAS, AT_EACH_END = 60, 25
MARKS = {"*": GREY, "**": SOFT, TOP_CODE: ACCENT}
TESTED = ("A_MEAN", "A_MEDIAN", "TOT_EMP")
MEANING = {
    "TOT_EMP": "employment",
    "EMP_PRSE": "error of employment",
    "JOBS_1000": "jobs per 1,000",
    "LOC_QUOTIENT": "location quotient",
    "MEAN_PRSE": "error of the mean wage",
    "PCT_TOTAL": "share of employment",
    "PCT_RPT": "share of establishments",
}


def draw_all(df: pd.DataFrame, results: Item, groups: Groups) -> dict[str, Figure]:
    """Draw every figure that has a caption, by the name of its file.

    `results` is the content of results.json, which was found with these wages and groups.
    """
    found, level = by_name(results), results["confidence_level"]
    rows = cache(lambda scope: select(df, Question(scope, groups, level)))
    marks = marks_by_column(df, results["data"]["coerced"])
    draw: dict[str, Callable[[str], Figure]] = {
        "areas": lambda title: areas(title, results["areas"]["all"], level),
        "wage_by_group": lambda title: wage_by_group(title, wage_spread_by_group(df)),
        "management_vs_production": lambda title: management_vs_production(
            title, found["management_vs_production"], rows("article"), rows("detailed")
        ),
        "employment_vs_wage": lambda title: employment_vs_wage(
            title,
            found["employment_wage_pearson"],
            found["employment_wage_regression"]["detailed"],
            rows("detailed"),
        ),
        "tech_vs_nontech": lambda title: tech_vs_nontech(
            title, found["tech_vs_nontech_ztest"], rows("detailed")
        ),
        "missing": lambda title: missing(title, marks, results["data"]["rows_kept"]),
    }
    return {name: draw[name](said["title"]) for name, said in results["figures"].items()}


@house_style()
def areas(title: str, ranked: Sequence[Item], confidence_level: float) -> Figure:
    """Show each area's mean wage with its interval and the ranks that it can claim.

    `ranked` holds all areas as results.json does; of more than 60, 25 at each end are shown.
    """
    subtitle = (
        f"Mean annual wage over all occupations. Line: {100 * confidence_level:g} % "
        "interval from the published standard error, inside the dot where it is short. Rank: "
        "every rank that the area can claim; the dot is blue where there is only one."
    )
    shown, gap = list(ranked), None
    if len(ranked) > MOST_AREAS:
        shown, gap = [*ranked[:AT_EACH_END], *ranked[-AT_EACH_END:]], AT_EACH_END
        subtitle += f" The {len(ranked) - len(shown)} areas in the middle are left out."
    names, means, low, high = ([a[key] for a in shown] for key in ("area", "a_mean", "low", "high"))
    sure = [area["rank_low"] == area["rank_high"] for area in shown]
    middle = median(area["a_mean"] for area in ranked)
    canvas, axes, rows = listing(title, subtitle, names, 0.165, 1.15, gap)
    axes.hlines(rows, low, high, [ACCENT if one else INK for one in sure], linewidth=1.2)
    axes.scatter(means, rows, s=22, c=[ACCENT if one else GREY for one in sure], linewidths=0)
    axes.axvline(middle, color=INK, linewidth=0.8)
    axes.text(middle, rows[-1], f"  median of all areas {money(middle)}", va="center")
    columns = {"mean": list(map(money, means)), "rank": list(map(ranks_text, shown))}
    write_columns(axes, rows, columns)
    axes.tick_params(labeltop=True)
    axes.set_xlabel("mean annual wage, US$")
    return canvas.figure


@house_style()
def wage_by_group(title: str, spreads: Sequence[GroupSpread]) -> Figure:
    """Show five percentiles of the annual wage in each major group, the highest median on top."""
    subtitle = (
        "Annual wages by major group: the line reaches from the 10th to the 90th percentile, the "
        "bar from the 25th to the 75th, the dot is the median; each is the mean of the areas' own, "
        "weighted by jobs. 'To 1' in the title: the 90th percentile over the 10th."
    )
    jobs = [money(spread.employment)[1:] for spread in spreads]  # 11.2m, without the dollar
    percentiles = [(s.p10, s.p25, s.median, s.p75, s.p90) for s in spreads]
    columns = {"median": [money(spread.median) for spread in spreads], "jobs": jobs}
    return spread_list(title, subtitle, list(map(short_title, spreads)), percentiles, columns)


@house_style()
def missing(title: str, marks: Marks, count: int) -> Figure:
    """Show for each numeric column the share of the `count` rows with a mark for a number.

    `marks` is what `marks_by_column` returns.
    """
    subtitle = (
        "Rows with a mark in place of a number: * wage not released, or not on this pay basis; "
        "** employment not released; # at or above the ceiling up to which wages are published. "
        "Bold: the columns that the tests use."
    )
    names = [f"{MEANING.get(column) or wage_name(column)}  {column}" for column in marks]
    canvas, axes, rows = listing(title, subtitle, names, 0.21, 1.3)
    labels = axes.get_yticklabels()
    for row, label, (column, found) in zip(rows, labels, marks.items(), strict=True):
        start = 0.0
        for mark, n in found.items():
            axes.barh(row, 100 * n / count, 0.6, left=start, color=MARKS.get(mark, INK))
            start += 100 * n / count
        axes.text(start, row, f"  {shorten(marks_text(found, count), 1.2)}", va="center")
        label.set_fontweight("bold" if column in TESTED else "normal")
    most = max(100 * sum(found.values()) / count for found in marks.values())
    axes.set(xlim=(0, max(0.1, 1.02 * most)), xlabel="percent of the rows")
    axes.xaxis.set_major_formatter(lambda percent, _: f"{percent:g} %")
    return canvas.figure

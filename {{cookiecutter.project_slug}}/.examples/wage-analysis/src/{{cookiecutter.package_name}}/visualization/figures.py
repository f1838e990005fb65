"""Figures that list something: areas, major groups, and what is missing from each column."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from ..analysis.areas import AreaComparison, AreaEstimate
from ..analysis.occupations import GroupSpread
from ..analysis.wording import ratio_text
from ..data.preprocessing import NUMERIC_COLUMNS, TOP_CODE, WAGE_COLUMNS
from .style import (
    ACCENT,
    GREY,
    INK,
    MARGIN,
    RULE,
    SOFT,
    WIDTH,
    Canvas,
    Drawing,
    house_style,
    money,
    shorten,
    text_width,
)

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


def areas(comparison: AreaComparison) -> Drawing:
    """Show each area's mean wage with its interval and the ranks that it can claim.

    Of more than 60 areas, the 25 highest and the 25 lowest are shown.
    """
    shown, count = list(comparison.areas), len(comparison.areas)
    sure = sum(area.rank_low == area.rank_high for area in shown)
    first, last, verb = shown[0], shown[-1], "are" if sure > 1 else "is"
    title = (
        f"{first.area} pays most, {money(first.a_mean)} a year on average, {last.area} least, "
        f"{money(last.a_mean)}; {sure or 'none'} of {count} ranks {verb} certain"
    )
    subtitle = (
        f"Mean annual wage over all occupations. Line: {100 * comparison.confidence_level:g} % "
        "interval from the published standard error, inside the dot where it is short. Rank: "
        "every rank that the area can claim; the dot is blue where there is only one."
    )
    cut = count > MOST_AREAS
    if cut:
        shown = [*comparison.highest(AT_EACH_END), *reversed(comparison.lowest(AT_EACH_END))]
        subtitle += f" The {count - len(shown)} areas in the middle are left out."
    rows = [-i - (cut and i >= AT_EACH_END) for i in range(len(shown))]
    with house_style():
        canvas, axes = _listing(title, subtitle, [area.area for area in shown], rows, 0.165, 1.15)
        dots = [ACCENT if area.rank_low == area.rank_high else GREY for area in shown]
        lines = [ACCENT if dot == ACCENT else INK for dot in dots]
        means = [area.a_mean for area in shown]
        axes.hlines(rows, [a.low for a in shown], [a.high for a in shown], lines, linewidth=1.2)
        axes.scatter(means, rows, s=22, c=dots, linewidths=0)
        axes.axvline(comparison.median, color=INK, linewidth=0.8)
        note = f"  median of all areas {money(comparison.median)}"
        axes.text(comparison.median, rows[-1], note, va="center")
        if cut:
            axes.axhline(-AT_EACH_END, color=SOFT, linewidth=0.8, linestyle=":")
        _columns(axes, rows, mean=[money(m) for m in means], rank=[_ranks(a) for a in shown])
        axes.tick_params(labeltop=True)
        axes.set_xlabel("mean annual wage, US$")
    ends = [
        ", ".join(f"{area.area} {money(area.a_mean)} (rank {_ranks(area)})" for area in end)
        for end in (comparison.highest(3), comparison.lowest(3))
    ]
    alt = f"{title}. Highest: {ends[0]}. Lowest: {ends[1]}. Median {money(comparison.median)}."
    return Drawing(canvas.figure, title, alt)


def wage_by_group(spreads: Sequence[GroupSpread]) -> Drawing:
    """Show five percentiles of the annual wage in each major group, the highest median on top."""
    names = [spread.title.removesuffix(" Occupations") for spread in spreads]
    ratios = [spread.p90 / spread.p10 for spread in spreads]
    widest = names[ratios.index(max(ratios))]
    title = (
        f"{names[0]} pays most, {money(spreads[0].median)} at the median, and {names[-1]} least, "
        f"{money(spreads[-1].median)}; wages spread widest in {widest}, "
        f"{ratio_text(max(ratios))} to 1"
    )
    subtitle = (
        "Annual wages by major group: the line reaches from the 10th to the 90th percentile, the "
        "bar from the 25th to the 75th, the dot is the median. Means over areas, weighted by jobs."
    )
    rows = [-i for i in range(len(spreads))]
    with house_style():
        canvas, axes = _listing(title, subtitle, names, rows, 0.21, 1.15)
        axes.hlines(rows, [s.p10 for s in spreads], [s.p90 for s in spreads], SOFT, linewidth=1)
        axes.hlines(rows, [s.p25 for s in spreads], [s.p75 for s in spreads], GREY, linewidth=6)
        medians = [spread.median for spread in spreads]
        axes.scatter(medians, rows, s=20, c=ACCENT, zorder=3)
        jobs = [money(spread.employment)[1:] for spread in spreads]  # 11.2m, without the dollar
        _columns(axes, rows, median=[money(median) for median in medians], jobs=jobs)
        axes.set_xlabel("annual wage, US$")
    by_group = "; ".join(
        f"{name} {money(s.median)} ({money(s.p10)} to {money(s.p90)})"
        for name, s in zip(names, spreads, strict=True)
    )
    alt = f"{title}. Medians, with the 10th to the 90th percentile: {by_group}."
    return Drawing(canvas.figure, title, alt)


def missing(df: pd.DataFrame) -> Drawing:
    """Show for each numeric column the share of rows with a mark in place of a number.

    `df` is what `preprocess_wage_data` returns, with its ``attrs``.
    """
    marks: dict[str, dict[str, int]] = df.attrs["source"]["coerced"]
    marks = {c: marks.get(c, {}) for c in NUMERIC_COLUMNS if c in marks or df[c].notna().any()}
    marks = dict(sorted(marks.items(), key=lambda item: -sum(item[1].values())))
    share = {column: 100 * sum(found.values()) / len(df) for column, found in marks.items()}
    title = (
        f"{share.get('A_MEAN', 0):.1f} % of the rows hide their mean annual wage, "
        f"{share.get('TOT_EMP', 0):.1f} % their employment"
    )
    if highest := marks.get("A_MEAN", {}).get(TOP_CODE):
        title += f"; {highest:,} of the hidden wages are among the highest"
    subtitle = (
        "Rows with a mark in place of a number: * wage not released, or not on this pay basis; "
        "** employment not released; # at or above the ceiling up to which wages are published. "
        "Bold: the columns that the tests use."
    )
    rows = [-i for i in range(len(marks))]
    said = {
        column: ", ".join(f"{mark} {100 * n / len(df):.1f} %" for mark, n in found.items())
        or "none"
        for column, found in marks.items()
    }
    alike = {text: [c for c in said if said[c] == text] for text in said.values()}
    with house_style():
        names = [f"{_meaning(column)}  {column}" for column in marks]
        canvas, axes = _listing(title, subtitle, names, rows, 0.21, 1.3)
        for row, label, column in zip(rows, axes.get_yticklabels(), marks, strict=True):
            start = 0.0
            for mark, n in marks[column].items():
                axes.barh(row, 100 * n / len(df), 0.6, left=start, color=MARKS.get(mark, INK))
                start += 100 * n / len(df)
            axes.text(start, row, "  " + shorten(said[column], 1.2), va="center")
            label.set_fontweight("bold" if column in TESTED else "normal")
        axes.set(xlim=(0, max(0.1, 1.02 * max(share.values()))), xlabel="percent of the rows")
        axes.xaxis.set_major_formatter(lambda percent, _: f"{percent:g} %")
    alt = f"{title}. " + " ".join(f"{', '.join(c)}: {text}." for text, c in alike.items())
    return Drawing(canvas.figure, title, alt)


def _listing(
    title: str, subtitle: str, labels: list[str], rows: list[int], step: float, right: float
) -> tuple[Canvas, Axes]:
    """Return axes with a labelled row for each thing, leaving `right` inches for columns."""
    labels = [shorten(label, 2.95) for label in labels]
    left = MARGIN + max(map(text_width, labels)) + 0.12
    height = step * (1 - rows[-1])
    canvas = Canvas(title, subtitle, height + 0.62)
    axes = canvas.axes(left, 0.4, WIDTH - left - right, height)
    axes.set_yticks(rows, labels)
    axes.set_ylim(rows[-1] - 0.5, 0.5)
    across = axes.get_yaxis_transform()
    axes.hlines(rows, 0, 1, RULE, transform=across, linewidth=0.5, zorder=0)
    axes.xaxis.set_major_formatter(money)
    return canvas, axes


def _columns(axes: Axes, rows: list[int], **columns: list[str]) -> None:
    """Write columns of text to the right of the axes, each under its name."""
    for i, (name, texts) in enumerate(columns.items()):
        x = 1 + (0.52 + 0.54 * i) / (axes.get_position().width * WIDTH)
        for row, text in zip([1, *rows], [name, *texts], strict=True):
            axes.text(x, row, text, transform=axes.get_yaxis_transform(), ha="right", va="center")


def _ranks(area: AreaEstimate) -> str:
    one = area.rank_low == area.rank_high
    return f"{area.rank_low}" if one else f"{area.rank_low}–{area.rank_high}"


def _meaning(column: str) -> str:
    if column not in WAGE_COLUMNS:
        return MEANING[column]
    which = column[2:].lower().replace("pct", "")
    basis = "hourly" if column.startswith("H") else "annual"
    return f"{basis} wage, {which}{'th percentile' if which.isdigit() else ''}"

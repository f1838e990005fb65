"""Figures of the comparisons: who is counted, how wages spread, how sure a difference is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from ..analysis.results import AnalysisResult, Interval, Scope, TwoWayInterval
from ..analysis.selection import Group, cells, code_starts, scope_rows, two_groups
from ..analysis.wording import p_text, sentence_start
from .panels import BOX, axis_end, axis_label, explain, histograms, intervals
from .style import ACCENT, INK, MARGIN, SOFT, WIDTH, Canvas, Drawing, house_style, money

LEFT, INNER = MARGIN + 0.1, WIDTH - 2 * MARGIN - 0.3
HEXAGONS = LinearSegmentedColormap.from_list("hexagons", ["#dbe2ea", ACCENT])
HEADS: dict[Scope, tuple[str, str]] = {
    "article": ("The article: all rows, by title", "titles"),
    "detailed": ("Sound: detailed rows, by SOC code", "occupations"),
}
Results = Mapping[Scope, AnalysisResult]


def management_vs_production(
    df: pd.DataFrame, results: Results, first: Group, second: Group, confidence_level: float = 0.95
) -> Drawing:
    """Show in both scopes who is counted, where the means lie and what the test says.

    `results` holds, by scope, what `compare_management_vs_production` returns for these groups.
    """
    article, detailed = results["article"], results["detailed"]
    gap = detailed.estimates["difference"]
    title = f"Whether {first.label} or {second.label} is paid more is not settled"
    if not _unsettled(detailed):
        title = (
            f"{sentence_start(first.label)} is paid {money(abs(gap))} a year "
            f"{'more' if gap > 0 else 'less'} than {second.label}; the article's "
        )
        if _unsettled(article):
            one, two = (round(article.estimates[f"occupations_{i}"]) for i in (1, 2))
            title += f"{one} titles against {two} could not settle that"
        else:
            agree = gap * article.estimates["difference"] > 0
            title += "rows agree" if agree else "rows say the reverse"
    subtitle = (
        "Mean annual wages of the published cells (an occupation in an area) as histograms, their "
        f"mean in blue, under them a tick for each occupation. {explain(confidence_level)}"
    )
    pairs = {s: two_groups(df, "A_MEAN", first, second, s, results[s].name) for s in HEADS}
    end = axis_end(group.values for pair in pairs.values() for group in pair)
    with house_style():
        canvas = Canvas(title, subtitle, 4.75)
        width = (INNER - 0.3) / 2
        for left, (scope, (head, noun)) in zip(
            (LEFT, LEFT + width + 0.3), HEADS.items(), strict=True
        ):
            result = results[scope]
            canvas.write(left, 4.75, head, weight="bold")
            axes = canvas.axes(left, 2.05, width, 2.5)
            histograms(axes, pairs[scope], df, end, noun, "mean annual wage")
            canvas.write(left, 1.52, _tested(result))
            axes = canvas.axes(left, 0.4, width, 0.9)
            intervals(axes, {"": result}, results.values(), money)
            axes.set_xlabel(f"{first.label} minus {second.label}, US$ a year")
    alt = " ".join(f"{head}. {results[scope].conclusion}" for scope, (head, _) in HEADS.items())
    return Drawing(canvas.figure, title, alt)


def tech_vs_nontech(
    df: pd.DataFrame, results: Results, group: Group, confidence_level: float = 0.95
) -> Drawing:
    """Show the median wages of a group beside all others, and the difference in both scopes.

    `results` holds, by scope, what `run_ztest` returns for this group.
    """
    detailed = results["detailed"]
    rows = scope_rows(df, "detailed", detailed.name)
    inside = code_starts(rows, group.soc_prefix)
    pair = (
        cells(rows[inside], "A_MEDIAN", group.label, "detailed", detailed.name),
        cells(rows[~inside], "A_MEDIAN", "all others", "detailed", detailed.name),
    )
    title = f"Whether {group.label} cells are paid more than all others is not settled"
    interval = _leading(detailed)
    if interval and not _unsettled(detailed):
        near, far = sorted((abs(interval.low), abs(interval.high)))
        title = (
            f"{sentence_start(group.label)} cells are paid {money(near)} to {money(far)} a year "
            f"{'more' if interval.low > 0 else 'less'} than all others"
        )
    subtitle = (
        "Median annual wages of the published cells (a detailed occupation in an area) as "
        "histograms, their mean in blue, under them a tick for each occupation. "
        f"{explain(confidence_level)}"
    )
    with house_style():
        canvas = Canvas(title, subtitle, 4.8)
        end = axis_end(group.values for group in pair)
        axes = canvas.axes(LEFT, 2.3, INNER, 2.5)
        histograms(axes, pair, df, end, "occupations", "median annual wage")
        axes = canvas.axes(LEFT, 0.4, INNER, 1.4)
        intervals(axes, _both(results), results.values(), money)
        axes.set_xlabel(f"{group.label} minus all others, US$ a year")
    return Drawing(canvas.figure, title, _alt(results))


def employment_vs_wage(
    df: pd.DataFrame, pearson: Results, regression: AnalysisResult, confidence_level: float = 0.95
) -> Drawing:
    """Show jobs and wages of the detailed cells with the fitted line, and r in both scopes.

    `pearson` holds, by scope, what `run_pearson_test` returns; `regression` is the detailed fit.
    """
    detailed = pearson["detailed"]
    r, slope = detailed.statistic, regression.estimates["slope"]
    title = f"Cells with more jobs tend to have {'higher' if r > 0 else 'lower'} wages"
    if abs(r) < 0.1:
        title = "How many jobs a cell has says next to nothing about its wage"
    title += f" (r = {r:.2f})" + ("; it may well be chance" if _unsettled(detailed) else "")
    rows = scope_rows(df, "detailed", detailed.name)
    rows = rows[(rows["TOT_EMP"] > 0) & rows["A_MEAN"].notna()]
    jobs, wages = (rows[c].to_numpy(dtype=np.float64) for c in ("TOT_EMP", "A_MEAN"))
    subtitle = (
        f"{len(rows):,} cells (a detailed occupation in an area) in hexagons, the darker the more. "
        f"{explain(confidence_level)}"
    )
    end = axis_end([wages])
    powers, shown = np.log10(jobs), wages <= end
    grid = np.linspace(powers.min(), powers.max(), 100)
    line = regression.estimates["intercept"] + slope * 10**grid
    with house_style():
        canvas = Canvas(title, subtitle, 5.3)
        canvas.write(MARGIN, 5.3, axis_label("mean annual wage", end, [wages]), color=SOFT)
        axes = canvas.axes(LEFT + 0.4, 2.3, INNER - 0.4, 2.8)
        x, y = powers[shown], wages[shown]
        axes.hexbin(x, y, gridsize=(40, 14), bins="log", mincnt=1, cmap=HEXAGONS, linewidths=0.1)
        axes.plot(grid, line, color="white", linewidth=4)
        axes.plot(grid, line, color=INK, linewidth=1.6)
        label = f"fitted line: {money(1000 * slope)} per 1,000 jobs"
        axes.text(grid[-1], min(line.max() + 0.15 * end, 0.9 * end), label, ha="right", bbox=BOX)
        axes.set(ylim=(0, end), xlabel="jobs in the cell, log scale")
        axes.yaxis.set_major_formatter(money)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.xaxis.set_major_formatter(lambda power, _: f"{10**power:,.0f}")
        axes = canvas.axes(LEFT, 0.4, INNER, 1.4)
        intervals(axes, _both(pearson), pearson.values(), lambda value: f"{value:.2g}")
        axes.set_xlabel("correlation r of jobs and mean annual wage")
    return Drawing(canvas.figure, title, _alt(pearson))


def _leading(result: AnalysisResult) -> Interval | TwoWayInterval | None:
    return result.interval_two_way or result.interval


def _unsettled(result: AnalysisResult) -> bool:
    interval = _leading(result)
    return interval is None or interval.low <= 0 <= interval.high


def _tested(result: AnalysisResult) -> str:
    p = "" if result.pvalue is None else f", {p_text(result.pvalue, result.log10_pvalue)}"
    test = f"{result.method.removesuffix('-test')} = {result.statistic:.1f}{p}"
    return f"Difference {money(result.estimates['difference'])}; {test}"


def _both(results: Results) -> dict[str, AnalysisResult]:
    return {"all rows, ": results["article"], "detailed rows, ": results["detailed"]}


def _alt(results: Results) -> str:
    return f"{results['detailed'].conclusion} In all rows: {results['article'].conclusion}"

"""Figures of the comparisons: who is counted, how wages spread, how sure a difference is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from ..analysis.results import AnalysisResult, Interval, Scope, TwoWayInterval
from ..analysis.selection import Cells, Group, cells, code_starts, scope_rows, two_groups
from ..analysis.wording import p_text, sentence_start
from .style import ACCENT, GREY, INK, MARGIN, SOFT, WIDTH, Canvas, Drawing
from .style import house_style, money, shorten, text_width

HEXAGONS = LinearSegmentedColormap.from_list("hexagons", ["#dbe2ea", ACCENT])
LEFT, INNER = MARGIN + 0.1, WIDTH - 2 * MARGIN - 0.3
BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
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
        f"mean in blue, under them a tick for each occupation. {_explain(confidence_level)}"
    )
    heads: dict[Scope, tuple[str, str]] = {
        "article": ("The article: all rows, by title", "titles"),
        "detailed": ("Sound: detailed rows, by SOC code", "occupations"),
    }
    pairs = {s: two_groups(df, "A_MEAN", first, second, s, results[s].name) for s in heads}
    top = _top(group.values for pair in pairs.values() for group in pair)
    with house_style():
        canvas = Canvas(title, subtitle, 4.75)
        width = (INNER - 0.3) / 2
        for left, (scope, (head, noun)) in zip((LEFT, LEFT + width + 0.3), heads.items()):
            result = results[scope]
            canvas.write(left, 4.75, head, weight="bold")
            axes = canvas.axes(left, 2.05, width, 2.5)
            _histograms(axes, pairs[scope], df, top, noun, "mean annual wage")
            p = p_text(result.pvalue or 0.0, result.log10_pvalue)
            test = f"{result.method.removesuffix('-test')} = {result.statistic:.1f}, {p}"
            difference = money(result.estimates["difference"])
            canvas.write(left, 1.52, f"Difference {difference}; {test}")
            axes = canvas.axes(left, 0.4, width, 0.9)
            _intervals(axes, {"": result}, results.values(), money)
            axes.set_xlabel(f"{first.label} minus {second.label}, US$ a year")
    alt = " ".join(f"{heads[scope][0]}. {results[scope].conclusion}" for scope in heads)
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
    interval = _sure(detailed)
    title = f"Whether {group.label} cells are paid more than all others is not settled"
    if interval and not _unsettled(detailed):
        near, far = sorted((abs(interval.low), abs(interval.high)))
        title = (
            f"{sentence_start(group.label)} cells are paid {money(near)} to {money(far)} a year "
            f"{'more' if interval.low > 0 else 'less'} than all others"
        )
    subtitle = (
        "Median annual wages of the published cells (a detailed occupation in an area) as "
        "histograms, their mean in blue, under them a tick for each occupation. "
        f"{_explain(confidence_level)}"
    )
    with house_style():
        canvas = Canvas(title, subtitle, 4.8)
        top = _top(cells.values for cells in pair)
        axes = canvas.axes(LEFT, 2.3, INNER, 2.5)
        _histograms(axes, pair, df, top, "occupations", "median annual wage")
        axes = canvas.axes(LEFT, 0.4, INNER, 1.4)
        both = {"all rows, ": results["article"], "detailed rows, ": detailed}
        _intervals(axes, both, results.values(), money)
        axes.set_xlabel(f"{group.label} minus all others, US$ a year")
    alt = f"{detailed.conclusion} In all rows: {results['article'].conclusion}"
    return Drawing(canvas.figure, title, alt)


def employment_vs_wage(
    df: pd.DataFrame, pearson: Results, regression: AnalysisResult, confidence_level: float = 0.95
) -> Drawing:
    """Show jobs and wages of the detailed cells with the fitted line, and r in both scopes.

    `pearson` holds, by scope, what `run_pearson_test` returns; `regression` is the detailed fit.
    """
    detailed = pearson["detailed"]
    r, slope = detailed.statistic, regression.estimates["slope"]
    rows = scope_rows(df, "detailed", detailed.name)
    rows = rows[(rows["TOT_EMP"] > 0) & rows["A_MEAN"].notna()]
    jobs, wages = (rows[c].to_numpy(dtype=np.float64) for c in ("TOT_EMP", "A_MEAN"))
    title = f"Cells with more jobs tend to have {'higher' if r > 0 else 'lower'} wages"
    if abs(r) < 0.1:
        title = "How many jobs a cell has says next to nothing about its wage"
    title += f" (r = {r:.2f})"
    if _unsettled(detailed):
        title += "; what little there is may be chance"
    subtitle = (
        f"{len(rows):,} cells (a detailed occupation in an area) in hexagons, the darker the more. "
        f"{_explain(confidence_level)}"
    )
    with house_style():
        canvas = Canvas(title, subtitle, 5.3)
        axes = canvas.axes(LEFT + 0.4, 2.3, INNER - 0.4, 2.8)
        top = _top([wages])
        shown = wages <= top
        x = np.log10(jobs)
        axes.hexbin(
            x[shown], wages[shown], gridsize=(40, 14), bins="log", mincnt=1, cmap=HEXAGONS, lw=0.1
        )
        grid = np.linspace(x.min(), x.max(), 100)
        line = regression.estimates["intercept"] + slope * 10**grid
        axes.plot(grid, line, color="white", linewidth=4)
        axes.plot(grid, line, color=INK, linewidth=1.6)
        label = f"fitted line: {money(1000 * slope)} per 1,000 jobs"
        axes.text(x.max(), line.max() + 0.17 * top, label, ha="right", bbox=BOX)
        axes.set(ylim=(0, top), xlabel="jobs in the cell, log scale")
        axes.yaxis.set_major_formatter(money)
        axes.xaxis.set_major_formatter(lambda power, _: f"{10**power:,.0f}")
        canvas.write(MARGIN, 5.3, _axis("mean annual wage", top, [wages]), color=SOFT)
        axes = canvas.axes(LEFT, 0.4, INNER, 1.4)
        both = {"all rows, ": pearson["article"], "detailed rows, ": detailed}
        _intervals(axes, both, pearson.values(), lambda value, _=None: f"{value:.2g}")
        axes.set_xlabel("correlation r of jobs and mean annual wage")
    alt = f"{detailed.conclusion} In all rows: {pearson['article'].conclusion}"
    return Drawing(canvas.figure, title, alt)


def _explain(confidence_level: float) -> str:
    return (
        f"Below, {100 * confidence_level:g} % intervals: grey takes each row as new evidence, blue "
        "allows for rows that share areas and occupations."
    )


def _sure(result: AnalysisResult) -> Interval | TwoWayInterval | None:
    return result.interval_two_way or result.interval


def _unsettled(result: AnalysisResult) -> bool:
    interval = _sure(result)
    return interval is None or interval.low <= 0 <= interval.high


def _top(groups: Iterable[NDArray[np.float64]]) -> float:
    """Return where a wage axis ends: at most one percent of a group lies beyond."""
    return 25_000 * float(np.ceil(max(np.quantile(g, 0.99) for g in groups) / 25_000))


def _axis(what: str, top: float, groups: Iterable[NDArray[np.float64]]) -> str:
    beyond = sum(int((values > top).sum()) for values in groups)
    return f"{what}, US$" + (f" ({beyond:,} cells beyond {money(top)} not shown)" if beyond else "")


def _histograms(
    axes: Axes, groups: Sequence[Cells], df: pd.DataFrame, top: float, noun: str, what: str
) -> None:
    """Draw a histogram for each group, the first on top, with its mean and its occupations."""
    titles = df.drop_duplicates("OCC_CODE").set_index("OCC_CODE")["OCC_TITLE"]
    inch = top / (axes.get_position().width * WIDTH)
    for row, group in enumerate(reversed(groups)):
        base, mean = 1.8 * row, float(group.values.mean())
        counts, edges = np.histogram(group.values, bins=60, range=(0, top))
        axes.stairs(base + counts / counts.max(), edges, baseline=base, fill=True, color=GREY)
        axes.vlines(mean, base, base + 1.06, color=ACCENT, linewidth=2)
        who = f"{sentence_start(group.label)}: {group.occupations:,} {noun}"
        axes.text(0, base + 1.14, f"{who}, {len(group.values):,} cells, mean {money(mean)}")
        means = pd.Series(group.values).groupby(group.codes).mean().sort_values()
        ticks = means[means <= top]
        axes.vlines(ticks, base - 0.25, base - 0.08, color=INK, linewidth=0.6)
        if len(ticks):  # name the best paid where there is room for it
            last, room = ticks.iloc[-1], (top - ticks.iloc[-1]) / inch + 0.1
            best = shorten(str(titles[ticks.index[-1]]), 3.0)
            if text_width(best) < room:
                axes.text(last + 0.05 * inch, base - 0.165, best, color=SOFT, va="center")
    axes.set(xlim=(0, top), ylim=(-0.32, 3.08), yticks=[])
    axes.set_xlabel(_axis(what, top, [group.values for group in groups]))
    axes.xaxis.set_major_formatter(money)


def _intervals(
    axes: Axes,
    results: Mapping[str, AnalysisResult],
    all_results: Iterable[AnalysisResult],
    show: Callable[..., str],
) -> None:
    """Draw both intervals of each result around its difference, on an axis that fits all."""
    ends = [0.0]
    for result in all_results:
        for i in (result.interval, result.interval_two_way):
            ends += [i.low, i.high] if i else []
    pad = 0.04 * (max(ends) - min(ends))
    axes.axvline(0, color=INK, linewidth=0.8)
    row = 0
    for label, result in reversed(results.items()):
        value = result.estimates.get("difference", result.statistic)
        for how, interval, color, bar in (
            ("clustered by area and occupation", result.interval_two_way, ACCENT, ACCENT),
            ("as if rows were independent", result.interval, SOFT, GREY),
        ):
            if interval is None:
                continue
            axes.hlines(row, interval.low, interval.high, color=bar, linewidth=3)
            axes.plot(value, row, "o", color=bar, markersize=5)
            text = f"{label}{how}: {show(interval.low)} to {show(interval.high)}"
            axes.text(min(ends) - pad, row + 0.27, text, color=color, bbox=BOX)
            row += 1
    axes.set(xlim=(min(ends) - pad, max(ends) + pad), ylim=(-0.4, row - 0.2), yticks=[])
    axes.xaxis.set_major_formatter(show)
    axes.grid(visible=False)

"""The figures that compare: how wages spread in groups and with jobs, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..analysis.captions import HEADS, ByScope
from ..analysis.statistics.number_formats import money, p_text, sentence_start
from ..analysis.statistics.results import Item
from ..data.row_selection import Cells, FloatArray, Selection
from ..engine.style import ACCENT, GREY, INK, SOFT, WIDTH, house_style
from .layout import MARGIN, Canvas, shorten, text_width

LEFT, INNER = MARGIN + 0.1, WIDTH - 2 * MARGIN - 0.3
BOTH = {"detailed": "detailed rows, ", "article": "all rows, "}
HISTOGRAMS = "as histograms, their mean in blue, under them a tick for each occupation."
BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
HEXAGONS = LinearSegmentedColormap.from_list("hexagons", ["#dbe2ea", ACCENT])


@house_style()
def management_vs_production(
    title: str, found: ByScope, article: Selection, detailed: Selection
) -> Figure:
    """Show in both scopes who is counted, where the means lie and what the test says.

    `found` holds `compare_management_vs_production` by scope, as results.json does.
    """
    pairs = [chosen.pair("A_MEAN") for chosen in (article, detailed)]
    end = axis_end(group.values for pair in pairs for group in pair)
    cells = "Mean annual wages of the published cells (an occupation in an area)"
    canvas = Canvas(title, f"{cells} {HISTOGRAMS} {_bars(found, detailed)}", 4.75)
    width = (INNER - 0.3) / 2
    for i, (scope, noun) in enumerate((("article", "titles"), ("detailed", "occupations"))):
        item, left = found[scope], LEFT + i * (width + 0.3)
        canvas.write(left, 4.75, HEADS[scope], weight="bold")
        axes = canvas.axes(left, 2.05, width, 2.5)
        histograms(axes, pairs[i], article.rows, end, noun, "mean annual wage")
        test = f"{item['method'].removesuffix('-test')} = {item['statistic']:.1f}"
        p, gap = p_text(item["pvalue"], item["log10_pvalue"]), item["estimates"]["difference"]
        canvas.write(left, 1.52, f"Difference {money(gap)}; {test}, {p}")
        axes = canvas.axes(left, 0.4, width, 0.9)
        intervals(axes, found, {scope: ""}, money)
        axes.set_xlabel(f"{' minus '.join(item['groups'])}, US$ a year")
    return canvas.figure


@house_style()
def employment_vs_wage(title: str, found: ByScope, fit: Item, detailed: Selection) -> Figure:
    """Show jobs and wages of the detailed cells with the fitted line, and r in both scopes.

    `found` holds `run_pearson_test` by scope and `fit` the detailed `run_regression`, as
    results.json does.
    """
    rows = detailed.rows.dropna(subset=["TOT_EMP", "A_MEAN"])
    jobs, wages = (rows[c].to_numpy(dtype=np.float64) for c in ("TOT_EMP", "A_MEAN"))
    cells = f"{len(rows):,} cells (a detailed occupation in an area) in hexagons"
    end = axis_end([wages])
    powers, shown = np.log10(jobs), wages <= end
    grid, slope = np.linspace(powers.min(), powers.max(), 100), fit["estimates"]["slope"]
    line = fit["estimates"]["intercept"] + slope * 10**grid
    canvas = Canvas(title, f"{cells}, the darker the more. {_bars(found, detailed)}", 5.3)
    canvas.write(MARGIN, 5.3, axis_label("mean annual wage", end, [wages]), color=SOFT)
    axes = canvas.axes(LEFT + 0.4, 2.3, INNER - 0.4, 2.8)
    x, y = powers[shown], wages[shown]
    dots = axes.hexbin(x, y, gridsize=(40, 14), bins="log", mincnt=1, cmap=HEXAGONS, linewidths=0.1)
    scale = f"lightest hexagon: 1 cell, darkest: {np.asarray(dots.get_array()).max():,.0f} cells"
    canvas.write(WIDTH - MARGIN, 5.3, scale, color=SOFT, ha="right")
    axes.plot(grid, line, color="white", linewidth=4)
    axes.plot(grid, line, color=INK, linewidth=1.6)
    label = f"fitted line, bent by the log axis: {money(1000 * slope)} per 1,000 jobs"
    axes.text(grid[-1], min(line.max() + 0.15 * end, 0.9 * end), label, ha="right", bbox=BOX)
    axes.set(ylim=(0, end), xlabel="jobs in the cell, log scale")
    axes.yaxis.set_major_formatter(money)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter(lambda power, _: f"{10**power:,.0f}")
    axes = canvas.axes(LEFT, 0.4, INNER, 1.4)
    intervals(axes, found, BOTH, lambda value: f"{value:.2g}")
    axes.set_xlabel("correlation r of jobs and mean annual wage")
    return canvas.figure


@house_style()
def tech_vs_nontech(title: str, found: ByScope, detailed: Selection) -> Figure:
    """Show the median wages of a group beside all others, and the difference in both scopes.

    `found` holds `run_ztest` by scope, as results.json does.
    """
    pair = detailed.technology("A_MEDIAN")
    cells = "Median annual wages of the published cells (a detailed occupation in an area)"
    canvas = Canvas(title, f"{cells} {HISTOGRAMS} {_bars(found, detailed)}", 4.8)
    end = axis_end(group.values for group in pair)
    axes = canvas.axes(LEFT, 2.3, INNER, 2.5)
    histograms(axes, pair, detailed.rows, end, "occupations", "median annual wage")
    axes = canvas.axes(LEFT, 0.4, INNER, 1.4)
    intervals(axes, found, BOTH, money)
    axes.set_xlabel(f"{pair[0].label} minus {pair[1].label}, US$ a year")
    return canvas.figure


def axis_end(groups: Iterable[FloatArray]) -> float:
    """Return where a wage axis ends (US$): at most one percent of a group lies beyond."""
    return 25_000 * float(np.ceil(max(np.quantile(values, 0.99) for values in groups) / 25_000))


def axis_label(what: str, end: float, groups: Iterable[FloatArray]) -> str:
    """Name a wage axis, and say how many cells lie beyond its end."""
    beyond = sum(int((values > end).sum()) for values in groups)
    return f"{what}, US$" + (f" ({beyond:,} cells beyond {money(end)} not shown)" if beyond else "")


def histograms(
    axes: Axes, groups: Sequence[Cells], df: pd.DataFrame, end: float, noun: str, what: str
) -> None:
    """Draw a histogram for each group, the first on top, with its mean and its occupations.

    A `noun` counts the occupations, `what` names the wages; `df` knows the occupations' titles.
    """
    titles = df.drop_duplicates("OCC_CODE").set_index("OCC_CODE")["OCC_TITLE"]
    inch = end / (axes.get_position().width * WIDTH)
    for row, group in enumerate(reversed(groups)):
        base, mean = 1.8 * row, float(group.values.mean())
        counts, edges = np.histogram(group.values, bins=60, range=(0, end))
        axes.stairs(base + counts / counts.max(), edges, baseline=base, fill=True, color=GREY)
        axes.vlines(mean, base, base + 1.06, color=ACCENT, linewidth=2)
        who = f"{sentence_start(group.label)}: {group.occupations:,} {noun}"
        axes.text(0, base + 1.14, f"{who}, {len(group.values):,} cells, mean {money(mean)}")
        means = pd.Series(group.values).groupby(group.codes).mean().sort_values()
        means = means[means <= end]
        axes.vlines(means, base - 0.25, base - 0.08, color=INK, linewidth=0.6)
        best = shorten(str(titles[means.index[-1]]), 3.0)
        if text_width(best) < (end - means.iloc[-1]) / inch + 0.2:  # else there is no room for it
            axes.text(means.iloc[-1] + 0.05 * inch, base - 0.165, best, color=SOFT, va="center")
    axes.set(xlim=(0, end), ylim=(-0.32, 3.08), yticks=[])
    axes.set_xlabel(axis_label(what, end, [group.values for group in groups]))
    axes.xaxis.set_major_formatter(money)


def intervals(
    axes: Axes, found: ByScope, labels: Mapping[str, str], show: Callable[[float], str]
) -> None:
    """Draw both intervals of an analysis in each scope that has a label; the axis fits all scopes.

    `labels` say what an interval's text begins with, `show` puts a number into words.
    """
    ends = [item[key] for item in found.values() for key in ("interval", "interval_two_way")]
    low = min([0.0, *(interval["low"] for interval in ends if interval)])
    high = max([0.0, *(interval["high"] for interval in ends if interval)])
    margin = 0.04 * (high - low) or 1.0
    low, high = low - margin, high + margin
    axes.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    row = 0
    for scope, label in labels.items():
        item = found[scope]
        value = item["estimates"].get("difference", item["statistic"])
        for how, interval, text, bar in (
            ("clustered by area and occupation", item["interval_two_way"], ACCENT, ACCENT),
            ("as if rows were independent", item["interval"], SOFT, GREY),
        ):
            if interval is not None:
                said = f"{label}{how}: {show(interval['low'])} to {show(interval['high'])}"
                axes.hlines(row, interval["low"], interval["high"], color=bar, linewidth=3)
                axes.plot(value, row, "o", color=bar, markersize=5)
                axes.text(low, row + 0.27, said, color=text)
                row += 1
    axes.set(xlim=(low, high), ylim=(-0.4, max(row, 1) - 0.2), yticks=[])
    axes.xaxis.set_major_formatter(lambda value, _: show(value))
    axes.grid(visible=False)


def _bars(found: ByScope, chosen: Selection) -> str:
    """Say what the bars of `intervals` are."""
    grey = f"Below, {100 * chosen.question.confidence_level:g} % intervals: grey takes each row as "
    blue = any(item["interval_two_way"] for item in found.values())
    return f"{grey}new evidence{', blue allows for rows that share areas and occupations' * blue}."

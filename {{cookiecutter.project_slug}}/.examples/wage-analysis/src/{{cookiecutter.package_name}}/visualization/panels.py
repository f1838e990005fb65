"""What the comparisons draw alike: histograms of cells, and intervals of a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ..analysis.results import AnalysisResult
from ..analysis.selection import Cells
from ..analysis.wording import sentence_start
from .style import ACCENT, GREY, INK, SOFT, WIDTH, money, shorten, text_width

BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
FloatArray = NDArray[np.float64]


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
    axes: Axes,
    shown: Mapping[str, AnalysisResult],
    compared: Iterable[AnalysisResult],
    show: Callable[[float], str],
) -> None:
    """Draw both intervals of each result shown; the axis fits all results that are compared."""
    found = [i for result in compared for i in (result.interval, result.interval_two_way) if i]
    low = min([0.0, *(interval.low for interval in found)])
    high = max([0.0, *(interval.high for interval in found)])
    low, high = low - 0.04 * (high - low), high + 0.04 * (high - low)
    axes.axvline(0, color=INK, linewidth=0.8)
    row = 0
    for label, result in reversed([*shown.items()]):
        value = result.estimates.get("difference", result.statistic)
        for how, interval, text, bar in (
            ("clustered by area and occupation", result.interval_two_way, ACCENT, ACCENT),
            ("as if rows were independent", result.interval, SOFT, GREY),
        ):
            if interval is not None:
                said = f"{label}{how}: {show(interval.low)} to {show(interval.high)}"
                axes.hlines(row, interval.low, interval.high, color=bar, linewidth=3)
                axes.plot(value, row, "o", color=bar, markersize=5)
                axes.text(low, row + 0.27, said, color=text, bbox=BOX)
                row += 1
    axes.set(xlim=(low, high), ylim=(-0.4, max(row, 1) - 0.2), yticks=[])
    axes.xaxis.set_major_formatter(lambda value, _: show(value))
    axes.grid(visible=False)


def explain(confidence_level: float) -> str:
    """Say what the bars of `intervals` are."""
    return (
        f"Below, {100 * confidence_level:g} % intervals: grey takes each row as new evidence, blue "
        "allows for rows that share areas and occupations."
    )

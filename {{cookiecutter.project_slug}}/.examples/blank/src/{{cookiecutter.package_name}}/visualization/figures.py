"""The figure of the report."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ..engine.style import ACCENT, GREY, INK, SOFT, TEXT, WIDTH, house_style


def draw_heights(plants: pd.DataFrame, result: Mapping[str, Any]) -> Figure:
    """Draw every plant and each place's mean; below, the difference of means with its interval.

    The lower axis has the upper one's scale, and its zero lies under the mean of the shade.
    """
    middle, low, high = (result[name] for name in ("difference", "low", "high"))
    level = f"{100 * result['confidence_level']:g} %"
    means = plants.groupby("place")["height_cm"].mean()
    with house_style():
        figure = Figure(figsize=(WIDTH, 3.1), layout="constrained")
        upper, lower = figure.subplots(2, height_ratios=(2, 1))
        for row, place in enumerate(("shade", "sun")):
            heights = plants["height_cm"][plants["place"] == place]
            upper.scatter(heights, [row] * len(heights), s=34, c=GREY, edgecolors=SOFT)
            upper.vlines(means[place], row - 0.28, row + 0.28, INK, linewidth=2)
            words = f"mean {means[place]:.1f} cm"
            upper.text(means[place], row + 0.34, words, ha="center", size=TEXT)
        upper.set(title=result["title"], xlabel="height after eight weeks, cm", ylim=(-0.5, 1.7))
        upper.set_yticks([0, 1], ["in the shade", "in the sun"])
        lower.axvline(0, color=INK, linewidth=0.8)
        lower.hlines(0, low, high, ACCENT, linewidth=2.5)
        lower.scatter(middle, 0, s=44, c=ACCENT, zorder=3)
        words = f"{middle:.1f} cm, {level} interval {low:.1f} to {high:.1f} cm"
        lower.text(middle, 0.4, words, ha="center", color=ACCENT, size=TEXT)
        lower.text(0, -0.5, " no difference", size=TEXT)
        lower.set(xlabel="mean in the sun less mean in the shade, cm", ylim=(-0.7, 1))
        lower.set_yticks([0], ["difference"])
        left, right = (x - means["shade"] for x in upper.get_xlim())
        lower.set_xlim(min(left, low - 1), max(right, high + 1))
        upper.set_xlim(*(x + means["shade"] for x in lower.get_xlim()))
    return figure

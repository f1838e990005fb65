"""The figure of the report."""

from pathlib import Path

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure


def draw_heights(plants: pd.DataFrame, title: str, path: Path) -> None:
    """Draw every plant as a dot and each place's mean as a line, and save it as SVG."""
    with rc_context({"svg.hashsalt": "heights"}):
        figure = Figure(figsize=(7, 2.6), layout="constrained")
        axes = figure.subplots()
        for position, (place, heights) in enumerate(plants.groupby("place")["height_cm"]):
            axes.plot(heights, [position] * len(heights), "o", color="#0072b2", alpha=0.6)
            axes.plot([heights.mean()] * 2, [position - 0.3, position + 0.3], color="#d55e00", lw=3)
            axes.text(heights.mean(), position + 0.34, f"mean {heights.mean():.1f} cm ({place})")
        axes.set(yticks=[], ylim=(-0.6, 1.7), xlabel="height after eight weeks (cm)")
        axes.set_title(title, loc="left")
        axes.spines[["left", "top", "right"]].set_visible(False)
        figure.savefig(path, metadata={"Date": None})

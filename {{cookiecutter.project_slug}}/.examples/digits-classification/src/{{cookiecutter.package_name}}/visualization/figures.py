"""The figures of the report; one without data is not drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..engine.style import ACCENT, GREY, INK, house_style
from ..features.images import Image
from .layout import canvas, drawable, intervals
from .report_text import MOST_MISTAKES, hardest, readable, short

Item = dict[str, Any]
MOST_COLUMNS = 15


def draw_all(
    results: Item, predictions: pd.DataFrame, tests: pd.DataFrame | None, image: Image | None
) -> dict[str, Figure]:
    """Draw every figure that results.json has a caption for, by the name of its file.

    `predictions` has row, truth and prediction of the test rows; `tests`, needed where the rows are
    an `image`, their columns.
    """
    said = {name: caption["title"] for name, caption in results["figures"].items()}
    drawn: dict[str, Figure] = {}
    for name, draw in (
        ("candidates", candidates),
        ("confusion", confusion),
        ("per_class", per_class),
        ("calibration", calibration),
        ("learning_curve", learning_curve),
    ):
        if name in said:
            drawn[name] = draw(said[name], results)
    if "residuals" in said:
        drawn["residuals"] = residuals(said["residuals"], predictions)
    if "importance" in said:
        title, rows = said["importance"], results["importance"]
        drawn["importance"] = (
            leaned_on_pixels(title, rows, image) if image else leaned_on(title, rows)
        )
    if "mistakes" in said and tests is not None and image is not None:
        wrong = predictions[predictions["truth"] != predictions["prediction"]]
        drawn["mistakes"] = mistakes(said["mistakes"], wrong, tests, image)
    return drawn


@house_style()
def candidates(title: str, results: Item) -> Figure:
    """Show each candidate's score over the folds, one standard deviation to either side."""
    tried = [each for each in results["candidates"] if each["mean"] is not None]
    best = 1.0 if results["task"] == "classes" and results["metric"] != "log_loss" else np.inf
    ends = [(x["mean"] - (x["sd"] or 0), min(x["mean"] + (x["sd"] or 0), best)) for x in tried]
    rows = [
        {"value": x["mean"], "low": low, "high": high}
        for x, (low, high) in zip(tried, ends, strict=True)
    ]
    figure, axes = canvas(title, 0.55 + 0.3 * len(rows))
    intervals(axes, rows, [readable(x["name"]) for x in tried], [x["chosen"] for x in tried])
    axes.set_xlabel(f"{readable(results['metric'])}, mean of the folds and one standard deviation")
    return figure


@house_style()
def confusion(title: str, results: Item) -> Figure:
    """Show how often each class was told as which."""
    counts = np.array(results["confusion"])
    names = [drawable(short(each["class"], 18)) for each in results["classes"]]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    longest = max(len(name) for name in names)
    turned = (longest + 1) * len(names) > 80  # letters that find room in a line
    height = min(1.2 + 0.27 * len(names), 6.5) + 0.07 * longest * turned
    figure, axes = canvas(title, height)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.argwhere(counts > 0):
        colour = "white" if shares[row, column] > 0.5 else INK
        axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", color=colour)
    axes.set_xticks(range(len(names)), names, rotation=90 * turned)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("what the model said")
    axes.set_ylabel("what it is")
    axes.grid(visible=False)
    return figure


@house_style()
def per_class(title: str, results: Item) -> Figure:
    """Show which share of each class was found."""
    there = hardest(results)
    rows = [{"value": x["recall"], "low": x["low"], "high": x["high"]} for x in there]
    figure, axes = canvas(title, 0.55 + 0.24 * len(rows))
    worst = min(row["value"] for row in rows)
    marked = [row["value"] == worst for row in rows]
    intervals(axes, rows, [f"{short(x['class'], 22)} ({x['rows']:,})" for x in there], marked)
    axes.set_xlabel(f"share that was found, {100 * results['confidence_level']:g} % interval")
    return figure


@house_style()
def calibration(title: str, results: Item) -> Figure:
    """Set how sure the model said it was against how often it was right."""
    bins = results["calibration"]
    figure, axes = canvas(title, 3.4)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1)
    sizes = [10 + 90 * each["rows"] / max(x["rows"] for x in bins) for each in bins]
    said, right = ([each[key] for each in bins] for key in ("said", "observed"))
    axes.scatter(said, right, s=sizes, color=ACCENT, clip_on=False, zorder=3)
    least = min(said + right)
    axes.set(xlim=(max(least - 0.05, 0), 1.01), ylim=(max(least - 0.05, 0), 1.01))
    axes.set_xlabel("probability that the model gave its answer")
    axes.set_ylabel("share of these answers that were right")
    axes.grid(visible=True, axis="both")
    return figure


@house_style()
def learning_curve(title: str, results: Item) -> Figure:
    """Show how the score grows with the rows that the chosen candidate learns from."""
    points = results["learning_curve"]
    rows, means = (np.array([x[key] for x in points]) for key in ("rows", "mean"))
    spread = np.array([x["sd"] or 0 for x in points])
    figure, axes = canvas(title, 2.6)
    axes.fill_between(rows, means - spread, means + spread, color=GREY, alpha=0.5, linewidth=0)
    axes.plot(rows, means, color=ACCENT, marker="o", markersize=4)
    axes.set_xlabel("rows that it learned from")
    axes.set_ylabel(f"{readable(results['metric'])} over the folds")
    axes.grid(visible=True, axis="both")
    return figure


@house_style()
def residuals(title: str, predictions: pd.DataFrame) -> Figure:
    """Set prediction against truth."""
    figure, axes = canvas(title, 3.6)
    truth, said = predictions["truth"], predictions["prediction"]
    ends = [min(truth.min(), said.min()), max(truth.max(), said.max())]
    axes.plot(ends, ends, color=GREY, linewidth=1)
    axes.scatter(truth, said, s=9, color=ACCENT, alpha=0.5, linewidths=0, rasterized=True)
    axes.set_xlabel("what it is")
    axes.set_ylabel("what the model said")
    axes.grid(visible=True, axis="both")
    return figure


@house_style()
def leaned_on(title: str, rows: Sequence[Item]) -> Figure:
    """Show what the score loses when a column is shuffled; the columns that count most."""
    rows = rows[:MOST_COLUMNS]
    figure, axes = canvas(title, 0.55 + 0.24 * len(rows))
    intervals(axes, rows, [row["column"] for row in rows], [(row["low"] or 0) > 0 for row in rows])
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_xlabel("how much worse the score is when the column is shuffled")
    return figure


@house_style()
def leaned_on_pixels(title: str, rows: Sequence[Item], image: Image) -> Figure:
    """Show what the score loses when a pixel is shuffled."""
    by_name = {row["column"]: max(row["value"], 0) for row in rows}
    values = np.array([by_name.get(name, 0.0) for name in image.names])
    figure, axes = canvas(title, 3.2)
    shown = axes.imshow(values.reshape(image.rows, image.columns), cmap="Blues", vmin=0)
    figure.colorbar(shown, ax=axes, label="how much worse the score is")
    axes.set_axis_off()
    return figure


@house_style()
def mistakes(title: str, wrong: pd.DataFrame, tests: pd.DataFrame, image: Image) -> Figure:
    """Show the images that were mistaken, with what they are and what was said."""
    shown = wrong.head(MOST_MISTAKES)
    across = 6
    down = -(-len(shown) // across)
    figure, axes = canvas(title, 1.35 * down, nrows=down, ncols=across, squeeze=False)
    for place in axes.flat:
        place.set_axis_off()
    for place, (_, each) in zip(axes.flat, shown.iterrows(), strict=False):
        pixels = tests.loc[each["row"]].reindex(image.names).fillna(0).to_numpy(float)
        place.imshow(pixels.reshape(image.rows, image.columns), cmap="Greys")
        said = f"{short(each['truth'], 12)}, said {short(each['prediction'], 12)}"
        place.set_title(textwrap.fill(drawable(said), 15), fontsize=8, loc="center")
    return figure

"""What the figures share: a canvas with a title that says the answer, names, intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from ..engine.style import ACCENT, FONT, SOFT, TITLE, WIDTH
from .report_text import short

Item = dict[str, Any]


def canvas(title: str, height: float, **options: Any) -> tuple[Figure, Any]:
    """Return a figure of the house's width with its title, and its axes."""
    lines = textwrap.fill(drawable(title), 66)
    space = 0.32 + 0.2 * lines.count("\n")
    figure = Figure(figsize=(WIDTH, height + space), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - space / (height + space)))  # type: ignore[union-attr, call-arg]
    at = 1 - 0.06 / (height + space)
    figure.text(0.012, at, lines, fontsize=TITLE, fontweight="bold", va="top")
    return figure, figure.subplots(**options)


def intervals(
    axes: Axes, rows: Sequence[Item], names: Sequence[str], chosen: Sequence[bool]
) -> None:
    """Draw value, low and high of each row, the first on top."""
    places = np.arange(len(rows))[::-1]
    colours = [ACCENT if one else SOFT for one in chosen]
    lows, highs = ([row[key] for row in rows] for key in ("low", "high"))
    for at, low, high, colour in zip(places, lows, highs, colours, strict=True):
        if low is not None:
            axes.hlines(at, low, high, color=colour, linewidth=1.4)
    axes.scatter([row["value"] for row in rows], places, s=26, c=colours, zorder=3, linewidths=0)
    axes.set_yticks(places, [drawable(short(name)) for name in names])
    axes.set_ylim(-0.7, len(rows) - 0.3)


def drawable(text: str) -> str:
    """Return a text with the codes of letters that the figures' font lacks: boxes are all alike."""
    known = _letters()
    return "".join(c if ord(c) in known else f"\\u{ord(c):x}" for c in text)


@cache
def _letters() -> frozenset[int]:
    return frozenset({*get_font(findfont(FONT)).get_charmap(), ord("\n")})

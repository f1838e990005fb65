"""How a figure is laid out: inches under a heading, text that fits, a row for each thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from ..analysis.statistics.number_formats import money
from ..engine.style import ACCENT, FONT, GREY, RULE, SMALL, SOFT, TEXT, TITLE, WIDTH

MARGIN = 0.08  # inches


class Canvas:
    """A figure that is laid out in inches, under a title and subtitle as high as they need."""

    def __init__(self, title: str, subtitle: str, height: float) -> None:
        heading, below = wrap(title, TITLE, "bold"), wrap(subtitle, TEXT)
        self.height = height + 0.2 * len(heading) + 0.16 * len(below) + 0.22
        self.figure = Figure(figsize=(WIDTH, self.height))
        for i, line in enumerate(heading):
            self.write(MARGIN, self.height - 0.06 - 0.2 * i, line, size=TITLE, weight="bold")
        for i, line in enumerate(reversed(below)):
            self.write(MARGIN, height + 0.26 + 0.16 * i, line, size=TEXT, color=SOFT)

    def write(self, x: float, y: float, line: str, **style: Any) -> None:
        """Write a line whose upper left corner is `x`, `y` inches from the figure's lower left."""
        self.figure.text(x / WIDTH, y / self.height, line, **{"va": "top"} | style)

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Add axes, in inches from the figure's lower left corner."""
        room = (left / WIDTH, bottom / self.height, width / WIDTH, height / self.height)
        return self.figure.add_axes(room)


def text_width(text: str, size: float = SMALL, weight: str = "normal") -> float:
    """Return how wide a line of text is, in inches; on coarse screens letters grow a little."""
    return 1.05 * size * sum(_letter_width(letter, weight) for letter in text)


@lru_cache
def _letter_width(letter: str, weight: str) -> float:
    font = FontProperties(family=FONT, size=72, weight=weight)
    return float(TextToPath().get_text_width_height_descent(letter, font, ismath=False)[0]) / 72**2


def wrap(text: str, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines that fit into a figure, never at a no-break space."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, weight) > WIDTH - 2 * MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    return [line for line in lines if line]


def shorten(text: str, width: float) -> str:
    """Cut a label at its end, with an ellipsis, to at most `width` inches."""
    if text_width(text) <= width:
        return text
    while text and text_width(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip(' ,-')}…"


def listing(
    title: str,
    subtitle: str,
    names: Sequence[str],
    step: float,
    right: float,
    gap: int | None = None,
) -> tuple[Canvas, Axes, list[int]]:
    """Return axes with a named row for each thing, `step` inches high, and where the rows are.

    `right` inches are left for text; a dotted line after `gap` rows says that some are left out.
    """
    rows = [-i - (gap is not None and i >= gap) for i in range(len(names))]
    labels = [shorten(name, 2.95) for name in names]
    left = MARGIN + max(map(text_width, labels)) + 0.12
    height = step * (1 - rows[-1])
    canvas = Canvas(title, subtitle, height + 0.62)
    axes = canvas.axes(left, 0.4, WIDTH - left - right, height)
    axes.set_yticks(rows, labels)
    axes.set_ylim(rows[-1] - 0.5, 0.5)
    across = axes.get_yaxis_transform()
    axes.hlines(rows, 0, 1, RULE, transform=across, linewidth=0.5, zorder=0)
    axes.xaxis.set_major_formatter(money)
    if gap is not None:
        axes.axhline(-gap, color=SOFT, linewidth=0.8, linestyle=":")
    return canvas, axes, rows


def write_columns(axes: Axes, rows: Sequence[int], columns: Mapping[str, Sequence[str]]) -> None:
    """Write columns of text, of 0.54 inches each, right of a `listing`, under their names."""
    for i, (name, texts) in enumerate(columns.items()):
        x = 1 + (0.52 + 0.54 * i) / (axes.get_position().width * WIDTH)
        for row, text in zip([1, *rows], [name, *texts], strict=True):
            axes.text(x, row, text, transform=axes.get_yaxis_transform(), ha="right", va="center")


def spread_list(
    title: str,
    subtitle: str,
    names: Sequence[str],
    percentiles: Sequence[Sequence[float]],
    columns: Mapping[str, Sequence[str]],
    gap: int | None = None,
) -> Figure:
    """Show five percentiles (US$) in each row: a line from first to last, a bar, the median.

    What needs a percentile that is NaN is left out; `columns` stand on the right, see `listing`.
    """
    p10, p25, medians, p75, p90 = zip(*percentiles, strict=True)
    right = round(0.07 + 0.54 * len(columns), 2)
    canvas, axes, rows = listing(title, subtitle, names, 0.21, right, gap)
    axes.hlines(rows, p10, p90, SOFT, linewidth=1)
    axes.hlines(rows, p25, p75, GREY, linewidth=6)
    axes.scatter(medians, rows, s=20, c=ACCENT, zorder=3)
    write_columns(axes, rows, columns)
    axes.set_xlabel("annual wage, US$")
    return canvas.figure

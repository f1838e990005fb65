"""One look for all figures: palette, sizes, titles, money on axes, and how they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

# One accent, far darker than the greys beside it, so that they differ without colour too.
ACCENT, INK, SOFT, GREY, RULE = "#0b57a4", "#1c2127", "#59636e", "#b4bdc7", "#e1e5ea"
FONT = "DejaVu Sans"  # comes with matplotlib, so a figure is the same on every machine
TITLE, TEXT, SMALL = 11.5, 8.4, 7.6  # points; SMALL is 10.5 pixels where WIDTH is 700
WIDTH, MARGIN = 7.0, 0.08  # inches

STYLE: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": SOFT,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.labelcolor": SOFT,
    "axes.labelsize": SMALL,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.dpi": 100,
    "font.family": FONT,
    "font.size": SMALL,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "wages",
    "text.color": INK,
    "text.parse_math": False,  # two dollar signs in a sentence are money, not a formula
    "xtick.color": SOFT,
    "xtick.labelsize": SMALL,
    "xtick.major.size": 0,
    "ytick.color": INK,
    "ytick.labelsize": SMALL,
    "ytick.major.size": 0,
}


@dataclass(frozen=True)
class Drawing:
    """A figure, its title (the answer, in a sentence), and the finding for who cannot see it."""

    figure: Figure
    title: str
    alt: str


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


@contextmanager
def house_style() -> Iterator[None]:
    """Apply the look inside a ``with`` block; matplotlib's settings are as before afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change the figures
        mpl.rcParams.update(STYLE)
        yield


def money(amount: float, _position: object = None) -> str:
    """Return US$ as axes and labels say them.

    >>> money(73831.7), money(9540), money(-510), money(0), money(1_250_000)
    ('$74k', '$9.5k', '-$510', '$0', '$1.2m')
    """
    size = abs(amount)
    if size >= 999_500:
        text = f"{size / 1e6:.1f}m"
    elif size >= 9950:
        text = f"{size / 1e3:.0f}k"
    else:
        text = f"{round(size / 1e3, 1):g}k" if size >= 999.5 else f"{size:.0f}"
    return f"{'-' if amount < 0 and text != '0' else ''}${text}"


def text_width(text: str, size: float = SMALL, weight: str = "normal") -> float:
    """Return how wide a line of text is, in inches; on coarse screens letters grow a little."""
    return 1.05 * size * sum(_letter_width(letter, weight) for letter in text)


@lru_cache
def _letter_width(letter: str, weight: str) -> float:
    font = FontProperties(family=FONT, size=72, weight=weight)
    return float(TextToPath().get_text_width_height_descent(letter, font, ismath=False)[0]) / 72**2


def wrap(text: str, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines that fit into a figure."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, weight) > WIDTH - 2 * MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def shorten(text: str, width: float) -> str:
    """Cut a label at its end, with an ellipsis, to at most `width` inches."""
    share = width / max(text_width(text), 0.01)
    if share >= 1:
        return text
    text = text[: int(share * len(text))]
    while text and text_width(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip(' ,-')}…"


def save(figure: Figure, png_path: Path, svg_path: Path) -> None:
    """Write a figure as PNG, for screens of 2x, and as SVG; equal figures give equal bytes."""
    with house_style():
        figure.savefig(png_path, format="png", metadata={"Software": None})
        figure.savefig(svg_path, format="svg", metadata={"Date": None, "Creator": None})

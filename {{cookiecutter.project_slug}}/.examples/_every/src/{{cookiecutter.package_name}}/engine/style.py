"""One look for all figures: palette, type, lines, and how they are saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

# One accent, far darker than the greys beside it, so that they differ without colour too.
ACCENT, INK, SOFT, GREY, RULE = "#0b57a4", "#1c2127", "#59636e", "#b4bdc7", "#e1e5ea"
FONT = "DejaVu Sans"  # comes with matplotlib, so a figure is the same on every machine
TITLE, TEXT, SMALL = 11.5, 8.4, 7.6  # points; SMALL is 10.5 pixels where WIDTH is 700
WIDTH = 7.0  # inches


@contextmanager
def house_style() -> Iterator[None]:
    """Apply the look inside a ``with`` block; matplotlib's settings are as before afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change the figures
        mpl.rc("axes", axisbelow=True, edgecolor=SOFT, grid=True, labelcolor=SOFT, labelsize=SMALL)
        mpl.rc("axes", titlelocation="left", titlesize=TITLE, titleweight="bold")
        mpl.rc("axes.grid", axis="x")
        mpl.rc("axes.spines", left=False, right=False, top=False)
        mpl.rc("font", family=FONT, size=SMALL)
        mpl.rc("grid", color=RULE, linewidth=0.7)
        mpl.rc("savefig", dpi=200)
        mpl.rc("svg", fonttype="path", hashsalt="figures")
        mpl.rc("text", color=INK, parse_math=False)  # two dollar signs are money, not a formula
        mpl.rc("xtick", **{"color": SOFT, "labelsize": SMALL, "major.size": 0})
        mpl.rc("ytick", **{"color": INK, "labelsize": SMALL, "major.size": 0})
        yield


def save(figure: Figure, *paths: Path) -> None:
    """Write a figure as PNG, for screens of 2x, or as SVG; equal figures give equal bytes."""
    with house_style():
        if figure.get_layout_engine():  # slow: what it finds once holds for every file
            figure.set_dpi(mpl.rcParams["savefig.dpi"])
            figure.draw_without_rendering()
            figure.set_layout_engine(None)
        for path in paths:
            stamps = ("Date", "Creator") if path.suffix == ".svg" else ("Software",)
            figure.savefig(path, metadata=dict.fromkeys(stamps))

"""The dashboard's charts: bars of the areas, and how wages spread in each."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd

from ..analysis.occupations import PERCENTILES
from ..analysis.wording import dollars
from .dashboard_data import MEASURES

MOST_AREAS, AT_EACH_END = 60, 25
ROW = 17  # pixels


@dataclass(frozen=True)
class Look:
    """The colours on a light or a dark page; the map's `steps` run from low to high wages."""

    accent: str
    ink: str
    soft: str
    steps: tuple[str, ...]


LIGHT_STEPS = ("#d2e3f4", "#a3c5e7", "#6b9fd3", "#3278bc", "#0b4a8c")
DARK_STEPS = ("#17395e", "#215689", "#3478bb", "#5fa0e0", "#93c5f7")
LIGHT = Look("#0b57a4", "#1c2127", "#98a2ad", LIGHT_STEPS)
DARK = Look("#7ab8ff", "#f2f5f8", "#75808c", DARK_STEPS)


def ends(areas: pd.DataFrame) -> pd.DataFrame:
    """Return the areas that bars show: all or, of more than 60, the 25 highest and lowest."""
    if len(areas) <= MOST_AREAS:
        return areas
    return pd.concat([areas.head(AT_EACH_END), areas.tail(AT_EACH_END)])


def area_bars(
    areas: pd.DataFrame, column: str, name: str, look: Look
) -> alt.LayerChart | alt.FacetChart:
    """Draw a bar for each area with a wage, with its interval where there is one.

    Parameters
    ----------
    areas
        What `area_wages` returns.
    column, name
        The wage that is shown, and what it is called.
    look
        The colours.
    """
    shown = ends(areas[areas[column].notna()])
    shown = shown.assign(said=shown[column].map(dollars))
    widest = shown["high"].max() if "high" in shown else shown[column].max()
    scale = alt.Scale(domain=[0, 1.22 * float(widest)], nice=False)  # room for the numbers
    tooltip = [alt.Tooltip("AREA_TITLE:N", title="Area"), alt.Tooltip("said:N", title=name)]
    x = alt.X(f"{column}:Q", title=f"{name}, US$ a year", scale=scale, axis=_money(look))
    rows = _rows(shown, look)
    layers = [
        rows.mark_bar(color=look.accent, height=11).encode(x=x, tooltip=tooltip),
        rows.mark_text(align="right", color=look.ink).encode(x=alt.value("width"), text="said:N"),
    ]
    if "low" in shown:
        reach = rows.mark_rule(color=look.ink, strokeWidth=1.5)
        layers.append(reach.encode(x=alt.X("low:Q", scale=scale), x2="high:Q"))
    return alt.layer(*layers).properties(height=ROW * len(shown))


def spread_chart(areas: pd.DataFrame, look: Look) -> alt.LayerChart | alt.FacetChart:
    """Draw five percentiles for each area with a median: 10 to 90, 25 to 75, and the median.

    `areas` is what `wage_spread` returns; a line without an end stops at the next percentile.
    """
    shown = ends(areas[areas["A_MEDIAN"].notna()])
    first, last = (shown[list(order)].bfill(axis=1).iloc[:, 0] for order in (UP, DOWN))
    shown = shown.assign(first=first, last=last)
    x = alt.X("first:Q", title="Annual wage, US$", axis=_money(look))
    tooltip = [alt.Tooltip("AREA_TITLE:N", title="Area")] + [
        alt.Tooltip(f"{column}:Q", title=MEASURES[column], format="$,.0f") for column in UP
    ]
    rows = _rows(shown, look).encode(tooltip=tooltip)
    return alt.layer(
        rows.mark_rule(color=look.soft, strokeWidth=1.5).encode(x=x, x2="last:Q"),
        rows.mark_bar(color=look.soft, height=8).encode(x="A_PCT25:Q", x2="A_PCT75:Q"),
        rows.mark_tick(color=look.accent, opacity=1, thickness=3, height=13).encode(x="A_MEDIAN:Q"),
    ).properties(height=ROW * len(shown))


UP, DOWN = PERCENTILES, tuple(reversed(PERCENTILES))


def _rows(shown: pd.DataFrame, look: Look) -> alt.Chart:
    """Return a chart with a row for each area, in the order of the frame."""
    axis = alt.Axis(
        title=None,
        labelColor=look.ink,
        labelLimit=190,
        labelOverlap=False,
        labelFlush=False,
        ticks=False,
        domain=False,
    )
    return alt.Chart(shown).encode(y=alt.Y("AREA_TITLE:N", sort=None, axis=axis))


def _money(look: Look) -> alt.Axis:
    return alt.Axis(
        labelColor=look.ink,
        labelExpr="format(datum.value, '$~s')",
        orient="top",
        tickCount=5,
        titleColor=look.ink,
    )

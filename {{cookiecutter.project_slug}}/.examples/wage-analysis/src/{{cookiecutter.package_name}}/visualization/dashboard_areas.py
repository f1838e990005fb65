"""The dashboard's sections on areas: one wage compared, and how wages spread in each."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from ..analysis.wording import dollars, sentence_start
from .charts import AT_EACH_END, MOST_AREAS, area_bars, spread_chart
from .dashboard_data import (
    LEVELS,
    MEASURES,
    PUBLISHED,
    TOP_CODED,
    Occupation,
    Published,
    area_wages,
    levels,
    occupations,
    wage_spread,
)
from .dashboard_elements import download, look, say
from .state_map import area_map, can_be_mapped

CEILING = "$239,200 a year in May 2025"
MAP_NOTE = (
    "Each blue stands for a fifth of the published numbers. Territories are not in their place, "
    "and D.C. is drawn a second time, enlarged."
)
SPREAD_NOTE = (
    "Line: from the 10th to the 90th percentile. Bar: from the 25th to the 75th. Blue: the median, "
    "by which the areas are sorted."
)
RANKS_NOTE = (
    "The interval comes from the survey's published standard error. The ranks are all that an area "
    "can claim when all are compared at once."
)
NAMED = 60  # areas of one kind; more are in the table
HEIGHT = 470  # pixels


def areas_compared(published: Published) -> None:
    """Let the reader compare one wage of one occupation across the areas."""
    st.header("Areas compared", anchor=False)
    first, second, third = st.columns(3)
    level = first.selectbox(
        "Level", levels(published.wages), format_func=_level_name, key="areas_level"
    )
    found = occupations(published.wages, level)
    occupation = second.selectbox("Occupation", found, format_func=_name, key="areas_occupation")
    column = third.selectbox(
        "Wage", [*MEASURES], format_func=MEASURES.__getitem__, key="areas_measure"
    )
    name = f"{MEASURES[column]} annual wage"
    areas = area_wages(published, occupation, column)
    said = _highest_and_lowest(areas, column, f"{occupation.title}, {name.lower()}")
    say(said, *_missing(areas))
    shape = "Bars"
    if can_be_mapped(areas):
        shape = st.radio("Show as", ["Map", "Bars"], horizontal=True, key="areas_shape")
    chart, table = st.columns([5, 4])
    if areas[column].notna().any():
        draw = area_map if shape == "Map" else area_bars
        alt = f"{shape} of areas. {said} The table has every number."
        drawing = draw(areas, column, name, look()).properties(description=alt)
        chart.altair_chart(drawing, width="stretch")
        with chart:
            say(*([MAP_NOTE] if shape == "Map" else _cut_note(areas, column)))
    with table:
        if "rank" in areas:
            say(RANKS_NOTE)
        _area_table(areas, column, name, published.results["confidence_level"])
        download("Areas as CSV", areas, f"areas_{occupation.code}_{column.lower()}.csv")


def wages_spread(published: Published) -> None:
    """Let the reader see how an occupation's wages spread in each area."""
    st.header("How wages spread in each area", anchor=False)
    occupation = st.selectbox(
        "Occupation or group of occupations",
        occupations(published.wages),
        format_func=_name_and_level,
        key="spread_occupation",
    )
    areas = wage_spread(published, occupation)
    said = _highest_and_lowest(areas, "A_MEDIAN", f"{occupation.title}, median annual wage")
    say(said, *_missing(areas))
    if areas["A_MEDIAN"].notna().any():
        say(SPREAD_NOTE, *_cut_note(areas, "A_MEDIAN"))
        alt = f"Percentiles of wages by area. {said} The download has every number."
        drawing = spread_chart(areas, look()).properties(description=alt)
        st.altair_chart(drawing, width="stretch")
    download("Spread as CSV", areas, f"spread_{occupation.code}.csv")


def _level_name(level: str) -> str:
    return LEVELS.get(level, sentence_start(level))


def _name(occupation: Occupation) -> str:
    return f"{occupation.code} {occupation.title}"


def _name_and_level(occupation: Occupation) -> str:
    return f"{_name(occupation)} ({occupation.level})"


def _highest_and_lowest(areas: pd.DataFrame, column: str, what: str) -> str:
    """Say where a wage is highest and lowest; `areas` has the highest first."""
    held = areas[areas[column].notna()]
    if held.empty:
        return f"{what}: no area has one."
    top, bottom = (
        f"{held['AREA_TITLE'].iloc[end]} {dollars(held[column].iloc[end])}" for end in (0, -1)
    )
    return f"{what}: highest in {top}, lowest in {bottom} ({len(held)} of {len(areas)} areas)."


def _cut_note(areas: pd.DataFrame, column: str) -> list[str]:
    """Say which areas a chart shows where there are too many for it."""
    if areas[column].count() <= MOST_AREAS:
        return []
    return [f"The chart shows the {AT_EACH_END} highest and the {AT_EACH_END} lowest areas."]


def _missing(areas: pd.DataFrame) -> list[str]:
    """Name the areas without a number, by the reason."""
    sentences = []
    for status, rows in areas[areas["status"] != PUBLISHED].groupby("status"):
        reason = sentence_start(str(status)).replace(TOP_CODED, f"{TOP_CODED} ({CEILING})")
        names, count = list(rows["AREA_TITLE"]), len(rows)
        more = f" and {count - NAMED} more" if count > NAMED else ""
        noun = "area" if count == 1 else "areas"
        sentences.append(f"{reason}, {count} {noun}: {', '.join(names[:NAMED])}{more}.")
    return sentences


def _area_table(areas: pd.DataFrame, column: str, name: str, level: float) -> None:
    money = st.column_config.NumberColumn(name, format="dollar", step=1)
    area = st.column_config.TextColumn("Area", width=150)  # pixels
    columns: dict[str, Any] = {"AREA_TITLE": area, column: money}
    if "rank" in areas:
        columns |= {"interval": f"{100 * level:g} % interval", "ranks": "Ranks"}
        low, high = (areas[end].map(dollars, na_action="ignore") for end in ("low", "high"))
        first, last = (areas[end].map("{:.0f}".format) for end in ("rank_low", "rank_high"))
        areas = areas.assign(
            interval=low + " to " + high,
            ranks=first.where(first == last, first + " to " + last).where(areas["rank"].notna()),
        )
    elif "MEAN_PRSE" in areas:
        columns["MEAN_PRSE"] = st.column_config.NumberColumn("Relative error", format="%.1f %%")
    if (areas["status"] != PUBLISHED).any():
        columns["status"] = "Status"
    st.dataframe(
        areas[[*columns]],
        column_config=columns,
        hide_index=True,
        height=HEIGHT,
    )

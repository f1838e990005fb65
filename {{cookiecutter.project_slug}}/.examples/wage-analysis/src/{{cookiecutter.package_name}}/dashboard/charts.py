"""The page's pictures of the areas, as SVG: a map, and how wages spread in each."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

import matplotlib as mpl
import pandas as pd

from ..analysis.statistics.number_formats import dollars, money
from ..analysis.wage_by_group import PERCENTILES
from ..engine.style import INK, house_style
from ..visualization.figures import AT_EACH_END, MOST_AREAS
from ..visualization.layout import spread_list
from .choices import PUBLISHED, TOP_CODED

MAP = Path(__file__).with_name("areas_map.json")
STEPS = ("#d2e3f4", "#a3c5e7", "#6b9fd3", "#3278bc", "#0b4a8c")  # from low to high wages
NO_NUMBER = "no number"
NO_FILL = "#ffffff00"  # not "none": a pointer must meet it
SPREAD_NOTE = (
    "Line: from the 10th to the 90th percentile. Bar: from the 25th to the 75th. Blue: the median, "
    "by which the areas are sorted."
)
STYLE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Picture</title><style>
body { margin: 0; color: #1c2127; font: 13px system-ui, sans-serif }
main { overflow-x: auto }
svg { display: block; width: 100%; height: auto; min-width: 38rem; max-width: 52rem }
svg text { font-family: system-ui, sans-serif !important }
.map { min-width: 0; stroke: #98a2ad; stroke-width: 2 }
.map text { fill: #1c2127; stroke: none; font-size: 34px; text-anchor: middle }
ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0; padding: 2px; list-style: none }
b { display: inline-block; width: .8em; height: .8em; margin-right: .5em; outline: 1px solid }
@media (max-width: 30rem) { .map text { font-size: 54px } }
.dark { filter: invert(1) hue-rotate(180deg) }
</style>"""
DRAWING = Lock()  # matplotlib's settings are those of the process, readers have threads


@lru_cache
def map_features() -> Mapping[str, dict[str, Any]]:
    """Return the outlines of the 50 states, D.C., Guam, Puerto Rico and the Virgin Islands.

    Returns
    -------
    mapping of str to dict
        GeoJSON features by FIPS code (AREA), in a plane of 1,950 by 1,220 whose y points down (the
        Aleutian Islands begin at x = -115). What is moved or enlarged, the territories and a
        second D.C. in the Atlantic, has a ``label``, written at x, y.

    Notes
    -----
    Made from us-atlas 3.0.1, which redistributes the cartographic boundary files of the U.S.
    Census Bureau, 2017 edition (public domain): lines simplified (Visvalingam, 0.9 square pixels
    of the atlas's 975 by 610), small islands dropped, coordinates rounded to half such a pixel.
    """
    features = json.loads(MAP.read_text(encoding="utf-8"))["features"]
    return {feature["id"]: feature for feature in features}


def area_map(areas: pd.DataFrame, column: str) -> str:
    """Draw states and territories, coloured by a wage in five classes of equally many areas.

    Areas without a wage are left empty; top-coded ones have the colour of the text. Each says its
    name and wage under the pointer. `areas` is what `area_wages` returns of the wage `column`.
    """
    kinds = _fifths(areas, column)
    steps = [kind for kind in dict.fromkeys(kinds[::-1]) if kind not in (TOP_CODED, NO_NUMBER)]
    fills = dict(zip(steps, STEPS[-len(steps) :], strict=False))
    fills |= {TOP_CODED: INK, NO_NUMBER: NO_FILL}
    shapes, names = "", ""
    for row, kind in zip(areas.to_dict("records"), kinds, strict=True):
        feature = map_features()[row["AREA"]]
        said = dollars(row[column]) if row["status"] == PUBLISHED else row["status"]
        title = f"<title>{escape(row['AREA_TITLE'])}: {said}</title>"
        shapes += f'<path fill="{fills[kind]}" d="{_outline(feature["geometry"])}">{title}</path>'
        if moved := feature["properties"]:
            names += f'<text x="{moved["x"]}" y="{moved["y"]}">{moved["label"]}</text>'
    used = [(kind, fill) for kind, fill in fills.items() if kind in kinds]
    key = "".join(f'<li><b style="background: {fill}"></b>{kind}</li>' for kind, fill in used)
    return f'<ul>{key}</ul><svg class="map" viewBox="-120 0 2080 1220">{shapes}{names}</svg>'


def area_spread(areas: pd.DataFrame, title: str) -> str:
    """Draw five percentiles for each area with a median, of many areas those at both ends.

    `areas` is what `wage_spread` returns; a line without an end stops at the next percentile.
    """
    shown, subtitle, gap = areas[areas["A_MEDIAN"].notna()], SPREAD_NOTE, None
    if len(shown) > MOST_AREAS:
        shown, gap = pd.concat([shown.head(AT_EACH_END), shown.tail(AT_EACH_END)]), AT_EACH_END
        subtitle += f" The {gap} highest and the {gap} lowest areas are shown."
    wages, names = shown[list(PERCENTILES)], list(shown["AREA_TITLE"])
    said = wages.map(money, na_action="ignore").fillna("").to_dict("list")
    columns = {"10th": said["A_PCT10"], "median": said["A_MEDIAN"], "90th": said["A_PCT90"]}
    low, high = wages.bfill(axis=1)["A_PCT10"], wages.ffill(axis=1)["A_PCT90"]
    rows = wages.assign(A_PCT10=low, A_PCT90=high).to_numpy().tolist()
    content = io.StringIO()
    with DRAWING, house_style():
        figure = spread_list(title, subtitle, names, rows, columns, gap)
        mpl.rcParams["svg.fonttype"] = "none"  # text that can be found and read aloud
        figure.savefig(content, format="svg", transparent=True, metadata={"Date": None})
    return "<svg" + content.getvalue().partition("<svg")[2]


def page_of(content: str, *, dark: bool) -> str:
    """Return a page of its own for a picture; on a dark one the colours are turned round."""
    scheme = "dark" if dark else "light"
    main = f'<main class="{scheme}" tabindex="0">{content}</main>'  # it scrolls, so keys reach it
    return f'{STYLE}<body style="color-scheme: {scheme}">{main}'


def _outline(geometry: Mapping[str, Any]) -> str:
    places = geometry["coordinates"]
    polygons = places if geometry["type"] == "MultiPolygon" else [places]
    rings = (ring for polygon in polygons for ring in polygon)
    return "".join(f"M{'L'.join(f'{x},{y}' for x, y in ring)}Z" for ring in rings)


def _fifths(areas: pd.DataFrame, column: str) -> list[str]:
    """Say of each area which fifth of the wages it is in, or why it has none."""
    wages = areas[column].dropna()
    fifth = pd.qcut(wages, 5, labels=False, duplicates="drop").fillna(0)
    ends = wages.groupby(fifth).agg(["min", "max"]).map(dollars)
    classes = (ends["min"] + " to " + ends["max"]).where(ends["min"] != ends["max"], ends["min"])
    known = fifth.map(classes).to_dict()
    why = areas["status"].where(areas["status"] == TOP_CODED, NO_NUMBER)
    return [known.get(area, why[area]) for area in areas.index]

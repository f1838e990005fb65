"""A map of the states and territories, drawn without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from ..analysis.wording import dollars
from .charts import Look
from .dashboard_data import PUBLISHED, TOP_CODED

MAP = Path(__file__).with_name("areas_map.json")
NO_NUMBER = "no number"
HEIGHT, LEGEND_ROW = 360, 17  # pixels


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


def can_be_mapped(areas: pd.DataFrame) -> bool:
    """Return whether each area of a frame is one of the map's."""
    return set(areas["AREA"]) <= set(map_features())


def area_map(
    areas: pd.DataFrame, column: str, name: str, look: Look
) -> alt.LayerChart | alt.FacetChart:
    """Draw states and territories, coloured by a wage in five classes of equally many areas.

    Areas without a wage are left empty; top-coded ones have the colour of the text.

    The parameters are those of `charts.area_bars`.
    """
    kinds = _kinds(areas, column)
    shapes = [
        {**map_features()[row["AREA"]], "area": row["AREA_TITLE"], "kind": kind}
        | {"said": dollars(row[column]) if row["status"] == PUBLISHED else row["status"]}
        for row, kind in zip(areas.to_dict("records"), kinds, strict=True)
    ]
    steps = [kind for kind in dict.fromkeys(kinds[::-1]) if kind not in (TOP_CODED, NO_NUMBER)]
    colours = dict(zip(steps, look.steps[-len(steps) :], strict=False))
    colours |= {TOP_CODED: look.ink, NO_NUMBER: "transparent"}
    shown = [kind for kind in colours if kind in kinds]
    scale = alt.Scale(domain=shown, range=[colours[kind] for kind in shown])
    legend = alt.Legend(
        title=None,
        orient="top",
        columns=2,
        rowPadding=2,
        labelColor=look.ink,
        labelLimit=240,
        symbolType="square",
        symbolSize=110,
        symbolStrokeColor=look.soft,
        symbolStrokeWidth=1,
    )
    outlines = (
        alt.Chart(alt.NamedData(name="areas"))
        .mark_geoshape(stroke=look.soft, strokeWidth=0.6)
        .encode(
            color=alt.Color("kind:N", scale=scale, legend=legend),
            tooltip=[alt.Tooltip("area:N", title="Area"), alt.Tooltip("said:N", title=name)],
        )
    )
    names = (
        alt.Chart(alt.NamedData(name="names"))
        .mark_text(color=look.ink, fontSize=11)
        .encode(longitude="x:Q", latitude="y:Q", text="label:N")
    )
    height = HEIGHT + LEGEND_ROW * (len(shown) + 1) // 2
    moved = [shape["properties"] for shape in shapes if shape["properties"]]
    drawing = alt.layer(outlines, names).project(type="identity")
    return drawing.properties(height=height, datasets={"areas": shapes, "names": moved})


def _kinds(areas: pd.DataFrame, column: str) -> list[str]:
    """Say of each area which fifth of the wages it is in, or why it has none."""
    wages = areas[column].dropna()
    fifth = pd.qcut(wages, 5, labels=False, duplicates="drop").fillna(0)
    ends = wages.groupby(fifth).agg(["min", "max"]).map(dollars)
    classes = (ends["min"] + " to " + ends["max"]).where(ends["min"] != ends["max"], ends["min"])
    known = fifth.map(classes).to_dict()
    why = areas["status"].where(areas["status"] == TOP_CODED, NO_NUMBER)
    return [known.get(area, why[area]) for area in areas.index]

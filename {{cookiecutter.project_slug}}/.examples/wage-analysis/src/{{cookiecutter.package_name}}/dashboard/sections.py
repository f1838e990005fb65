"""The page's sections in which the reader chooses: areas, how wages spread, two groups."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from ..analysis.management_vs_production import compare_management_vs_production
from ..analysis.statistics.number_formats import dollars, p_text, sentence_start
from ..analysis.statistics.results import Item
from ..analysis.wage_variance import run_levene_test
from ..data.row_selection import Question, select
from ..engine import ProjectError
from ..settings import Groups
from ..visualization.report_text import area_rows, test_row
from . import choices
from .charts import area_map, area_spread, map_features, page_of
from .choices import LEVELS, MEASURES, Published

LINE = 760  # pixels; longer lines are hard to read
MAP_NOTE = (
    "Each blue stands for a fifth of the published numbers. Territories are not in their place, "
    "and D.C. is drawn a second time, enlarged."
)
RANKS_NOTE = (
    "The interval comes from the survey's published standard error. The ranks are all that an area "
    "can claim when all are compared at once."
)
COMPUTED = (
    "This comparison is computed now, by the pipeline's own test functions, from the rows of your "
    "choice. It is not among the published results, and it was not planned: of many pairs that "
    "are looked at, some differ by chance alone. A row is an estimate for one detailed "
    "occupation in one area, not a person."
)
TESTS = {"Mean wages": compare_management_vs_production, "How widely wages spread": run_levene_test}
TESTED = ("Test", "Interval as published", "Interval to lean on", "Effect size")


def areas_compared(published: Published) -> None:
    """Let the reader compare one wage of one occupation across the areas."""
    st.header("Areas compared", anchor=False)
    wages, (first, second, third) = published.wages, st.columns(3)
    level = first.selectbox("Level", choices.levels(wages), format_func=LEVELS.__getitem__)
    found = choices.occupations(wages, level)
    occupation = second.selectbox("Occupation", found, format_func="{0.code} {0.title}".format)
    column = third.selectbox("Wage", [*MEASURES], format_func=MEASURES.__getitem__)
    areas = choices.area_wages(published, occupation, column)
    name = f"{MEASURES[column]} annual wage"
    said = choices.highest_and_lowest(areas, column, f"{occupation.title}, {name.lower()}")
    say(said, *choices.without_number(areas))
    place = st.container()
    if set(areas["AREA"]) <= map_features().keys() and areas[column].notna().any():
        chart, place = st.columns(2)
        with chart:
            picture(area_map(areas, column), f"Map of areas. {said} The table has every number.")
            say(MAP_NOTE)
    with place:
        if "rank" in areas:
            say(RANKS_NOTE)
        area_table(areas, column, name, published.results)
        download("Areas as CSV", areas, f"areas_{occupation.code}_{column.lower()}.csv")


def area_table(areas: pd.DataFrame, column: str, name: str, results: Item) -> None:
    """Show what `area_wages` returns, each wage with a bar."""
    highest = areas[column].fillna(0).max() or 1  # a column without a number has no highest
    columns: dict[str, Any] = {
        "AREA_TITLE": st.column_config.TextColumn("Area", width=150),  # pixels
        column: st.column_config.ProgressColumn(
            name, format="dollar", step=1, min_value=0, max_value=highest, color="blue"
        ),
    }
    if "rank" in areas:
        interval = f"{100 * results['confidence_level']:g} % interval"
        columns |= {"Interval": interval, "Ranks it can claim": "Ranks"}
        said = pd.DataFrame(area_rows(results["areas"]["all"])).set_index("Area")
        areas = areas.join(said, on="AREA_TITLE")
    elif "MEAN_PRSE" in areas:
        columns["MEAN_PRSE"] = st.column_config.NumberColumn("Relative error", format="%.1f %%")
    if (areas["status"] != choices.PUBLISHED).any():
        columns["status"] = "Status"
    st.dataframe(areas[[*columns]], column_config=columns, hide_index=True, height=470)


def wages_spread(published: Published) -> None:
    """Let the reader see how an occupation's wages spread in each area."""
    st.header("How wages spread in each area", anchor=False)
    occupation = st.selectbox(
        "Occupation or group of occupations",
        choices.occupations(published.wages),
        format_func="{0.code} {0.title} ({0.level})".format,
    )
    areas = choices.wage_spread(published, occupation)
    what = f"{occupation.title}, median annual wage"
    said = choices.highest_and_lowest(areas, "A_MEDIAN", what)
    say(said, *choices.without_number(areas))
    if areas["A_MEDIAN"].notna().any():
        description = f"Percentiles of wages by area. {said} The download has every number."
        picture(area_spread(areas, f"{occupation.title}: annual wages by area"), description)
    download("Spread as CSV", areas, f"spread_{occupation.code}.csv")


def two_groups(published: Published) -> None:
    """Let the reader compare two groups: their mean wages, and how widely these spread."""
    st.header("Two groups of your choice", anchor=False)
    say(COMPUTED)
    wages, level = published.wages, published.results["confidence_level"]
    groups, chosen = choices.comparable_groups(wages), []
    if len(groups) < 2:
        say("This file has no two major groups or detailed occupations to choose from.")
        return
    configured = published.manifest["settings"]["groups"]
    places, labels = st.columns(2), ("First group", "Second group")
    for i, name in enumerate(("management", "production")):
        prefix = configured[name]["soc_prefix"]
        found = (k for k, one in enumerate(groups.values()) if one.soc_prefix.startswith(prefix))
        chosen.append(places[i].selectbox(labels[i], [*groups], index=next(found, i)))
    titles = dict(wages[["AREA", "AREA_TITLE"]].drop_duplicates("AREA").to_numpy())
    areas = st.multiselect(
        "Only these areas", [*titles], format_func=titles.__getitem__, placeholder="All areas"
    )
    rows = wages[wages["AREA"].isin(areas)] if areas else wages
    compared = Groups(management=groups[chosen[0]], production=groups[chosen[1]])
    question = Question("detailed", compared, level)
    tested = {}
    for what, test in TESTS.items():
        try:
            tested[what] = test(select(rows, question, what)).to_dict()
        except ProjectError as error:
            _, _, why = str(error).partition(": ")  # without the analysis, which means nothing here
            st.warning(literal(f"{what} cannot be compared: {why}."))
    if tested:
        say(*(item["conclusion"] for item in tested.values()))
        columns = {what: in_words(item) for what, item in tested.items()}
        shown = pd.DataFrame(columns).reset_index(names="What").map(literal)
        st.table(shown, border="horizontal", hide_index=True)
        download("Comparison as CSV", result_rows([*tested.values()]), "two_groups.csv")


def in_words(item: Item) -> dict[str, str]:
    """Return one test of two groups as text: what of each is compared, and what the test says."""
    kind = "mean" if "mean_1" in item["estimates"] else "spread"
    groups = {
        sentence_start(group): f"{dollars(item['estimates'][f'{kind}_{i}'])} ({n:,} rows)"
        for i, (group, n) in enumerate(zip(item["groups"], item["n"], strict=True), 1)
    }
    groups["Difference"], tested = dollars(item["estimates"]["difference"]), test_row(item)
    return groups | {name: tested[name] for name in TESTED}


def result_rows(found: Sequence[Item]) -> pd.DataFrame:
    """Return one row of plain values for each result, in the form of results.json."""
    rows = [
        {**item, **item["estimates"], "estimates": None}
        | {key: "; ".join(map(str, item[key])) for key in ("groups", "n")}
        | {"p": p_text(item["pvalue"], item["log10_pvalue"])}
        for item in found
    ]
    return pd.json_normalize(rows, sep="_").dropna(axis=1, how="all")


def literal(text: str) -> str:
    """Return Markdown that shows `text` as it is: no title of the data is a picture or formula."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def say(*sentences: str) -> None:
    """Show each text as a paragraph of its own, without reading Markdown into it."""
    for sentence in sentences:
        st.text(sentence, width=LINE)


def download(label: str, rows: pd.DataFrame, file_name: str) -> None:
    """Offer rows as a CSV file, under the names of the data dictionary, money in US$."""
    content = rows.to_csv(index=False, lineterminator="\n").encode()
    st.download_button(label, content, file_name, "text/csv", on_click="ignore")


def picture(content: str, description: str) -> None:
    """Show what a function of `charts` returns, and describe it."""
    st.iframe(page_of(content, dark=st.context.theme.type == "dark"), alt=description)

"""The dashboard's section of two groups, the only one that computes something."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ..analysis.management_vs_production import compare_management_vs_production
from ..analysis.selection import Group
from ..analysis.wage_variance import run_levene_test
from ..study import ProjectError
from .dashboard_data import Published, comparable_groups
from .dashboard_elements import download, literal, say, text_table
from .dashboard_tables import comparison_table, result_rows

COMPUTED = (
    "This comparison is computed now, by the pipeline's own test functions, from the rows of your "
    "choice. It is not among the published results, and it was not planned: of many pairs that "
    "are looked at, some differ by chance alone. A row is an estimate for one detailed "
    "occupation in one area, not a person."
)

TESTS = {
    "Mean wages": compare_management_vs_production,
    "How widely wages spread": run_levene_test,
}


def two_groups(published: Published) -> None:
    """Let the reader compare two groups: their mean wages, and how widely these spread."""
    st.header("Two groups of your choice", anchor=False)
    say(COMPUTED)
    wages, level = published.wages, published.results["confidence_level"]
    groups = comparable_groups(wages)
    configured = published.manifest["settings"]["groups"]
    left, right = st.columns(2)
    first = left.selectbox(
        "First group",
        groups,
        index=_position(groups, configured["management"]["soc_prefix"], 0),
        format_func=_name,
        key="first_group",
    )
    second = right.selectbox(
        "Second group",
        groups,
        index=_position(groups, configured["production"]["soc_prefix"], 1),
        format_func=_name,
        key="second_group",
    )
    titles = dict(wages[["AREA", "AREA_TITLE"]].drop_duplicates("AREA").to_numpy())
    areas = st.multiselect(
        "Only these areas",
        [*titles],
        format_func=titles.__getitem__,
        placeholder="All areas",
        key="group_areas",
    )
    rows = wages[wages["AREA"].isin(areas)] if areas else wages
    found = []
    for what, test in TESTS.items():
        try:
            result = test(rows, first=first, second=second, confidence_level=level)
        except ProjectError as error:
            _, _, why = str(error).partition(": ")  # without the analysis, which means nothing here
            st.warning(literal(f"{what} cannot be compared: {why}."))
        else:
            found.append(result.to_dict())
    if found:
        say(*(result["conclusion"] for result in found))
        text_table(comparison_table(found, level))
        download("Comparison as CSV", result_rows(found), "two_groups.csv")


def _name(group: Group) -> str:
    """Say what a group is; the code of a major group ends in a hyphen."""
    code = group.soc_prefix
    if code.endswith("-"):
        return f"{code}0000 All {group.label} occupations"
    return f"{code} {group.label}"


def _position(groups: Sequence[Group], prefix: str, otherwise: int) -> int:
    """Return the place of the group that the settings name, or else of another."""
    found = (i for i, group in enumerate(groups) if group.soc_prefix.startswith(prefix))
    return next(found, otherwise)

"""The dashboard's page, in the order in which a reader asks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from ..analysis.wording import dollars, more_or_less, sentence_start
from ..latest_run import LatestRun
from ..pipeline import STUDY
from ..study import ProjectError
from .dashboard_areas import areas_compared, wages_spread
from .dashboard_data import Published, read_published
from .dashboard_elements import download, literal, say, text_table
from .dashboard_groups import two_groups
from .dashboard_tables import marks_table, result_rows, run_facts
from .story import ASSUMES, CITATION, LIMITS, TESTS
from .tables import TITLES, test_rows

SCOPES = {
    "detailed": "Detailed occupations",
    "article": "As in the published walk-through",
    "major": "Major groups, area by area",
}
ON_THE_MARKS = (
    "Some cells of the workbook hold a mark in place of a number. No analysis can use them, and "
    "no chart of this page fills them in. references/data_dictionary.md explains the columns."
)


@st.cache_resource(show_spinner=False)
def latest(root: Path) -> LatestRun[Published]:
    """Return the reader of a project's last run, which all who look at the page share.

    Raises
    ------
    ProjectError
        If there is no run yet, or a file is not the one that the run wrote.
    """
    return LatestRun(root, read_published)


def show(root: Path) -> None:
    """Show the last run of a project, or one sentence on why there is none to show."""
    st.set_page_config(page_title=STUDY.title, layout="wide")
    st.title(STUDY.title, anchor=False)
    try:
        published = latest(root).get()
    except (ProjectError, OSError) as error:
        st.error(literal(f"There is nothing to show: {error}."))
        return
    headline(published)
    areas_compared(published)
    wages_spread(published)
    two_groups(published)
    published_results(published)
    marks_and_limits(published)


def headline(published: Published) -> None:
    """Show what a reader wants to know first."""
    results = published.results
    found = {(item["name"], item["scope"]): item for item in results["analyses"]}
    sound, article = (found["management_vs_production", key] for key in ("detailed", "article"))
    first, second = sound["groups"]
    ends = {"Highest": results["areas"]["highest"][0], "Lowest": results["areas"]["lowest"][0]}
    *places, last = st.columns(3)
    for place, (which, area) in zip(places, ends.items(), strict=True):
        label = literal(f"{which} mean annual wage: {area['area']}")
        place.metric(label, literal(dollars(area["a_mean"])), border=True)
    difference = more_or_less(sound["estimates"]["difference"])
    label = literal(f"{sentence_start(first)} against {second}, mean annual wage")
    last.metric(label, literal(difference), border=True)
    say(
        f"{results['figures']['areas']['title']}.",
        f"{SCOPES['detailed']}: {sound['conclusion']}",
        f"{SCOPES['article']}: {article['conclusion']}",
        f"All numbers are those of run {published.manifest['run']}, which read "
        f"{results['data']['file']}; what is computed on this page says so.",
    )


def published_results(published: Published) -> None:
    """Show each result of results.json with its sentence, then all numbers."""
    st.header("Published results", anchor=False)
    say(TESTS)
    analyses = published.results["analyses"]
    for name, title in TITLES.items():
        st.subheader(literal(title), anchor=False)
        for item in analyses:
            if item["name"] == name:
                st.markdown(f"**{literal(SCOPES[item['scope']])}**")
                say(item["conclusion"])
    st.subheader("All tests in numbers", anchor=False)
    found = {(item["name"], item["scope"]): item for item in analyses}
    st.dataframe(pd.DataFrame(test_rows(found)), hide_index=True, height="content")
    download("Results as CSV", result_rows(analyses), "results.csv")


def marks_and_limits(published: Published) -> None:
    """Show what the data cannot say, and how the run was made."""
    st.header("The data's marks and limits", anchor=False)
    say(ON_THE_MARKS)
    coerced = published.results["data"]["coerced"]
    text_table(marks_table(coerced))
    say(ASSUMES, *LIMITS.split("\n\n"), *CITATION.split("\n\n"))
    st.subheader("How this run was made", anchor=False)
    say(run_facts(published.manifest, published.results))

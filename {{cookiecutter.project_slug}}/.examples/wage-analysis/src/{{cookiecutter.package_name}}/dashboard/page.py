"""The dashboard's page, in the order in which a reader asks."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ..analysis.statistics.number_formats import dollars, more_or_less, sentence_start
from ..analysis.statistics.results import by_name
from ..engine import ProjectError
from ..engine.serving import LatestRun
from ..settings import TITLE
from .choices import Published, read_published
from .sections import areas_compared, download, literal, result_rows, say, two_groups, wages_spread


@st.cache_resource(show_spinner=False)
def latest(root: Path) -> LatestRun[Published]:
    """Return the reader of a project's last run, which all who look at the page share.

    No run yet, or a file that is not the one that the run wrote, is a ProjectError.
    """
    return LatestRun(root, read_published)


def show(root: Path) -> None:
    """Show the last run of a project, or one sentence on why there is none to show."""
    try:
        published = latest(root).get()
    except (ProjectError, OSError) as error:
        st.error(literal(f"There is nothing to show: {error}."))
        return
    st.set_page_config(page_title=TITLE, layout="wide")
    st.title(literal(TITLE), anchor=False)
    headline(published)
    areas_compared(published)
    wages_spread(published)
    two_groups(published)
    report(published)


def headline(published: Published) -> None:
    """Show what a reader wants to know first."""
    results = published.results
    means = by_name(results)["management_vs_production"]
    sound, article = means["detailed"], means["article"]
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
        f"Detailed occupations: {sound['conclusion']}",
        f"As in the published walk-through: {article['conclusion']}",
        f"All numbers are those of run {published.manifest['run']}, which read "
        f"{results['data']['file']}; what is computed on this page says so.",
    )


def report(published: Published) -> None:
    """Show the published report as it is: every result, the data's limits, how the run was made."""
    st.header("The report", anchor=False)
    files, _ = st.columns([2, 3])
    with files.container(horizontal=True):
        st.download_button("Report as HTML", published.report, "report.html", on_click="ignore")
        download("Results as CSV", result_rows(published.results["analyses"]), "results.csv")
    st.iframe(published.report, alt=f"Report: {TITLE}")

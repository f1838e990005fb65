"""The dashboard's page, in the order in which a reader asks."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ..analysis.statistics.number_formats import dollars, more_or_less, sentence_start
from ..analysis.statistics.results import by_name, told
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
    results, name = published.results, "management_vs_production"
    ends = {"Highest": results["areas"]["highest"], "Lowest": results["areas"]["lowest"]}
    shown = {
        f"{which} mean annual wage: {areas[0]['area']}": dollars(areas[0]["a_mean"])
        for which, areas in ends.items()
        if areas
    }
    if sound := by_name(results).get(name, {}).get("detailed"):
        label = f"{sentence_start(sound['groups'][0])} against {sound['groups'][1]}"
        difference = more_or_less(sound["estimates"]["difference"])
        shown[f"{label}, mean annual wage"] = difference
    for place, (label, value) in zip(st.columns(3), shown.items(), strict=False):
        place.metric(literal(label), literal(value), border=True)
    said = told(results)
    say(
        said["figures"]["areas"],
        f"Detailed occupations: {said[name]['detailed']}",
        f"As in the published walk-through: {said[name]['article']}",
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

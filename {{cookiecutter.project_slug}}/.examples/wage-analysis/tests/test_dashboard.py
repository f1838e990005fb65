"""The dashboard's page, each control used: its numbers are those of results.json."""

import json
import re
import shutil
import socket

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from {{ cookiecutter.package_name }}.analysis import management_vs_production as means
from {{ cookiecutter.package_name }}.analysis.statistics.number_formats import dollars, p_text
from {{ cookiecutter.package_name }}.dashboard import choices, server
from {{ cookiecutter.package_name }}.dashboard.charts import map_features
from {{ cookiecutter.package_name }}.dashboard.sections import literal, result_rows
from {{ cookiecutter.package_name }}.data.row_selection import Question, select
from {{ cookiecutter.package_name }}.engine import REPORT, RESULTS, ProjectError
from {{ cookiecutter.package_name }}.engine.publishing import load_run
from {{ cookiecutter.package_name }}.settings import TITLE, WAGES, Groups

DOCTORS = choices.Occupation("detailed", "29-1211", "Anesthesiologists")


@pytest.fixture(scope="module")
def published(run):
    return choices.read_published(run)


@pytest.fixture(scope="module")
def untouched(run):
    """Return the page as it is opened, which tests must not change."""
    with pytest.MonkeyPatch.context() as patch:
        return opened(run.root, patch)


@pytest.fixture
def page(run, monkeypatch):
    return opened(run.root, monkeypatch)


def opened(folder, monkeypatch):
    monkeypatch.chdir(folder)
    page = AppTest.from_file(server.__file__, default_timeout=60).run()
    assert not page.exception
    return page


def box(page, label):
    return next(each for each in page.selectbox if each.label == label)


def choose(page, **chosen):
    """Choose in several boxes, each named by its label, and let the page run after each."""
    for label, value in chosen.items():
        box(page, label.replace("_", " ")).select(value).run()
        assert not page.exception


def said(page):
    return [text.value for text in page.text]


def frames(page):
    """Return what stands in the page's frames, and how each is described."""
    return [(frame.proto.srcdoc, frame.proto.alt) for frame in page.get("iframe")]


def plain(markdown):
    return markdown.replace("\\", "")


def test_the_headline_and_the_mean_wages_are_those_of_the_run(run, found, untouched):
    shown, areas = untouched.dataframe[0].value, pd.DataFrame(run.results["areas"]["all"])
    assert [(plain(metric.label), plain(metric.value)) for metric in untouched.metric] == [
        ("Highest mean annual wage: District of Columbia", "$111,010"),
        ("Lowest mean annual wage: Puerto Rico", "$38,840"),
        ("Management against production, mean annual wage", "$72,794 more"),
    ]
    title, detailed, article, made = said(untouched)[:4]
    assert title == f"{run.results['figures']['areas']['title']}."
    assert found["management_vs_production"]["detailed"]["conclusion"] in detailed
    assert found["management_vs_production"]["article"]["conclusion"] in article
    assert run.manifest["run"] in made
    assert len(areas) == 54
    assert list(shown["AREA_TITLE"]) == list(areas["area"])
    assert list(shown["A_MEAN"]) == list(areas["a_mean"])
    ends = areas[["low", "high"]].map(dollars).to_numpy().tolist()
    assert list(shown["Interval"].str.split(" to ")) == ends
    assert list(shown["Ranks it can claim"])[:3] == ["1", "2", "3 to 4"]


def test_a_level_limits_the_occupations_and_wages_are_those_of_the_table(page, published):
    wages = published.wages
    levels = ["All occupations together", "Major groups", "Detailed occupations"]
    assert box(page, "Level").options == levels
    assert box(page, "Occupation").options == ["00-0000 All Occupations"]
    choose(page, Level="detailed")
    options = box(page, "Occupation").options
    assert len(options) == wages.loc[wages["O_GROUP"] == "detailed", "OCC_CODE"].nunique()
    choose(page, Occupation=DOCTORS)
    status = page.dataframe[0].value["status"].value_counts()
    reasons = [choices.PUBLISHED, choices.TOP_CODED, choices.NO_ROW, choices.NOT_RELEASED]
    assert dict(status) == dict(zip(reasons, (25, 13, 13, 3), strict=True))
    first, top, hidden, absent = said(page)[4:8]
    assert first.endswith("(25 of 54 areas).")
    assert top.startswith("# at or above the survey's ceiling ($239,200 a year in May")
    assert "13 areas: Alaska, Arizona, Iowa" in top
    assert hidden == "* not released, 3 areas: Illinois, Massachusetts, Michigan."
    assert absent.startswith("Not in the workbook, 13 areas: Arkansas, California")
    drawing, _ = frames(page)[0]
    for title in (f"Alaska: {choices.TOP_CODED}", f"Arkansas: {choices.NO_ROW}"):
        assert f"<title>{title}</title>" in drawing
    rows = wages[wages["OCC_CODE"] == DOCTORS.code].set_index("AREA_TITLE")
    for column in ("A_MEAN", "A_PCT90"):
        choose(page, Wage=column)
        shown = page.dataframe[0].value
        held = shown.dropna(subset=column).set_index("AREA_TITLE")[column]
        assert held.to_dict() == rows[column].dropna().to_dict()
        assert held.is_monotonic_decreasing
        name = choices.MEASURES[column].lower()
        assert f"Anesthesiologists, {name} annual wage: highest in" in said(page)[4]
        assert ("MEAN_PRSE" in shown) == (column == "A_MEAN")


def test_every_measure_is_a_wage_and_every_top_coded_one_is_told_from_a_hidden_one(run, published):
    names = ["Mean", "10th percentile", "25th percentile", "Median", "75th percentile"]
    assert [*choices.MEASURES.values()] == [*names, "90th percentile"]
    rows = published.wages[published.wages["WAGE_TOP_CODED"]]
    columns = ["O_GROUP", "OCC_CODE", "OCC_TITLE"]
    affected = [choices.Occupation(*row) for row in rows[columns].drop_duplicates().to_numpy()]
    for column in ("A_MEAN", "A_PCT90"):
        found = pd.concat([choices.area_wages(published, each, column) for each in affected])
        marked = run.results["data"]["coerced"][column]
        assert (found["status"] == choices.TOP_CODED).sum() == marked["#"]
    row = rows[rows["A_MEDIAN"].notna() & rows["A_PCT90"].isna()].iloc[0]
    spread = choices.wage_spread(published, choices.Occupation(*row[columns])).set_index("AREA")
    assert spread["status"][row["AREA"]] == f"90th percentile {choices.TOP_CODED}"


def test_the_states_are_a_map_of_closed_lines_inside_its_plane(run, untouched, published):
    drawing, description = frames(untouched)[0]
    assert "highest in District of Columbia $111,010" in description
    wages = {area["area"]: dollars(area["a_mean"]) for area in run.results["areas"]["all"]}
    assert dict(re.findall(r"<title>(.+?): (.+?)</title>", drawing)) == wages
    assert drawing.count("<li>") == len(set(re.findall('path fill="(.+?)"', drawing))) == 5
    names = set(re.findall(r"<text.*?>(.+?)</text>", drawing))
    assert names == {"D.C.", "Guam", "Puerto Rico", "Virgin Is."}
    assert set(map_features()) == set(published.wages["AREA"])
    for feature in map_features().values():
        shape, places = feature["geometry"], feature["geometry"]["coordinates"]
        for polygon in places if shape["type"] == "MultiPolygon" else [places]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert len(ring) > 3
                assert all(-120 <= x <= 1950 and 0 <= y <= 1220 for x, y in ring)


def test_the_spread_is_that_of_the_table(page, published):
    choose(page, Occupation_or_group_of_occupations=DOCTORS)
    found = choices.wage_spread(published, DOCTORS)
    assert len(found) == 54
    wages = published.wages.dropna(subset="A_MEDIAN").set_index("AREA_TITLE")
    rows, shown = wages[wages["OCC_CODE"] == "29-1211"], found.dropna(subset="A_MEDIAN")
    for column in choices.PERCENTILES:
        assert shown.set_index("AREA_TITLE")[column].to_dict() == rows[column].to_dict()
    assert shown["A_MEDIAN"].is_monotonic_decreasing
    drawing, description = frames(page)[1]
    highest = "Anesthesiologists, median annual wage: highest in Washington $499,990"
    assert highest in description
    assert highest in "".join(said(page))
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", drawing)
    assert [text for text in texts if text in rows.index] == list(shown["AREA_TITLE"])
    assert "$500k" in texts


def test_two_groups_are_computed_as_the_pipeline_does(untouched, found):
    for name in ("management_vs_production", "wage_variance_levene"):
        assert found[name]["detailed"]["conclusion"] in said(untouched)
    table = untouched.table[0].value.map(plain).set_index("What")
    assert table.loc["Management", "Mean wages"] == "$124,466 (1,821 rows)"
    assert table.loc["Interval to lean on", "Mean wages"] == "60,084 to 85,505 US$"
    assert table.loc["Production", "How widely wages spread"] == "$9,780 (4,097 rows)"


def test_two_groups_of_the_readers_choice(page, published):
    assert box(page, "First group").options[0] == "11-0000 All management occupations"
    choose(page, Second_group="11-1011 Chief Executives")
    warnings = [plain(warning.value) for warning in page.warning]
    assert len(warnings) == 2
    assert "'management' and 'Chief Executives' share" in warnings[0]
    assert "do not overlap" in warnings[0]
    buttons = [button.label for button in page.download_button]
    assert buttons == ["Areas as CSV", "Spread as CSV", "Report as HTML", "Results as CSV"]
    names = ["29-1211 Anesthesiologists", "29-1216 General Internal Medicine Physicians"]
    choose(page, First_group=names[0], Second_group=names[1])
    some = ["12", "13", "48", "53", "55"]
    page.multiselect[0].set_value(some).run()
    first, second = (choices.comparable_groups(published.wages)[name] for name in names)
    question = Question(groups=Groups(management=first, production=second))
    rows = published.wages[published.wages["AREA"].isin(some)]
    expected = means.compare_management_vs_production(select(rows, question, "test"))
    assert expected.n[0] == 5
    assert expected.conclusion in said(page)
    assert any("computed now" in text and "chance" in text for text in said(page))


def test_the_report_is_the_published_one_and_its_numbers_can_be_had(untouched, run):
    shown, title = frames(untouched)[-1]
    assert shown.encode() == run.read(REPORT)
    assert title == f"Report: {TITLE}"
    assert f"<h1>{TITLE}" in shown
    assert untouched.title[0].value == literal(TITLE) == r"U\.S\. wages by area and occupation"
    rows = result_rows(run.results["analyses"]).to_dict("records")
    for row, item in zip(rows, run.results["analyses"], strict=True):
        assert row["statistic"] == item["statistic"]
        assert row["p"] == p_text(item["pvalue"], item["log10_pvalue"])
        assert row["conclusion"] == item["conclusion"]
        if item["interval_two_way"]:
            assert row["interval_two_way_high"] == item["interval_two_way"]["high"]


def test_without_a_run_its_own_files_or_a_free_port_one_line_says_so(project, monkeypatch):
    for path in (RESULTS, REPORT, WAGES):
        content = (project / path).read_bytes()
        (project / path).write_bytes(content + b" ")
        with pytest.raises(ProjectError, match=f"{path} is not the file that the run wrote"):
            server.serve_dashboard(load_run(project), "127.0.0.1", 0)
        page = opened(project, monkeypatch)
        assert [path in plain(error.value) for error in page.error] == [True]
        (project / path).write_bytes(content)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProjectError, match=f"127.0.0.1 port {port} cannot be had"):
            server.serve_dashboard(load_run(project), "127.0.0.1", port)
    page = opened(project / "configs", monkeypatch)
    assert ["there is no run" in error.value for error in page.error] == [True]
    assert not page.selectbox


def test_a_new_run_is_picked_up_and_a_broken_one_is_not(project, other_run, monkeypatch):
    page = opened(project, monkeypatch)
    shutil.copytree(other_run.root, project, dirs_exist_ok=True)
    page.run()
    assert other_run.manifest["run"] in said(page)[3]
    assert said(page)[0] == f"{other_run.results['figures']['areas']['title']}."
    torn = other_run.manifest | {"run": "torn"}
    torn["stages"]["analyse"]["outputs"][RESULTS] = "0" * 64
    (project / "reports/manifest.json").write_text(json.dumps(torn), encoding="utf-8")
    page.run()
    assert not page.error
    assert other_run.manifest["run"] in said(page)[3]


def test_other_areas_have_no_map_and_of_many_both_ends_are_drawn(other_run, monkeypatch):
    page = opened(other_run.root, monkeypatch)
    shown = page.dataframe[0].value["A_MEAN"]
    assert box(page, "Level").options[2:4] == ["Minor groups", "Broad occupations"]
    assert (len(shown), shown.is_monotonic_decreasing) == (80, True)
    (spread, _), _ = frames(page)
    assert spread.count("Saint Anywhere") == 50
    assert "highest and the 25 lowest" in re.sub(r"<[^>]+>|\s+", " ", spread)
    choose(page, Level="broad")
    assert page.dataframe[0].value["A_MEAN"].notna().all()

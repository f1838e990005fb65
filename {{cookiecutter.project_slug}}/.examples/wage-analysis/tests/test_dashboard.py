"""The dashboard's page, each control used: its numbers are those of results.json."""

import io
import json
import shutil
import socket
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from {{ cookiecutter.package_name }}.analysis.management_vs_production import (
    compare_management_vs_production,
)
from {{ cookiecutter.package_name }}.analysis.selection import Group
from {{ cookiecutter.package_name }}.analysis.wording import dollars, more_or_less, p_text
from {{ cookiecutter.package_name }}.artifacts import RESULTS, load_run
from {{ cookiecutter.package_name }}.cli import build_app
from {{ cookiecutter.package_name }}.pipeline import STUDY, WAGES
from {{ cookiecutter.package_name }}.runner import run_stages
from {{ cookiecutter.package_name }}.study import ProjectError, load_settings
from {{ cookiecutter.package_name }}.visualization.charts import ends
from {{ cookiecutter.package_name }}.visualization.dashboard_data import (
    MEASURES,
    NO_ROW,
    NOT_RELEASED,
    PUBLISHED,
    TOP_CODED,
    Occupation,
    area_wages,
    read_published,
    wage_spread,
)
from {{ cookiecutter.package_name }}.visualization.dashboard_elements import as_csv, literal
from {{ cookiecutter.package_name }}.visualization.dashboard_tables import result_rows
from {{ cookiecutter.package_name }}.visualization.state_map import MAP, map_features

ROOT = Path(__file__).parents[1]
SCRIPT = MAP.with_name("dashboard_script.py")
TOTAL = Occupation("total", "00-0000", "All Occupations")
ANESTHESIOLOGISTS = Occupation("detailed", "29-1211", "Anesthesiologists")
SPECIALISTS, PHYSICIANS, CHIEFS = (
    Group(title, title, code)
    for code, title in (
        ("29-1211", "Anesthesiologists"),
        ("29-1216", "General Internal Medicine Physicians"),
        ("11-1011", "Chief Executives"),
    )
)


def make_run(folder, raw=()):
    shutil.copytree(ROOT / "configs", folder / "configs")
    if not raw:
        shutil.copytree(ROOT / "data/raw", folder / "data/raw")
    return run_stages(STUDY, load_settings(STUDY, folder, STUDY.config, raw), folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def published(run):
    return read_published(run)


@pytest.fixture
def page(run, monkeypatch):
    return opened(run.root, monkeypatch)


def opened(folder, monkeypatch):
    monkeypatch.chdir(folder)
    page = AppTest.from_file(SCRIPT, default_timeout=60).run()
    assert not page.exception
    return page


def choose(page, key, value):
    page.selectbox(key=key).select(value).run()
    assert not page.exception


def said(page):
    return [text.value for text in page.text]


def chart(page, position):
    return page.get("vega_lite_chart")[position].proto


def drawn(page, position):
    """Return the rows that a chart of the page was given."""
    (rows,) = chart(page, position).datasets
    return pa.ipc.open_stream(rows.data.data).read_all().to_pandas()


def test_the_headline_is_that_of_the_run(run, page):
    results = run.results
    found = {(item["name"], item["scope"]): item for item in results["analyses"]}
    both = [found["management_vs_production", scope] for scope in ("detailed", "article")]
    highest, lowest = (results["areas"][end][0] for end in ("highest", "lowest"))
    assert [(metric.label, metric.value) for metric in page.metric] == [
        (literal(f"Highest mean annual wage: {highest['area']}"), literal("$111,010")),
        (literal(f"Lowest mean annual wage: {lowest['area']}"), literal("$38,840")),
        (
            literal("Management against production, mean annual wage"),
            literal(more_or_less(both[0]["estimates"]["difference"])),
        ),
    ]
    assert said(page)[0] == f"{results['figures']['areas']['title']}."
    assert all(item["conclusion"] in text for item, text in zip(both, said(page)[1:3], strict=True))
    assert run.manifest["run"] in said(page)[3]


def test_mean_wages_of_all_occupations_are_those_of_results_json(run, page):
    shown = page.dataframe[0].value
    expected = [
        (
            area["area"],
            area["a_mean"],
            f"{dollars(area['low'])} to {dollars(area['high'])}",
            f"{area['rank_low']}"
            if area["rank_low"] == area["rank_high"]
            else f"{area['rank_low']} to {area['rank_high']}",
        )
        for area in run.results["areas"]["all"]
    ]
    assert list(shown.itertuples(index=False, name=None)) == expected
    assert len(expected) == 54


def test_a_level_limits_the_occupations_and_wages_are_those_of_the_table(page, published):
    wages = published.wages
    level = page.selectbox(key="areas_level")
    assert level.options == ["All occupations together", "Major groups", "Detailed occupations"]
    assert page.selectbox(key="areas_occupation").options == ["00-0000 All Occupations"]
    choose(page, "areas_level", "detailed")
    options = page.selectbox(key="areas_occupation").options
    assert len(options) == wages.loc[wages["O_GROUP"] == "detailed", "OCC_CODE"].nunique()
    choose(page, "areas_occupation", ANESTHESIOLOGISTS)
    rows = wages[wages["OCC_CODE"] == ANESTHESIOLOGISTS.code]
    for column, name in MEASURES.items():
        choose(page, "areas_measure", column)
        shown = page.dataframe[0].value
        held = rows.dropna(subset=column).set_index("AREA_TITLE")[column]
        assert shown.dropna(subset=column).set_index("AREA_TITLE")[column].to_dict() == dict(held)
        assert shown[column].dropna().is_monotonic_decreasing
        assert f"Anesthesiologists, {name.lower()} annual wage: highest in" in said(page)[4]
        assert ("MEAN_PRSE" in shown) == (column == "A_MEAN")


def test_areas_without_a_number_are_named_with_the_reason(page):
    choose(page, "areas_level", "detailed")
    choose(page, "areas_occupation", ANESTHESIOLOGISTS)
    shown = page.dataframe[0].value
    assert dict(shown["status"].value_counts()) == {
        PUBLISHED: 25,
        TOP_CODED: 13,
        NO_ROW: 13,
        NOT_RELEASED: 3,
    }
    assert said(page)[4].endswith("(25 of 54 areas).")
    sentences = said(page)[5:8]
    assert sentences[0].startswith("# at or above the survey's ceiling ($239,200 a year in May")
    assert "13 areas: Alaska, Arizona, Iowa" in sentences[0]
    assert sentences[1] == "* not released, 3 areas: Illinois, Massachusetts, Michigan."
    assert sentences[2].startswith("Not in the workbook, 13 areas: Arkansas, California")


def test_every_top_coded_wage_is_told_from_one_that_was_not_released(run, published):
    rows = published.wages[published.wages["WAGE_TOP_CODED"]].drop_duplicates("OCC_CODE")
    affected = [Occupation(*row) for row in rows[["O_GROUP", "OCC_CODE", "OCC_TITLE"]].to_numpy()]
    for column in ("A_MEAN", "A_PCT90"):
        status = pd.concat([area_wages(published, each, column)["status"] for each in affected])
        marked = run.results["data"]["coerced"][column]
        assert (status == TOP_CODED).sum() == marked["#"]


def test_the_states_are_a_map_or_bars(page, published):
    map_ = chart(page, 0)
    shapes = json.loads(map_.spec)["datasets"]["areas"]
    assert {shape["id"] for shape in shapes} == set(published.wages["AREA"])
    assert {shape["area"]: shape["said"] for shape in shapes}["Puerto Rico"] == "$38,840"
    assert len({shape["kind"] for shape in shapes}) == 5
    assert set(drawn(page, 0)["label"]) == {"D.C.", "Guam", "Puerto Rico", "Virgin Is."}
    assert "highest in District of Columbia $111,010" in json.loads(map_.spec)["description"]
    page.radio(key="areas_shape").set_value("Bars").run()
    bars = drawn(page, 0)
    assert list(bars["A_MEAN"]) == list(page.dataframe[0].value["A_MEAN"])
    assert {"low", "high"} <= set(bars)


def test_the_map_is_closed_lines_inside_its_plane(published):
    assert set(map_features()) == set(published.wages["AREA"])
    for feature in map_features().values():
        shape = feature["geometry"]
        polygons = shape["coordinates"]
        for polygon in polygons if shape["type"] == "MultiPolygon" else [polygons]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert len(ring) > 3
                assert all(-120 <= x <= 1950 and 0 <= y <= 1220 for x, y in ring)


def test_the_spread_is_that_of_the_table(page, published):
    choose(page, "spread_occupation", ANESTHESIOLOGISTS)
    expected = wage_spread(published, ANESTHESIOLOGISTS)
    rows = published.wages[published.wages["OCC_CODE"] == ANESTHESIOLOGISTS.code]
    assert len(expected) == 54
    shown = drawn(page, 1)
    assert shown["A_MEDIAN"].is_monotonic_decreasing
    for column in ("A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90"):
        by_area = shown.set_index("AREA_TITLE")[column].to_dict()
        assert by_area == rows.dropna(subset="A_MEDIAN").set_index("AREA_TITLE")[column].to_dict()
    assert "Anesthesiologists, median annual wage: highest in Washington $499,990" in "".join(
        said(page)
    )


def test_a_single_percentile_above_the_ceiling_is_said(published):
    wages = published.wages
    rows = wages[wages["WAGE_TOP_CODED"] & wages["A_MEDIAN"].notna() & wages["A_PCT90"].isna()]
    row = rows.iloc[0]
    found = wage_spread(published, Occupation(*row[["O_GROUP", "OCC_CODE", "OCC_TITLE"]]))
    status = found.set_index("AREA")["status"]
    assert status[row["AREA"]] == f"90th percentile {TOP_CODED}"


def test_two_groups_are_computed_as_the_pipeline_does(page, run):
    found = {(item["name"], item["scope"]): item for item in run.results["analyses"]}
    for name in ("management_vs_production", "wage_variance_levene"):
        assert found[name, "detailed"]["conclusion"] in said(page)
    table = page.table[0].value.set_index(literal("What")).to_numpy().tolist()
    assert table[:2] == [["1\\,821"] * 2, ["4\\,097"] * 2]
    assert table[2] == [literal("$124,466"), literal("$31,804")]
    assert table[5][0] == literal("$60,084 to $85,505")


def test_two_groups_of_the_readers_choice(page, published):
    options = page.selectbox(key="first_group").options
    assert options[0] == "11-0000 All management occupations"
    assert "29-1211 Anesthesiologists" in options
    choose(page, "first_group", SPECIALISTS)
    choose(page, "second_group", PHYSICIANS)
    some = ["12", "13", "48", "53", "55"]
    page.multiselect(key="group_areas").set_value(some).run()
    rows = published.wages[published.wages["AREA"].isin(some)]
    expected = compare_management_vs_production(rows, first=SPECIALISTS, second=PHYSICIANS)
    assert expected.n[0] == 5
    assert expected.conclusion in said(page)
    assert any("computed now" in text and "chance" in text for text in said(page))


def test_groups_that_cannot_be_compared_are_a_warning(page):
    choose(page, "second_group", CHIEFS)
    warnings = [warning.value.replace("\\", "") for warning in page.warning]
    assert len(warnings) == 2
    assert "'management' and 'Chief Executives' share" in warnings[0]
    assert "do not overlap" in warnings[0]
    assert [button.label for button in page.download_button] == [
        "Areas as CSV",
        "Spread as CSV",
        "Results as CSV",
    ]


def test_each_published_result_is_there_with_its_numbers(page, run):
    table = page.dataframe[1].value
    for item in run.results["analyses"]:
        assert item["conclusion"] in said(page)
    tests = "\n".join(table.iloc[:, 2]).replace("\N{NO-BREAK SPACE}", " ")
    assert "Welch's t = 70.7, p < 1e" in tests
    assert "p = 0," not in "".join(said(page)) + tests
    assert len(table) == len(run.results["analyses"])
    rows = result_rows(run.results["analyses"])
    for row, item in zip(rows.to_dict("records"), run.results["analyses"], strict=True):
        assert row["statistic"] == item["statistic"]
        assert row["p"] == p_text(item["pvalue"], item["log10_pvalue"])
        assert row["conclusion"] == item["conclusion"]
        if item["interval_two_way"]:
            assert row["interval_two_way_high"] == item["interval_two_way"]["high"]


def test_marks_limits_and_origin_are_said(page, run):
    marks = page.table[1].value.map(lambda text: text.replace("\\", ""))
    assert list(marks.iloc[:, 0]) == ["*", "**", "#"]
    assert "employment not released" in marks.iloc[1, 1]
    assert "at least that much" in marks.iloc[2, 1]
    assert "625 in A_MEAN" in marks.iloc[0, 2]
    assert "1,318 in TOT_EMP" in marks.iloc[1, 2]
    assert "98 in A_PCT90" in marks.iloc[2, 2]
    assert f"Its SHA-256: {run.results['data']['sha256']}" in said(page)[-1]
    assert any("BLS.gov cannot vouch" in text for text in said(page))


def test_downloads_hold_the_rows_that_are_shown(published):
    areas = area_wages(published, TOTAL, "A_MEAN")
    again = pd.read_csv(io.BytesIO(as_csv(areas)), dtype={"AREA": "str"})
    pd.testing.assert_frame_equal(again, areas, check_dtype=False)
    assert list(again.columns[:6]) == [
        "AREA",
        "AREA_TITLE",
        "OCC_CODE",
        "OCC_TITLE",
        "A_MEAN",
        "MEAN_PRSE",
    ]


def test_text_of_the_data_is_shown_as_it_is():
    assert literal("<b>$5</b> [a](b)") == r"\<b\>\$5\<\/b\> \[a\]\(b\)"


def test_without_a_run_the_page_and_the_command_say_so(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    page = opened(tmp_path, monkeypatch)
    (error,) = page.error
    assert "there is no run" in error.value
    assert not page.selectbox
    result = CliRunner().invoke(build_app(STUDY), ["dashboard"])
    assert isinstance(result.exception, ProjectError)


@pytest.mark.parametrize("path", [RESULTS, WAGES])
def test_a_file_that_is_not_the_recorded_one_is_refused(path, run, tmp_path, monkeypatch):
    shutil.copytree(run.root, tmp_path, dirs_exist_ok=True)
    (tmp_path / path).write_bytes((tmp_path / path).read_bytes() + b" ")
    page = opened(tmp_path, monkeypatch)
    assert [path in error.value.replace("\\", "") for error in page.error] == [True]
    result = CliRunner().invoke(build_app(STUDY), ["dashboard"])
    assert isinstance(result.exception, ProjectError)
    assert f"{path} is not the file that the run wrote" in str(result.exception)


def test_a_port_in_use_is_one_line(run, monkeypatch):
    monkeypatch.chdir(run.root)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(build_app(STUDY), ["dashboard", "--port", str(port)])
    assert isinstance(result.exception, ProjectError)
    assert f"127.0.0.1 port {port} cannot be had" in str(result.exception)


def test_a_new_run_is_picked_up_and_a_broken_one_is_not(run, tmp_path, monkeypatch):
    shutil.copytree(run.root, tmp_path, dirs_exist_ok=True)
    page = opened(tmp_path, monkeypatch)
    config = tmp_path / STUDY.config
    text = config.read_text(encoding="utf-8").replace("0.95", "0.5000001")
    config.write_text(text, encoding="utf-8")
    new = run_stages(STUDY, load_settings(STUDY, tmp_path, STUDY.config), tmp_path, "analyse")
    page.run()
    assert new.manifest["run"] in said(page)[3]
    assert "50 % interval" in said(page)[1]
    manifest = tmp_path / "reports/manifest.json"
    torn = json.loads(manifest.read_text(encoding="utf-8")) | {"run": "torn"}
    torn["stages"]["analyse"]["outputs"][RESULTS] = "0" * 64
    manifest.write_text(json.dumps(torn), encoding="utf-8")
    page.run()
    assert not page.error
    assert new.manifest["run"] in said(page)[3]


def test_other_areas_are_bars_of_both_ends(tmp_path, monkeypatch, metropolitan):
    other = make_run(tmp_path, [metropolitan])
    page = opened(tmp_path, monkeypatch)
    assert not page.radio
    assert page.selectbox(key="areas_level").options[2:4] == ["Minor groups", "Broad occupations"]
    areas = [area["area"] for area in other.results["areas"]["all"]]
    for position in (0, 1):
        assert len(drawn(page, position)) == 50
    assert list(drawn(page, 0)["AREA_TITLE"]) == areas[:25] + areas[-25:]
    assert len(page.dataframe[0].value) == 300
    assert any("25 highest and the 25 lowest" in text for text in said(page))
    choose(page, "areas_level", "broad")
    assert page.dataframe[0].value["A_MEAN"].notna().all()
    assert len(ends(page.dataframe[0].value)) == 50
    assert load_run(tmp_path).manifest["run"] in said(page)[3]

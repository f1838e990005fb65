"""Workbooks that do not allow every analysis: what is missing says why, the rest is published."""

import logging
from html import unescape

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest
from typer import Typer
from typer.testing import CliRunner

from {{ cookiecutter.package_name }}.dashboard import server
from {{ cookiecutter.package_name }}.data.preprocessing import NUMERIC_COLUMNS
from {{ cookiecutter.package_name }}.engine import REPORT, ProjectError
from {{ cookiecutter.package_name }}.engine.publishing import load_run
from {{ cookiecutter.package_name }}.engine.runs import run_stages
from {{ cookiecutter.package_name }}.engine.serving.app import build_app
from {{ cookiecutter.package_name }}.engine.study import load_settings
from {{ cookiecutter.package_name }}.pipeline import STUDY
from {{ cookiecutter.package_name }}.settings import CARD, CORRELATIONS, MODEL, WORKBOOK

LEVEL, CODE, AREA = "O_GROUP", "OCC_CODE", "AREA"
MEANS, LINE = "management_vs_production", "employment_wage_regression"
STATE = {AREA: ["01"]}
HIDDEN = dict.fromkeys((*NUMERIC_COLUMNS[:4], *NUMERIC_COLUMNS[6:]), "*")  # but the empty columns
BLANK = dict.fromkeys(NUMERIC_COLUMNS)
FEW = "Each group needs two detailed rows with A_MEAN; 'management' has"
SECTORS = {
    "NAICS": lambda rows: rows[AREA].replace({"01": "110000", "02": "210000"}),
    **{"I_GROUP": "sector", "OWN_CODE": "5", AREA: "99", "AREA_TITLE": "U.S.", "AREA_TYPE": "1"},
}
CUTS = {  # rows that are kept, cells that are changed, and where results.json says what of it
    "one state": (STATE, {}, "areas/total", "has one, Alabama, $57,500 a year on average."),
    "two states": ({AREA: ["01", "02"]}, {}, f"{MEANS}_paired/major", "; this file has 2."),
    "two industries": ({AREA: ["01", "02"]}, SECTORS, "areas/total", "several rows of one level"),
    "detailed rows": (STATE | {LEVEL: ["detailed"]}, {}, "wage_by_group/major", "has none."),
    "total rows": ({LEVEL: ["total"]}, {}, f"{LINE}/detailed", "needs detailed rows (O_GROUP), "),
    "one title": (STATE | {CODE: ["00-0000", "11-1011"]}, {}, f"{MEANS}/detailed", f"{FEW} 1."),
    "top-coded": (STATE, {"A_MEAN": "#"}, f"{MEANS}/detailed", f"{FEW} 0, and 33 without it."),
    "no jobs": (STATE, {"TOT_EMP": "**", "MEAN_PRSE": "*"}, f"{LINE}/article", "file has 0."),
    "marks": (STATE, HIDDEN, "correlation_matrix/detailed", "columns that vary are needed"),
    "blank": (STATE, BLANK, "figures/missing", "No column of numbers holds anything."),
}


@pytest.fixture(scope="module")
def raw(run):
    """Return the cells of the shipped workbook, which tests must not change."""
    path = run.root / "data/raw/state_M2025_dl.xlsx"
    raw = pd.read_excel(path, engine="openpyxl", dtype=object, keep_default_na=False)
    return raw.assign(AREA=raw[AREA].astype(str).str.zfill(2))


@pytest.fixture(params=CUTS)
def cut(request, raw, project, caplog):
    """Return a run on a cut workbook where one on the shipped workbook was before."""
    rows, cells, *_ = CUTS[request.param]
    for column, kept in rows.items():
        raw = raw[raw[column].isin(kept)]
    raw.assign(**cells).to_excel(project / "cut.xlsx", index=False)
    settings = load_settings(STUDY, project, STUDY.config, [project / "cut.xlsx"])
    with caplog.at_level(logging.WARNING):
        run_stages(STUDY.stages, settings, project, metrics=STUDY.metrics)
    return load_run(project)


def test_what_is_missing_leaves_its_place_to_the_reason(cut, run, request, caplog, monkeypatch):
    results, reasons = cut.results, dict(cut.results["reasons"])
    *_, place, expected = CUTS[request.node.callspec.params["cut"]]
    name, _, scope = place.partition("/")
    assert expected in reasons[name][scope]
    undrawn, drawn = reasons.pop("figures", {}), results["figures"]
    missing = {(name, scope): why for name, each in reasons.items() for scope, why in each.items()}
    made, every = ([(t["name"], t["scope"]) for t in r.results["analyses"]] for r in (cut, run))
    others = [("areas", "total"), ("wage_by_group", "major"), ("correlation_matrix", "detailed")]
    assert sorted([*made, *missing.keys() - {*others}]) == sorted(every)
    assert sorted([*drawn, *undrawn]) == sorted(run.results["figures"])
    logged = {record.getMessage().partition(": ")[0] for record in caplog.get_records("setup")}
    assert logged >= {f"{name} ({scope}) is left out" for name, scope in missing}
    html = unescape(cut.read(REPORT).decode())
    assert [why for why in (*missing.values(), *undrawn.values()) if why not in html] == []
    assert ("in one area and each industry or owner, at" in html) == ("several rows" in expected)
    means = [t for t in results["analyses"] if (t["name"], t["scope"]) == (MEANS, "article")]
    assert ("Once that is allowed for: " in html) == any(t["interval_two_way"] for t in means)
    titles = sum(map(len, results["data"]["article_titles"].values()))
    assert ("facts, although they are" in html) == any(sum(t["n"]) > titles for t in means)
    touched = "groups" not in results["top_coding"]["reasons"]
    assert touched or "of the compared groups has" not in html
    assert (html.count("<img "), html.count("<h2")) == (len(drawn), 17)
    book = load_workbook(cut.root / WORKBOOK)
    rows = book["summary"].iter_rows(min_row=2, values_only=True)
    told = {(row[0], row[1]): row[-1] for row in rows}
    assert told.items() >= missing.items()
    assert set(book.sheetnames).isdisjoint(reasons.keys() - dict(made).keys())
    client = TestClient(build_app(STUDY, cut.root))
    for path in ("analyses", "figures", "areas", "occupations", "wages", "report", "openapi.json"):
        assert client.get(f"/{path}").status_code == 200
    asked = {f"/analyses/{name}?scope={scope}": why for (name, scope), why in missing.items()}
    asked |= {f"/figures/{name}.svg": why for name, why in undrawn.items()}
    for path, why in asked.items():
        answer = client.get(path)
        assert (answer.status_code, answer.json()["detail"]) == (404, why)
    cli, why = Typer(), missing.get((LINE, "detailed"))
    STUDY.commands(cli, lambda: cut)
    answer = client.post("/predict", json={"employment": 1000})
    spoken = CliRunner().invoke(cli, ["predict", "--employment", "1000"])
    if why is None:
        assert spoken.output == f"${answer.json()['a_mean']:,.0f} a year\n"
    else:
        assert (answer.status_code, answer.json()["detail"]) == (404, why)
        assert isinstance(spoken.exception, ProjectError)
        assert f"{spoken.exception}." == f"this run has no line to predict with: {why}"
        assert why in cut.read(CARD).decode().replace("\\", "")
    assert (cut.root / MODEL).is_file() == (why is None)
    assert (cut.root / CORRELATIONS).is_file() == ("correlation_matrix" not in reasons)
    monkeypatch.chdir(cut.root)
    page = AppTest.from_file(server.__file__, default_timeout=60).run()
    assert not page.exception
    shown = " ".join(text.value for text in page.text)
    first = [(MEANS, "article"), (MEANS, "detailed"), ("areas", "total")]
    assert [place for place in first if missing.get(place, "") not in shown] == []

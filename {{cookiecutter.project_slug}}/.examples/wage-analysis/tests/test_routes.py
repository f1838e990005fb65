"""The study's routes, against the run's own files and a plain pandas answer."""

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from {{ cookiecutter.package_name }}.data.row_selection import Question, select
from {{ cookiecutter.package_name }}.engine.serving.app import build_app
from {{ cookiecutter.package_name }}.models.regression import fit_employment_wage
from {{ cookiecutter.package_name }}.pipeline import STUDY
from {{ cookiecutter.package_name }}.routes import tables
from {{ cookiecutter.package_name }}.settings import WAGES


@pytest.fixture(scope="module")
def client(run):
    return TestClient(build_app(STUDY, run.root))


@pytest.fixture(scope="module")
def published(run):
    """Return the run's table, its columns in lower case and nothing else done to it."""
    return pd.read_parquet(run.root / WAGES).rename(columns=str.lower)


def test_areas_and_occupations_are_those_of_the_run(run, client, published):
    areas, estimates = client.get("/areas").json(), run.results["areas"]["all"]
    ranked = sorted(areas, key=lambda area: area["rank"])
    assert [area | theirs for area, theirs in zip(ranked, estimates, strict=True)] == ranked
    assert [area["fips"] for area in areas] == sorted(published["area"].unique())
    assert {"fips": "06", "state": "CA", "area": "California"}.items() <= areas[4].items()
    occupations = client.get("/occupations").json()
    assert len(occupations) == 852
    assert occupations[0] == {"soc": "00-0000", "title": "All Occupations", "level": "total"}
    assert {"soc": "15-1252", "title": "Software Developers", "level": "detailed"} in occupations


def test_the_example_of_the_contract(client):
    question = "state=CA&soc=15-1252&major=15&level=detailed&sort=-a_mean&limit=50&offset=0"
    page = client.get(f"/wages?{question}").json()
    (row,) = page.pop("rows")
    assert page == {"total": 1, "limit": 50, "offset": 0}
    assert (row["area_title"], row["a_mean"], row["pct_total"]) == ("California", 186770, None)
    assert len(client.get("/wages").json()["rows"]) == 50


FILTERS = {
    "state": ("prim_state", ["CA", "GU", "WY"]),
    "soc": ("occ_code", ["00-0000", "15-1252", "29-1215", "51-0000"]),
    "major": (None, ["00", "15", "29", "51"]),
    "level": ("o_group", ["detailed", "major", "total"]),
}
COLUMNS = ["a_mean", "occ_title", "tot_emp", "mean_prse", "wage_top_coded", "annual"]


@settings(max_examples=100, deadline=None)
@given(
    chosen=st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(known) for name, (_, known) in FILTERS.items()}
    ),
    sort=st.none() | st.sampled_from([sign + name for name in COLUMNS for sign in ("", "-")]),
    limit=st.integers(1, 30) | st.just(1000),
    offset=st.integers(0, 2000) | st.integers(0, 10_000_000),
)
def test_filters_give_what_pandas_gives(client, published, chosen, sort, limit, offset):
    rows = published
    for name, value in chosen.items():
        column = FILTERS[name][0]
        values = rows[column] if column else rows["occ_code"].str.slice(0, 2)
        rows = rows.loc[values.eq(value)]
    if sort:
        present, absent = (rows[rows[sort.strip("-")].notna() == known] for known in (True, False))
        present = present.sort_values(sort.strip("-"), ascending=sort[0] != "-", kind="stable")
        rows = pd.concat([present, absent])
    question = chosen | {"limit": limit, "offset": offset} | ({"sort": sort} if sort else {})
    answer = client.get("/wages", params=question)
    assert answer.status_code == 200
    page = answer.json()
    assert (page["total"], page["limit"], page["offset"]) == (len(rows), limit, offset)
    expected = rows.iloc[offset : offset + limit]
    found = pd.DataFrame(page["rows"], columns=published.columns)
    found = found.astype(published.dtypes.to_dict())
    pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_exact=True)


REFUSED = (
    "state=ZZ>CA state=ca>CA state=>CA soc=99-9999>15-1252 major=15->15 level=broad>detailed "
    "sort=wage>-a_mean sort=--a_mean>a_mean stat=CA>state limit=0 limit=1001 limit=ten offset=-1"
)


@pytest.mark.parametrize("refused", REFUSED.split())
def test_an_unknown_value_is_refused_with_what_is_known(client, refused):
    question, _, known = refused.partition(">")
    answer = client.get(f"/wages?{question}")
    assert answer.status_code == 422
    assert known in answer.json().get("known", [""])
    assert question.partition("=")[0] in answer.text or question.startswith("stat=")


def test_the_documentation_names_what_is_known_and_shows_an_answer_of_each_route(client):
    described = client.get("/openapi.json").json()["paths"]
    known = {each["name"]: each["schema"] for each in described["/wages"]["get"]["parameters"]}
    assert known["state"]["enum"][:2] == ["AK", "AL"]
    assert {"a_mean", "-a_mean"} < set(known["sort"]["enum"])
    assert len(known["soc"]["enum"]) == 852
    predicted = client.post("/predict", json={"employment": 1000})
    pages = {"/areas": "", "/occupations": "", "/wages": "?limit=1"}
    answers = {path: client.get(path + query) for path, query in pages.items()}
    for path, answer in (answers | {"/predict": predicted}).items():
        (operation,) = described[path].values()
        shown = operation["responses"]["200"]["content"]["application/json"]["example"]
        assert shown == (answer.json()[:1] if isinstance(answer.json(), list) else answer.json())


def test_predict_is_the_line_and_strict(client, published):
    detailed = select(published.rename(columns=str.upper), Question("detailed"), "predict").rows
    line = fit_employment_wage(detailed)
    answer = client.post("/predict", json={"employment": 1000})
    assert answer.json() == {
        "employment": 1000,
        "a_mean": pytest.approx(line.intercept + 1000 * line.slope, rel=1e-12),
        "in_range": True,
        "r_squared": pytest.approx(0.00089734899, rel=1e-6),
    }
    assert not client.post("/predict", json={"employment": 10}).json()["in_range"]
    values = ('"1000"', "NaN", "Infinity", "-1", "1e11", "null", "true", "[1]", '1, "more": 1')
    bodies = ['{"employment": ' + value + "}" for value in values]
    header = {"content-type": "application/json"}
    for body in (*bodies, "", "{}", "[]", "1000"):
        answer = client.post("/predict", content=body, headers=header)
        assert answer.status_code == 422
        assert ("finite number" in answer.text) == ("NaN" in body or "Infinity" in body)


def test_a_workbook_of_other_areas_is_served_too(other_run):
    made, estimates = tables(other_run), other_run.results["areas"]["all"]
    areas = made.lists["/areas"]
    assert len(areas) == len(estimates) == 80
    assert sorted(areas, key=lambda area: area["rank"])[0].items() >= estimates[0].items()
    assert "broad" in made.known["/wages"]["level"]
    assert made.lists["/occupations"][2]["level"] == "minor"

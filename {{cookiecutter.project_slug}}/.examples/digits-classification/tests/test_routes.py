"""What programs get of the model in production."""

import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from PIL import Image as Picture

from {{ cookiecutter.package_name }}.engine import Run
from {{ cookiecutter.package_name }}.engine.serving.app import build_app
from {{ cookiecutter.package_name }}.models import registry
from {{ cookiecutter.package_name }}.pipeline import STUDY
from {{ cookiecutter.package_name }}.settings import BASELINES, CLEANED, TEST_PREDICTIONS

pytestmark = pytest.mark.usefixtures("digits")


@pytest.fixture(scope="module")
def project(run, tmp_path_factory):
    """A copy of the run's project, whose registry may change."""
    root = tmp_path_factory.mktemp("served") / "project"
    shutil.copytree(run.root, root)
    return root


@pytest.fixture(scope="module")
def client(project):
    return TestClient(build_app(STUDY, project), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def rows(run):
    """The test rows as a program sends them, and what the run said of them."""
    said = pd.read_parquet(io.BytesIO(run.read(TEST_PREDICTIONS)))
    table = pd.read_parquet(io.BytesIO(run.read(CLEANED))).loc[said["row"]]
    return table.to_dict("records"), said


def test_rows_are_answered_as_the_run_answered_them(client, run, rows):
    records, said = rows
    got = client.post("/predict", json={"rows": records[:50]}).json()
    assert [each["prediction"] for each in got["rows"]] == said["prediction"][:50].tolist()
    first = got["rows"][0]
    assert first["probability"] == max(first["probabilities"].values())
    assert first["probabilities"]["0"] == pytest.approx(said["probability: 0"][0])
    assert got["model"]["run"] == run.manifest["run"]
    assert got["model"]["sha256"] == run.results["promotion"]["model"]
    assert first["warnings"] == []


def test_what_training_never_saw_is_answered_and_said(client, rows):
    strange = {**rows[0][0], "pixel_3_3": 99}
    (answer,) = client.post("/predict", json={"rows": [strange]}).json()["rows"]
    assert answer["warnings"] == ["'pixel_3_3': 99.0 is outside the 0 to 16 of training"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pixel_3_3": "ink"}, "body.rows.0.pixel_3_3"),
        ({"pixel_3_3": [1]}, "body.rows.0.pixel_3_3"),
        ({"colour": "red", "size": 1}, "body.rows.0: a name is none of those known; /docs"),
    ],
)
def test_an_impossible_row_is_422(client, rows, change, said):
    refused = client.post("/predict", json={"rows": [{**rows[0][0], **change}]})
    assert (refused.status_code, refused.headers["content-type"]) == (
        *(422, "application/problem+json"),
    )
    assert said in refused.json()["detail"]


def test_other_bodies_are_refused(client, rows):
    lacking = {name: value for name, value in rows[0][0].items() if name != "pixel_3_3"}
    infinite = json.dumps({"rows": [rows[0][0]]}).replace("0.0", "Infinity", 1)
    for body in (json.dumps({"rows": [lacking]}), '{"rows": []}', "[", infinite, ""):
        assert client.post("/predict", content=body).status_code == 422
    assert client.post("/predict", content=b" " * 2_000_001).status_code == 413


def test_a_picture_is_read_and_no_picture_is_not(client):
    grey = np.full((100, 100), 255, "uint8")
    grey[20:80, 45:55] = 0
    file = io.BytesIO()
    Picture.fromarray(grey).save(file, "PNG")
    png = {"content-type": "image/png"}
    got = client.post("/predict", content=file.getvalue(), headers=png).json()
    assert got["rows"][0]["prediction"] == "1"
    refused = client.post("/predict", content=b"no picture", headers=png)
    assert (refused.status_code, "no PNG" in refused.json()["detail"]) == (422, True)


def test_the_model_says_what_it_is(client, run):
    found = client.get("/model").json()
    assert (found["target"], found["classes"]) == ("digit", [*"0123456789"])
    assert found["metrics"]["accuracy"] == STUDY.metrics(run)["accuracy"]
    assert found["columns"]["pixel_3_3"] == "number"
    card = client.get("/model/card")
    assert card.headers["content-type"] == "text/markdown; charset=utf-8"
    assert card.text.startswith("# Model card: digit")


def test_openapi_has_the_columns_of_the_training_table(client):
    schema = client.get("/openapi.json").json()
    body = schema["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert body["application/json"]["schema"] == {"$ref": "#/components/schemas/Rows"}
    rows = schema["components"]["schemas"]["Rows"]["properties"]["rows"]
    assert rows["items"] == {"$ref": "#/components/schemas/Row"}
    row = schema["components"]["schemas"]["Row"]
    assert "in training 0 to 16" in row["properties"]["pixel_3_3"]["description"]
    assert row["additionalProperties"] is False


def test_the_page_may_run_its_own_script_and_nothing_else(client):
    page = client.get("/draw")
    policy = page.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert "script-src 'unsafe-inline'" in policy[0]
    assert "default-src 'none'" in policy[0]
    assert "http" not in page.text.replace("http-equiv", "")


def test_another_model_in_production_answers_from_then_on(client, project, rows, run):
    line = registry.production(project)
    content = (project / registry.file_of(line["model"])).read_bytes()
    worse = Run(project, run.manifest).read(BASELINES)
    (project / registry.file_of(line["model"])).write_bytes(worse)
    registry.put_into_production(project, line, "promoted anyway", "to see that it is refused")
    refused = client.post("/predict", json={"rows": rows[0][:1]})
    assert (refused.status_code, "not the file" in refused.json()["detail"]) == (503, True)
    assert client.get("/openapi.json").status_code == 200
    (project / registry.file_of(line["model"])).write_bytes(content)
    assert client.get("/model").json()["since"] == registry.production(project)["time"]
    history = project / registry.HISTORY
    history.unlink()
    nothing = client.get("/model")
    assert (nothing.status_code, "no model is in production" in nothing.text) == (503, True)

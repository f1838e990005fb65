"""Lesson 6: copy this file to `tests/` of the project; `make test` runs it with the others."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from us_wage_analysis.engine.serving.app import build_app
from us_wage_analysis.pipeline import STUDY

ROOT = Path(__file__).parents[1]


@pytest.fixture
def api():
    """Start the API of the last run on a free port, and end it."""
    command = [sys.executable, "-m", "us_wage_analysis", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        for line in server.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                break
        server.terminate()


def test_exercise_1_a_program_asks(api):
    """The answer is that of the table, for any state and number."""
    from us_wage_analysis.exercises.lesson_6 import highest_paid

    table = pd.read_parquet(ROOT / "data/processed/wages.parquet")
    rows = table[(table["PRIM_STATE"] == "WY") & (table["O_GROUP"] == "detailed")]
    best = rows.sort_values("A_MEAN", ascending=False, kind="stable")[:4]
    expected = list(zip(best["OCC_TITLE"], best["A_MEAN"], strict=True))
    assert highest_paid(api, "WY", 4) == expected
    assert len(highest_paid(api, "CA", 1)) == 1


def test_exercise_2_the_route_answers_and_is_described():
    """Six areas, the first of them the highest; OpenAPI knows the route."""
    client = TestClient(build_app(STUDY, ROOT))
    results = json.loads((ROOT / "reports/results.json").read_text(encoding="utf-8"))
    ranked = results["areas"]["all"]
    sure = [area["area"] for area in ranked if area["rank_low"] == area["rank_high"]]
    assert [area["area"] for area in client.get("/certain").json()] == sure
    assert "/certain" in client.get("/openapi.json").json()["paths"]

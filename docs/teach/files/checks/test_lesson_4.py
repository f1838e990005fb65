"""Lesson 4: copy this file to `tests/` of the project; `make test` runs it with the others."""

import json
from pathlib import Path

import pandas as pd
import pytest

from us_wage_analysis.exercises import lesson_4

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def table():
    """Return the table of the last run."""
    wages = pd.read_parquet(ROOT / "data/processed/wages.parquet")
    wages.attrs.clear()
    return wages


def test_exercise_1_the_rows_that_count_a_job(table):
    """Three of them, or two where the occupation itself is not published."""
    found = lesson_4.rows_that_count(table, "Alabama", "51-4041")
    assert found == ["00-0000", "51-0000", "51-4041"]
    assert lesson_4.rows_that_count(table, "Alabama", "00-0000") == ["00-0000"]
    hidden = lesson_4.rows_that_count(table, "Guam", "19-1021")
    assert hidden == ["00-0000", "19-0000"]


def test_exercise_2_the_clustered_error_is_that_of_the_results(table):
    """By occupation and by area; with every row a cluster it is about the naive one."""
    detailed = table[table["O_GROUP"] == "detailed"]
    first, second = (detailed[detailed["OCC_CODE"].str.startswith(code)] for code in ("11", "51"))
    results = json.loads((ROOT / "reports/results.json").read_text(encoding="utf-8"))
    (test,) = [
        test["estimates"]
        for test in results["analyses"]
        if (test["name"], test["scope"]) == ("management_vs_production", "detailed")
    ]
    for by, name in (("OCC_CODE", "occupation_stderr"), ("AREA", "area_stderr")):
        ours = lesson_4.clustered_stderr(first, second, by)
        assert ours == pytest.approx(test[name], rel=1e-9)
    alone = (
        frame.assign(row=range(start, start + len(frame)))
        for frame, start in ((first, 0), (second, len(first)))
    )
    ours = lesson_4.clustered_stderr(*alone, "row")
    assert ours == pytest.approx(test["difference_stderr"], rel=1e-3)
    twice = [pd.concat([frame, frame]) for frame in (first, second)]
    ours = lesson_4.clustered_stderr(*twice, "OCC_CODE")
    assert ours == pytest.approx(test["occupation_stderr"], rel=1e-3)  # repeating adds nothing


def test_exercise_3_fewer_ranks_are_certain_when_more_is_asked(table):
    """6 at 95 %; what is certain at a higher level is certain at a lower one."""
    found = {level: lesson_4.certain_ranks(table, level) for level in (0.8, 0.95, 0.99)}
    assert len(found[0.95]) == 6
    assert found[0.95][0] == "District of Columbia"
    assert found[0.95][-1] == "Puerto Rico"
    assert {*found[0.99]} <= {*found[0.95]} <= {*found[0.8]}
    assert len(found[0.99]) < len(found[0.8])

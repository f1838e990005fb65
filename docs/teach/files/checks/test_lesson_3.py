"""Lesson 3: copy this file to `tests/` of the project; `make test` runs it with the others."""

import os
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pandas as pd
import pytest

from us_wage_analysis.engine import ProjectError

ROOT = Path(__file__).parents[1]
THEIRS = "tests/test_legal_first.py"
MODULE = "src/us_wage_analysis/analysis/legal_first.py"


@pytest.fixture(scope="module")
def table():
    """Return the table of the last run."""
    wages = pd.read_parquet(ROOT / "data/processed/wages.parquet")
    wages.attrs.clear()
    return wages


def test_exercise_1_the_question_has_its_answer(table):
    """53 areas, since Puerto Rico hides one of the two wages."""
    from us_wage_analysis.analysis.legal_first import compare_legal_with_management

    found = compare_legal_with_management(table)
    assert found.areas == 53
    assert len(found.first) == 7
    assert {"California", "District of Columbia", "Guam", "Nevada"} < {*found.first}
    with pytest.raises(FrozenInstanceError):
        found.areas = 54


def test_exercise_2_what_cannot_be_asked_is_refused(table):
    """With a sentence of ours, not with a KeyError."""
    from us_wage_analysis.analysis.legal_first import compare_legal_with_management

    for rows in (table[table["O_GROUP"] != "major"], table[table["OCC_CODE"] != "11-0000"]):
        with pytest.raises(ProjectError, match="legal_first"):
            compare_legal_with_management(rows)


def outcome(folder, change):
    """Run the student's tests on a changed copy of the module; return whether they pass."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests").mkdir()
    shutil.copy(ROOT / THEIRS, folder / THEIRS)
    text = (folder / MODULE).read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text or change is str
    (folder / MODULE).write_text(changed, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", THEIRS]
    variables = os.environ | {"PYTHONPATH": str(folder / "src")}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True).returncode == 0


def turned(text):
    """Turn the comparison around."""
    return text.replace(" > both[", " < both[")


def test_exercise_3_the_tests_can_fail(tmp_path):
    """They pass as it is, and see a comparison that was turned around."""
    assert outcome(tmp_path / "as it is", str)
    assert not outcome(tmp_path / "turned", turned)

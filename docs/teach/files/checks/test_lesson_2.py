"""Lesson 2: copy this file to `tests/` of the project; `make test` runs it with the others."""

from pathlib import Path

import pandas as pd
import pytest

from us_wage_analysis.data.preprocessing import preprocess_wage_data
from us_wage_analysis.data.validation import validate_wages
from us_wage_analysis.engine import ProjectError

WORKBOOK = Path(__file__).parents[1] / "data/raw/state_M2025_dl.xlsx"


@pytest.fixture(scope="module")
def table():
    """Return the shipped workbook, preprocessed."""
    return preprocess_wage_data(WORKBOOK)


def test_exercise_1_marks_are_counted_in_the_workbook(table):
    """They are those that the table lost."""
    from us_wage_analysis.exercises.lesson_2 import marks_of

    for column in ("A_MEAN", "TOT_EMP", "A_PCT90"):
        assert marks_of(WORKBOOK, column) == table.attrs["source"]["coerced"][column]
    assert marks_of(WORKBOOK, "OCC_TITLE") == {}


def test_exercise_2_one_cell_breaks_one_rule(table):
    """The error was predicted: the percentiles of the annual wage, and nothing else."""
    from us_wage_analysis.exercises.lesson_2 import break_one_cell

    before = table.copy()
    broken = break_one_cell(table)
    pd.testing.assert_frame_equal(table, before)  # what came in is as it was
    changed = (broken != table) & ~(broken.isna() & table.isna())
    assert int(changed.to_numpy().sum()) == 1
    with pytest.raises(ProjectError, match="percentiles of a wage, annual or") as why:
        validate_wages(broken)
    assert str(why.value).count(", but not in ") == 1


def test_exercise_3_the_new_rule_holds_and_can_break(table):
    """A rule that can never be broken says nothing."""
    from us_wage_analysis.data.rules import RULES

    (rule,) = [rule for rule in RULES if rule.name == "annual_has_no_hourly"]
    assert rule.of == "the shipped file"
    held = rule.holds(table)
    assert (len(held), int((~held).sum())) == (2537, 0)
    broken = table.copy()
    broken.loc[held.index[0], "H_PCT90"] = 10.0
    held = rule.holds(broken)
    assert (len(held), int((~held).sum())) == (2537, 1)

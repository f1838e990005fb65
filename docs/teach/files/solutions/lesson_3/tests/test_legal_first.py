"""Where legal occupations are paid more than management."""

import pandas as pd
import pytest

from us_wage_analysis.analysis.legal_first import compare_legal_with_management
from us_wage_analysis.engine import ProjectError

ROWS = """
Here major 23-0000 120
Here major 11-0000 110
Here detailed 23-1011 90
There major 23-0000 100
There major 11-0000 110
There detailed 23-1011 130
Same major 23-0000 100
Same major 11-0000 100
Hidden major 23-0000 nan
Hidden major 11-0000 90
"""


@pytest.fixture
def small():
    table = pd.DataFrame([line.split() for line in ROWS.strip().splitlines()])
    table.columns = ["AREA_TITLE", "O_GROUP", "OCC_CODE", "A_MEAN"]
    return table.astype({"A_MEAN": float})


def test_the_higher_wage_counts_and_a_tie_or_a_hidden_one_does_not(small):
    found = compare_legal_with_management(small)
    assert (found.areas, found.first) == (3, ("Here",))


def test_a_table_without_both_is_refused(small):
    with pytest.raises(ProjectError, match="legal_first"):
        compare_legal_with_management(small[small["O_GROUP"] == "detailed"])
    with pytest.raises(ProjectError, match="no area has"):
        compare_legal_with_management(small[small["OCC_CODE"] != "11-0000"])

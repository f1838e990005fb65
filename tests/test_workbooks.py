"""Raw files of other years, and hostile ones, in an installed project of the wage example."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Project, Tally

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
NATIONAL = sorted((HERE / "vintages").iterdir())


def test_hostile_files_are_one_line_or_a_counted_table(
    live_project: Project, tmp_path: Path, tally: Tally
) -> None:
    script, xls = HERE / "hostile_workbooks.py", NATIONAL[0]
    said = live_project.run(".venv/bin/python", str(script), str(tmp_path), str(xls))
    counts = json.loads(said.strip().splitlines()[-1])
    assert counts["refused"] > counts["accepted"] > 0
    tally(**counts)


@pytest.mark.parametrize("file", NATIONAL, ids=lambda file: file.name)
def test_a_national_file_goes_from_data_add_to_the_report(
    live_project: Project, own_copy: Project, file: Path
) -> None:
    pass

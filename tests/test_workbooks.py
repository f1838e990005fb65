"""Raw files of other years, and hostile ones, in an installed project of the wage example."""

from __future__ import annotations

import json
import shutil
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
    said = live_project.run(".venv/bin/python", script, tmp_path, xls)
    counts = json.loads(said.strip().splitlines()[-1])
    assert counts["refused"] > counts["accepted"] > 0
    tally(**counts)


@pytest.mark.parametrize("file", NATIONAL, ids=lambda file: file.name)
def test_a_national_file_goes_from_data_add_to_the_report(
    live_project: Project, tmp_path: Path, file: Path
) -> None:
    away = shutil.ignore_patterns(".venv", ".git")
    own = Project(Path(shutil.copytree(live_project.path, tmp_path / "own", ignore=away)), {})
    python = live_project.path / ".venv/bin/python"

    def command(*words: str) -> str:
        code = str(own.path / "src")
        return own.run(python, "-m", "us_wage_analysis", *words, PYTHONPATH=code)

    command("data", "add", str(file))
    command("run", "--raw", f"data/raw/{file.name}")
    results = json.loads((own.path / "reports/results.json").read_text(encoding="utf-8"))
    assert results["data"]["rows_read"] == results["data"]["rows_kept"] > 1_300
    assert results["reasons"].keys() == {"management_vs_production_paired", "areas", "figures"}
    derived = set(results["data"]["derived"])
    assert ("AREA" in derived) == ("M2020" not in file.name)
    figures = {path.stem for path in (own.path / "reports/figures").glob("*.svg")}
    assert figures == results["figures"].keys()
    report = (own.path / "reports/report.html").read_text(encoding="utf-8")
    assert results["reasons"]["areas"]["total"] in report
    assert "May 2025, state estimates" not in report
    assert command("predict", "--employment", "1000").startswith("$")

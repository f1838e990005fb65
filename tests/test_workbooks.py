"""Raw files of other years, and hostile ones, in an installed project of the wage example."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Project, Tally

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
NATIONAL = sorted((HERE / "vintages").iterdir())
# The writer shortens a cell that has a left neighbour, as Excel does not and readers do not expect.
CONVERT = """
const {readFileSync} = require("node:fs"), Module = require("node:module");
const [home, source, target] = process.argv.slice(2), path = home + "/xlsx.js";
const whole = readFileSync(path, "utf8"), short = "last_seen = write_ws_bin_cell(";
if (!whole.includes(short)) throw new Error("another writer");
const xlsx = new Module(path);
Object.assign(xlsx, {filename: path, paths: Module._nodeModulePaths(home)});
xlsx._compile(whole.replace(short, "write_ws_bin_cell("), path);
xlsx.exports.writeFile(xlsx.exports.readFile(source), target, {bookType: "xlsb"});
"""
TABLE = """
import sys
from us_wage_analysis.data.preprocessing import preprocess_wage_data
one, other = map(preprocess_wage_data, sys.argv[1:])
assert one.equals(other), one.compare(other)
print(*one.shape)
"""


@pytest.mark.long
def test_hostile_files_are_one_line_or_a_counted_table(
    live_project: Project, tmp_path: Path, tally: Tally
) -> None:
    script, xls = HERE / "hostile_workbooks.py", NATIONAL[0]
    said = live_project.run(".venv/bin/python", script, tmp_path, xls)
    counts = json.loads(said.strip().splitlines()[-1])
    assert counts["refused"] > counts["accepted"] > 0
    tally(**counts)


def test_a_binary_workbook_is_the_same_table(
    live_project: Project, node_package: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "convert.cjs").write_text(CONVERT, encoding="utf-8")
    home, binary = node_package("xlsx@0.18.5"), tmp_path / "national.xlsb"
    subprocess.run(["node", tmp_path / "convert.cjs", home, NATIONAL[0], binary], check=True)
    assert live_project.run(".venv/bin/python", "-c", TABLE, NATIONAL[0], binary) == "1394 36\n"


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

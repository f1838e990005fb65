"""The digits example on tables of one's own: its suite is green on each, whatever is predicted."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest
from conftest import Project

pytestmark = [pytest.mark.slow, pytest.mark.long]
# What is predicted, and what the run says of its model.
TARGETS = {
    "price": "Model promoted",  # a number
    "dear": "Model promoted",  # two classes
    "garden": "Model kept",  # chance alone
}


def houses(target: str) -> str:
    """Return a table of houses with one of the targets."""
    chance, lines = random.Random(3), [f"area,district,{target}"]
    for _ in range(150):
        area = chance.uniform(40, 220)
        price = 2500 * area + chance.gauss(0, 20_000)
        dear, garden = ("yes" if price > 325_000 else "no"), chance.choice(["yes", "no"])
        values = {"price": f"{price:.0f}", "dear": dear, "garden": garden}
        lines.append(f"{area:.1f},{chance.choice(['north', 'south'])},{values[target]}")
    return "\n".join(lines) + "\n"


def made(folder: str, names: list[str]) -> set[str]:
    """Return what a run or git made at the top of a project."""
    top = "pyproject.toml" in names
    return {".venv", ".git", "models", "reports"} & {*names} if top else set()


@pytest.mark.parametrize("target", TARGETS)
def test_its_suite_is_green(live_digits: Project, tmp_path: Path, target: str) -> None:
    own = Project(Path(shutil.copytree(live_digits.path, tmp_path / "own", ignore=made)), {})
    (tmp_path / "houses.csv").write_text(houses(target), encoding="utf-8")
    config = own.path / "configs/digits.toml"
    text = re.sub("^(raw|target|task|image) = .*\n", "", config.read_text("utf-8"), flags=re.M)
    named = f'raw = ["data/raw/houses.csv"]\ntarget = "{target}"\n'
    config.write_text(named + text, encoding="utf-8")
    python, code = live_digits.path / ".venv/bin/python", str(own.path / "src")

    def ask(*words: str | Path) -> str:
        return own.run(python, "-m", *words, PYTHONPATH=code)

    ask("digits_classification", "data", "add", tmp_path / "houses.csv")
    ask("digits_classification", "data", "remove", "data/raw/digits.csv")
    assert TARGETS[target] in ask("digits_classification", "run")
    assert re.search(r"^\d+ passed, \d+ skipped", ask("pytest", "-q", "tests"), re.MULTILINE)

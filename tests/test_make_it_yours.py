"""The README's "Make it yours", taken literally: plants become penguins, step by step."""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import sys
from pathlib import Path

import pytest
from conftest import Bake, Project

CONFIG = 'raw = ["data/raw/penguins.csv"]\n'
SETTINGS = '''"""What a reader may change, typed; the paths of the study's files."""

from .engine import FIGURES, Settings

TABLE = "data/processed/penguins.csv"
FIGURE = (f"{FIGURES}/mass.svg", f"{FIGURES}/mass.png")
MEANS = "reports/means.md"


class StudySettings(Settings):
    """What a reader may change, in configs/settings.toml."""

    species: str = "Adelie"
'''
INGESTION = '''"""The door by which raw data comes in."""

from pathlib import Path

import pandas as pd

from ..engine import ProjectError


def read_raw(path: Path) -> pd.DataFrame:
    """Read penguins: `species`, `flipper_mm` and `mass_g`, one row a penguin."""
    try:
        return pd.read_csv(path, usecols=["species", "flipper_mm", "mass_g"])
    except ValueError as error:
        raise ProjectError(f"{path} is no table of penguins: {error}") from error
'''
QUESTION = '''"""How does the mass of a penguin go with the length of its flippers?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Slope:
    """Mass (g) that goes with each millimetre of flipper, by least squares."""

    name: str
    n: int
    slope: float
    start: float
    conclusion: str


def fit_mass(penguins: pd.DataFrame, *, species: str) -> Slope:
    """Fit the mass of the penguins of one species on the length of their flippers."""
    rows = penguins[penguins["species"] == species]
    slope, start = map(float, np.polyfit(rows["flipper_mm"], rows["mass_g"], 1))
    words = f"{species} penguins weigh {slope:.0f} g more for each mm of flipper in this sample."
    return Slope("mass_by_flipper", len(rows), slope, start, words)
'''
FIGURES = '''"""The figure of the report."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ..engine.style import ACCENT, GREY, WIDTH, house_style


def draw_mass(penguins: pd.DataFrame, result: Mapping[str, Any]) -> Figure:
    """Draw every penguin, and the fitted line."""
    ends = penguins["flipper_mm"].min(), penguins["flipper_mm"].max()
    with house_style():
        figure = Figure(figsize=(WIDTH, 3), layout="constrained")
        axes = figure.subplots()
        axes.scatter(penguins["flipper_mm"], penguins["mass_g"], c=GREY)
        axes.plot(ends, [result["start"] + result["slope"] * end for end in ends], color=ACCENT)
        axes.set(title=result["conclusion"], xlabel="flipper, mm", ylabel="mass, g")
    return figure
'''
REPORT = """# Penguins

## How does mass go with flippers?

{{ analyses[0].conclusion }}

![A dot for each penguin, and the line. {{ analyses[0].conclusion }}](figures/mass.svg)
"""
ROUTES = '''"""What programs may ask of the last run."""

from fastapi import APIRouter

from .engine.serving.app import Latest

router = APIRouter(tags=["the study"])


@router.get("/mass")
async def mass(latest: Latest, flipper_mm: float) -> dict[str, float]:
    """Return the mass that goes with a flipper of this length, in grams."""
    (result,) = latest.run.results["analyses"]
    return {"mass_g": result["start"] + result["slope"] * flipper_mm}
'''
STAGES = '''def analyse(settings: StudySettings, work: Workspace) -> None:
    """Answer the question."""
    import pandas as pd

    from .analysis.flippers import fit_mass

    result = fit_mass(pd.read_csv(work.input(TABLE)), species=settings.species)
    work.write_json(RESULTS, {"analyses": [asdict(result)]})


def tabulate(settings: StudySettings, work: Workspace) -> None:
    """Write the means of each species as a table."""
    import pandas as pd
    from tabulate import tabulate

    means = pd.read_csv(work.input(TABLE)).groupby("species").mean().reset_index()
    text = tabulate(means.to_dict("list"), headers="keys", tablefmt="github")
    work.output(MEANS).write_text(text, encoding="utf-8")


def draw(settings: StudySettings, work: Workspace) -> None:
    """Draw the figure of the answer."""
    import pandas as pd

    from .engine.style import save
    from .visualization.figures import draw_mass

    penguins = pd.read_csv(work.input(TABLE))
    penguins = penguins[penguins["species"] == settings.species]
    (result,) = work.read_json(RESULTS)["analyses"]
    save(draw_mass(penguins, result), *map(work.output, FIGURE))


'''
# From here until there, what takes its place.
PIPELINE = (
    ("FIGURE, TABLE", ", StudySettings", "FIGURE, MEANS, TABLE"),
    ("def analyse", "def report", STAGES),
    ("def metrics", "def router", ""),
    ('title="', "    settings", 'title="Penguins",\n'),
    ("draw, uses", ",\n", 'draw, uses=("species",))'),
    ('Stage("draw', "", 'Stage("tabulate", "Write the means.", tabulate, uses=()),\n        '),
    ("    metrics=", "    router=", ""),
)
TEST_QUESTION = '''"""The question of the study, on a line."""

import pandas as pd
import pytest

from my_project.analysis.flippers import fit_mass


def test_the_slope_of_a_line():
    penguins = pd.DataFrame({"species": "A", "flipper_mm": [1, 2, 3], "mass_g": [10, 30, 50]})
    result = fit_mass(penguins, species="A")
    assert (result.n, result.slope, result.start) == (3, pytest.approx(20), pytest.approx(-10))
'''
TEST_ROUTE = """def test_programs_get_the_mass(project):
    folder, made = project
    (result,), client = made.results["analyses"], TestClient(build_app(STUDY, folder))
    mass = result["start"] + 200 * result["slope"]
    assert client.get("/mass?flipper_mm=200").json()["mass_g"] == pytest.approx(mass)


"""
PAGE = "# Penguins\n\nHow mass goes with flippers.\n"
PACKAGE = "src/my_project"

Change = str | None | tuple[tuple[str, str, str], ...]  # a text, None: deleted, or stretches

# What is changed by hand at each step of the README.
STEPS: list[dict[str, Change]] = [
    {"configs/settings.toml": CONFIG, "data/raw/README.md": "# Raw data\n\nMade-up penguins.\n"},
    {f"{PACKAGE}/data/ingestion.py": INGESTION},
    {
        f"{PACKAGE}/analysis/flippers.py": QUESTION,
        f"{PACKAGE}/analysis/comparison.py": None,
        f"{PACKAGE}/settings.py": SETTINGS,
        "configs/settings.toml": CONFIG + 'species = "Gentoo"\n',
    },
    {
        f"{PACKAGE}/visualization/figures.py": FIGURES,
        f"{PACKAGE}/report.md.j2": REPORT,
        f"{PACKAGE}/routes.py": ROUTES,
    },
    {f"{PACKAGE}/pipeline.py": PIPELINE},
    {},
    {
        "tests/test_flippers.py": TEST_QUESTION,
        "tests/test_comparison.py": None,
        "tests/test_pipeline.py": (("def test_programs", "def test_the_notebook", TEST_ROUTE),),
        "docs/index.md": PAGE,
        "README.md": PAGE,
    },
]


@pytest.fixture(scope="module")
def project(bake: Bake) -> Project:
    """The example as a stranger has it: run once, and committed."""
    project = bake(example="blank", project_name="My Project", author_email="me@example.org")
    project.run("make", "run", PATH=_path())
    _commit(project)
    return project


@pytest.mark.slow
def test_every_step_as_it_stands_ends_in_a_green_project(project: Project, tmp_path: Path) -> None:
    readme = (project.path / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Make it yours\n")[2].partition("\n## ")[0]
    steps = [step.partition("\n\n")[0] for step in re.split(r"^\d\. ", section, flags=re.M)[1:]]
    by_hand = {name for changes in STEPS for name in changes}
    assert len(steps) == len(STEPS)
    words = {"FILE": str(_penguins(tmp_path)), "OLD": "plants.csv", "PACKAGE": "tabulate"}
    for step, changes in zip(steps, STEPS, strict=True):
        before = _touched(project)
        for name, change in changes.items():
            _change(project.path / name, change)
        for command in re.findall(r"`((?:make|uv) [^`]+)`", step):
            arguments = [words.get(word, word) for word in shlex.split(command)]
            project.run(*arguments, PATH=_path())
        _holds_what_it_names(step, set(changes), _touched(project) - before)

    touched = _touched(project)
    promise = re.search(r"touches (\d+) files: (\d+) by hand", section)
    assert promise is not None
    assert promise.groups() == (str(len(touched)), str(len(by_hand))), sorted(touched)
    assert by_hand <= touched
    _is_about_penguins(project)


def _holds_what_it_names(step: str, changed: set[str], touched: set[str]) -> None:
    """Compare the paths that a step names with those that were changed: neither more nor less."""
    quoted = re.findall(r"`([\w./]+)`", step)
    named = {name for name in quoted if "/" in name or Path(name).suffix}
    places = {name: (f"{name}", f"{PACKAGE}/{name}") for name in named}
    for name, starts in places.items():
        assert [file for file in changed | touched if file.startswith(starts)], name
    everywhere = tuple(start for starts in places.values() for start in starts)
    assert [file for file in changed if not file.startswith(everywhere)] == []


def _is_about_penguins(project: Project) -> None:
    """Look for what the plants left behind, and at what the penguins brought."""
    results = json.loads((project.path / "reports/results.json").read_text(encoding="utf-8"))
    (answer,) = results["analyses"]
    assert 15 < answer["slope"] < 25
    report = (project.path / "reports/report.html").read_text(encoding="utf-8")
    assert f"Gentoo penguins weigh {answer['slope']:.0f} g more" in report
    assert "| Adelie" in (project.path / "reports/means.md").read_text(encoding="utf-8")
    figures = {path.name for path in (project.path / "reports/figures").iterdir()}
    assert figures == {"mass.svg", "mass.png"}
    _commit(project)
    left = project.run("git", "grep", "-il", "plants", "--", ".", f":!{PACKAGE}/engine")
    assert left.split() == ["data/raw/.gitignore"]
    assert "plants" not in project.run("uv", "run", "my-project", "run", PATH=_path())


def _penguins(folder: Path) -> Path:
    """Make up a table: 20 g for each millimetre of flipper, and chance."""
    chance, rows = random.Random(1), ["species,flipper_mm,mass_g"]
    for species, middle in (("Adelie", 190), ("Gentoo", 217)) * 40:
        flipper = chance.gauss(middle, 6.5)
        rows.append(f"{species},{flipper:.0f},{20 * flipper + chance.gauss(0, 90):.0f}")
    file = folder / "penguins.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def _change(path: Path, change: Change) -> None:
    if change is None:
        path.unlink()
    elif isinstance(change, str):
        path.write_text(change, encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8")
        for start, end, new in change:
            begin = text.index(start)
            text = text[:begin] + new + text[text.index(end, begin) :]
        path.write_text(text, encoding="utf-8")


def _touched(project: Project) -> set[str]:
    """Return the files that differ from the last commit, but for those that a run writes."""
    lines = project.run("git", "status", "--porcelain", "--untracked-files=all").splitlines()
    return {line[3:] for line in lines if not line[3:].startswith("reports/")}


def _commit(project: Project) -> None:
    project.run("git", "add", "--all")
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    project.run("git", *who, "commit", "--quiet", "--message", "What is here")


def _path() -> str:
    """Return a search path on which uv is found, as a user who has installed it has."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

"""Stages are skipped one by one, while all that they rested on is unchanged."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny.engine import RESULTS, ProjectError, Stage
from tiny.engine.publishing import load_run
from tiny.engine.runs import RunState
from tiny.pipeline import NUMBERS, STUDY

from .conftest import CONFIG, Project, differences, history, run_tiny

ALL = ["multiply", "add", "draw", "report"]
MULTIPLY, ADD, DRAW, _REPORT = STUDY.stages
COMMENT = "\n# A comment."


@pytest.mark.parametrize(
    ("path", "text", "ran"),
    [
        (CONFIG, "factor = 3", ALL),  # each after the first reads what is new
        (CONFIG, "offset = 1", ["add", "draw", "report"]),
        (CONFIG, "seed = 1", ["report"]),
        ("src/tiny/pipeline.py", COMMENT, ALL),
        ("src/tiny/arithmetic.py", COMMENT, ALL),
        ("src/tiny/drawing.py", COMMENT, ["draw", "report"]),
        ("src/tiny/report.md.j2", "One more paragraph.", ["report"]),
        ("src/tiny/engine/report.html.j2", "<!-- -->", ["report"]),
        ("src/tiny/engine/runs.py", COMMENT, ALL),
        (NUMBERS, "edited", ["multiply"]),  # the same bytes again: the later ones are skipped
        (RESULTS, "edited", ["add"]),
        ("reports/figures/total.png", None, ["draw"]),
        ("reports/report.html", None, ["report"]),
        ("reports/manifest.json", None, ALL),
        (".staging/stages.json", None, ALL),
        (".staging/stages.json", "damaged", ALL),
    ],
)
def test_an_edit_runs_what_rests_on_it_and_nothing_else(
    project: Project, path: str, text: str | None, ran: list[str]
) -> None:
    file = project.root / path
    if text is None:
        file.unlink()
    elif text == "factor = 3":
        project.edit(CONFIG, "factor = 2", text)
    else:
        project.write(path, file.read_text("utf-8") + text + "\n")
    assert project.ran() == ran
    assert differences(project.root) == []


def test_an_edit_of_what_no_stage_rests_on_runs_nothing(project: Project) -> None:
    for path in ("src/tiny/routes.py", "src/tiny/engine/serving/app.py", CONFIG):
        project.write(path, (project.root / path).read_text("utf-8") + COMMENT)
    project.edit(CONFIG, COMMENT, '\nremote = "../elsewhere"')
    for path in ("src/tiny/new.py", "src/tiny/.drawing.py.swp", "README.md", "src/tiny/.DS_Store"):
        project.write(path, "new")
    (project.root / "src/tiny/.#drawing.py").symlink_to("user@host.1234")
    (project.root / "src/tiny/gone.py").symlink_to("nowhere.py")
    assert project.run("run").startswith("Up to date: ")
    assert history(project.root) == [(1, 12)]


def test_a_changed_raw_file_with_the_same_product_runs_its_readers_only(project: Project) -> None:
    project.write_raw("1  2\t3\n")
    assert project.ran() == ["multiply", "report"]
    project.write_raw("1 2 4\n")
    assert project.ran() == ALL
    assert load_run(project.root).results["total"] == 14


@pytest.mark.parametrize("old", [f"python-{platform.python_version()}", '"manifest": "'])
def test_another_python_or_manifest_makes_the_memory_foreign(project: Project, old: str) -> None:
    project.edit(".staging/stages.json", old, f"{old}9")
    assert project.ran() == ALL


def test_an_upgraded_package_runs_the_stages_that_imported_it(
    project: Project, tmp_path: Path
) -> None:
    packages = tmp_path / "packages"
    info = packages / "Gauge.Kit-1.0.dist-info"
    info.mkdir(parents=True)
    (packages / "gauge.py").write_text("")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Gauge.Kit\nVersion: 1.0\n")
    (info / "RECORD").write_text("gauge.py,,\n")
    project.edit("src/tiny/drawing.py", "SVG = ", "import gauge  # noqa: F401\n\nSVG = ")
    path = {"PYTHONPATH": f"{project.root / 'src'}:{packages}"}
    assert project.ran(**path) == ["draw", "report"]
    info.rename(packages / "gauge_kit-1.1.dist-info")
    assert project.ran(**path) == ["draw", "report"]


def test_until_runs_up_to_a_stage_and_verify_names_the_rest(fresh: Project) -> None:
    assert fresh.run("run", "add") == f"wrote {RESULTS}\n"
    found = "draw: never run\nreport: never run\n`run` makes"
    done = fresh.call("verify")
    assert (done.returncode, done.stdout.partition(" artifacts")[0]) == (1, found)
    assert fresh.ran() == ["draw", "report"]
    assert f"there is no stage ad: choose {', '.join(ALL)}" in fresh.fails("run", "ad")
    root = fresh.root
    run_tiny(root, until="multiply", factor=3)
    assert differences(root) == [f"add: made from an older {NUMBERS}"]
    assert run_tiny(root, until="multiply", factor=3) is None
    assert run_tiny(root, factor=3).results["total"] == 18


def test_a_renamed_stage_runs_a_removed_one_leaves_nothing(fresh: Project) -> None:
    root, tail = fresh.root, fresh.root / "reports/figures/total.svg"
    first = run_tiny(root, STUDY.stages[:3])
    assert first.results["total"] == 12
    assert run_tiny(root, STUDY.stages[:3]) is None
    renamed = run_tiny(root, (MULTIPLY, replace(ADD, name="sum"), DRAW))
    assert [*renamed.manifest["stages"]] == ["multiply", "sum", "draw"]
    assert (tail.exists(), history(root)) == (True, [(1, 12), (2, 12)])
    removed = run_tiny(root, (MULTIPLY, replace(ADD, name="sum")))
    assert [*removed.manifest["stages"]] == ["multiply", "sum"]
    assert (tail.exists(), differences(root)) == (False, [])


def other(settings: Any, work: Any) -> None:
    """Write elsewhere what `multiply` wrote."""
    work.write_json("data/processed/other.json", [1])


@pytest.mark.parametrize("force", [False, True])
def test_what_no_stage_makes_any_more_cannot_be_read(fresh: Project, force: bool) -> None:
    before = run_tiny(fresh.root)
    for stages in ((replace(MULTIPLY, run=other), ADD), (Stage("new", "", other), ADD), (ADD,)):
        for name in ("multiply", "new"):  # as if its code had changed
            memory = json.loads((fresh.root / ".staging/stages.json").read_text())
            memory["stages"].pop(name, None)
            (fresh.root / ".staging/stages.json").write_text(json.dumps(memory))
        with pytest.raises(ProjectError, match=f"{NUMBERS} is missing"):
            run_tiny(fresh.root, stages, force=force)
    assert (load_run(fresh.root), differences(fresh.root)) == (before, [])


def test_a_later_stage_is_not_read_whatever_the_last_run_left(fresh: Project) -> None:
    with pytest.raises(ProjectError, match=f"{NUMBERS} is missing"):
        run_tiny(fresh.root, (ADD, MULTIPLY))
    run_tiny(fresh.root)
    with pytest.raises(ProjectError, match=f"{NUMBERS} is missing"):
        run_tiny(fresh.root, (ADD, MULTIPLY), force=True)
    assert differences(fresh.root) == []


def test_a_file_that_two_stages_write_is_an_error_whichever_runs(fresh: Project) -> None:
    before = run_tiny(fresh.root)

    def both(settings: Any, work: Any) -> None:
        MULTIPLY.run(settings, work)
        work.write_json(RESULTS, {"total": 0})

    with pytest.raises(ProjectError, match=f"{RESULTS} is written by another stage"):
        run_tiny(fresh.root, (replace(MULTIPLY, run=both), *STUDY.stages[1:]), factor=3)
    with pytest.raises(ProjectError, match="is written by another stage"):
        run_tiny(fresh.root, (replace(MULTIPLY, run=both, uses=("raw", "factor", "seed")), ADD))

    def same(settings: Any, work: Any) -> None:
        MULTIPLY.run(settings, work)
        work.write_json(RESULTS, before.results)

    with pytest.raises(ProjectError, match="is written by another stage"):
        run_tiny(fresh.root, (replace(MULTIPLY, run=same, uses=("raw", "factor", "seed")), ADD))
    assert (load_run(fresh.root), differences(fresh.root)) == (before, [])


def test_a_stage_that_raises_publishes_nothing_and_leaves_nothing(fresh: Project) -> None:
    before = run_tiny(fresh.root)

    def interrupt(settings: Any, work: Any) -> None:
        work.output(RESULTS).write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_tiny(fresh.root, (MULTIPLY, replace(ADD, run=interrupt)), force=True)
    assert (load_run(fresh.root), differences(fresh.root)) == (before, [])
    assert {path.name for path in (fresh.root / ".staging").iterdir()} == {"lock", "stages.json"}


def test_what_died_in_staging_is_cleared(fresh: Project) -> None:
    fresh.write(".staging/orphan/reports/x", "half")
    fresh.write(".staging/new/reports/figures/x.svg", "half")
    made = run_tiny(fresh.root)
    assert {path.name for path in (fresh.root / ".staging").iterdir()} == {"lock", "stages.json"}
    assert not (fresh.root / "reports/figures/x.svg").exists()
    assert (RunState(fresh.root).stages, made) == (made.manifest["stages"], load_run(fresh.root))


OVERTAKEN = """    import os

    own = Path(__file__).with_name("arithmetic.py")
    if "OVERTAKE" in os.environ:  # somebody edits what has been imported
        own.write_text(own.read_text().replace("factor * number", "factor * number + 1"))
"""


def test_an_edit_that_overtakes_a_run_is_not_lost(project: Project) -> None:
    line = "    from .arithmetic import multiplied\n"
    project.edit("src/tiny/pipeline.py", line, f"{line}\n{OVERTAKEN}")
    project.run("run", OVERTAKE="yes")
    assert load_run(project.root).results["total"] == 12
    assert project.ran() == ALL
    assert load_run(project.root).results["total"] == 15
    assert project.ran() == []


def test_what_a_run_was_asked_with_is_what_it_names(project: Project) -> None:
    """Up to one stage: the later ones were made with another setting, and do not hide it."""
    project.edit(CONFIG, "factor = 2", "factor = 3")
    project.run("run", "add")
    assert load_run(project.root).manifest["settings"]["factor"] == 3

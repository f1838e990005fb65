"""The same inputs give the same bytes in every tracked file; no path of the machine is in them."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tiny.pipeline import STUDY

from .conftest import CONFIG, RAW, Copy, Project, run_tiny

SECRET = "pr1vate"


def test_two_folders_and_times_give_equal_bytes(copy: Copy, project: Project) -> None:
    far = copy("ärger, and a blank/deep/below")
    old = time.time() - 1e6
    for path in far.root.rglob("*"):
        os.utime(path, (old, old))
    far.run("run", PYTHONHASHSEED="7", TZ="Asia/Tokyo", LC_ALL="C", SOURCE_DATE_EPOCH="1")
    assert far.tracked() == project.tracked()
    assert len(far.tracked()) > len(copy("untouched").tracked()) + 5


def test_edit_run_undo_run_gives_what_was_there(project: Project) -> None:
    before = project.tracked()
    project.edit(CONFIG, "factor = 2", "factor = 3")
    project.edit("src/tiny/drawing.py", "height='9'", "height='8'")
    project.edit("src/tiny/report.md.j2", "The total", "The grand total")
    project.run("run")
    changed = {name for name, content in project.tracked().items() if before[name] != content}
    assert len(changed) == 3 + 5  # what was edited, and all but total.png, and the manifest
    project.edit(CONFIG, "factor = 3", "factor = 2")
    project.edit("src/tiny/drawing.py", "height='8'", "height='9'")
    project.edit("src/tiny/report.md.j2", "The grand total", "The total")
    project.run("run")
    assert project.tracked() == before


def test_run_or_skipped_by_command_or_in_process_the_bytes_are_equal(
    project: Project, copy: Copy
) -> None:
    expected = project.tracked()
    called = copy("called")
    for name in [stage.name for stage in STUDY.stages]:
        run_tiny(called.root, until=name)
    assert called.tracked() == expected
    run_tiny(called.root, force=True)
    assert called.tracked() == expected
    (project.root / ".staging/stages.json").unlink()  # as in a clone
    (project.root / "reports/results.json").unlink()
    project.run("run", "draw")
    assert project.tracked() == expected


def test_changed_dependencies_change_the_manifest_as_a_first_run_would(
    project: Project, copy: Copy
) -> None:
    other = copy("other")
    for each in (project, other):
        each.edit("pyproject.toml", '"typer"', '"typer", "packaging"')
        each.run("run")
    assert b'"packaging"' in project.tracked()["reports/manifest.json"]
    assert project.tracked() == other.tracked()


def test_of_a_raw_file_outside_only_name_and_hash_are_tracked(copy: Copy, tmp_path: Path) -> None:
    tracked = []
    for place in (f"{SECRET}/one", f"{SECRET}/another/deeper"):
        outside = tmp_path / place
        outside.mkdir(parents=True)
        (outside / "mine.txt").write_text("4 5")
        project = copy(f"in/{place}/project")
        project.run("run", "--raw", outside / "mine.txt")
        content = project.tracked()
        assert not [name for name, text in content.items() if SECRET.encode() in text]
        assert b"mine.txt" in content["reports/report.html"]
        assert b"/mine.txt" in content["reports/manifest.json"]
        assert str(tmp_path).encode() not in b"".join(content.values())
        tracked.append(content)
    assert tracked[0] == tracked[1]
    assert project.run(
        "run", "--raw", os.path.relpath(outside / "mine.txt", project.root)
    ).startswith("Up to date")
    (outside / "mine.txt").write_text("4 6")
    done = project.call("verify")
    assert (done.returncode, done.stdout.count("mine.txt: changed since")) == (1, 2)
    assert project.ran("--raw", outside / "mine.txt") == ["multiply", "add", "draw", "report"]


def test_a_raw_file_inside_is_known_by_its_place_however_it_is_named(project: Project) -> None:
    for name in (project.root / RAW, f"reports/../{RAW}"):
        assert project.run("run", "--raw", name).startswith("Up to date")
    assert project.run("run", "--raw", "numbers.txt", within="data/raw").startswith("Up to date")

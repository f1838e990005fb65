"""The history of runs: one line each, numbers that go on, what differs between two."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from tiny.engine import RESULTS, Stage
from tiny.engine.log import HISTORY, read_history

from .conftest import CONFIG, RAW, Project, history, run_tiny

SHA = "1def07dbe06eeb097aafec8a40329937cd20c93a83634b8221ea2b41a894310c"
DAMAGED = ['{"number": 9, "ti', '{"number": 40}', "[1]", "7", '{"number": "x"}', "", "null"]


def test_each_run_is_a_line_and_a_skipped_one_is_none(project: Project) -> None:
    project.edit(CONFIG, "factor = 2", "factor = 3")
    project.run("run")
    project.run("run")
    moment, name = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", "[0-9a-f]{12}"
    lines = [
        rf" +{n}  {moment}  {name}  none  \d+\.\d s  total {t}\n" for n, t in ((1, 12), (2, 18))
    ]
    assert re.fullmatch("".join(lines), project.run("runs"))
    said = project.run("runs", "compare", "1", "2")
    for each in ("settings.factor: 2 -> 3", "metrics.total: 12 -> 18"):
        assert each in said.splitlines()
    assert not re.search("offset|code|data", said)  # which are as before
    assert "there is no run 7: `runs` lists those that there are" in project.fails(
        "runs", "compare", "1", "7"
    )


def test_the_code_of_a_run_is_the_same_whichever_stages_it_ran(project: Project) -> None:
    project.edit(CONFIG, "factor = 2", "factor = 2\noffset = 1")
    project.run("run")  # of the last stages alone
    project.run("run", "--force")
    for pair in (("1", "2"), ("2", "3")):
        assert "code" not in project.run("runs", "compare", *pair)


def test_the_commit_is_there_where_there_is_one(fresh: Project) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    (fresh.root / ".gitignore").write_text("__pycache__/\n")
    for words in (("init", "-q"), ("add", "--all"), ("commit", "-qm", "one")):
        subprocess.run([*git, *words], cwd=fresh.root, check=True)
    run_tiny(fresh.root)
    with (fresh.root / "src/tiny/pipeline.py").open("a") as code:
        code.write("# mine\n")
    run_tiny(fresh.root, force=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=fresh.root, capture_output=True)
    commit = head.stdout.decode().strip()
    first, second = read_history(fresh.root)
    assert (first["commit"], second["commit"]) == (commit, f"{commit}+changes")
    assert first["data"] == second["data"] == {RAW: SHA}


def test_damaged_lines_are_left_out_and_numbers_go_on(project: Project) -> None:
    with (project.root / HISTORY).open("ab") as file:
        file.write("\n".join(DAMAGED).encode() + b"\n\xff\xfe\n")
    run_tiny(project.root, factor=3, force=True)
    said = project.run("runs").splitlines()
    assert [each.split()[-1] for each in said] == ["12", "18"]
    assert [int(each.split()[0]) for each in said] == sorted(
        {int(each.split()[0]) for each in said}
    )


@pytest.mark.parametrize("name", ["a\u2028b.txt", "a\x85b.txt", "ärger.txt"])
def test_any_setting_stays_on_one_line(fresh: Project, name: str) -> None:
    fresh.write(name, "1")
    for number in (1, 2):
        stage = Stage("one", "", lambda settings, work: work.write_json(RESULTS, {}))
        run_tiny(fresh.root, (stage,), raw=(name,), force=True)
        assert read_history(fresh.root)[-1]["number"] == number
    lines = (fresh.root / HISTORY).read_bytes().decode().split("\n")
    assert [json.loads(line)["settings"]["raw"] for line in lines[:-1]] == [[name], [name]]


def test_where_the_history_was_deleted_it_begins_again(project: Project) -> None:
    (project.root / HISTORY).unlink()
    assert project.call("runs").stdout == ""
    run_tiny(project.root, force=True)
    assert history(project.root) == [(1, 12)]


def test_without_results_there_are_no_numbers(fresh: Project) -> None:
    run_tiny(fresh.root, until="multiply")
    assert [each["metrics"] for each in read_history(fresh.root)] == [{}]
    assert fresh.run("runs").endswith(" s\n")

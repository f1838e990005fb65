"""The command line, in processes of its own: one line for an error, nothing heavy, its own code."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tiny.engine.publishing import MANIFEST

from .conftest import CONFIG, Copy, Project

HEAVY = {"pandas", "numpy", "scipy", "matplotlib", "jinja2", "markdown_it", "fastapi", "uvicorn"}
HEAVY |= {"fsspec", "rich"}
COMMANDS = ["run", "verify", "serve", "runs", "data"]
LATE = "def multiply(settings: TinySettings, work: Workspace) -> None:\n"


def fail_in_multiply(project: Project, line: str) -> None:
    project.edit("src/tiny/pipeline.py", LATE, f"{LATE}    {line}\n")


@pytest.mark.parametrize(("word", "says"), [("--help", COMMANDS), ("run", ["Up to date"])])
def test_help_and_an_up_to_date_run_import_nothing_heavy(
    project: Project, word: str, says: list[str]
) -> None:
    done = project.call(word, options=("-X", "importtime"))
    assert [text for text in says if text not in done.stdout] == []
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines()]
    assert "tiny" in names
    assert not HEAVY & {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "--raw", "nowhere.txt"), "nowhere.txt is missing"),
        (("run", "--raw", "data/raw/none.txt"), "data/raw/none.txt is missing"),
        (
            ("run", "--config", "nowhere.toml"),
            "nowhere.toml is missing: name another with --config",
        ),
        (("data", "add", "no\nfile.csv"), "file.csv is not there, or cannot be raw data"),
        (("serve", "--port", "0"), "there is no run in"),
        (("verify",), "there is no run in"),
    ],
)
def test_an_error_is_one_line_that_says_what_and_exit_1(
    fresh: Project, words: tuple[str, ...], says: str
) -> None:
    line = fresh.fails(*words)
    assert says in line
    assert "fault of the program" not in line


def test_a_study_hears_of_every_run_that_is_published_also_of_one_with_nothing_to_do(
    fresh: Project,
) -> None:
    hear = 'published=lambda run, settings: print("heard", run.manifest["run"], settings.factor)'
    fresh.edit(
        "src/tiny/pipeline.py", "    headline=headline,\n", f"    headline=headline,\n    {hear},\n"
    )
    for words in (("run",), ("run",), ("run", "--force")):
        run = re.findall(r"^heard (\w+) 2$", fresh.run(*words), re.MULTILINE)
        manifest = json.loads((fresh.root / MANIFEST).read_text("utf-8"))
        assert run == [manifest["run"]], words
    fresh.edit(CONFIG, "factor = 2", "factor = 3")
    fail_in_multiply(fresh, "raise ValueError('no')")
    assert "heard" not in fresh.call("run").stdout


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("raise ValueError('two\\nlines')", "ValueError: two lines (a fault of the program, see"),
        (
            "raise type('PanicException', (BaseException,), {})('of Rust')",
            "PanicException: of Rust (a fault of the program, see the log)",
        ),
        ("import no_such_package.part", "no_such_package is not installed: "),
        ("open('no such file')", "no such file: No such file or directory"),
        ("from .nowhere import x", "tiny.nowhere"),
    ],
)
def test_whatever_a_stage_raises_is_one_line_and_the_log_has_the_rest(
    fresh: Project, line: str, says: str
) -> None:
    fail_in_multiply(fresh, line)
    said = fresh.fails("run")
    assert says in said
    assert ("`make setup`" in said and "`uv add" in said) == ("is not installed" in said)
    assert ("fault of the program" in said) == (
        "Exception" in line or "Error" in line or ".now" in line
    )


def test_a_stage_may_end_the_program_itself(fresh: Project) -> None:
    fail_in_multiply(fresh, "raise SystemExit(3)")
    assert fresh.call("run").returncode == 3


def test_outside_a_project_is_an_error_and_wrong_usage_is_exit_2(fresh: Project) -> None:
    done = fresh.call("verify", within="..")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "no configs/tiny.toml here or above" in done.stderr
    assert not (fresh.root.parent / "logs").exists()
    for words in (("verify", "--bogus"), ("serve", "--port", "70000")):
        done = fresh.call(*words)
        assert (done.returncode, "Usage: python -m tiny" in done.stderr) == (2, True)


def test_commands_work_below_the_root_and_name_files_from_where_they_are(project: Project) -> None:
    project.write("reports/mine.txt", "4")
    project.edit(CONFIG, "factor = 2", "factor = 5")
    project.write("reports/other.toml", (project.root / CONFIG).read_text("utf-8"))
    words = ("run", "--raw", "mine.txt", "--config", "other.toml")
    assert project.run(*words, within="reports").startswith("The total is 20.\n")
    (project.root / "reports/report.html").write_text("other")
    done = project.call("verify", within="reports")
    found = "reports/report.html: changed since report wrote it\n"
    assert (done.returncode, done.stdout.partition("`")[0]) == (1, found)


def test_the_code_of_another_folder_is_refused_and_an_installed_copy_allowed(
    project: Project, copy: Copy, tmp_path: Path
) -> None:
    other = copy("copied", source=project.root)
    before = other.tracked()
    for words in (("run", "--force"), ("verify",), ("data", "check")):
        done = other.call(*words, PYTHONPATH=str(project.root / "src"))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "another folder" in done.stderr
        assert [each for each in (project, other) if str(each.root) not in done.stderr] == []
    assert other.tracked() == before
    (tmp_path / "linked").symlink_to(other.root)
    assert Project(tmp_path / "linked").run("run").startswith("Up to date")
    installed = shutil.copytree(project.root / "src/tiny", tmp_path / "site-packages/tiny")
    shutil.rmtree(other.root / "src")
    said = other.run("run", "--force", PYTHONPATH=str(installed.parent))
    assert said.startswith("The total is 12.")


@pytest.mark.slow
def test_warnings_that_are_errors_and_a_notebooks_backend_change_nothing(fresh: Project) -> None:
    strict = {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"}
    fresh.edit(
        "src/tiny/drawing.py", "SVG = ", "import matplotlib.pyplot as plt\n\nplt.figure()\n\nSVG = "
    )
    backend = "module://matplotlib_inline.no_such_backend"
    assert fresh.run("run", MPLBACKEND=backend).startswith("The total is 12.")
    fresh.edit("src/tiny/drawing.py", "import matplotlib.pyplot as plt\n\nplt.figure()\n\n", "")
    fresh.run("run", **strict)
    fresh.run("verify", **strict)
    fresh.run("data", "add", "pyproject.toml", **strict)


def test_a_study_without_a_report_claims_none(fresh: Project) -> None:
    fresh.edit("src/tiny/pipeline.py", '        Stage("report", "Tell it.", report),\n', "")
    assert fresh.run("run") == "The total is 12.\n"
    assert fresh.run("verify").startswith("4 artifacts")


def test_progress_is_shown_on_a_terminal_and_in_no_pipe(fresh: Project) -> None:
    reader, terminal = pty.openpty()
    done = subprocess.run(
        fresh.command("run"),
        cwd=fresh.root,
        env=fresh.environment(),
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    os.close(terminal)
    shown = os.read(reader, 100_000).decode()
    os.close(reader)
    assert done.stdout.startswith(b"The total is 12.\n")
    assert "INFO    [1/4] multiply: " in shown

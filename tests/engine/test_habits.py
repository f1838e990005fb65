"""A person's habits: completion, versions, colours, progress, the report, what to do next."""

from __future__ import annotations

import os
import platform
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from .conftest import CONFIG, Copy, Project, run_tiny

SCRIPT = """#!{python}
from tiny.engine.cli import main
from tiny.pipeline import STUDY

main(STUDY)
"""
LATE = """import os


class Late:
    def __del__(self, end=os._exit):
        end(9)


late = Late()
"""
PYTHON = f"Python {platform.python_version()}"
FAILS = ("runs", "compare", "1", "7")


def on_terminal(project: Project, *words: str, **variables: str) -> str:
    """Run a command whose stderr is a terminal; return what the terminal shows."""
    reader, terminal = pty.openpty()
    environment = project.environment(**{"TERM": "xterm", "NO_COLOR": ""} | variables)
    done = subprocess.Popen(
        project.command(*words),
        cwd=project.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(reader, 10_000):
            shown += chunk
    except OSError:  # Linux says so where a terminal ends
        pass
    done.wait()
    os.close(reader)
    return shown.decode()


@pytest.fixture
def script(project: Project) -> Path:
    """The command `tiny`, as an installed project has one."""
    path = project.write("bin/tiny", SCRIPT.format(python=sys.executable))
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tiny ve", ["verify"]),
        ("tiny run ", ["multiply", "add", "draw", "report"]),
        ("tiny run re", ["report"]),
        ("tiny data remove ", ["numbers.txt"]),
        ("tiny data remove x", [""]),
    ],
)
def test_bash_completes_commands_stages_and_raw_files(
    project: Project, script: Path, words: str, offered: list[str]
) -> None:
    """The script that `--show-completion` prints, in a real bash."""
    *given, last = words.split(" ")
    typed = " ".join(f"'{word}'" for word in [*given, last])
    ask = f"COMP_WORDS=({typed}); COMP_CWORD={len(given)}; _tiny_completion tiny"
    done = subprocess.run(
        ["bash", "--norc", "-c", f'eval "$(tiny --show-completion)"\n{ask}\nprintf "%s\\n" '
         '"${COMPREPLY[@]}"'],
        cwd=project.root,
        env=project.environment(PATH=f"{script.parent}:{os.environ['PATH']}"),
        capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    assert (done.stdout.split("\n")[:-1], done.stderr) == (offered, "")


@pytest.mark.parametrize(("words", "status"), [(["--version"], 0), (FAILS, 1), (["none"], 2)])
def test_what_python_takes_down_at_the_end_does_not_change_how_a_command_ended(
    project: Project, script: Path, words: list[str], status: int
) -> None:
    script.write_text(script.read_text("utf-8").replace("\n", f"\n{LATE}", 1), "utf-8")
    environment = project.environment()
    done = subprocess.run([script, *words], cwd=project.root, env=environment, capture_output=True)
    assert done.returncode == status


def test_completion_is_offered_for_a_command_and_not_for_a_module(
    project: Project, script: Path
) -> None:
    helped = subprocess.run([script, "--help"], env=project.environment(), capture_output=True)
    assert b"--install-completion" in helped.stdout
    assert "completion" not in project.run("--help")


def test_the_versions_are_those_of_project_template_and_python(
    fresh: Project, tmp_path: Path
) -> None:
    """Also outside the project's folder, and of a copy that is installed."""
    assert fresh.run("--version", within="..") == f"tiny 0.1.0 ({PYTHON})\n"
    with (fresh.root / "pyproject.toml").open("a") as file:
        file.write('[tool.cookiecutter-mlops]\ntemplate_version = "9.8.7"\n')
    assert fresh.run("--version") == f"tiny 0.1.0 (Cookiecutter MLOps 9.8.7, {PYTHON})\n"
    place = tmp_path / "site-packages"
    shutil.copytree(fresh.root / "src/tiny", place / "tiny")
    metadata = Project(place / "tiny_study-4.2.dist-info")
    metadata.write("METADATA", "Metadata-Version: 2.1\nName: tiny-study\nVersion: 4.2\n")
    metadata.write("top_level.txt", "tiny\n")
    said = fresh.run("--version", within="..", PYTHONPATH=str(place))
    assert said == f"tiny-study 4.2 ({PYTHON})\n"


@pytest.mark.parametrize(
    ("variables", "red"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_an_error_is_red_on_a_terminal_that_has_colours(
    fresh: Project, variables: dict[str, str], red: bool
) -> None:
    shown = on_terminal(fresh, *FAILS, **variables)
    assert "error:" in shown
    assert ("\x1b[31m" in shown) == ("\x1b" in shown) == red
    assert fresh.fails(*FAILS, TERM="xterm", NO_COLOR="").startswith("error: there is no run ")


@pytest.mark.parametrize("unwanted", ["", "1"])
def test_the_servers_own_lines_have_colours_where_they_are_wanted(
    project: Project, unwanted: str
) -> None:
    reader, terminal = pty.openpty()
    server = subprocess.Popen(
        project.command("serve", "--port", "0", "--access-log"),
        cwd=project.root,
        env=project.environment(TERM="xterm", NO_COLOR=unwanted, PYTHONWARNINGS="ignore"),
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = ""
    try:
        while not (address := re.search(r"http://[\d.:]+", shown)) or "docs)" not in shown:
            shown += os.read(reader, 10_000).decode()
        build_opener(ProxyHandler({})).open(f"{address[0]}/health").read()
        while "/health" not in shown or "200" not in shown:
            shown += os.read(reader, 10_000).decode()
    finally:
        server.terminate()
        server.wait()
        os.close(reader)
    assert ("\x1b[" in shown) == (not unwanted)


def test_a_terminal_shows_the_stage_that_runs_and_then_its_seconds(fresh: Project) -> None:
    shown = re.findall(r"\[\d/4\] \w+(?:: | took \d+\.\d s)", on_terminal(fresh, "run"))
    names = ["multiply", "add", "draw", "report"]
    begun = [f"[{i}/4] {name}: " for i, name in enumerate(names, 1)]
    assert shown[::2] == begun
    assert [each.partition(" took ")[0] + ": " for each in shown[1::2]] == begun


def test_open_shows_the_report_in_the_readers_browser(
    copy: Copy, first_run: Path, tmp_path: Path
) -> None:
    project = copy("a project of Žižková's", source=first_run)
    browser = Project(tmp_path).write("browser", f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    browser.chmod(0o755)
    report = project.root / "reports/report.html"
    assert project.run("open", BROWSER=str(browser)) == f"Report: {report}\n"
    assert (tmp_path / "opened").read_text() == f"{report.as_uri()}\n"
    report.write_text("another")
    assert "is not the file that the run wrote: `run` makes it again" in project.fails(
        "open", BROWSER=str(browser)
    )
    assert (tmp_path / "opened").read_text() == f"{report.as_uri()}\n"


def test_where_no_browser_is_the_path_is_said(project: Project) -> None:
    without = {"PATH": "", "BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    said = project.fails("open", **without)
    assert f"no browser was found for {project.root / 'reports/report.html'}: open it" in said


def test_before_the_first_run_each_command_names_it(fresh: Project) -> None:
    for words in (("open",), ("verify",), ("serve", "--port", "0")):
        assert fresh.fails(*words).endswith(" yet: `run` makes one\n")
    done = fresh.call("runs")
    assert (done.returncode, done.stdout) == (0, "")  # programs read it
    assert done.stderr == "No run of this machine is on record: `run` makes one.\n"


def test_what_differs_comes_with_what_to_do(project: Project) -> None:
    run_tiny(project.root, force=True)
    assert project.run("runs", "compare", "1", "2").endswith("\n")
    same = project.run("runs", "compare", "1", "1")
    assert same == "Runs 1 and 1 differ in nothing on record.\n"
    (project.root / "reports/report.html").write_text("mine")
    raw = project.root / "data/raw/numbers.txt"
    raw.chmod(0o644)
    raw.write_text("7")
    project.write("data/raw/new.txt", "1")
    restore = "restore it, or move it away, `data remove` and `data add`"
    checked = project.call("data", "check")
    assert checked.stdout.splitlines() == [
        f"data/raw/numbers.txt: changed since it was recorded: {restore}",
        "data/raw/new.txt: not recorded, `data add` does",
    ]
    verified = project.call("verify").stdout.splitlines()
    assert {"reports/report.html: changed since report wrote it"} < {*verified}
    assert verified[-1].startswith("`run` makes artifacts again")
    assert restore in project.fails("run")
    raw.rename(project.root.parent / "moved.txt")
    said = project.run("data", "remove", "numbers.txt")
    assert said == f"numbers.txt is removed; if {CONFIG} names it, name another.\n"

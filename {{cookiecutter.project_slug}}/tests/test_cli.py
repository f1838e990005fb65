"""The command line of this project, in processes of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from {{ cookiecutter.package_name }}.logging_config import PACKAGE
from {{ cookiecutter.package_name }}.pipeline import STUDY

ROOT = Path(__file__).parents[1]
HEAVY = {"pandas", "numpy", "scipy", "matplotlib", "pyarrow", "pandera", "openpyxl"}
COMMANDS = ["run", *(stage.name for stage in STUDY.stages), "report", "verify", "data"]
HOLDER = f"""
import pathlib, sys, {PACKAGE}.publishing as publishing
with publishing.lock(pathlib.Path.cwd()):
    print("held", flush=True)
    sys.stdin.read()
"""


def call(folder, *words, options=()):
    command = [sys.executable, *options, "-m", PACKAGE, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def error_of(folder, *words):
    """Return the one line on stderr of a command that fails; the log has the traceback."""
    done = call(folder, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    log = (folder / "logs/pipeline.log").read_text(encoding="utf-8")
    assert done.stderr.removeprefix("error: ") + "Traceback" in log
    return done.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for part in ("configs", "data/raw"):
        shutil.copytree(ROOT / part, folder / part)
    (folder / "strange.data").write_text("a\n1\n1,2,3\n")
    config = (ROOT / STUDY.config).read_text(encoding="utf-8")
    (folder / "wrong.toml").write_text(f"rwa = 1\n{config}", encoding="utf-8")
    done = call(folder, "run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"\nReport: {folder / 'reports/report.html'}\n")
    return folder


@pytest.mark.parametrize(("word", "says"), [("--help", COMMANDS), ("run", ["Up to date"])])
def test_help_and_an_up_to_date_run_import_nothing_heavy(project, word, says):
    done = call(project, word, options=("-X", "importtime"))
    assert [text for text in says if text not in done.stdout] == []
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines()]
    assert PACKAGE in names
    assert not HEAVY & {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("run", "--raw", "nowhere.csv"), "nowhere.csv is missing"),
        (("run", "--raw", "strange.data"), "strange.data"),
        (("run", "--config", "nowhere.toml"), "nowhere.toml is missing"),
        (("run", "--config", "wrong.toml"), "wrong.toml: rwa"),
        (("data", "add", "no\nfile.csv"), "file.csv is not a file that can be raw data"),
    ],
)
def test_an_error_is_one_line_that_names_the_file_and_exit_1(project, words, names):
    line = error_of(project, *words)
    assert names in line
    assert "fault of the program" not in line


def test_outside_a_project_is_an_error_too_and_wrong_usage_is_exit_2(tmp_path):
    done = call(tmp_path, "verify")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"no {STUDY.config.as_posix()} here or above" in done.stderr
    assert call(tmp_path, "verify", "--bogus").returncode == 2


def test_verify_below_names_what_changed_and_one_writer_at_a_time_mends_it(project):
    assert call(project, "data", "add", "strange.data").returncode == 0
    (project / "data/raw/strange.data").unlink()
    (project / "reports/report.html").write_text("other")
    done = call(project / "reports", "verify")
    changed = "reports/report.html: changed since report wrote it\n"
    missing = "data/raw/strange.data: missing\n"
    assert (done.returncode, done.stdout) == (1, changed + missing)
    assert call(project, "data", "check").stdout == missing
    command, pipe = [sys.executable, "-c", HOLDER], subprocess.PIPE
    with subprocess.Popen(command, cwd=project, stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout.readline()
        assert "another run is writing" in error_of(project, "report")
        holder.kill()
    assert call(project, "report").stdout == "wrote reports/report.html\n"
    assert call(project, "verify").stdout == missing

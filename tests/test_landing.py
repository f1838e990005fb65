"""Where a project lands: what is the user's stays, and what was cut short can be completed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from checks import assert_tree_is_exact, everything_below
from conftest import TEMPLATE, Command, Project

BLANK = ("--no-input", "example=blank")
PROJECT = Path("us-wage-analysis")
MINE = {
    PROJECT / "README.md": "mine: an example's, rendered",
    PROJECT / "data/raw/SHA256SUMS": "mine: an example's raw data",
    PROJECT / "data/raw/private.csv": "mine: not the template's",
    PROJECT / "src/us_wage_analysis/pipeline.py": "mine: an example's, copied",
    PROJECT / "pyproject.toml": "mine: the machine's, rendered",
    PROJECT / "notes/today.md": "mine: a folder of my own",
    Path("neighbour/README.md"): "mine: beside it",
}


def put(folder: Path) -> None:
    """Write files of the user's, one of them read-only."""
    for name, text in MINE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / PROJECT / "data/raw/private.csv").chmod(0o444)


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of each file, empty for a folder."""
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if (folder / name).is_file()
        else ""
        for name in everything_below(folder)
    }


def changed(folder: Path) -> set[Path]:
    """Return which of the user's files are no longer what they were."""
    return {name for name, text in MINE.items() if (folder / name).read_text("utf-8") != text}


def blank(path: Path) -> Project:
    return Project(path, {"example": "blank", "package_name": "us_wage_analysis"})


def test_existing_folder_is_refused_and_untouched(cookiecutter: Command, tmp_path: Path) -> None:
    put(tmp_path / "out")
    before = contents(tmp_path / "out")
    done = cookiecutter(*BLANK)
    assert done.returncode == 1
    assert "directory already exists" in done.stdout
    assert contents(tmp_path / "out") == before


def test_overwriting_replaces_files_of_the_template_and_no_others(
    cookiecutter: Command, tmp_path: Path
) -> None:
    put(tmp_path / "out")
    done = cookiecutter(*BLANK, "-f", unprivileged=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert {each.name for each in changed(tmp_path / "out")} == {
        "README.md", "SHA256SUMS", "pipeline.py", "pyproject.toml"
    }  # fmt: skip


def test_skipping_keeps_what_is_there(cookiecutter: Command, tmp_path: Path) -> None:
    """But for the machine's copied files, which Cookiecutter replaces whatever it is told."""
    put(tmp_path / "out")
    copied = tmp_path / "out" / PROJECT / "src/us_wage_analysis/cli.py"
    copied.write_text("mine: the machine's, copied", encoding="utf-8")
    done = cookiecutter(*BLANK, "-f", "-s", unprivileged=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert changed(tmp_path / "out") == set()
    assert not (tmp_path / "out" / PROJECT / ".examples").exists()
    assert "mine" not in copied.read_text(encoding="utf-8")  # where this fails, change the docs


@pytest.mark.parametrize("flag", [(), ("-f",)])
def test_read_only_target(cookiecutter: Command, tmp_path: Path, flag: tuple[str, ...]) -> None:
    target = tmp_path / "out" / "target"
    target.mkdir(mode=0o555)
    done = cookiecutter(*BLANK, "-o", "target", *flag, unprivileged=True)
    assert done.returncode == 1
    assert not list(target.iterdir())
    assert not list((tmp_path / "tmp").iterdir())


def test_inside_another_repository(cookiecutter: Command, tmp_path: Path) -> None:
    outer = Project(tmp_path / "out", {})
    outer.run("git", "init", "--quiet")
    (outer.path / ".gitignore").write_text("/ignored/\n", encoding="utf-8")
    done = cookiecutter(*BLANK)
    assert done.returncode == 0
    assert f"This is part of the git repository {outer.path}." in done.stdout
    assert not (outer.path / PROJECT / ".git").exists()
    assert outer.run("git", "status", "--porcelain") == f"?? .gitignore\n?? {PROJECT}/\n"
    assert cookiecutter(*BLANK, "-o", "ignored").returncode == 0
    inner = blank(outer.path / "ignored" / PROJECT)
    assert inner.run("git", "log", "--format=%s") == "First commit\n"
    assert inner.run("git", "status", "--porcelain") == ""


def test_path_with_spaces_and_accents(cookiecutter: Command, tmp_path: Path) -> None:
    done = cookiecutter(*BLANK, "-o", "Zoë's wages, 工資 $HOME")
    assert (done.returncode, done.stderr) == (0, "")
    project = blank(tmp_path / "out" / "Zoë's wages, 工資 $HOME" / PROJECT)
    assert f'cd "{project.path}"' in done.stdout
    assert_tree_is_exact(project)
    assert project.run("git", "status", "--porcelain") == ""


def test_without_a_home(cookiecutter: Command, tmp_path: Path) -> None:
    folders = f"{{cookiecutters_dir: {tmp_path}/a, replay_dir: {tmp_path}/b}}"
    (tmp_path / "config.yaml").write_text(folders, encoding="utf-8")
    config = ("--config-file", str(tmp_path / "config.yaml"))
    done = cookiecutter(*BLANK, *config, without=("HOME", "GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME"))
    assert (done.returncode, done.stderr) == (0, "")
    assert_tree_is_exact(blank(tmp_path / "out" / PROJECT))
    assert blank(tmp_path / "out" / PROJECT).run("git", "status", "--porcelain") == ""


@pytest.mark.slow
@pytest.mark.parametrize("room", ["300k", "1m", "5200k", "7m", "10m"])
def test_full_disk(tmp_path: Path, room: str) -> None:
    """In a file system of its own, which ends with the processes that see it."""
    inside = ("unshare", "--mount", "--map-root-user")
    mount = 'mount -t tmpfs -o "size=$0" tmpfs . 2>/dev/null && cd "$PWD"'
    (tmp_path / "small").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    tried = subprocess.run([*inside, "sh", "-c", mount, room], cwd=tmp_path / "small", check=False)
    if tried.returncode:
        pytest.skip("no file system can be mounted here")
    story = f"""{mount} || exit 9
    mkdir neighbour && echo mine > neighbour/file
    "$1" -m cookiecutter "$2" --no-input; first=$?
    cat neighbour/file && ls
    mount -o remount,size=64m . || exit 8
    echo "first $first"
    "$1" -m cookiecutter "$2" --no-input -f || exit 7
    cat neighbour/file && cd us-wage-analysis && git log --format=%s && git status --porcelain"""
    done = subprocess.run(
        [*inside, "sh", "-c", story, room, sys.executable, str(TEMPLATE)],
        cwd=tmp_path / "small",
        env=os.environ | {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first, _, second = done.stdout.partition("\nfirst ")
    assert second[0] == "1" or "failed: " in first
    assert first.count("mine\n") == second.count("mine\n") == 1
    assert second.endswith("mine\nFirst commit\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "sight", ["LICENSE", ".examples/blank", "data/raw/SHA256SUMS", ".git", ".git/first-commit"]
)
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_cut_short_it_is_completed_by_the_same_command(
    cookiecutter: Command, tmp_path: Path, sight: str, stop: signal.Signals
) -> None:
    put_beside = tmp_path / "out" / "neighbour" / "README.md"
    put_beside.parent.mkdir()
    put_beside.write_text("mine", encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "cookiecutter", str(TEMPLATE), *BLANK],
        cwd=tmp_path / "out",
        env=os.environ | {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (tmp_path / "out" / PROJECT / sight).exists() and running.poll() is None:
        time.sleep(0.0005)
    os.killpg(running.pid, stop)
    running.wait()
    again = cookiecutter(*BLANK, "-f")
    assert again.returncode == 0, again.stdout + again.stderr
    assert put_beside.read_text(encoding="utf-8") == "mine"
    project = blank(tmp_path / "out" / PROJECT)
    assert_tree_is_exact(project)
    assert project.run("git", "log", "--format=%s") == "First commit\n"
    assert project.run("git", "status", "--porcelain") == ""

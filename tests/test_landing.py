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
PROJECT = Path("my-project")
MINE = {
    PROJECT / "README.md": "mine: an example's, rendered",
    PROJECT / "data/raw/SHA256SUMS": "mine: an example's raw data",
    PROJECT / "data/raw/private.csv": "mine: not the template's",
    PROJECT / "src/my_project/pipeline.py": "mine: an example's, copied",
    PROJECT / "src/my_project/engine/cli.py": "mine: the engine's, copied",
    PROJECT / ".github/workflows/ci.yml": "mine: every project's, copied",
    PROJECT / "pyproject.toml": "mine: every project's, rendered",
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
    return Project(path, {"example": "blank", "package_name": "my_project"})


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
        "README.md", "SHA256SUMS", "ci.yml", "cli.py", "pipeline.py", "pyproject.toml"
    }  # fmt: skip


@pytest.mark.parametrize("way", ["answers", "replay", "python"])
def test_skipping_keeps_what_is_there(cookiecutter: Command, tmp_path: Path, way: str) -> None:
    """Every file, however the answers come and however it is said."""
    assert cookiecutter(*BLANK, "initialize_git=false").returncode == 0
    put(tmp_path / "out")
    (tmp_path / "out" / PROJECT / "docs/index.md").unlink()
    if way == "python":
        call = "import sys; from cookiecutter.main import cookiecutter as c; c(sys.argv[1], "
        call += "replay=True, overwrite_if_exists=True, skip_if_file_exists=True)"
        own = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}
        Project(tmp_path / "out", {}).run(sys.executable, "-c", call, str(TEMPLATE), **own)
    else:
        answers = {"answers": BLANK, "replay": ("--replay",)}[way]
        done = cookiecutter(*answers, "-f", "-s", unprivileged=True)
        assert (done.returncode, done.stderr) == (0, "")
    assert changed(tmp_path / "out") == set()
    assert not (tmp_path / "out" / PROJECT / ".examples").exists()
    assert (tmp_path / "out" / PROJECT / "docs/index.md").exists()


def test_without_its_hook_it_says_how_it_is_finished(cookiecutter: Command, tmp_path: Path) -> None:
    """To whoever looks: in the README, and from make; the command is followed as it stands."""
    assert cookiecutter(*BLANK, "--accept-hooks", "no").returncode == 0
    project = blank(tmp_path / "out" / PROJECT)
    readme = (project.path / "README.md").read_text(encoding="utf-8")
    assert "My Project is not finished" in readme
    stopped = subprocess.run(["make", "run"], cwd=project.path, capture_output=True, text=True)
    assert stopped.returncode == 2
    assert "is not finished: README.md says what to do" in stopped.stderr
    command = readme.partition("```\n")[2].partition("\n```")[0].split()
    assert command[:2] == ["cookiecutter", str(TEMPLATE)]
    assert cookiecutter(*command[2:]).returncode == 0
    assert_tree_is_exact(project)
    assert project.run("git", "status", "--porcelain") == ""
    assert "not finished" not in (project.path / "README.md").read_text(encoding="utf-8")


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


@pytest.mark.parametrize("where", ["the repository around it", "the user's settings"])
def test_ignored_names_are_taken_back_in(
    cookiecutter: Command, tmp_path: Path, nobodys_git: Path, where: str
) -> None:
    """By the commands that the hook prints and by the user's own; private data stays out."""
    names = "data/\nmodels/\nreports/\nlib/\n/*/src/\ntests/\nconfigs/\n*.toml.bak\n"
    outer = Project(tmp_path / "out", {})
    own = {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")}
    settings = nobodys_git.read_text(encoding="utf-8") + "name = Ada\nemail = ada@example.org\n"
    if where == "the repository around it":
        outer.run("git", "init", "--quiet")
        (outer.path / ".gitignore").write_text(names, encoding="utf-8")
    else:
        (tmp_path / "ignore").write_text(names, encoding="utf-8")
        settings += f"[core]\nexcludesFile = {tmp_path}/ignore\n"
    (tmp_path / "gitconfig").write_text(settings, encoding="utf-8")
    project = blank(outer.path / PROJECT)
    done = cookiecutter(*BLANK, variables=own)
    (project.path / "data/raw/private.csv").write_text("mine", encoding="utf-8")
    if where == "the repository around it":
        outer.run("git", "add", "--all", **own)
        inside = outer.run("git", "ls-files", str(PROJECT), **own).replace(f"{PROJECT}/", "")
        assert_all_but_private(project, inside.split())
        begin = done.stdout.partition("To give it one of its own: ")[2].strip()
        project.run("sh", "-c", begin, **own)
    project.run("git", "add", "--all", **own)
    assert_all_but_private(project, project.run("git", "ls-files", **own).split())


def assert_all_but_private(project: Project, tracked: list[str]) -> None:
    assert set(tracked) == project.files() - {"data/raw/private.csv", "logs/pipeline.log"}


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

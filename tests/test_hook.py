"""What the hook does to files, log and git, and that git's moods never cost anyone a project."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from conftest import Bake, Command, Project

from hooks.post_gen_project import (
    BEGIN,
    COMMIT,
    UNFINISHED,
    begin_history,
    begin_log,
    place_example,
)


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    """Write a file, its folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A folder with one file of data, to be put under git."""
    write(tmp_path / "project" / "data" / "raw.csv", "a,b\n")
    return Project(tmp_path / "project", {})


@pytest.fixture
def git_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Replace the user's git settings."""

    def replace(text: str) -> None:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(write(tmp_path / "gitconfig", text)))

    return replace


def begin(project: Project) -> str:
    """Begin the history of a project by an author with an accent."""
    return begin_history(project.path, "Zoë Äpfel", "zoe@example.com")


def assert_one_clean_commit(project: Project) -> None:
    """Exactly one commit, on main, of everything."""
    assert project.run("git", "log", "--all", "--format=%D").strip() == "HEAD -> main"
    assert project.run("git", "status", "--porcelain", "--ignored=no") == ""


def test_example_is_moved_and_the_others_go(tmp_path: Path) -> None:
    write(tmp_path / ".examples" / "_every" / "src" / "engine.py", "every project's")
    write(tmp_path / ".examples" / "one" / "src" / "{{cookiecutter.package_name}}" / "a.py", "a")
    write(tmp_path / ".examples" / "_every" / "src" / "__pycache__" / "engine.pyc", "a checkout's")
    write(tmp_path / ".examples" / "one" / "data" / "raw" / "a.csv", "new")
    write(tmp_path / ".examples" / "two" / "b.csv", "other")
    write(tmp_path / "data" / "raw" / "a.csv", "old", mode=0o444)
    write(tmp_path / "data" / "raw" / "mine.csv", "mine")
    place_example(tmp_path, "one", "mine")
    files = {"src/engine.py", "src/mine/a.py", "data/raw/a.csv", "data/raw/mine.csv"}
    assert Project(tmp_path, {}).files() == files
    assert (tmp_path / "data" / "raw" / "a.csv").read_text(encoding="utf-8") == "new"
    assert not (tmp_path / ".examples").exists()


def test_what_is_kept_is_kept_of_both(tmp_path: Path) -> None:
    for name in ("_every/engine.py", "one/a.csv", "one/link", "one/new"):
        write(tmp_path / ".examples" / name, "the template's")
    for name in ("engine.py", "a.csv"):
        write(tmp_path / name, "mine", mode=0o444)
    (tmp_path / "link").symlink_to("nowhere")
    place_example(tmp_path, "one", "mine", keep_existing=True)
    texts = {name: (tmp_path / name).read_text("utf-8") for name in ("engine.py", "a.csv", "new")}
    assert texts == {"engine.py": "mine", "a.csv": "mine", "new": "the template's"}
    assert (tmp_path / "link").readlink() == Path("nowhere")
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("keep_existing", [True, False])
def test_page_that_says_unfinished_makes_room(tmp_path: Path, *, keep_existing: bool) -> None:
    """And no other: a README of the user's is kept where it is to be kept."""
    for folder, text in {"fresh": f"{UNFINISHED}\n# A", "old": "mine"}.items():
        write(tmp_path / folder / "README.md", text)
        write(tmp_path / folder / ".examples/one/README.md", "the example's")
        place_example(tmp_path / folder, "one", "mine", keep_existing=keep_existing)
    assert (tmp_path / "fresh/README.md").read_text("utf-8") == "the example's"
    kept = "mine" if keep_existing else "the example's"
    assert (tmp_path / "old/README.md").read_text("utf-8") == kept


def test_example_does_not_write_through_a_link(tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere.csv", "theirs", mode=0o444)
    write(tmp_path / "project" / ".examples" / "one" / "a.csv", "new")
    (tmp_path / "project" / "a.csv").symlink_to(elsewhere)
    place_example(tmp_path / "project", "one", "mine")
    assert elsewhere.read_text(encoding="utf-8") == "theirs"
    assert elsewhere.stat().st_mode & 0o777 == 0o444


def test_log_is_continued(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "pipeline.log", "before\n")
    begin_log(tmp_path, "1.2.3", "blank")
    before, line = (tmp_path / "logs" / "pipeline.log").read_text(encoding="utf-8").splitlines()
    time, rest = line.split(" ", 1)
    assert before == "before"
    assert datetime.fromisoformat(time).utcoffset() is not None
    assert rest == "INFO template: created from Cookiecutter MLOps 1.2.3 with the example blank"


def test_author_signs_where_git_knows_no_one(project: Project) -> None:
    assert begin(project) == ""
    assert_one_clean_commit(project)
    who = project.run("git", "log", "--format=%an %ae %cn %ce")
    assert who == "Zoë Äpfel zoe@example.com Zoë Äpfel zoe@example.com\n"
    assert "user." not in project.run("git", "config", "--local", "--list")


def test_own_identity_and_odd_settings(
    project: Project,
    git_settings: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(tmp_path / "templates" / "hooks" / "pre-commit", "#!/bin/sh\nexit 1\n", mode=0o755)
    write(tmp_path / "ignored", "data/\n")
    git_settings(
        "[user]\nname = Me\nemail = me@example.com\n"
        f"[init]\ndefaultBranch = trunk\ntemplateDir = {tmp_path / 'templates'}\n"
        f"[core]\nautocrlf = true\nexcludesFile = {tmp_path / 'ignored'}\n"
    )
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    assert begin(project) == ""
    for name in [name for name in os.environ if name.startswith("GIT_") and "CONFIG" not in name]:
        monkeypatch.delenv(name)
    assert_one_clean_commit(project)
    assert project.run("git", "log", "--format=%an <%ae>") == "Me <me@example.com>\n"
    assert project.run("git", "ls-files") == "data/raw.csv\n"


@pytest.mark.parametrize(
    "settings",
    [
        "[commit]\ngpgSign = true\n[gpg]\nprogram = false\n",
        "[core]\nhooksPath = {}\n",
    ],
    ids=["signing without a key", "a hook that fails"],
)
def test_refused_commit_is_a_sentence_with_the_command(
    project: Project, git_settings: Callable[[str], None], tmp_path: Path, settings: str
) -> None:
    write(tmp_path / "hooks" / "pre-commit", "#!/bin/sh\necho no >&2; exit 1\n", mode=0o755)
    git_settings(settings.format(tmp_path / "hooks"))
    note = begin(project)
    assert note.startswith("git commit failed: ")
    assert note.endswith(COMMIT)
    git_settings("[user]\nname = Me\nemail = me@example.com\n")
    project.run("sh", "-c", COMMIT)
    assert_one_clean_commit(project)


def test_refused_commit_is_tried_again_but_never_over_a_history(
    project: Project, git_settings: Callable[[str], None]
) -> None:
    git_settings("[commit]\ngpgSign = true\n[gpg]\nprogram = false\n")
    assert begin(project).startswith("git commit failed: ")
    git_settings("")
    assert begin(project) == ""
    assert_one_clean_commit(project)
    (project.path / ".git" / "first-commit").touch()  # as if the user had made that commit
    project.run("git", "checkout", "--quiet", "--orphan", "other")
    assert begin(project).startswith("This was a git repository already")


@pytest.mark.parametrize("kind", ["worktree", "no commit yet"])
def test_repository_that_looks_unfinished_is_the_users(project: Project, kind: str) -> None:
    if kind == "worktree":
        (project.path / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")
    else:
        project.run("git", "init", "--quiet")
    before = project.files()
    assert begin(project).startswith("This was a git repository already")
    assert project.files() == before


def test_git_too_old_for_naming_the_branch(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"""#!/bin/bash
    for word; do
        case $word in -b|--initial-branch*) echo "unknown switch" >&2; exit 129;; esac
    done
    exec {shutil.which("git")} "${{@/init.defaultBranch=*/init.unknownYet=}}"
    """
    write(tmp_path / "bin" / "git", old, mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert begin(project) == ""
    assert_one_clean_commit(project)


def test_folder_of_another_owner(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git refuses it until `safe.directory` names it, and says how; the files are there."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    note = begin(project)
    assert "safe.directory" in note
    assert note.endswith(COMMIT)
    assert (project.path / "data" / "raw.csv").exists()
    monkeypatch.delenv("GIT_TEST_ASSUME_DIFFERENT_OWNER")
    assert begin(project) == ""
    assert_one_clean_commit(project)


def test_repository_above_of_another_owner(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert begin(project) == ""
    inner = Project(project.path / "inner", {})
    write(inner.path / "a.txt", "a")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert begin(inner).startswith(f"This is part of the git repository {project.path}")
    assert not (inner.path / ".git").exists()


def test_name_that_git_cannot_take_is_a_sentence(project: Project) -> None:
    assert begin_history(project.path, "<>", "zoe@example.com").startswith("git commit failed: ")


def test_repository_of_ones_own_is_left_alone(project: Project) -> None:
    assert begin(project) == ""
    before = project.run("git", "rev-parse", "HEAD")
    write(project.path / "new.txt", "new")
    assert begin(project).startswith("This was a git repository already")
    assert project.run("git", "rev-parse", "HEAD") == before
    assert project.run("git", "status", "--porcelain") == "?? new.txt\n"


@pytest.mark.parametrize("inside", [".", ".git"])
def test_no_repository_within_another(project: Project, inside: str) -> None:
    assert begin(project) == ""
    inner = Project(project.path / inside / "deep" / "inner", {})
    write(inner.path / "a.txt", "a")
    note = begin(inner)
    assert str(project.path) in note
    assert not (inner.path / ".git").exists()
    assert note.endswith(BEGIN)


def test_folder_that_the_repository_above_ignores_gets_its_own(project: Project) -> None:
    write(project.path / ".gitignore", "/build/\n")
    assert begin(project) == ""
    inner = Project(project.path / "build" / "inner", {})
    write(inner.path / "a.txt", "a")
    assert begin(inner) == ""
    assert_one_clean_commit(inner)
    assert_one_clean_commit(project)


def test_project_has_one_log_line_and_one_commit(default_project: Project) -> None:
    assert_one_clean_commit(default_project)
    log = (default_project.path / "logs" / "pipeline.log").read_text(encoding="utf-8")
    assert re.fullmatch(r"\S+ INFO template: created from .* the example wage-analysis\n", log)
    assert not (default_project.path / ".examples").exists()


def test_no_repository_where_none_is_wanted(bake: Bake) -> None:
    assert not (bake(initialize_git=False).path / ".git").exists()


def test_second_time_over_a_repository(cookiecutter: Command, tmp_path: Path) -> None:
    project = Project(tmp_path / "out" / "us-wage-analysis", {})
    assert cookiecutter("--no-input").returncode == 0
    raw = write(project.path / "data" / "raw" / "mine.csv", "mine", mode=0o444)
    (project.path / "data" / "raw" / "SHA256SUMS").chmod(0o444)
    done = cookiecutter("--no-input", "--overwrite-if-exists", unprivileged=True)
    assert done.returncode == 0
    assert "This was a git repository already" in done.stdout
    assert_one_clean_commit(project)
    assert raw.read_text(encoding="utf-8") == "mine"


def test_without_git(cookiecutter: Command, tmp_path: Path) -> None:
    done = cookiecutter("--no-input", variables={"PATH": str(tmp_path / "nothing")})
    assert done.returncode == 0
    assert f"No git could be run here. Once one can: {BEGIN}" in done.stdout
    assert (tmp_path / "out" / "us-wage-analysis" / "LICENSE").exists()
    assert not list((tmp_path / "tmp").iterdir())


def test_console_that_cannot_show_the_name(cookiecutter: Command, tmp_path: Path) -> None:
    answers = "default_context: {project_name: Zoë 🙂, author_name: Zoë}"
    write(tmp_path / "home" / ".cookiecutterrc", answers)
    narrow = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = cookiecutter("--no-input", variables=narrow)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"Zo\xeb \U0001f642 is ready" in done.stdout
    project = Project(tmp_path / "out" / "zoe", {})
    assert_one_clean_commit(project)
    assert project.run("git", "log", "--format=%an") == "Zoë\n"


def test_console_that_is_closed(cookiecutter: Command, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = cookiecutter("--no-input", stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert_one_clean_commit(Project(tmp_path / "out" / "us-wage-analysis", {}))

"""A project takes a later version of the template, with cruft and without; edits stay."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from checks import TOOLS, TREES
from conftest import TEMPLATE, Bake, Project

BODY = "{{cookiecutter.project_slug}}"
SLUGS = {
    "wage-analysis": "us-wage-analysis",
    "digits-classification": "digits-classification",
    "blank": "my-project",
}
ENGINE = ".examples/_every/src/{{cookiecutter.package_name}}/engine"
BEFORE = "789767a"  # the last commit of version 0.1


def package(project: Project) -> Path:
    """Find the package's folder."""
    (found,) = (project.path / "src").glob("*/__main__.py")
    return found.parent


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def commit(project: Project, message: str) -> None:
    """Commit everything, as somebody."""
    project.run("git", "add", "--all")
    somebody = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    project.run("git", *somebody, "commit", "--quiet", f"--message={message}")


@pytest.fixture(params=SLUGS)
def example(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def template(tmp_path: Path) -> Project:
    """A repository with what is in this one now."""
    copy = Project(tmp_path / "template", {})
    copy.path.mkdir()
    copy.run("git", "init", "--quiet", "--initial-branch=main")
    put_this_version(copy)
    return copy


def put_this_version(copy: Project) -> None:
    """Copy what git has here or would take, and commit it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=TEMPLATE, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode("utf-8").split("\0")):
        if (TEMPLATE / name).is_file():
            (copy.path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TEMPLATE / name, copy.path / name)
    commit(copy, "This version")


def release(template: Project, example: str) -> None:
    """Change the template where users change things too, and where they do not."""
    body = template.path / BODY
    own = body / ".examples" / example
    edit(
        template.path / "cookiecutter.json", '"__template_version": "', '"__template_version": "9.'
    )
    edit(body / "Makefile", "## the tests", "## all the tests")
    edit(body / "pyproject.toml", "line-length = 100", "line-length = 110")
    edit(body / ENGINE / "cli.py", '"""', '"""Newer. ')
    edit(own / "docs/index.md", "\n", "\nNew in this version.\n")
    edit(own / "data/raw/README.md", "\n", "\nNew in this version.\n")
    (body / "docs").mkdir(exist_ok=True)
    (body / "docs/new.md").write_text("# New\n", encoding="utf-8")
    (body / "references").mkdir(exist_ok=True)
    commit(template, "Next version")


def make_it_mine(project: Project) -> None:
    """Edit beside the lines that will change, and commit."""
    edit(project.path / "Makefile", "help:  ## say what there is", "help:  ## say what I have")
    edit(project.path / "README.md", "\n", "\nMine.\n")
    pipeline = package(project) / "pipeline.py"
    pipeline.write_text(pipeline.read_text("utf-8") + "# mine\n", encoding="utf-8")
    (project.path / "notes.md").write_text("mine\n", encoding="utf-8")
    (project.path / "data/raw/private.csv").write_text("mine\n", encoding="utf-8")
    commit(project, "Mine")


def assert_change_arrived_and_edits_stayed(project: Project, version: str) -> None:
    read = {
        name: (project.path / name).read_text(encoding="utf-8")
        for name in project.files()
        if not name.endswith((".xlsx", ".png"))
    }
    assert "## all the tests" in read["Makefile"]
    place = package(project).relative_to(project.path).as_posix()
    assert '"""Newer. ' in read[f"{place}/engine/cli.py"]
    assert "New in this version." in read["docs/index.md"]
    assert read["docs/new.md"] == "# New\n"
    assert "help:  ## say what I have" in read["Makefile"]
    assert "\nMine.\n" in read["README.md"]
    assert read[f"{place}/pipeline.py"].endswith("# mine\n")
    assert read["notes.md"] == read["data/raw/private.csv"] == "mine\n"
    assert project.settings()["tool"]["cookiecutter-mlops"]["template_version"] == version


@pytest.fixture
def made_with_cruft(template: Project, example: str, tmp_path: Path) -> Project:
    """A project of the version before; the template has moved on."""
    create = (TOOLS / "cruft", "create", str(template.path), "--no-input", "--output-dir")
    answers = json.dumps({"example": example, "author_name": 'Zoë "Z" \\ 工'})
    template.run(*create, str(tmp_path), "--extra-context", answers, HOME=str(tmp_path))
    project = Project(tmp_path / SLUGS[example], {"example": example})
    assert project.run("git", "status", "--porcelain") == "?? .cruft.json\n"
    commit(project, "Keep up with the template")
    assert "up to date" in project.run(TOOLS / "cruft", "check")
    assert "diff --git" not in project.run(TOOLS / "cruft", "diff")
    make_it_mine(project)
    release(template, example)
    return project


def cruft(project: Project, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TOOLS / "cruft", *command], cwd=project.path, capture_output=True, encoding="utf-8"
    )


@pytest.mark.slow
def test_cruft_brings_the_change_and_keeps_the_edits(made_with_cruft: Project) -> None:
    project = made_with_cruft
    assert cruft(project, "check").returncode == 1
    mine = project.run(TOOLS / "cruft", "diff")
    assert "Mine." in mine
    assert "pipeline.log" not in mine
    version = project.settings()["tool"]["cookiecutter-mlops"]["template_version"]
    raw = (project.path / "data/raw/README.md").read_text(encoding="utf-8")
    done = cruft(project, "update", "--skip-apply-ask")
    assert done.returncode == 0, done.stderr
    assert "rej" not in done.stderr
    assert_change_arrived_and_edits_stayed(project, f"9.{version}")
    assert "line-length = 110" in (project.path / "pyproject.toml").read_text(encoding="utf-8")
    assert (project.path / "data/raw/README.md").read_text(encoding="utf-8") == raw
    assert not list(project.path.rglob("*.rej"))
    assert len(project.run("git", "log", "--format=%h").split()) == 3
    assert "up to date" in project.run(TOOLS / "cruft", "check")


@pytest.mark.slow
def test_the_pages_steps_with_cruft(template: Project, tmp_path: Path) -> None:
    """`docs/keep/update.md` line by line; every question is answered by Enter."""
    page = (TEMPLATE / "docs/keep/update.md").read_text(encoding="utf-8")
    create, later = re.findall(r"^```\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    somebody = {f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")}
    somebody |= {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
    own = somebody | {"HOME": str(tmp_path), "PATH": f"{TOOLS}:{os.environ['PATH']}"}
    (tmp_path / "enter").write_text("\n" * 20)
    script = create.replace("https://github.com/org/template", f"'{template.path}'")
    script = re.sub("(cruft create .*)", rf"\1 < '{tmp_path}/enter'", script)
    Project(tmp_path, {}).run("sh", "-ec", script, **own)
    project = Project(tmp_path / "us-wage-analysis", {})
    version = project.settings()["tool"]["cookiecutter-mlops"]["template_version"]
    make_it_mine(project)
    release(template, "wage-analysis")
    check, *others = later.splitlines()
    assert cruft(project, *check.split()[1:]).returncode == 1
    for line in others:
        project.run("sh", "-ec", f"{line} < '{tmp_path}/enter'", **own)
    assert_change_arrived_and_edits_stayed(project, f"9.{version}")


@pytest.mark.slow
@pytest.mark.parametrize("history", [True, False], ids=["with git", "without"])
def test_cruft_leaves_a_conflict_to_be_seen(made_with_cruft: Project, *, history: bool) -> None:
    """Marks in the file where git knows what was before; else a `.rej` beside it."""
    project = made_with_cruft
    edit(project.path / "pyproject.toml", "line-length = 100", "line-length = 88")
    commit(project, "Mine again")
    if not history:
        shutil.rmtree(project.path / ".git")
    cruft(project, "update", "--skip-apply-ask")
    text = (project.path / "pyproject.toml").read_text(encoding="utf-8")
    assert "line-length = 88" in text
    if history:
        assert re.search(r"<<<<<<< .*\n.*line-length = 88(.*\n)+?>>>>>>> ", text)
        assert "UU pyproject.toml" in project.run("git", "status", "--porcelain")
    else:
        rejected = project.path / "pyproject.toml.rej"
        assert "line-length = 110" in rejected.read_text(encoding="utf-8")
    assert "## all the tests" in (project.path / "Makefile").read_text(encoding="utf-8")
    readme = (project.path / "README.md").read_text(encoding="utf-8")
    assert "`*.rej`" in readme
    assert "conflicts in `git status`" in readme


@pytest.mark.slow
def test_the_readmes_recipe_without_cruft(
    bake: Bake, template: Project, example: str, tmp_path: Path
) -> None:
    """Line by line as it stands there, twice; the answers come from the user's own settings."""
    project = Project(tmp_path / "mine" / SLUGS[example], {})
    shutil.copytree(bake(example=example).path, project.path, symlinks=True)
    version = project.settings()["tool"]["cookiecutter-mlops"]["template_version"]
    recipe = re.search(
        r"with the answers of before:\n\n```\n(.*?)```",
        (project.path / "README.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert recipe is not None
    make_it_mine(project)
    (project.path / "secret.txt").write_text("mine\n", encoding="utf-8")
    (tmp_path / ".cookiecutterrc").write_text(f"default_context: {{example: {example}}}\n")
    (tmp_path / "enter").write_text("\n" * 20)
    script = recipe[1].replace("TEMPLATE", f"'{template.path}'")
    script = re.sub("(cookiecutter .*)", rf"\1 < '{tmp_path}/enter'", script)
    somebody = {f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")}
    somebody |= {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
    own = somebody | {"HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    for number in ("9.", "9.9."):
        edit(template.path / BODY / "pyproject.toml", "requires = [", f'# "{number}"\nrequires = [')
        if number == "9.":
            release(template, example)
        else:
            old = '"__template_version": "'
            edit(template.path / "cookiecutter.json", old, f"{old}9.")
            commit(template, "One more")
        project.run("sh", "-ec", f'PATH="{TOOLS}:$PATH"\n{script}', **own)
        assert_change_arrived_and_edits_stayed(project, f"{number}{version}")
        assert "secret.txt" not in project.run("git", "ls-files")
        assert project.run("git", "status", "--porcelain") == "?? secret.txt\n"
        assert not (tmp_path / "mine" / "update" / SLUGS[example]).exists()


@pytest.fixture
def made_by_version_0_1(example: str, tmp_path: Path) -> Project:
    """A project of the version before this one, with edits in modules that are to move."""
    if example == "digits-classification":
        pytest.skip("version 0.1 had no such example")
    template = Project(tmp_path / "template", {})
    template.path.mkdir()
    template.run("git", "init", "--quiet", "--initial-branch=main")
    archive = ["git", "archive", BEFORE]
    old = subprocess.run(archive, cwd=TEMPLATE, capture_output=True, check=False)
    if old.returncode:
        pytest.skip("this clone does not reach back to version 0.1")
    subprocess.run(["tar", "-x"], cwd=template.path, input=old.stdout, check=True)
    commit(template, "Version 0.1")
    answers = json.dumps({"example": example, "project_name": SLUGS[example].title()})
    create = (TOOLS / "cruft", "create", str(template.path), "--no-input", "--output-dir")
    template.run(*create, str(tmp_path), "--extra-context", answers, HOME=str(tmp_path))
    project = Project(tmp_path / SLUGS[example], {"example": example})
    commit(project, "Keep up with the template")
    for path in template.path.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    put_this_version(template)
    return project


@pytest.mark.slow
@pytest.mark.long
def test_the_steps_from_0_1_are_enough(made_by_version_0_1: Project) -> None:
    """`UPDATING.md` as it stands: an edited module of the old engine is seen and deleted."""
    project, example = made_by_version_0_1, made_by_version_0_1.answers["example"]
    place = package(project)
    old = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    for name in ("report.py", "cli.py", "tests/test_api.py"):
        path = project.path / name if name.startswith("tests") else place / name
        path.write_text(path.read_text("utf-8") + "\n# an edit of mine\n", encoding="utf-8")
    was = "from ..study import ProjectError"
    own = f'{was}\n\n\ndef mine() -> None:\n    raise ProjectError("mine")\n'
    (place / "analysis/mine.py").write_text(own, encoding="utf-8")
    commit(project, "Mine")
    steps = (TEMPLATE / "UPDATING.md").read_text(encoding="utf-8").partition("From 0.1 to 0.2")[2]
    blocks = re.findall(r"```\n(.*?)```", steps, re.DOTALL)
    name, see, delete, of_wage, again = blocks
    name = name.replace("us_wage_analysis", place.name)
    project.run("sh", "-ec", name + see)
    mine = (project.path.parent / "mine.diff").read_text(encoding="utf-8")
    assert mine.count("+# an edit of mine") == 3
    done = cruft(project, "update", "--skip-apply-ask")
    assert "Good work" in done.stdout, done.stderr
    assert not list(project.path.rglob("*.rej"))
    assert {(place / "report.py").exists(), (place / "cli.py").exists()} == {True}
    project.run("sh", "-ec", name + delete + (of_wage if example == "wage-analysis" else ""))
    if example == "blank":
        (rename,) = re.findall(r"`(git rm [^`]*configs/blank.toml)`", steps)
        project.run("sh", "-ec", rename)
    is_now = re.search(r"`(from \.\.engine import \w+)`", steps)
    assert is_now is not None
    assert was in steps
    edit(place / "analysis/mine.py", was, is_now[1])
    now = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert {each for each in old - now if Path(each).name not in steps} == set()
    listed = (TREES / f"{example}.txt").read_text(encoding="utf-8").split()
    expected = {each.replace("src/package/", f"src/{place.name}/") for each in listed}
    tracked = {*project.run("git", "ls-files").split()} & project.files()
    own_files = {".cruft.json", f"src/{place.name}/analysis/mine.py", "logs/pipeline.log"}
    others = set(project.run("git", "ls-files", "--others", "--exclude-standard").split())
    assert (tracked | others) - own_files == expected - own_files
    for line in again.splitlines():
        project.run("sh", "-ec", line.replace(" test", ""), PATH=f"{TOOLS}:{os.environ['PATH']}")
    assert (project.path / "reports/report.html").exists()


def test_a_clone_has_the_same_raw_data(bake: Bake, example: str, tmp_path: Path) -> None:
    project = bake(example=example)
    raw = {path.name: path.read_bytes() for path in (project.path / "data/raw").iterdir()}
    for setting in ("true", "input", "false"):
        clone = Project(tmp_path / setting, {})
        project.run(
            "git", "clone", "--quiet", f"--config=core.autocrlf={setting}", ".", str(clone.path)
        )
        assert {path.name: path.read_bytes() for path in (clone.path / "data/raw").iterdir()} == raw
        sums = (clone.path / "data/raw/SHA256SUMS").read_text(encoding="utf-8")
        done = subprocess.run(
            ["sha256sum", "--check", "--strict"],
            cwd=clone.path / "data/raw",
            input=sums,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert clone.run("git", "status", "--porcelain") == ""
        assert not [name for name in clone.files() if b"\r\n" in (clone.path / name).read_bytes()
                    and not name.endswith((".xlsx", ".png"))]  # fmt: skip

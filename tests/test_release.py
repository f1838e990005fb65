"""A release: version, CHANGELOG, citation, notes and updates agree, or it is said what not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from checks import TOOLS, TREES
from conftest import TEMPLATE, Project
from test_updates import BODY, SLUGS, commit, cruft, edit, package, put_this_version

NEXT = "98.0.0"
RELEASED = dict(
    line.split() for line in (TEMPLATE / "tests/versions.txt").read_text("utf-8").splitlines()
)
AFTER_THE_ENGINE = [version for version in RELEASED if not version.startswith("0.1.")]
PUT_IN_PLACE = ".examples/blank/src/{{cookiecutter.package_name}}/routes.py"


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose last version is this one, ready for the next one's release."""
    template = Project(tmp_path_factory.mktemp("release") / "template", {})
    root = template.path
    root.mkdir()
    template.run("git", "init", "--quiet", "--initial-branch=main")
    put_this_version(template)
    settings = json.loads((root / "cookiecutter.json").read_text(encoding="utf-8"))
    last = settings["__template_version"]
    edit(root / "cookiecutter.json", f'version": "{last}"', f'version": "{NEXT}"')
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8").replace("## Not released yet\n", "")
    text = text.replace(f"## {last}\n", f"## {NEXT}\n\nNew.\n\n## {last}\n", 1)
    (root / "CHANGELOG.md").write_text(text, encoding="utf-8")
    edit(root / "CITATION.cff", f"version: {last}", f"version: {NEXT}")
    now = template.run("git", "rev-parse", "HEAD")
    earlier = "".join(f"{each} {old}\n" for each, old in RELEASED.items() if each != last)
    (root / "tests/versions.txt").write_text(f"{earlier}{last} {now}", encoding="utf-8")
    commit(template, "Next")
    return root


@pytest.fixture
def ready(next_version: Path, tmp_path: Path) -> Project:
    """A copy of it, to be spoiled."""
    return Project(shutil.copytree(next_version, tmp_path / "template", symlinks=True), {})


def release(project: Project, *arguments: str) -> str:
    """Ask, and return the sentences of a refusal; nothing for a release that can be made."""
    done = subprocess.run(
        ["make", "release", *arguments], cwd=project.path, capture_output=True, encoding="utf-8"
    )
    assert ("can be released" in done.stdout) == (done.returncode == 0), done.stdout + done.stderr
    return "" if done.returncode == 0 else done.stderr


def test_a_release_is_made_only_when_asked_and_only_once(ready: Project) -> None:
    said = ready.run("make", "release")
    assert ready.run("git", "tag") == ""
    (first, *_) = re.findall(r"^    (git tag .*)$", said, re.MULTILINE)
    somebody = ("GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.org")
    said = ready.run("env", *somebody, "make", "release", "TAG=yes")
    assert f"Tagged v{NEXT}." in said
    assert f"git push origin main v{NEXT}" in said
    assert ready.run("git", "cat-file", "-t", f"v{NEXT}") == "tag\n"
    assert "there already" in release(ready)
    ready.run("git", "tag", "--delete", f"v{NEXT}")
    ready.run("env", *somebody, "sh", "-c", first)
    assert ready.run("git", "cat-file", "-t", f"v{NEXT}") == "tag\n"
    (append,) = re.findall(r"^    (echo .*)$", said, re.MULTILINE)
    ready.run("sh", "-ec", append)
    *_, last = (ready.path / "tests/versions.txt").read_text(encoding="utf-8").splitlines()
    version, hash_ = last.split()
    assert version == NEXT
    assert ready.run("git", "rev-parse", "HEAD").startswith(hash_)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("README.md", "# ", "# Another ", "not clean"),
        ("CHANGELOG.md", f"## {NEXT}", "## Not released yet", "begins with 'Not released yet'"),
        ("CHANGELOG.md", f"## {NEXT}", "## 97.0.0", "begins with '97.0.0'"),
        ("CITATION.cff", f"version: {NEXT}", "version: 97.0.0", "CITATION.cff does not say"),
        ("tests/versions.txt", "0.2.0 ", "0.0.2 ", "lacks 0.2.0"),
    ],
)
def test_what_does_not_agree_is_named(
    ready: Project, file: str, old: str, new: str, said: str
) -> None:
    edit(ready.path / file, old, new)
    if said != "not clean":
        commit(ready, "Worse")
    assert said in release(ready)
    assert ready.run("git", "tag") == ""


def test_a_later_tag_stops_an_older_version(ready: Project) -> None:
    ready.run("git", "tag", "v99.0.0")
    assert f"{NEXT} is older than v99.0.0" in release(ready)


def test_the_last_versions_commit_is_that_versions(ready: Project) -> None:
    """A commit of another version, and one that a shallow clone does not have."""
    known = (ready.path / "tests/versions.txt").read_text(encoding="utf-8")
    for wrong, said in [(ready.run("git", "rev-parse", "HEAD").strip(), f"and it is {NEXT}"),
                        ("0" * 40, "fetch the whole history")]:  # fmt: skip
        text = re.sub(r"\S+\n\Z", f"{wrong}\n", known)
        (ready.path / "tests/versions.txt").write_text(text, encoding="utf-8")
        commit(ready, "Worse")
        assert said in release(ready)


def test_a_version_that_moves_files_tells_how_to_follow(ready: Project) -> None:
    moved = ready.path / BODY / PUT_IN_PLACE
    moved.rename(moved.with_name("roads.py"))
    commit(ready, "A file moves")
    said = release(ready)
    (section,) = re.findall(r"lacks a section '(From .* to 98.0)'", said)
    assert "src/{{cookiecutter.package_name}}/routes.py" in said
    page = ready.path / "UPDATING.md"
    page.write_text(f"{page.read_text('utf-8')}\n## {section}\n\nSteps.\n", encoding="utf-8")
    commit(ready, "The steps")
    assert release(ready) == ""


def test_what_moves_inside_the_template_moves_nothing_in_projects(ready: Project) -> None:
    """A file of an example that every project shares from now on."""
    body = ready.path / BODY
    shared = body / PUT_IN_PLACE.replace("/blank/", "/_every/")
    (body / PUT_IN_PLACE).rename(shared)
    commit(ready, "A file is shared")
    assert release(ready) == ""


def test_the_citation_has_what_citing_needs() -> None:
    """Keys and types of the Citation File Format 1.2.0; the version is the template's."""
    cited = yaml.safe_load((TEMPLATE / "CITATION.cff").read_text(encoding="utf-8"))
    settings = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] == "software"
    assert all(author.keys() == {"name"} and author["name"] for author in cited["authors"])
    assert cited["version"] == settings["__template_version"]
    assert cited["license"] == "MIT"
    assert (TEMPLATE / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert isinstance(cited["abstract"], str)


@pytest.mark.parametrize(("version", "hash_"), RELEASED.items(), ids=RELEASED)
def test_a_released_version_is_that_of_its_commit(version: str, hash_: str) -> None:
    command = ["git", "show", f"{hash_}:cookiecutter.json"]
    found = subprocess.run(command, cwd=TEMPLATE, capture_output=True, encoding="utf-8")
    if found.returncode:
        pytest.skip(f"this clone does not reach back to version {version}")
    assert json.loads(found.stdout)["__template_version"] == version


@pytest.mark.slow
@pytest.mark.parametrize("version", AFTER_THE_ENGINE)
@pytest.mark.parametrize("example", SLUGS)
def test_a_project_of_each_version_takes_this_one(
    version: str, example: str, tmp_path: Path
) -> None:
    """With cruft and without steps; the user's edits stay, and no file is left behind."""
    template = Project(tmp_path / "template", {})
    template.path.mkdir()
    template.run("git", "init", "--quiet", "--initial-branch=main")
    archive = ["git", "archive", RELEASED[version]]
    old = subprocess.run(archive, cwd=TEMPLATE, capture_output=True, check=False)
    if old.returncode:
        pytest.skip(f"this clone does not reach back to version {version}")
    subprocess.run(["tar", "-x"], cwd=template.path, input=old.stdout, check=True)
    settings = json.loads((template.path / "cookiecutter.json").read_text(encoding="utf-8"))
    if example not in settings["example"]:
        pytest.skip(f"version {version} had no such example")
    commit(template, f"Version {version}")
    answers = json.dumps({"example": example, "project_name": SLUGS[example].title()})
    create = (TOOLS / "cruft", "create", str(template.path), "--no-input", "--output-dir")
    template.run(*create, str(tmp_path), "--extra-context", answers, HOME=str(tmp_path))
    project = Project(tmp_path / SLUGS[example], {"example": example})
    readme = project.path / "README.md"
    readme.write_text(f"{readme.read_text('utf-8')}\nMine.\n", encoding="utf-8")
    commit(project, "Keep up with the template")
    for path in template.path.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    put_this_version(template)
    done = cruft(project, "update", "--skip-apply-ask")
    assert "Good work" in done.stdout, done.stderr
    assert not list(project.path.rglob("*.rej"))
    assert "<<<<<<<" not in readme.read_text(encoding="utf-8")
    assert readme.read_text(encoding="utf-8").endswith("\nMine.\n")
    listed = (TREES / f"{example}.txt").read_text(encoding="utf-8").split()
    here = package(project).name
    expected = {name.replace("src/package/", f"src/{here}/") for name in listed}
    assert project.files() - {".cruft.json"} == expected

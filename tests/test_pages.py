"""What the pages of the documentation say of structure and questions is so; walks are walked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from checks import SETTINGS, TOOLS, TREES
from conftest import TEMPLATE, Bake, Project

from mlops_answers import LONGEST

START = TEMPLATE / "docs/start"
TEAMS = TEMPLATE / "docs/keep/teams.md"
SOMEBODY = {f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")}
SOMEBODY |= {f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")}
EVERY, EXAMPLES = "every example", SETTINGS["example"]
OVERLAYS = TEMPLATE / "{{cookiecutter.project_slug}}/.examples"


def entries(page: Path) -> dict[str, dict[str, str]]:
    """Return the fields of each heading of a page that has some."""
    parts = re.split(r"^### (.*)\n", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        if fields := dict(re.findall(r"^:([A-Z][a-z ]+): (.*)$", text, re.MULTILINE)):
            found[heading.strip("`")] = fields
    return found


def tree(example: str) -> set[str]:
    return set((TREES / f"{example}.txt").read_text(encoding="utf-8").split())


def folders(example: str) -> set[str]:
    """Return each folder of an example, as `tests/trees` names it."""
    return {f"{each}/" for name in tree(example) for each in PurePosixPath(name).parents} - {"./"}


ROOMS = entries(START / "rooms.md")
CLASSIC = """
    raw interim processed external ingestion cleaning labeling splitting validation preprocessing
    features training tuning evaluation registry prediction serving monitoring visualization reports
    references notebooks logs configs tests docs engine
    """.split()


def places(where: str) -> Iterator[tuple[str, str]]:
    """Yield example and path for each path that a field `Where` names."""
    for part in where.split("; "):
        named, _, paths = part.partition(": ")
        assert named in {EVERY, *EXAMPLES}, named
        for path in re.findall(r"`([^`]+)`", paths):
            for example in EXAMPLES if named == EVERY else (named,):
                yield example, path.replace("src/PACKAGE", "src/package")


def test_each_room_says_where_what_and_what_never_and_who_writes() -> None:
    headings = " ".join(ROOMS).lower()
    assert [room for room in CLASSIC if room not in headings] == []
    for room, fields in ROOMS.items():
        assert [*fields][:3] == ["Where", "Belongs", "Never"], room
        assert [*fields][3:] in (["Written by"], ["Used by"]), room


def test_each_place_of_a_room_is_there_in_the_examples_it_is_said_of() -> None:
    for room, fields in ROOMS.items():
        for example, path in places(fields["Where"]):
            assert path in tree(example) | folders(example), f"{room}: {path} of {example}"


def test_each_folder_of_every_example_has_its_room() -> None:
    described = {place for fields in ROOMS.values() for place in places(fields["Where"])}
    for example in EXAMPLES:
        named = {path for each, path in described if each == example}
        left_out = folders(example) - named - {"data/", "src/package/"}
        assert left_out == set(), example


def test_each_file_beside_the_folders_is_explained() -> None:
    page = (START / "rooms.md").read_text(encoding="utf-8")
    _, _, table = page.partition("## Files beside the folders\n")
    for example in EXAMPLES:
        files = {name for name in tree(example) if "/" not in name}
        assert [name for name in files if f"`{name}`" not in table] == [], example


def test_every_other_path_of_the_rooms_is_one_of_an_example() -> None:
    """Files that a run writes are in no tree: then a page of the example or its code names them."""
    endings = {".md", ".py", ""}
    files = [each for each in OVERLAYS.rglob("*") if each.is_file() and each.suffix in endings]
    texts = [each.read_text(encoding="utf-8") for each in files]
    known = {name for example in EXAMPLES for name in tree(example) | folders(example)}
    for path in re.findall(r"`([\w./-]+/[\w./-]*)`", (START / "rooms.md").read_text("utf-8")):
        path = path.replace("src/PACKAGE", "src/package")
        inside = any(each.endswith(f"/{path}") for each in known)
        assert path in known or inside or any(path in text for text in texts), path


QUESTIONS = {name: value for name, value in SETTINGS.items() if not name.startswith("_")}
ASKED = entries(START / "questions.md")


def test_each_question_has_its_entry_in_the_order_asked() -> None:
    assert [*ASKED] == [*QUESTIONS]
    for question, fields in ASKED.items():
        assert {"Default", "Decides", "Changes", "Answer otherwise"} <= fields.keys(), question
        assert ("Choices" in fields) != ("Rule" in fields), question


@pytest.mark.parametrize("question", QUESTIONS)
def test_default_and_choices_are_as_the_page_says(question: str, bake: Bake) -> None:
    """Of a default that is made from other answers: what it is for the examples."""
    value, fields = QUESTIONS[question], ASKED[question]
    said = re.findall(r"`([^`]+)`", fields["Default"])
    if isinstance(value, list):
        assert re.findall(r"`([^`]+)`", fields["Choices"]) == value
        assert said == value[:1]
    elif isinstance(value, bool):
        assert said == [str(value).lower()]
        assert fields["Choices"] == "`true`, `false`"
    elif "{" not in value:
        assert said == [value]
    else:
        made = [bake(example=each, initialize_git=False).answers[question] for each in EXAMPLES]
        assert said == made[: len(said)]
        assert said or question == "description"


def test_limits_are_as_the_page_says() -> None:
    for question, limit in LONGEST.items():
        assert f"at most {limit} characters" in ASKED[question]["Rule"], question


def blocks(page: Path, heading: str = "") -> list[tuple[str, str]]:
    """Return language and text of each block of a section, or of a page."""
    text = page.read_text(encoding="utf-8")
    if heading:
        text = re.split(r"^## ", text.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no block below {heading!r}"
    return found


def commands(heading: str) -> list[str]:
    """Return the lines to type below a heading of the page for teams."""
    return [
        line
        for language, text in blocks(TEAMS, heading)
        if not language
        for line in text.splitlines()
    ]


def typed(project: Project, command: str) -> str:
    """Do what a reader types."""
    variables = SOMEBODY | {"PATH": f"{TOOLS}:{os.environ['PATH']}"}
    return project.run("sh", "-ec", command, **variables)


def set_line(path: Path, line: str) -> None:
    """Give a setting the value that a page shows."""
    key = line.partition("=")[0]
    text, found = re.subn(rf"^{key}=.*\n", f"{line}\n", path.read_text("utf-8"), flags=re.MULTILINE)
    assert found == 1, line
    path.write_text(text, encoding="utf-8", newline="\n")


def as_shown(text: str) -> str:
    """Leave out what differs from machine to machine: times, names of runs, the folder."""
    text = re.sub(r"took [\d.]+ s", "took … s", text)
    text = re.sub(r"run [0-9a-f]{12}:", "run …:", text)
    return re.sub(r"/[^\s\"]*/us-wage-analysis", "…/us-wage-analysis", text)


def test_each_system_that_is_left_out_has_its_smallest_step() -> None:
    page = (TEMPLATE / "docs/understand/left_out.md").read_text(encoding="utf-8")
    first, *sections = re.split(r"^## ", page, flags=re.MULTILINE)
    assert len(re.findall(r"^\| \[", first, re.MULTILINE)) == len(sections) == 11
    for section in sections:
        assert section.count("**Smallest step:**") == section.count("**Then:**") == 1, section


def test_the_first_page_begins_as_the_five_minutes_do() -> None:
    (_, short), *_ = blocks(TEMPLATE / "docs/index.md")
    (_, make), _, (_, run), *_ = blocks(START / "five_minutes.md")
    assert short.replace("make -C us-wage-analysis", "cd us-wage-analysis\nmake") == make + run


@pytest.mark.slow
def test_five_minutes_from_nothing_to_the_first_change(tmp_path: Path) -> None:
    """The page as it stands: what it says to type is typed, what it shows is what comes."""
    here, said, shown = Project(tmp_path, {}), "", 0
    for language, text in blocks(START / "five_minutes.md"):
        if language == "powershell":
            continue
        if language == "toml":
            set_line(here.path / "configs/wage_analysis.toml", text.strip())
        elif language == "markdown":
            report = here.path / "src/us_wage_analysis/report.md.j2"
            rest = report.read_text(encoding="utf-8").partition("\n")[2]
            report.write_text(text + rest, encoding="utf-8", newline="\n")
        elif language == "output":
            for line in filter(str.strip, as_shown(text).splitlines()):
                assert line in as_shown(said).splitlines(), line
                shown += 1
        else:
            said = ""
            for line in text.replace("gh:org/template", str(TEMPLATE)).splitlines():
                if line.startswith("cd "):
                    here = Project(here.path / line.removeprefix("cd "), {})
                else:
                    said += typed(here, line)
    assert shown > 20


@pytest.mark.slow
@pytest.mark.long
def test_a_conflict_in_reports_ends_in_what_a_run_writes(bake: Bake, tmp_path: Path) -> None:
    """The page for teams as it stands, on two branches that have changed a setting each."""
    fresh = bake(example="blank")
    shutil.copytree(fresh.path, tmp_path / "ours", symlinks=True)
    ours = Project(tmp_path / "ours", fresh.answers)
    config = ours.path / "configs/settings.toml"
    typed(ours, "make setup run && git add --all && git commit --quiet --message run")
    branch, *change = commands("Branches and reviews")
    typed(ours, branch)
    set_line(config, "confidence_level = 0.9")
    for line in change:
        typed(ours, line)
    typed(ours, "git switch --quiet main")
    set_line(config, "seed = 21")
    typed(ours, "make run && git commit --quiet --all --message seed && git switch --quiet -")

    merge, *settle = commands("A merge conflict in `reports/`")
    with pytest.raises(AssertionError, match=r"CONFLICT .* reports/results\.json"):
        typed(ours, merge)
    left = typed(ours, "git diff --name-only --diff-filter=U").splitlines()
    assert left
    assert all(name.startswith("reports/") for name in left)
    (shown,) = [
        text for language, text in blocks(TEAMS, "A merge conflict in `reports/`") if language
    ]
    assert {line.rpartition(" ")[2] for line in shown.splitlines()[:-1]} <= {*left}
    with pytest.raises(AssertionError, match=r"reports/manifest\.json"):
        typed(ours, "make run")
    for line in settle:
        typed(ours, line)
    assert typed(ours, "git status --porcelain") == ""
    assert config.read_text(encoding="utf-8").count("= 0.9\n") == 1
    assert "seed = 21" in config.read_text(encoding="utf-8")

    theirs = Project(tmp_path / "theirs", fresh.answers)
    typed(ours, f"git clone --quiet . '{theirs.path}'")
    typed(theirs, "make run")
    assert typed(theirs, "git status --porcelain") == ""  # whoever runs it gets the same bytes
    for line in commands("Releases"):
        typed(ours, line)
    assert typed(ours, "git describe") == "v1.0.0\n"


def test_git_treats_what_a_run_writes_as_the_page_for_teams_says(bake: Bake) -> None:
    project = bake(example="digits-classification")
    table = re.findall(r"^\| (.*`.*) \| (keeps|ignores) ", TEAMS.read_text("utf-8"), re.MULTILINE)
    assert len(table) == 5
    for files, verb in table:
        for path in re.findall(r"`([^`]+)`", files):
            name = path.replace("*", "any") + ("any.json" if path.endswith("/") else "")
            command = ["git", "check-ignore", "--quiet", name]
            ignored = subprocess.run(command, cwd=project.path, check=False).returncode == 0
            assert ignored == (verb == "ignores"), path

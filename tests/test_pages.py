"""What the pages of the documentation say of structure and questions is so; walks are walked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from checks import TREES
from conftest import TEMPLATE, Bake

from mlops_answers import LONGEST

START = TEMPLATE / "docs/start"
EVERY = "every example"
EXAMPLES = ("wage-analysis", "digits-classification", "blank")
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


SETTINGS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
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

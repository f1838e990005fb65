"""Each pair of answers is in some project, and each of these projects is held to everything."""

from __future__ import annotations

import json
from itertools import combinations, product
from typing import Any

import pytest
from checks import assert_files_are_valid, assert_passes_static_checks, assert_tree_is_exact
from conftest import TEMPLATE, Bake, Project

SETTINGS: dict[str, Any] = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
WORDS = {
    "project_name": ["Wages", "Löhne & 工資"],
    "description": ["How wages differ", "Who \"earns\" what \\ 'where'? "],
    "author_name": ["Ada Lovelace", "Zoë 'Z' Ångström, 工"],
    "author_email": ["ada@example.org", "o'neil+wages@mail.example.co.uk"],
    "project_slug": ["wages", "My.Pro_ject-2026"],
    "package_name": ["wages", "wages_of_exactly_thirty_chars0"],
}
VALUES: dict[str, list[Any]] = {
    question: WORDS.get(question) or (default if isinstance(default, list) else [True, False])
    for question, default in SETTINGS.items()
    if not question.startswith("_")
}
Pair = tuple[tuple[str, Any], ...]


def pairs_of(answers: dict[str, Any]) -> set[Pair]:
    """Return each two answers, in the order of the questions."""
    return set(combinations(((name, answers[name]) for name in VALUES if name in answers), 2))


def pairwise(values: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Compute answers that hold every pair of values: from one that is missing, greedily."""
    missing = {
        pair
        for names in combinations(values, 2)
        for pair in product(*([(name, value) for value in values[name]] for name in names))
    }
    rows = []
    while missing:
        row = dict(min(missing, key=repr))
        for name in sorted(values.keys() - row.keys(), key=lambda name: (-len(values[name]), name)):
            wider = [row | {name: value} for value in values[name]]
            row = max(wider, key=lambda answers: len(missing & pairs_of(answers)))
        rows.append(row)
        missing -= pairs_of(row)
    return rows


ROWS = pairwise(VALUES)


def test_every_pair_of_values_is_there() -> None:
    held = set().union(*map(pairs_of, ROWS))
    for (first, some), (second, others) in combinations(VALUES.items(), 2):
        for one, other in product(some, others):
            assert ((first, one), (second, other)) in held
    assert len(ROWS) < 30


@pytest.fixture(params=ROWS, ids=[f"{number:02}" for number, _ in enumerate(ROWS)])
def project(request: pytest.FixtureRequest, bake: Bake) -> Project:
    return bake(**request.param)


def test_combination_is_exact_valid_and_clean(project: Project) -> None:
    answers = project.answers
    assert_tree_is_exact(project)
    assert_files_are_valid(project)
    assert_passes_static_checks(project)
    if answers["initialize_git"]:
        assert project.run("git", "status", "--porcelain") == ""
        assert project.run("git", "log", "--format=%s", "main") == "First commit\n"
    else:
        assert not (project.path / ".git").exists()
    metadata = project.settings()["project"]
    assert metadata["name"] == answers["project_slug"] == project.path.name
    assert metadata["requires-python"] == f">={answers['python_version']}"
    assert metadata["description"] == answers["description"]
    assert metadata["authors"] == [
        {"name": answers["author_name"], "email": answers["author_email"]}
    ]

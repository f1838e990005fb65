"""Answers nobody thought of: what is accepted is safe where it goes, whatever it is made of."""

from __future__ import annotations

import keyword
import re
import sys
import tomllib
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from checks import assert_files_are_valid, assert_passes_static_checks, assert_tree_is_exact
from conftest import Bake, Tally
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_answers import broken_rule

TEXTS = ("project_name", "description", "author_name")
QUESTIONS = (*TEXTS, "author_email", "project_slug", "package_name")
PIECES = st.sampled_from(
    [
        *"""
    {{ {% {# }} .. / \\ ' " ~ - _ . @ $( ` : ; < | ? * con nul aux pip uv class match test a b 7 é
    工 e\u0301 \u202e \u200d 🙂 a@b.org pandas numpy python3 .txt
    """.split(),
        *"\n\0 \ud800",
    ]
)
ANSWERS = st.one_of(
    st.lists(PIECES, max_size=6).map("".join),
    st.text(max_size=40),
    st.text("abz019-_.", max_size=32),
)
# The same each time: a failure of the evening is there in the morning.
steady = settings(derandomize=True, deadline=None, database=None)


def assert_is_safe(question: str, value: str) -> None:
    """What was let through holds nothing that the places it goes to cannot take."""
    assert not re.search(r"[\0-\x1f\x7f-\x9f\u2028\u2029]|\{[{%#]", value)
    assert value.strip()
    value.encode("utf-8")
    if question in TEXTS:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        assert tomllib.loads(f'text = "{escaped}"') == {"text": value}
    else:
        assert value.isascii()
        assert not set(value) & set('"\\/ :;<>|*?$`(){}#,')
    if question in {"project_slug", "package_name"}:
        assert len(value) <= 30
        for path in (PurePosixPath(value), PureWindowsPath(value)):
            assert path.parts == (value,)
        assert not PureWindowsPath(value).is_reserved()
        assert value.strip(".-_") == value
    if question == "package_name":
        assert value.isidentifier()
        assert value == value.lower()
        assert not keyword.iskeyword(value)
        assert value not in sys.stdlib_module_names


def test_a_hundred_thousand_judgements(tally: Tally) -> None:
    """Five answers and what they make in pairs, for each question."""
    counts = {True: 0, False: 0}

    @settings(steady, max_examples=600, suppress_health_check=list(HealthCheck))
    @given(st.lists(ANSWERS, min_size=5, max_size=5))
    def judge(answers: list[str]) -> None:
        pairs = (first + second for first in answers for second in answers)
        for value in (*answers, *pairs):
            for question in QUESTIONS:
                accepted = broken_rule(question, value) is None
                counts[accepted] += 1
                if accepted:
                    assert_is_safe(question, value)

    judge()
    assert sum(counts.values()) >= 100_000
    assert min(counts.values()) >= 10_000
    tally(refused=counts[False], accepted=counts[True])


@pytest.mark.slow
def test_generated_answers_make_whole_projects(bake: Bake, tally: Tally) -> None:
    counts = {True: 0, False: 0}
    names = st.text("abcz019_", min_size=1, max_size=30)

    @settings(steady, max_examples=12, suppress_health_check=list(HealthCheck))
    @given(st.lists(ANSWERS, min_size=3, max_size=3), names)
    def make(texts: list[str], name: str) -> None:
        answers = dict(zip(TEXTS, texts, strict=True)) | {"package_name": name}
        good = {key: value for key, value in answers.items() if broken_rule(key, value) is None}
        counts[True] += len(good)
        counts[False] += len(answers) - len(good)
        project = bake(example="blank", project_slug="any", initialize_git=False, **good)
        assert_tree_is_exact(project)
        assert_files_are_valid(project)
        assert_passes_static_checks(project)
        readme = (project.path / "README.md").read_text(encoding="utf-8")
        assert readme.startswith(f"# {good.get('project_name', 'My Project')}\n")

    make()
    tally(refused=counts[False], accepted=counts[True])

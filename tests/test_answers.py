"""Which answers are refused, what they are refused with, and that the others arrive as typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import TEMPLATE, Bake, Command
from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config

from mlops_answers import LONGEST, broken_rule, refusal

TEXTS = ("project_name", "description", "author_name")
NAMES = ("project_slug", "package_name")
QUESTIONS = (*TEXTS, "author_email", *NAMES)

ANYWHERE = ["", " ", "\u200b", "a\nb", "a\tb", "a\0b", "\x1b[31m", "a\x7f", "a\x85b", "a\u2028b"]
ANYWHERE += ["\ud800", "{{7*7}}", "{% raw %}", "{# a #}", "a" * 600]
TYPED = ["it's", 'say "hi"', "back\\slash", "$(id)", "`id`", "; rm -rf /", "'''", "~", "-x", "}}"]
TYPED += ["Zoë", "工資分析", "تحليل الأجور", "e\u0301", "🙂👩‍🔬"]
TYPED += ["<b>&amp;</b>", "% # [x](y)", "{ {", "null"]
BAD_NAMES = ["a/b", "../evil", "/abs", "~", ".hidden", "a.", "a-", "-a", "_a", "a b", "a\\b"]
BAD_NAMES += ["é", "工", "٣", "con", "NUL", "com1.txt", "a" * 31, "pandas", "pytest", "python3"]
BAD_SLUGS = ["a..b", "Python-Dateutil", "py.test", "pip3.11", "activate.fish", "jupyter-lab", "uv"]
BAD_PACKAGES = ["1abc", "Abc", "a-b", "a.b", "class", "match", "type", "statistics", "tomllib"]
BAD_PACKAGES += ["distutils", "yaml", "dateutil", "test", "tests", "src", "conftest", "__init__"]
BAD_EMAILS = ["me", "me@", "@x.org", "a b@x.org", "me@x", "me@-x.org", "a..b@x.org", "ü@x.org"]
BAD_EMAILS += ['"me"@x.org', "me@x.org\\", "<me@x.org>", "me@x..org", "me@[10.0.0.1]"]

REFUSED = [
    *((question, value) for question in QUESTIONS for value in ANYWHERE),
    *((question, None) for question in QUESTIONS),
    *((question, value) for question in NAMES for value in BAD_NAMES),
    *(("project_slug", value) for value in BAD_SLUGS),
    *(("package_name", value) for value in BAD_PACKAGES),
    *(("author_email", value) for value in BAD_EMAILS),
    ("initialize_git", "yes"),
]
ACCEPTED = [
    *((question, value) for question in TEXTS for value in TYPED),
    *(("project_slug", value) for value in ("a", "7", "My.Pro_ject-2", "console", "statistics")),
    *(("package_name", value) for value in ("a", "us_wages", "test_drive", "pipeline", "a" * 30)),
    *(("author_email", value) for value in ("o'neil+x@mail.example.co.uk", "a_b.c@xn--p1ai.org")),
    ("initialize_git", False),
]


@pytest.mark.parametrize(("question", "value"), REFUSED)
def test_is_refused_in_one_sentence(question: str, value: object) -> None:
    sentence = refusal({question: value})
    assert sentence is not None
    assert sentence.startswith(f"{question} {value!r:.20}")
    assert sentence.isprintable()
    assert len(sentence) < 200


@pytest.mark.parametrize(("question", "value"), ACCEPTED)
def test_is_accepted(question: str, value: object) -> None:
    assert broken_rule(question, value) is None


@pytest.mark.parametrize("question", QUESTIONS)
def test_longest_answer_fits(question: str) -> None:
    longest = LONGEST.get(question, 100)
    ending = "@example.com" if question == "author_email" else ""
    assert broken_rule(question, "a" * (longest - len(ending)) + ending) is None
    assert broken_rule(question, "a" * (longest - len(ending) + 1) + ending) is not None


@pytest.mark.parametrize(
    ("project_name", "slug", "package"),
    [
        ("US Wage Analysis", "us-wage-analysis", "us_wage_analysis"),
        ("2026 wages", "2026-wages", "project_2026_wages"),
        ("Zoë's Äpfel", "zoe-s-apfel", "zoe_s_apfel"),
        ("!!! 🙂", "my-project", "my_project"),
        ("x" * 29 + " y", "x" * 29, "x" * 29),
        (
            "1234567890 234567890 2 456789",
            "1234567890-234567890-2-456789",
            "project_1234567890_234567890_2",
        ),
        ("1234567890 2345678901 3 5", "1234567890-2345678901-3-5", "project_1234567890_2345678901"),
    ],
)
def test_names_follow_from_the_first_answer(project_name: str, slug: str, package: str) -> None:
    context = generate_context(
        str(TEMPLATE / "cookiecutter.json"), extra_context={"project_name": project_name}
    )
    answers = prompt_for_config(context, no_input=True)
    assert (answers["project_slug"], answers["package_name"]) == (slug, package)


@pytest.mark.parametrize(
    "answer",
    ["project_name=Pandas", "project_slug=../evil", "package_name=class", "description=a\nb"],
)
def test_refusal_leaves_nothing_behind(cookiecutter: Command, tmp_path: Path, answer: str) -> None:
    done = cookiecutter("--no-input", answer)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "cannot be used" in done.stdout
    assert done.stderr == ""
    assert not list((tmp_path / "out").iterdir())
    assert not list((tmp_path / "tmp").iterdir())


def test_braces_at_the_prompt_are_refused(cookiecutter: Command, tmp_path: Path) -> None:
    done = cookiecutter(typed="{{7*7}}\n" + "\n" * 10)
    assert done.returncode == 1
    assert "project_name '{{7*7}}' cannot be used" in done.stdout.splitlines()[-1]
    assert not list((tmp_path / "out").iterdir())


def test_enter_all_the_way_makes_the_default_project(cookiecutter: Command, tmp_path: Path) -> None:
    done = cookiecutter(typed="\n" * 11)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "out" / "us-wage-analysis" / "LICENSE").exists()


def test_text_arrives_as_typed(bake: Bake) -> None:
    text = r"""It's "so" ''' \n \" $(id) `x` 工資 🙂 <b> }} {"""
    project = bake(project_name=text, description=text, author_name=text, license="Apache-2.0")
    metadata = project.settings()["project"]
    assert metadata["description"] == text
    assert metadata["authors"][0]["name"] == text
    assert text in (project.path / "LICENSE").read_text(encoding="utf-8")
    assert text in (project.path / "README.md").read_text(encoding="utf-8")


def test_name_with_every_mark_is_the_name_of_all(bake: Bake) -> None:
    name = "My.Pro_ject-2"
    project = bake(project_slug=name)
    metadata = project.settings()["project"]
    assert project.path.name == metadata["name"] == name
    assert metadata["scripts"] == {name: "my_pro_ject_2.cli:main"}


@pytest.mark.parametrize("example", ["wage-analysis", "blank"])
def test_no_project_is_called_like_its_dependencies(bake: Bake, example: str) -> None:
    settings = bake(example=example).settings()
    required = [*settings["project"]["dependencies"], *settings["dependency-groups"]["dev"]]
    names = {re.match(r"[\w.-]+", line)[0] for line in required}  # type: ignore[index]
    assert names
    assert not {name for name in names if broken_rule("project_slug", name) is None}

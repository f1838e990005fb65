"""Which answers are refused, what they are refused with, and that the others arrive as typed."""

from __future__ import annotations

import json
import keyword
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from checks import (
    TOOLS,
    assert_files_are_valid,
    assert_passes_static_checks,
    assert_tree_is_exact,
    everything_below,
)
from click.testing import CliRunner, Result
from conftest import TEMPLATE, Bake, Command, Tally
from cookiecutter.cli import main as cookiecutter_command
from cookiecutter.exceptions import FailedHookException
from cookiecutter.generate import generate_context
from cookiecutter.main import cookiecutter as generate
from cookiecutter.prompt import prompt_for_config

from mlops_answers import DEPENDENCIES, LONGEST, broken_rule, refusal

SETTINGS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
TEXTS = ("project_name", "description", "author_name")
NAMES = ("project_slug", "package_name")
QUESTIONS = (*TEXTS, "author_email", *NAMES)

ANYWHERE = ["", " ", "\u200b", "a\nb", "a\tb", "a\0b", "\x1b[31m", "a\x7f", "a\x85b", "a\u2028b"]
ANYWHERE += ["\ud800", "{{7*7}}", "{% raw %}", "{# a #}", "a" * 300, "a" * 600]
TYPED = ["it's", 'say "hi"', "back\\slash", "$(touch evil)", "`touch evil`", "; touch evil", "'''"]
TYPED += ['"""', "\\", "\\u0041\\n", "~", "-x", "--help", "}}", "{ {", "$HOME ${HOME} $$", "%PATH%"]
TYPED += [
    "../evil",
    "/etc/passwd",
    "C:\\evil",
    "class",
    "statistics",
    "pandas",
    "test",
    "NUL",
    "a. ",
]
TYPED += [
    "Zoë",
    "工資分析",
    "تحليل الأجور",
    "\u202egnp.exe",
    "e\u0301",
    "Z̸̢a̵l̷g̴o",
    "🙂👩‍🔬",
    "\uff21\uff22",
    "\xa0a",
]
TYPED += ["<b>&amp;</b>", "% # [x](y)", "null", "a: b # c", "!!python/object", "- &a *a", "@file"]
BAD_NAMES = [
    "a/b",
    "../evil",
    "/abs",
    "~",
    ".",
    "..",
    ".hidden",
    "a.",
    "a-",
    "-a",
    "_a",
    "a b",
    "a ",
]
BAD_NAMES += [
    "a\\b",
    "$(id)",
    "`id`",
    "; rm -rf",
    "'",
    '"',
    "é",
    "工",
    "٣",
    "e\u0301",
    "\u202ea",
    "🙂",
]
BAD_NAMES += ["con", "NUL", "com1.txt", "a" * 31, "pandas", "pytest", "python3", "--help"]
BAD_SLUGS = ["a..b", "Python-Calamine", "py.test", "pip3.11", "activate.fish", "jupyter-lab", "uv"]
BAD_PACKAGES = ["1abc", "Abc", "a-b", "a.b", "statistics", "tomllib", "distutils", "xdist"]
BAD_PACKAGES += ["markdown_it", "pandas_stubs", "python_calamine"]
BAD_PACKAGES += [
    "test",
    "tests",
    "src",
    "conftest",
    "__init__",
    *keyword.kwlist,
    *keyword.softkwlist,
]
BAD_EMAILS = ["me", "me@", "@x.org", "a b@x.org", "me@x", "me@-x.org", "a..b@x.org", "ü@x.org"]
BAD_EMAILS += ['"me"@x.org', "me@x.org\\", "<me@x.org>", "me@x..org", "me@[10.0.0.1]", "a@b@x.org"]

REFUSED: list[tuple[str, object]] = [
    *((question, value) for question in QUESTIONS for value in ANYWHERE),
    *((question, None) for question in QUESTIONS),
    *((question, value) for question in NAMES for value in BAD_NAMES),
    *(("project_slug", value) for value in BAD_SLUGS),
    *(("package_name", value) for value in BAD_PACKAGES),
    *(("author_email", value) for value in BAD_EMAILS),
    *(("initialize_git", value) for value in ("yes", None, 1)),
]
BAD_CHOICES: list[tuple[str, object]] = [
    ("example", "../evil"),
    ("example", "_every"),
    ("license", "GPL"),
    ("python_version", "2.7"),
    ("python_version", ["3.11", "3.12"]),
]
REFUSED.remove(("description", "a" * 300))
ACCEPTED_NAMES = [
    *(("project_slug", value) for value in ("a", "7", "My.Pro_ject-2", "console", "wages--2")),
    *(("package_name", value) for value in ("a", "us_wages", "test_drive", "pipeline", "a" * 30)),
    *(("author_email", value) for value in ("o'neil+x@mail.example.co.uk", "a_b.c@xn--p1ai.org")),
]
ACCEPTED: list[tuple[str, object]] = [
    *((question, value) for question in TEXTS for value in TYPED),
    ("description", "a" * 300),
    *ACCEPTED_NAMES,
    ("initialize_git", False),
]
# What a command line can carry, and what Cookiecutter does not change before it is judged.
AT_THE_COMMAND_LINE = [
    (question, value)
    for question, value in REFUSED
    if isinstance(value, str) and not re.search(r"[\0\ud800]|\{[{%#]", value)
    if question != "initialize_git"
]
# What a replay file can be edited to, or Python can hand over: no filter of Cookiecutter's sees it.
BEHIND_THE_QUESTIONS: list[tuple[str, object]] = [
    *BAD_CHOICES,
    *(("project_slug", value) for value in ("../evil", "a/b/c", "..", "/abs", "", "pandas", None)),
    *(("package_name", value) for value in ("../evil", "class", "{{7*7}}")),
    ("project_name", "a\nb"),
    ("initialize_git", "yes"),
]
NO_COMMAND_LINE_CAN_CARRY = [(question, bad) for question in QUESTIONS for bad in "\0\ud800"]


@pytest.fixture
def in_a_shell_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make home, temporary and working folder empty folders below one; return that."""
    for variable, folder in {"HOME": "home", "TMPDIR": "tmp"}.items():
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / folder))
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def invoke(*arguments: str) -> Result:
    """Run Cookiecutter's command in this process."""
    words = ["cookiecutter", str(TEMPLATE), "--no-input", *arguments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", words)
        return CliRunner().invoke(cookiecutter_command, words[1:])


@pytest.mark.parametrize(("question", "value"), REFUSED + BAD_CHOICES)
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
def test_names_follow_from_the_name_of_the_project(
    project_name: str, slug: str, package: str
) -> None:
    context = generate_context(
        str(TEMPLATE / "cookiecutter.json"), extra_context={"project_name": project_name}
    )
    answers = prompt_for_config(context, no_input=True)
    assert (answers["project_slug"], answers["package_name"]) == (slug, package)


@pytest.mark.parametrize(
    ("example", "name", "slug"),
    [
        ("wage-analysis", "US Wage Analysis", "us-wage-analysis"),
        ("blank", "My Project", "my-project"),
    ],
)
def test_the_name_follows_from_the_example(example: str, name: str, slug: str) -> None:
    context = generate_context(
        str(TEMPLATE / "cookiecutter.json"), extra_context={"example": example}
    )
    answers = prompt_for_config(context, no_input=True)
    assert (answers["project_name"], answers["project_slug"]) == (name, slug)


def test_a_question_that_is_gone_is_no_error(bake: Bake) -> None:
    """Whoever still answers what version 0.1 asked is not punished."""
    project = bake(example="blank", environment="pip", initialize_git=False)
    assert "environment" not in project.answers


@pytest.mark.parametrize(("question", "value"), NO_COMMAND_LINE_CAN_CARRY)
def test_refusal_leaves_nothing_behind(
    in_a_shell_of_its_own: Path, question: str, value: object, tally: Tally
) -> None:
    before = everything_below(in_a_shell_of_its_own)
    with pytest.raises(FailedHookException, match=r"^(project|package|author|descr|initialize)"):
        generate(str(TEMPLATE), no_input=True, extra_context={question: value})
    assert everything_below(in_a_shell_of_its_own) == before
    tally(refused=1)


@pytest.mark.parametrize(("question", "value"), AT_THE_COMMAND_LINE)
def test_refusal_at_the_command_line(
    in_a_shell_of_its_own: Path, question: str, value: str, tally: Tally
) -> None:
    before = everything_below(in_a_shell_of_its_own)
    done = invoke(f"{question}={value}")
    assert done.exit_code == 1
    sentence, again, *nothing = done.output.splitlines()
    assert sentence.startswith(f"{question} {value!r:.20}")
    assert not nothing
    start, command = again.split(": ", 1)
    assert start == "The other answers again"
    words = shlex.split(command)
    assert words[:3] == ["cookiecutter", str(TEMPLATE), "--no-input"]
    assert "license=MIT" in words
    assert not [word for word in words if word.startswith(f"{question}=")]
    assert everything_below(in_a_shell_of_its_own) == before
    tally(refused=1)


@pytest.mark.parametrize("answer", ["project_name=Pandas", "description=a\nb"])
def test_refusal_in_a_process_of_its_own(
    cookiecutter: Command, tmp_path: Path, answer: str
) -> None:
    before = everything_below(tmp_path)
    done = cookiecutter("--no-input", answer)
    assert (done.returncode, done.stderr) == (1, "")
    assert "cannot be used" in done.stdout.splitlines()[0]
    assert everything_below(tmp_path) == before


@pytest.mark.parametrize(
    ("given", "left_out"),
    [
        ({"project_slug": "../evil"}, {"project_slug", "package_name"}),
        ({"project_slug": "../evil", "package_name": "mine"}, {"project_slug"}),
        ({"project_name": "工" * 101}, {"project_name", "project_slug", "package_name"}),
        ({"author_email": "me", "package_name": "class"}, {"author_email", "package_name"}),
    ],
)
def test_answers_that_follow_from_a_refused_one_are_not_repeated(
    given: dict[str, str], left_out: set[str]
) -> None:
    output = invoke(*(f"{name}={value}" for name, value in given.items())).output
    words = shlex.split(output.splitlines()[1])
    repeated = {word.partition("=")[0] for word in words if "=" in word}
    questions = {*QUESTIONS, "example", "license", "python_version"}
    assert repeated == (questions | {"initialize_git"}) - left_out


def test_printed_command_is_what_was_meant(cookiecutter: Command, tmp_path: Path) -> None:
    text = """It's "so" $(touch evil) `touch evil` ; touch evil \\ 工資 🙂 !! %PATH% ~ *"""
    refused = cookiecutter(
        "--no-input", "-o", "a folder", f"author_name={text}", f"description={text}",
        "example=blank", "project_slug=-rf",
    )  # fmt: skip
    again = refused.stdout.splitlines()[1].partition(": ")[2]
    done = subprocess.run(
        ["sh", "-c", f"{again} project_slug=fine"],
        cwd=tmp_path / "out",
        env=os.environ | {"PATH": f"{TOOLS}:{os.environ['PATH']}", "HOME": str(tmp_path / "home")},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a folder"]
    settings = (tmp_path / "out/a folder/fine/pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(settings)["project"]
    assert project["description"] == project["authors"][0]["name"] == text


def test_refusal_on_a_console_without_accents(cookiecutter: Command, tmp_path: Path) -> None:
    narrow = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    (tmp_path / "home" / ".cookiecutterrc").write_text(
        "default_context: {author_name: Zoë, project_slug: é}", encoding="utf-8"
    )
    done = cookiecutter("--no-input", variables=narrow)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(r"project_slug '\xe9' cannot be used")


@pytest.mark.parametrize(("question", "value"), BEHIND_THE_QUESTIONS)
@pytest.mark.parametrize("way", ["replay", "python"])
def test_no_way_leads_past_the_judge(
    in_a_shell_of_its_own: Path, question: str, value: object, way: str, tally: Tally
) -> None:
    """A replay file edited by hand: the sentence alone, exit 1, nothing on the disk."""
    context = generate_context(str(TEMPLATE / "cookiecutter.json"))
    context["cookiecutter"] = prompt_for_config(context, no_input=True) | {question: value}
    replay = in_a_shell_of_its_own / "tmp" / "replay.json"  # Cookiecutter writes it again there
    replay.write_text(json.dumps(context), encoding="utf-8")
    config = in_a_shell_of_its_own / "config.yaml"
    config.write_text(f"replay_dir: {in_a_shell_of_its_own / 'tmp'}", encoding="utf-8")
    options = ["--config-file", str(config), "--replay-file", str(replay)]
    before = everything_below(in_a_shell_of_its_own)
    if way == "replay":
        done = CliRunner().invoke(cookiecutter_command, [str(TEMPLATE), *options])
        assert (done.exit_code, done.output.count("\n")) == (1, 1)
        said = done.output
    else:
        with pytest.raises(FailedHookException) as refused:
            generate(str(TEMPLATE), replay=str(replay), config_file=str(config))
        said = str(refused.value)
    assert said.startswith(f"{question} {value!r:.20}")
    assert everything_below(in_a_shell_of_its_own) == before
    tally(refused=1)


@pytest.mark.parametrize("slug", ["../evil", "a/b/c", "..", "pandas"])
def test_an_overridden_verdict_is_none(
    in_a_shell_of_its_own: Path, slug: str, tally: Tally
) -> None:
    before = everything_below(in_a_shell_of_its_own)
    done = invoke("__answers=x", f"project_slug={slug}")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert done.output.startswith(f"project_slug {slug!r} cannot be used")
    after = everything_below(in_a_shell_of_its_own)
    assert {name for name in after - before if "replay" not in name} == set()
    tally(refused=1)


@pytest.mark.parametrize("answer", ["license=GPL", "initialize_git=maybe", "example=../evil"])
def test_wrong_choice_is_refused_by_cookiecutter_itself(
    in_a_shell_of_its_own: Path, answer: str, tally: Tally
) -> None:
    before = everything_below(in_a_shell_of_its_own)
    assert invoke(answer).exit_code == 1
    assert everything_below(in_a_shell_of_its_own) == before
    tally(refused=1)


def test_braces_on_the_command_line_are_rendered_by_cookiecutter_itself() -> None:
    """Before any code of the template runs; what is judged is what comes out."""
    assert invoke("project_name={{ '%c' % 10 }}").output.startswith(r"project_name '\n' cannot")


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("value", ["{{7*7}}", "{% raw %}", "{# a #}", "a{{", "{% include 'x' %}"])
def test_braces_at_the_prompt_are_refused(
    in_a_shell_of_its_own: Path, question: str, value: str, tally: Tally
) -> None:
    before = everything_below(in_a_shell_of_its_own)
    number = list(SETTINGS).index(question)
    done = CliRunner().invoke(
        cookiecutter_command, [str(TEMPLATE)], input="\n" * number + value + "\n" * 10
    )
    assert done.exit_code == 1
    assert f"{question} {value!r} cannot be used: it must " in done.output
    assert everything_below(in_a_shell_of_its_own) == before
    tally(refused=1)


def test_enter_all_the_way_makes_the_default_project(cookiecutter: Command, tmp_path: Path) -> None:
    done = cookiecutter(typed="\n" * 10)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "out" / "us-wage-analysis" / "LICENSE").exists()


@pytest.mark.slow
@pytest.mark.parametrize("text", TYPED)
def test_text_arrives_as_typed(bake: Bake, text: str, tally: Tally) -> None:
    """In the README, in the metadata, in the licence; and it breaks and runs nothing."""
    project = bake(
        project_name=text,
        description=text,
        author_name=text,
        license="BSD-3-Clause",
        example="blank",
        project_slug="typed",
        package_name="typed",
    )
    metadata = project.settings()["project"]
    assert metadata["description"] == text
    assert metadata["authors"][0]["name"] == text
    assert text in (project.path / "LICENSE").read_text(encoding="utf-8")
    readme = (project.path / "README.md").read_text(encoding="utf-8").splitlines()
    assert readme[:3] == [f"# {text}", "", text]
    assert_tree_is_exact(project)
    assert_files_are_valid(project)
    assert_passes_static_checks(project)
    if text.strip("\\'\""):  # git takes no author whose name is such marks alone
        assert project.run("git", "status", "--porcelain") == ""
    tally(accepted=len(TEXTS))


@pytest.mark.slow
@pytest.mark.parametrize(("question", "value"), ACCEPTED_NAMES)
def test_accepted_names_make_a_whole_project(
    bake: Bake, question: str, value: str, tally: Tally
) -> None:
    project = bake(example="blank", **{question: value})
    assert_tree_is_exact(project)
    assert_files_are_valid(project)
    assert_passes_static_checks(project)
    tally(accepted=1)


def test_name_with_every_mark_is_the_name_of_all(bake: Bake) -> None:
    name = "My.Pro_ject-2"
    project = bake(project_slug=name)
    metadata = project.settings()["project"]
    assert project.path.name == metadata["name"] == name
    assert metadata["scripts"] == {name: "my_pro_ject_2.__main__:run"}


@pytest.mark.parametrize("example", SETTINGS["example"])
def test_no_project_is_called_like_its_dependencies(bake: Bake, example: str) -> None:
    settings = bake(example=example).settings()
    metadata = settings["project"]
    required = [*metadata["dependencies"], *settings["dependency-groups"]["dev"]]
    required += [name for extra in metadata["optional-dependencies"].values() for name in extra]
    required += settings["build-system"]["requires"]
    names = {re.match(r"[\w.-]+", line)[0] for line in required}  # type: ignore[index]
    assert {"jinja2", "fastapi", "pytest", "hatchling", "fsspec"} < names
    assert names <= DEPENDENCIES
    assert not {name for name in names if broken_rule("project_slug", name) is None}


def test_no_name_is_kept_that_no_project_depends_on(bake: Bake) -> None:
    texts = [
        (bake(example=example).path / "pyproject.toml").read_text(encoding="utf-8")
        for example in SETTINGS["example"]
    ]
    assert not {name for name in DEPENDENCIES if not any(name in text for text in texts)}

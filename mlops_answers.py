"""Judge the answers while nothing is on the disk: the first that cannot work is refused.

Cookiecutter makes the project's folder before any hook runs, so a hook would come too late. The
last key of `cookiecutter.json` pipes every answer through the filter `judged` instead. Answers that
never pass through that file, of a replay or of Python, are judged when Cookiecutter makes the
environment that it generates the files with. The filters belong in `cookiecutter.json` only: cruft
renders two versions of the template in one process and keeps the first one's module, whose folder
may be gone by then; so what is read is read at once.
"""

from __future__ import annotations

import json
import keyword
import re
import shlex
import sys
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import cookiecutter
from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment
from jinja2.ext import Extension

HERE = Path(__file__).parent
OLDEST = (2, 3)  # of Cookiecutter: in those before, a replay forgets which example was chosen
DEFAULTS: dict[str, Any] = json.loads((HERE / "cookiecutter.json").read_text(encoding="utf-8"))
DECLARED = "".join(
    path.read_text(encoding="utf-8")
    for path in (
        HERE / "{{cookiecutter.project_slug}}" / "pyproject.toml",
        *(HERE / "templates" / "dependencies").glob("*.toml"),
    )
)
# Distributions that a project depends on, and what `markdown-it-py` and its like are imported as.
DEPENDENCIES = frozenset(
    name
    for declared in re.findall(r'"([\w.-]+)(?:\[[\w,]+\])?[<>=~!]=', DECLARED)
    for name in (declared, re.sub(r"^py(thon|test)-|-py$", "", declared))
)
COMMANDS = re.compile(
    r"(python|pythonw|pip|pydoc|idle)[0-9-]*|py-?test|uvx?|git|make|(ipython|ipykernel|jupyter).*"
    r"|activate(-(bat|csh|fish|nu|ps1|this-py|xsh))?|(deactivate|pydoc)(-bat)?"
)
# The Python that asks need not be the one that the project runs on: what only some versions know.
OTHER_PYTHONS = """
    aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils imghdr
    imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib
    tomllib type uu xdrlib
    """.split()
PYTHON = sys.stdlib_module_names.union(keyword.kwlist, keyword.softkwlist, OTHER_PYTHONS)
TESTS = {"conftest", "src", "test", "tests"}
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
SLUG = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
PACKAGE = re.compile(r"[a-z]([a-z0-9_]*[a-z0-9])?")
EMAIL = re.compile(
    r"[\w%+'-]+(\.[\w%+'-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z]", re.ASCII | re.I
)


def is_printable(value: str) -> bool:
    """No control character, separator of lines or paragraphs, or lone surrogate."""
    return not any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in value)


def is_visible(value: str) -> bool:
    """More than blanks and characters without a width."""
    return any(unicodedata.category(each) not in {"Zs", "Cf"} for each in value)


def is_unclaimed(value: str) -> bool:
    """Neither a dependency nor a command, in any spelling that pip or Windows takes for one."""
    name = re.sub(r"[-_.]+", "-", value).lower()
    return name not in DEPENDENCIES and not COMMANDS.fullmatch(name)


Rule = tuple[Callable[[str], object], str]  # what good answers pass, and what to say of others
EVERY: tuple[Rule, ...] = (
    (is_printable, "must hold no control character, line break or lone surrogate"),
    (lambda value: not re.search(r"\{[{%#]", value), "must hold none of '{{', '{%', '{#'"),
    (is_visible, "must not be empty"),
)
NAMES: tuple[Rule, ...] = (
    (lambda value: not DEVICE.fullmatch(value), "must not be a device of Windows"),
    (is_unclaimed, "must not be one of the project's own dependencies or commands"),
)
RULES: dict[str, tuple[Rule, ...]] = {
    "author_email": ((EMAIL.fullmatch, "must be an address like you@example.com"),),
    "project_slug": (
        (SLUG.fullmatch, "must be letters a-z, digits and '-_.', a letter or digit at both ends"),
        (lambda value: ".." not in value, "must not hold '..'"),
        *NAMES,
    ),
    "package_name": (
        (PACKAGE.fullmatch, "must be letters a-z, digits and '_', a letter first, no '_' last"),
        (lambda value: value not in PYTHON, "must not be a keyword or a module of Python itself"),
        (lambda value: value not in TESTS, "must not be a name that tests and folders use"),
        *NAMES,
    ),
}
LONGEST = {"description": 500, "author_email": 254, "project_slug": 30, "package_name": 30}


def broken_rule(question: str, value: object) -> str | None:
    """Find the first rule that an answer breaks; None for a good answer."""
    default = DEFAULTS.get(question)
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "must be true or false"
    if not isinstance(value, str):
        return "must be text"
    if isinstance(default, list):
        return None if value in default else f"must be one of {', '.join(default)}"
    if len(value) > LONGEST.get(question, 100):
        return f"must have at most {LONGEST.get(question, 100)} characters"
    return next((rule for good, rule in EVERY + RULES.get(question, ()) if not good(value)), None)


def refusal(answers: Mapping[str, object]) -> str | None:
    """Put the first answer that cannot work into a sentence; None where all can."""
    for question, value in answers.items():
        rule = None if question.startswith("_") else broken_rule(question, value)
        if rule:
            shown = f"{value[:60]}…" if isinstance(value, str) and len(value) > 60 else value
            return f"{question} {shown!r} cannot be used: it {rule}. Give another {question}."
    return None


def good_answers(answers: Mapping[str, object], environment: Environment) -> dict[str, object]:
    """Keep what can be given again: neither what breaks a rule nor what only follows from that."""
    good: dict[str, object] = {}
    bad: set[str] = set()
    for question, value in answers.items():
        if question.startswith("_"):
            continue
        default = str(DEFAULTS.get(question))
        follows = any(f"cookiecutter.{each}" in default for each in bad)
        if broken_rule(question, value) or (
            follows and environment.from_string(default).render(cookiecutter=answers) == value
        ):
            bad.add(question)
        else:
            good[question] = value
    return good


def command_again(answers: Mapping[str, object], good: Mapping[str, object]) -> str | None:
    """Write the command line that gives the good answers again; None where there was none."""
    running = click.get_current_context(silent=True)
    if running is None or "skip_if_file_exists" not in running.params:
        return None
    others = [word for word in sys.argv[1:] if word.partition("=")[0] not in answers]
    words = ["cookiecutter", *others, *(f"{name}={value}" for name, value in good.items())]
    return shlex.join(words) if all(map(is_printable, words)) else None


def printable(text: str) -> str:
    """Escape what this console cannot show."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def generating() -> dict[str, Any]:
    """Return what Cookiecutter's `generate_files` was called with; nothing where it was not."""
    frame = sys._getframe()
    while frame.f_back:
        frame = frame.f_back
        if frame.f_code.co_name == "generate_files" and "context" in frame.f_locals:
            return frame.f_locals
    return {}


class Answers(Extension):
    """Judges what is generated, and lends `cookiecutter.json` the filter `judged`."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        version = cookiecutter.__version__
        if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise FailedHookException(
                f"This template needs Cookiecutter {oldest} or later, and this is {version}: "
                f"python -m pip install 'cookiecutter>={oldest}' brings it."
            )
        environment.filters |= {"judged": self.judged, "keeping": self.keeping}
        given = generating()
        environment.globals["keep_existing"] = bool(given.get("skip_if_file_exists"))
        if given:
            answers = given["context"]["cookiecutter"]
            sentence = refusal(answers)
            if sentence:
                raise FailedHookException(printable(sentence))
            # For speed: whole folders of what is not rendered, or thrown away by the hook.
            folders = {".examples/_every", *(f".examples/{each}" for each in DEFAULTS["example"])}
            chosen = f".examples/{answers.get('example')}"
            folders = folders - {chosen} | {f"{chosen}/src"}
            copied = answers.get("_copy_without_render", [])
            answers["_copy_without_render"] = [*folders, *copied]

    def judged(self, answers: Mapping[str, object]) -> str:
        """Raise the exception whose text Cookiecutter prints alone, without a traceback."""
        sentence = refusal(answers)
        if sentence:
            again = command_again(answers, good_answers(answers, self.environment))
            text = f"{sentence}\nThe other answers again: {again}" if again else sentence
            raise FailedHookException(printable(text))
        return "accepted"

    @staticmethod
    def keeping(_: object) -> str:
        """Tell of `-s`, for version 0.1: cruft may render it with this module."""
        context = click.get_current_context(silent=True)
        return "yes" if context and context.params.get("skip_if_file_exists") else "no"

"""The README of the template: what it shows is there, and what it counts is so."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from checks import TREES
from conftest import TEMPLATE, Bake

README = (TEMPLATE / "README.md").read_text(encoding="utf-8")
COMPARISON = (TEMPLATE / "docs/understand/comparison.md").read_text(encoding="utf-8")
SETTINGS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
PAGES = ["README.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", ".github/SECURITY.md"]
ANSWERS_IN_HAND = ("written soundly", "refused", "stopped by a Python error, nothing left")


def table(text: str, first: str) -> list[list[str]]:
    """Return the rows of the table whose header begins so, without that header."""
    _, found, rest = text.partition(f"| {first}")
    assert found
    lines = rest.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_readme_lists_the_questions_with_all_their_choices() -> None:
    rows = table(README, "question |")
    questions = [name for name in SETTINGS if not name.startswith("_")]
    assert re.findall(r"\w+", " ".join(row[0] for row in rows)) == questions
    for question, default, choices in rows:
        offered = SETTINGS.get(question.strip("`"))
        if isinstance(offered, list):
            assert default == f"`{offered[0]}`"
            said = re.findall(r"`([^`]+)`", choices)
            assert said in (offered, [offered[0], offered[-1]])


def test_the_tree_in_the_readme_is_what_is_made(bake: Bake) -> None:
    tree = re.search(r"```\nus-wage-analysis/\n(.*?)```", README, re.DOTALL)
    assert tree is not None
    project = bake()
    folder = project.path
    for line in tree[1].splitlines():
        names = [name for name in re.split(r"  +", line.strip())[0].split() if name]
        inside = folder if line.startswith(" " * 8) else project.path
        folder = folder if line.startswith(" " * 8) else project.path / names[0]
        assert [name for name in names if not (inside / name).exists()] == []


def test_the_readme_begins_with_two_commands_and_stays_short() -> None:
    first = re.search(r"```\n(.*?)```", README, re.DOTALL)
    assert first is not None
    assert len(first[1].splitlines()) == 2
    assert README.index("```") < README.index("![")
    assert len(README.splitlines()) <= 170


def test_the_comparison_counts_this_template_as_it_is() -> None:
    this, *others = table(README, "template, commit |")
    files = (TREES / "wage-analysis.txt").read_text(encoding="utf-8").split()
    assert this[0] == "**this one**"
    assert this[1] == f"{len(files)}, 0"
    assert 1 + len(others) <= 8


def test_the_comparisons_two_pages_agree() -> None:
    """The same templates at the same commits; good answers are counted as they are told."""
    commits = dict(re.findall(r"\[([\w/ .-]+)\]\(https://github\S+\) `(\w{7})`", README))
    read = {row[0]: row[1].strip("`") for row in table(COMPARISON, "template | commit")}
    assert commits == read
    counted = [row[-1] for row in table(README, "template, commit |")]
    ends = [row[1:] for row in table(COMPARISON, "template | `class`")]
    good = [sum(end.startswith(ANSWERS_IN_HAND) for end in row) for row in ends]
    assert counted == [f"{number} of 3" for number in good]
    for name in read:
        assert f"\n**{name}**" in COMPARISON, f"what was run of {name}"


def test_the_measured_tables_are_of_the_benchmarks_and_say_what_is_over_its_limit() -> None:
    page = (TEMPLATE / "docs/understand/measured.md").read_text(encoding="utf-8")
    files = (TEMPLATE / f"benchmarks/{name}.py" for name in ("bench", "digits"))
    benchmarks = "".join(path.read_text(encoding="utf-8") for path in files)
    over = list[str]()
    for of in page.split("project:")[1:]:
        for what, *_, ratio, limit in table(of, "what |"):
            known = re.sub("^4,000", "{REQUESTS:,}", re.sub("^600", "{REQUESTS}", what))
            assert known in benchmarks, what
            over += [what] * (float(ratio.split()[0]) > float(limit))
    assert over == re.findall(r'^"(.+)" misses its limit', page, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_points_to_is_there(page: str) -> None:
    path = TEMPLATE / page
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (path.parent / target).exists(), target
    for target in re.findall(r"\]\(https://github\.com/org/template/blob/main/([^)#]+)", text):
        assert (TEMPLATE / target).exists(), target


@pytest.mark.parametrize("form", ["bug", "idea"])
def test_a_form_for_issues_is_one_that_github_shows(form: str) -> None:
    """Its keys are those of the syntax for issue forms, and it asks for no example that is gone."""
    path = TEMPLATE / ".github/ISSUE_TEMPLATE" / f"{form}.yml"
    asked = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert asked.keys() == {"name", "description", "labels", "body"}
    for part in asked["body"]:
        assert part.keys() <= {"type", "id", "attributes", "validations"}
        assert part["type"] in {"textarea", "input", "dropdown", "checkboxes"}
        assert part["attributes"]["label"]
        assert part.get("validations", {"required": True}) == {"required": True}
        if part["type"] == "dropdown":
            assert part["attributes"]["options"] == [*SETTINGS["example"], "none was generated"]
    identities = [part["id"] for part in asked["body"]]
    assert len(identities) == len({*identities})


def test_questions_that_are_no_issue_have_a_place_to_go() -> None:
    path = TEMPLATE / ".github/ISSUE_TEMPLATE/config.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert config.keys() == {"blank_issues_enabled", "contact_links"}
    assert all(link.keys() == {"name", "url", "about"} for link in config["contact_links"])
    for url in (link["url"] for link in config["contact_links"]):
        path = url.partition("/blob/main/")[2]
        assert not path or (TEMPLATE / path).exists()

"""The page "From notebook to project", taken literally: the notebook, eight steps, each number."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import nbformat
import pytest
from checks import TOOLS
from conftest import TEMPLATE, Command, Project

FILES = TEMPLATE / "docs/start/files/notebook_to_project"
NOTEBOOK = nbformat.reads((FILES / "wages.ipynb").read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
CODE = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code"]
SOURCE = (TEMPLATE / "docs/start/notebook_to_project.md").read_text(encoding="utf-8")
PAGE = SOURCE.replace(r"\$", "$")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
STEPS = {title: text for title, text in SECTIONS.items() if re.match(r"\d\. ", title)}
DIFFS = sorted(path.name for path in FILES.glob("*.diff"))
MESSAGE = re.compile(r'git commit --message "(.+)"')
SOMEBODY = {
    f"GIT_{role}_{of}": value
    for role in ("AUTHOR", "COMMITTER")
    for of, value in (("NAME", "Somebody"), ("EMAIL", "somebody@example.org"))
}
TEXT = "src/state_wages/report.md.j2"
MEANS = re.compile(r"managers ([\d,]+), production ([\d,]+), difference ([\d,]+)")

# What the notebook prints from top to bottom, and in the order in which its cells were run.
EXECUTE = """
import json, os, sys
import nbformat
from nbclient import NotebookClient
os.environ["HOME"] = sys.argv[2]
printed = []
for order in (lambda cell: 0, lambda cell: cell.execution_count):
    notebook = nbformat.read(sys.argv[1], as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = sorted(cells, key=order)
    NotebookClient(notebook, resources={"metadata": {"path": sys.argv[2]}}).execute()
    outputs = [out for cell in notebook.cells for out in cell.outputs]
    printed.append("".join(out.text for out in outputs if out.get("name") == "stdout"))
print(json.dumps(printed))
"""
# What the workbook holds, as the finished project reads it.
COUNT = """
import json
from pathlib import Path
from state_wages.data.ingestion import read_wages
wages = read_wages(Path("data/raw/state_M2025_dl.xlsx"))
detailed, large = wages[wages["O_GROUP"] == "detailed"], wages[wages["mark"] == "#"]
words = [detailed[detailed["OCC_TITLE"].str.contains(x)] for x in ("Management", "Production")]
paid = detailed[detailed["OCC_CODE"].str.startswith("11") & detailed["A_MEAN"].notna()]
print(json.dumps({
    "rows": len(wages),
    "marks": wages["mark"].value_counts().to_dict(),
    "large": sorted({*large["OCC_CODE"].str[:2]}),
    "means": [float(each["A_MEAN"].mean()) for each in words],
    "titles": [dict(zip(each["OCC_TITLE"], each["OCC_CODE"])) for each in words],
    "managers": sorted({*paid["OCC_TITLE"]}),
}))
"""


def blocks(title: str, language: str) -> list[str]:
    """Return the code blocks of a section."""
    found = re.findall(r"^```(\S+)\n(.*?)^```$", SECTIONS[title], re.MULTILINE | re.DOTALL)
    return [text for kind, text in found if kind == language]


def follow(project: Project, commands: str, home: Path | None = None) -> str:
    """Do what a block of the page says, as somebody whose home is the folder around the project."""
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    commands = commands.replace("~", str(home or project.path.parent))
    return project.run("sh", "-ec", commands, PATH=path, **SOMEBODY)


@pytest.fixture
def fresh(cookiecutter: Command, tmp_path: Path) -> Project:
    """The project of the page's first command, with a copy of the template beside it."""
    generate, clone, *_ = blocks("Before you begin", "sh")[0].splitlines()
    command, template, *answers = shlex.split(generate)
    assert (command, template) == ("cookiecutter", "gh:org/template")
    assert clone == "git clone https://github.com/org/template"
    done = cookiecutter(*answers, variables=SOMEBODY)
    assert done.returncode == 0, done.stderr
    (tmp_path / "out/template").symlink_to(TEMPLATE)
    return Project(tmp_path / "out/state-wages", {})


@pytest.mark.parametrize(("title", "diff"), [*zip(STEPS, DIFFS, strict=True)])
def test_a_step_has_a_reason_its_diff_a_check_and_a_commit(title: str, diff: str) -> None:
    text, place = STEPS[title], f"files/{FILES.name}/{diff}"
    assert title[0] == diff[0]
    assert re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE) == ["Why", "What", "Better now"]
    assert f"```{{literalinclude}} {place}\n:language: diff\n```" in text
    commands = blocks(title, "sh")[0].splitlines()
    apply = f"git apply ../template/docs/start/{place}"
    assert commands.index(apply) < commands.index("make test") < len(commands) - 1
    (message,) = MESSAGE.findall(commands[-1])
    assert re.fullmatch(r"feat: [a-z].{5,60}[a-z]", message)


def test_the_page_quotes_the_notebook_as_it_was_handed_in() -> None:
    nbformat.validate(NOTEBOOK)
    sources = "\n".join(cell.source for cell in CODE) + "\n"
    quoted = blocks("The notebook", "python")
    assert [text for text in quoted if text not in sources] == []
    printed = "".join(out.get("text", "") for cell in CODE for out in cell.outputs)
    assert blocks("The notebook", "text")[0] in printed
    ((typed, sentence),) = re.findall(r"\*(managers earn (\$[\d,]+) .*)\*", PAGE)
    assert [typed in cell.source for cell in NOTEBOOK.cells].count(True) == 1
    assert sentence == f"${MEANS.findall(printed)[0][2]}"
    assert f"has {len(NOTEBOOK.cells)} cells" in " ".join(PAGE.split())


def test_the_page_says_in_which_order_the_cells_were_run() -> None:
    counts = {cell.source: cell.execution_count for cell in CODE}
    places = {
        word: [n for source, n in counts.items() if word in source]
        for word in ("managers", "by_state")
    }
    between = [n for n in counts.values() if n >= min(places["managers"])]
    assert f"numbers {min(between)} to {max(between)}" in SECTIONS["The notebook"]
    (dropped,) = (n for source, n in counts.items() if "isin" in source)
    assert f"are {dropped} to {max(places['by_state'])}" in SECTIONS["The notebook"]
    assert [*counts.values()] != sorted(counts.values())


def test_no_amount_of_money_is_taken_for_a_formula() -> None:
    prose = re.sub(r"^```.*?^```$|`[^`\n]+`", "", SOURCE, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"(?<!\\)\$.*", prose) == []


def test_all_diffs_apply_in_order_and_each_state_is_clean(fresh: Project) -> None:
    for title in STEPS:
        for command in blocks(title, "sh")[0].splitlines():
            if command.startswith("git "):  # what needs no environment
                follow(fresh, command)
        for file in [each for each in fresh.files() if each.endswith(".py")]:
            ast.parse((fresh.path / file).read_text(encoding="utf-8"), file)
        fresh.run(TOOLS / "ruff", "check", "--no-cache", ".")
        fresh.run(TOOLS / "ruff", "format", "--no-cache", "--check", ".")
    texts = {name: (fresh.path / name).read_bytes().lower() for name in fresh.files()}
    left = {name for name, text in texts.items() if b"plants" in text}
    assert left == {"data/raw/SHA256SUMS"}  # whose line `data remove` takes off


@pytest.mark.slow
@pytest.mark.long
def test_the_steps_lead_from_the_notebooks_number_to_the_right_one(
    fresh: Project, live_project: Project
) -> None:
    begin = blocks("Before you begin", "sh")[0].splitlines()[2:]
    follow(Project(fresh.path.parent, {}), "\n".join(begin), home=fresh.path.parent)
    said = [follow(fresh, blocks(title, "sh")[0]) for title in STEPS]
    (headline,) = blocks("7. Stages, and one command", "text")
    assert headline in said[6]
    history = follow(fresh, blocks("8. The notebook explores", "sh")[1]).splitlines()
    messages = [message for text in STEPS.values() for message in MESSAGE.findall(text)]
    assert [line.partition(" ")[2] for line in history][7::-1] == messages
    assert fresh.run("git", "status", "--porcelain") == ""
    follow(fresh, "uv run state-wages data check")

    (result,) = _results(fresh)
    wages = [each for each in _results(live_project) if each["name"] == "management_vs_production"]
    by_word, by_code = sorted(wages, key=lambda each: str(each["scope"]))
    found, right = by_word["estimates"], by_code["estimates"]
    assert result["difference"] == pytest.approx(right["difference"], rel=1e-6)
    assert result["means"] == pytest.approx([right["mean_1"], right["mean_2"]], rel=1e-6)
    assert result["n"] == by_code["n"]
    assert result["occupations"] == [right["occupations_1"], right["occupations_2"]]

    notebook = shlex.join([EXECUTE, str(FILES / "wages.ipynb"), str(fresh.path.parent)])
    tools = "--with openpyxl --with scipy"
    again, as_it_was = json.loads(follow(fresh, f"uv run {tools} python -c {notebook}"))
    assert as_it_was == "".join(out.get("text", "") for cell in CODE for out in cell.outputs)
    assert blocks("The notebook", "text")[1] in again
    assert MEANS.findall(again)[0][2] == f"{found['difference']:,.0f}"

    counted = json.loads(follow(fresh, f"uv run python -c {shlex.quote(COUNT)}"))
    first, second = counted["means"]
    rows = [
        *(MEANS.findall(printed)[0] for printed in (as_it_was, again)),
        *(
            tuple(f"{number:,.0f}" for number in numbers)
            for numbers in (
                (first, second, first - second),
                (*result["means"], result["difference"]),
            )
        ),
    ]
    table = re.findall(r"^\| .* \| \$(.*) \| \$(.*) \| \$(.*) \|$", PAGE, re.MULTILINE)
    assert table == rows
    _counts_are_those_of_the_page(counted, result, by_word)
    intervals = [result, by_word["interval_two_way"], by_code["interval_two_way"]]
    ends = {f"{abs(each[end]):,.0f}" for each in intervals for end in ("low", "high")}
    money = {*sum(rows, ()), *ends, "239,200", *_asks_the_next_question(fresh)}
    assert {*re.findall(r"\$([\d,]*\d)", PAGE)} == money


def _results(project: Project) -> list[dict[str, Any]]:
    text = (project.path / "reports/results.json").read_text(encoding="utf-8")
    return list(json.loads(text)["analyses"])


def _counts_are_those_of_the_page(
    counted: dict[str, Any], result: dict[str, Any], by_word: dict[str, Any]
) -> None:
    """Look on the page for what was counted in the workbook."""
    marks, (words, production) = counted["marks"], counted["titles"]
    page = " ".join(PAGE.split())
    assert f"made {sum(marks.values())} cells disappear" in page
    assert f"{marks['*']} hold `*`" in page
    assert f"{marks['#']} hold `#`" in page
    assert f"All {counted['rows']:,} rows" in page
    hidden = "{} wages of management and {} of production are not published, none of them a `#`"
    assert hidden.format(*result["unpublished"]) in page
    assert (counted["large"], f"All {marks['#']} `#` are in health care" in page) == (["29"], True)
    assert (len(words), "of the four detailed titles with *Management*, three" in page) == (4, True)
    strangers = sorted(title for title, code in words.items() if not code.startswith("11"))
    assert strangers == sorted(re.findall(r"\*([A-Z][\w ]+)\*(?: are in| too| teach)", page))
    nameless = [title for title in counted["managers"] if "Management" not in title]
    assert f"{len(nameless)} of the {len(counted['managers'])} management occupations" in page
    assert "Chief Executives" in nameless
    assert production["Industrial Production Managers"].startswith("11")
    assert "takes {} and {} rows".format(*by_word["n"]) in page
    of = (f"{by_word['estimates'][f'occupations_{i}']:.0f}" for i in (1, 2))
    assert "they are {} and {} titles".format(*of) in page


def _asks_the_next_question(project: Project) -> list[str]:
    """Change the config, then a word, as the page says; return the money in the new answer."""
    config, report = (project.path / name for name in ("configs/settings.toml", TEXT))
    (second,), (headline,) = (blocks("What it was for", kind) for kind in ("toml", "text"))
    assert "Up to date" in follow(project, "make run")
    kept = config.read_text(encoding="utf-8").partition("[second]")[0]
    config.write_text(kept + second, encoding="utf-8")
    assert headline in follow(project, "make run")
    assert _last_stages(project) == ["analyse", "draw", "report"]
    report.write_text(report.read_text("utf-8").replace("## Limits", "## Its limits"), "utf-8")
    follow(project, "make run")
    assert _last_stages(project) == ["report"]
    return re.findall(r"\$([\d,]*\d)", headline)


def _last_stages(project: Project) -> list[str]:
    """Return the stages of the last run, by the log."""
    log = (project.path / "logs/pipeline.log").read_text(encoding="utf-8")
    *_, before, _ = log.split("published run")
    return re.findall(r"\] (\w+) took", before)

"""The report: one file, nothing from outside, readable by everyone; a value is never markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tiny.engine import FIGURES, REPORT, ProjectError, Stage
from tiny.engine import report as report_module
from tiny.engine.report import as_text, fill_in, table, write_report

from .conftest import RAW, Project, run_tiny

SVG = "<svg xmlns='http://www.w3.org/2000/svg'>\n  <title>50 % &amp; \"#1\", 木</title></svg>"
HOSTILE = '</title></code><script>x</script>"><img src="x" onload="x"> & ' + "{" * 2 + "7"
TEMPLATE = """# {{ title }}

{% for each in values %}
## {{ each }}

{{ each }}

![{{ each }}](figures/dot.svg)

{{ [{each: each, "b": each}] | table }}

Words {{ each }} and more.

{% endfor %}
"""
MARKS = [
    *("<script>x</script>", "<b>", "![a](b)", "[a](b)", "[a]: b", "<http://a.b>", "http://a.b"),
    *("# a", "## a", "a #", "a ##", "#", "C #", "---", "- - -", "***", "___", "===", "- a", "+ a"),
    *("* a", "1. a", "2) a", "2024.", "> a", "    a", "\ta", "```a", "~~~", "`a`", "*a*", "_a_"),
    *("a\n\nb", "a\n## b", "a\r\n---", "a\u2028# b", "a\x0b# b", "a\x85b", "| a | b |", "a|b"),
    *("&amp;", "&lt;b&gt;", "&#35; a", "<!-- a", "<?a", "<![CDATA[a", "a\\", "\\", "\\|", "a  "),
    *(
        "$a$",
        "{{ a }}",
        "{% a %}",
        "^a^",
        "~~a~~",
        "</section>",
        '" onload="x',
        "'",
        "![",
        "](",
        ":",
    ),
    "",
]
READER = MarkdownIt("commonmark", {"html": False}).enable("table")


def publish(project: Project, template: str, raw: Any = (RAW,), **values: Any) -> tuple[Any, str]:
    """Return the run and the page of a study that is a report."""
    project.write(f"{FIGURES}/dot.svg", SVG)
    (project.root / FIGURES / "dot.png").write_bytes(b"\x89PNG")

    def tell(settings: Any, work: Any) -> None:
        write_report(work, settings, "some.md.j2", **values)

    with written(template):
        run = run_tiny(project.root, (Stage("report", "", tell),), raw=raw, force=True)
    return run, run.read(REPORT).decode()


@contextmanager
def written(template: str) -> Iterator[None]:
    """Put the template `some.md.j2` into the package as long as it is needed."""
    path = Path(report_module.HOME) / "some.md.j2"
    path.write_text(template, encoding="utf-8")
    try:
        yield
    finally:
        path.unlink()


def attributes(html: str, name: str) -> list[str]:
    return [unescape(value) for value in re.findall(rf'<[^>]* {name}="([^"]*)"', html)]


def one_line(value: str) -> str:
    """Return a value as a page shows it: on one line, without blanks around it."""
    return re.sub(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*", " ", value).strip()


def test_hostile_words_stay_words_and_nothing_comes_from_outside(fresh: Project) -> None:
    run, html = publish(fresh, TEMPLATE, title=HOSTILE, values=[HOSTILE])
    # title, h1, contents, h2, p, alt, two labels, th of the column, th of the row, td, words
    assert unescape(html).count(HOSTILE) == 12
    assert (attributes(html, "alt"), attributes(html, "onload")) == ([HOSTILE], [])
    assert attributes(html, "tabindex") == ["0", "0"]  # figure and table may have to scroll
    kind, _, svg = attributes(html, "src")[0].partition(",")
    assert (kind, unquote(svg)) == ("data:image/svg+xml", SVG.replace("\n ", ""))
    assert {address[0] for address in attributes(html, "href")} == {"#"}
    assert not re.findall(r"https?:|url\(|@import|<link|<script|<iframe", html)
    sha = run.manifest["stages"]["report"]["inputs"][RAW]
    packages = [f"{name} {version}" for name, version in run.manifest["packages"].items()]
    assert [fact for fact in (sha, *packages, run.manifest["python"]) if fact not in html] == []
    assert "pytest" not in html
    assert run.manifest["stages"]["report"]["inputs"].keys() == {RAW, f"{FIGURES}/dot.svg"}


def test_no_mark_of_markdown_or_html_opens_anything(fresh: Project) -> None:
    values = [value for value in MARKS if value.strip()]
    html = publish(fresh, TEMPLATE, title="T", values=values)[1]
    plain = publish(fresh, TEMPLATE, title="T", values=["x"] * len(values))[1]
    tags = [re.findall(r"</?\w+", page.partition("<body>")[2]) for page in (html, plain)]
    assert tags[0] == tags[1]
    lines = [one_line(value) for value in values]
    headings = re.findall(r"<h2 id=.*?>(.*?)</h2>", html)[:-1]
    assert [unescape(text) for text in headings] == lines
    assert [text.strip() for text in attributes(html, "alt")] == lines
    found = re.findall(r"<p>Words (.*?) and more.</p>", html)
    assert [unescape(text).strip() for text in found] == lines


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(MARKS) | st.text(max_size=4), max_size=5).map("".join))
@example("a\\\n# b")
@example("1\u0000. a")
def test_any_text_in_a_heading_a_paragraph_and_a_cell_stays_text(value: str) -> None:
    shown = one_line(value).replace("\0", "\ufffd")
    heading, paragraph, *cells = [
        token
        for token in READER.parse(
            f"## {as_text(value)}\n\nx {as_text(value)} x\n\n{table([{'a': value, 'b': 1}])}\n"
        )
        if token.type in {"inline", "fence", "code_block", "html_block"}
    ]
    for inline, text in ((heading, shown), (paragraph, f"x {shown} x"), (cells[2], shown)):
        assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
        found = "".join(child.content for child in inline.children or ())
        assert re.sub(r"\s+", " ", found).strip() == re.sub(r"\s+", " ", text).strip()
    assert len(cells) == 4
    alone = READER.parse(as_text(value) + "\n")
    assert [token.tag for token in alone] in (["p", "", "p"], [])


def test_contents_resolve_and_tables_have_headers(fresh: Project) -> None:
    rows = [
        {"area": "Ohio", "wage": "$74k", "n": 3},
        {"area": "Utah 2", "wage": "\u22120.5 %", "n": -1.5},
    ]
    titles = ["Sun & shade", "Sun / shade", "日本", "中国", "How this run was made", "Sun & shade"]
    template = (
        "# T\n{% for t in titles %}\n## {{ t }}\n\na\n\nb\n\n{{ rows | table }}\n\n{% endfor %}"
    )
    html = publish(fresh, template, titles=titles, rows=rows)[1]
    anchors = attributes(html, "id")
    skip, *contents = attributes(html, "href")
    assert (skip, *contents) == tuple(f"#{anchor}" for anchor in anchors)
    assert len(set(anchors)) == len(titles) + 2
    assert attributes(html, "aria-labelledby") == anchors[1:]
    assert attributes(html, "scope") == ["col", "col", "col", "row", "row"] * len(titles)
    assert html.count('<td class="quantity">') == 4 * len(titles)
    assert html.count('<th scope="col" class="quantity">') == html.count("<p>") == 2 * len(titles)
    assert re.fullmatch(r'<!doctype html>\n<html lang="en">\n.*</html>\n', html, re.DOTALL)


def test_a_png_is_shown_too_and_a_missing_figure_named(fresh: Project) -> None:
    template = "# T\n\n## One\n\n![a dot](figures/{{ name }})\n"
    html = publish(fresh, template, name="dot.png")[1]
    assert attributes(html, "src") == ["data:image/png;base64,iVBORw=="]
    with pytest.raises(ProjectError, match=r"figures/no\.svg is missing"):
        publish(fresh, template, name="no.svg")


def test_html_in_a_template_is_text_too(fresh: Project) -> None:
    html = publish(fresh, "# T\n\n## One\n\n<b>x</b>\n\n<div>\n")[1]
    assert "<p>&lt;b&gt;x&lt;/b&gt;</p>\n<p>&lt;div&gt;</p>" in html


def test_a_template_says_where_it_is_wrong(fresh: Project) -> None:
    with pytest.raises(ProjectError, match=r"some\.md\.j2 must begin with a title, '# \.\.\.'"):
        publish(fresh, "Words.\n")
    with pytest.raises(Exception, match="'nothing' is undefined"):
        publish(fresh, "# T\n\n{{ nothing }}\n")


def test_of_files_outside_the_project_only_the_name_is_shown(
    fresh: Project, tmp_path: Path
) -> None:
    for name in ("../private/b.csv", "../private/c.csv", "inside/a.csv"):
        fresh.write(name, "1")
    raw = ("inside/a.csv", tmp_path / "private/b.csv", "../private/c.csv")
    html = publish(fresh, "# T\n\n## One\n\nWords.\n", raw=raw)[1]
    assert {"private", tmp_path.name} & set(re.findall(r"[\w-]+", html)) == set()
    shown = re.findall(r"<dt>Raw data</dt><dd>(.*?)<br>", html)
    assert shown == ["inside/a.csv", "b.csv", "c.csv"]


def test_a_card_is_filled_in_by_the_same_rules(fresh: Project) -> None:
    def tell(settings: Any, work: Any) -> None:
        work.output("models/card.md").write_text(fill_in(work, "some.md.j2", a="<b> | #"))

    with written("# {{ a }}\n\n{{ [{'x': a}] | table }}\n"):
        run = run_tiny(fresh.root, (Stage("card", "", tell),))
    card = run.read("models/card.md").decode()
    assert card.startswith("# \\<b\\> \\| \\#\n\n| x |\n| --- |\n")
    assert [child.content for child in READER.parse(card)[1].children or ()] == ["<b> | #"]


def test_another_page_than_the_report_is_written_where_it_is_asked_for(fresh: Project) -> None:
    def tell(settings: Any, work: Any) -> None:
        for page, word in ((REPORT, "first"), ("reports/other.html", "second")):
            write_report(work, settings, "some.md.j2", to=page, word=word)

    with written("# The {{ word }}\n\n## A section\n\nIts {{ word }} words.\n"):
        run = run_tiny(fresh.root, (Stage("report", "", tell),), force=True)
    pages = {page: run.read(page).decode() for page in (REPORT, "reports/other.html")}
    found = {page: re.findall(r"Its (\w+) words", html) for page, html in pages.items()}
    assert found == {REPORT: ["first"], "reports/other.html": ["second"]}

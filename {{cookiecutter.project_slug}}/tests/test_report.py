"""The report: one file, nothing from outside, readable by everyone."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from {{ cookiecutter.package_name }}.artifacts import REPORT
from {{ cookiecutter.package_name }}.runner import run_stages
from {{ cookiecutter.package_name }}.study import ProjectError, Section, Settings, Study

SVG = "<svg xmlns='http://www.w3.org/2000/svg'>\n  <title>50 % &amp; \"#1\", 木</title></svg>"
HOSTILE = '</title></code><script>x</script>"><img src="x" onload="x"> & ' + "{" * 2 + "7"


class WithPaths(Settings):
    more: dict[str, tuple[Path, ...]]


def publish(root, *sections, raw=("dot.svg",), more=()):
    """Return the manifest and the page of a study that is all sections."""
    (root / "dot.svg").write_text(SVG, encoding="utf-8")
    study = Study(HOSTILE, WithPaths, Path("x.toml"), (), lambda settings, work: sections, str)
    run = run_stages(study, WithPaths(raw=raw, more={"files": more}), root, force=True)
    return run.manifest, run.read(REPORT).decode()


def values(html, attribute):
    return [unescape(value) for value in re.findall(rf'<[^>]* {attribute}="([^"]*)"', html)]


def test_hostile_words_stay_words_and_nothing_comes_from_outside(tmp_path):
    section = Section(HOSTILE, HOSTILE, "dot.svg", HOSTILE, [{HOSTILE: HOSTILE}])
    manifest, html = publish(tmp_path, section)
    # title, h1, contents, h2, alt, p, two labels, th of the column and of the row
    assert unescape(html).count(HOSTILE) == 10
    assert (values(html, "alt"), values(html, "onload")) == ([HOSTILE], [])
    assert values(html, "tabindex") == ["0", "0"]  # figure and table: what may have to scroll
    (kind, _, svg) = values(html, "src")[0].partition(",")
    assert (kind, unquote(svg)) == ("data:image/svg+xml", SVG.replace("\n ", ""))
    assert {address[0] for address in values(html, "href")} == {"#"}
    assert not re.findall(r"https?:|url\(|@import|<link|<script|<iframe", html)
    jinja, *facts = (manifest["packages"]["Jinja2"], manifest["run"], *manifest["inputs"].values())
    assert [fact for fact in (f"Jinja2 {jinja}", *facts) if fact not in html] == []
    assert "pytest" not in html


def test_contents_resolve_and_tables_have_headers(tmp_path):
    rows = [{"area": "Ohio", "wage": "$74k"}, {"area": "Utah 2", "wage": "−0.5 %"}]
    titles = ["Sun & shade", "Sun / shade", "日本", "中国", "How this run was made"]
    html = publish(tmp_path, *(Section(title, "a\n\nb", table=rows) for title in titles))[1]
    anchors = values(html, "id")
    skip, *contents = values(html, "href")
    assert (skip, *contents) == tuple(f"#{anchor}" for anchor in anchors)
    assert len(set(anchors)) == len(titles) + 2
    assert values(html, "scope") == ["col", "col", "row", "row"] * len(titles)
    assert html.count('<td class="quantity">') == html.count("<p>") == 2 * len(titles)
    with pytest.raises(ProjectError, match=r"no\.svg is missing"):
        publish(tmp_path, Section("One", "", "no.svg", "none"))


def test_of_files_outside_the_project_only_the_name_is_shown(tmp_path):
    root, private = tmp_path / "project", tmp_path / "private"
    for folder in (root / "inside", private):
        folder.mkdir(parents=True)
    files = [root / "inside/a.csv", private / "b.csv", private / "c.csv", private / "map.png"]
    for file in files:
        file.write_bytes(b"1")
    raw = ("inside/a.csv", files[1], Path("../private/c.csv"))
    manifest, html = publish(root, Section("One", ""), raw=raw, more=[files[3]])
    assert {str(file) for file in files[1:3]} <= manifest["inputs"].keys()
    assert {"private", tmp_path.name} & set(re.findall(r"[\w-]+", html)) == set()
    shown = re.findall(r"<dt>Raw data</dt><dd>(.*?)<br>", html)
    assert shown == ["inside/a.csv", "b.csv", "c.csv"]
    assert '"files": ["map.png"]' in unescape(html)


def test_a_png_is_shown_too(tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG")
    html = publish(tmp_path, Section("One", "", "dot.png", "a dot"))[1]
    assert values(html, "src") == ["data:image/png;base64,iVBORw=="]

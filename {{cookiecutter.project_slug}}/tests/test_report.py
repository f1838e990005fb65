"""The report: one file, nothing from outside, readable by everyone."""

import re
from html import unescape
from pathlib import Path

import pytest

from {{ cookiecutter.package_name }}.artifacts import REPORT
from {{ cookiecutter.package_name }}.runner import run_stages
from {{ cookiecutter.package_name }}.study import ProjectError, Section, Settings, Study

HOSTILE = '</title></code><script>x</script>"><img src="x" onload="x"> & ' + "{" * 2 + "7"


def publish(root, *sections):
    """Return the manifest and the page of a study that is all sections."""
    (root / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    study = Study(HOSTILE, Settings, Path("x.toml"), (), lambda settings, work: sections, str)
    run = run_stages(study, Settings(raw=("dot.svg",)), root, force=True)
    return run.manifest, run.read(REPORT).decode()


def values(html, attribute):
    return [unescape(value) for value in re.findall(rf'<[^>]* {attribute}="([^"]*)"', html)]


def test_hostile_words_stay_words_and_nothing_comes_from_outside(tmp_path):
    section = Section(HOSTILE, HOSTILE, "dot.svg", HOSTILE, [{HOSTILE: HOSTILE}])
    manifest, html = publish(tmp_path, section)
    assert unescape(html).count(HOSTILE) == 9  # title, h1, contents, h2, alt, p, label, th, td
    assert (values(html, "alt"), values(html, "onload")) == ([HOSTILE], [])
    assert [address[:26] for address in values(html, "src")] == ["data:image/svg+xml;base64,"]
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
    assert values(html, "href") == [f"#{anchor}" for anchor in anchors]
    assert len(set(anchors)) == len(titles) + 1
    assert values(html, "scope") == ["col"] * 2 * len(titles)
    assert html.count('<td class="quantity">') == html.count("<p>") == 2 * len(titles)
    with pytest.raises(ProjectError, match=r"no\.svg is missing"):
        publish(tmp_path, Section("One", "", "no.svg", "none"))

"""A study's Markdown template -> `reports/report.html`: one file, no network, for every screen."""

import base64
import platform
import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from .errors import ProjectError
from .log import HOME, declared_packages, write
from .publishing import REPORT
from .study import Settings, Workspace

NUMBER = re.compile(r"[-−+<$≈]{0,3} ?[\d.,]+ ?(%|[kM])?")
MARKUP = re.compile(r"([\\`*_\[\]<>&|~#])")
LINE_START = re.compile(r"^([+\-=]+|\d+[.)])(?=\s|$)")
ROOM = '<div class="scroll{}" tabindex="0" role="region" aria-label="{}: {}">\n'


class Markdown(str):
    """Text that is Markdown already."""


def as_text(value: object) -> str:
    """Return a value as Markdown that shows it as it is: no markup, on one line."""
    if isinstance(value, Markdown):
        return value
    line = MARKUP.sub(r"\\\1", re.sub(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*", " ", str(value)))
    return LINE_START.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", line.strip(" \t"))


def table(rows: Sequence[Mapping[str, Any]]) -> Markdown:
    """Return rows of equal keys as a Markdown table, "" for none; numbers are aligned right."""
    if not rows:
        return Markdown()
    names = list(rows[0])
    numeric = [all(NUMBER.fullmatch(str(row[name])) for row in rows) for name in names]
    rule = ["---:" if right else "---" for right in numeric]
    cells = [[as_text(row[name]) for name in names] for row in rows]
    lines = [[as_text(name) for name in names], rule, *cells]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def fill_in(work: Workspace, template: str, **values: Any) -> str:
    """Fill in a Markdown template of the package; no value can become markup."""
    environment = _environment(work, HOME, finalize=as_text)
    environment.filters["table"] = table
    return environment.get_template(template).render(**values)


def write_report(
    work: Workspace, settings: Settings, template: str, to: str = REPORT, **values: Any
) -> None:
    """Fill in a template of the package, by default the report's, and write it as one HTML page.

    It has a title (``#``), or it is a ProjectError, then sections (``##``) of paragraphs, tables
    and figures, ``![{{ alt }}](figures/name.svg)``.
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(fill_in(work, template, **values))
    if not tokens or tokens[0].tag != "h1":
        raise ProjectError(f"{template} must begin with a title, '# ...'")
    h2 = ("heading_open", "h2")
    starts = [i for i, token in enumerate(tokens) if (token.type, token.tag) == h2]
    sections = []
    for start, end in pairwise([*starts, len(tokens)]):
        title = _plain(tokens[start + 1])
        html = reader.renderer.render(tokens[start + 3 : end], reader.options, {})
        sections.append((title, Markup(_furnish(work, title, html))))
    work.packages = declared_packages(work.root)
    page = _environment(work, Path(__file__).parent, autoescape=True)
    html = page.get_template("report.html.j2").render(
        title=_plain(tokens[1]),
        sections=sections,
        sources=[work.source(path) for path in settings.raw],
        settings=settings.shown(work.root),
        python=platform.python_version(),
        packages=work.packages,
    )
    write(work.output(to), html)


def _environment(work: Workspace, folder: Path, **options: Any) -> Environment:
    def read(name: str) -> str:
        work.templates.append(folder / name)
        return (folder / name).read_text(encoding="utf-8")

    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(loader=FunctionLoader(read), **options)


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _furnish(work: Workspace, title: str, html: str) -> str:
    """Embed the figures of a section; give its tables headers, and both room to scroll."""
    figure = ROOM.format(" figure", "Figure", escape(title))
    table = ROOM.format("", "Table", escape(title))

    def embed(found: re.Match[str]) -> str:
        uri = data_uri(work.input(f"reports/{unquote(unescape(found[1]))}"))
        return f'{figure}<img src="{uri}" alt="{found[2]}">\n</div>'

    html = re.sub(r'<p><img src="([^"]*)" alt="([^"]*)" /></p>', embed, html)
    html = html.replace(' style="text-align:right"', ' class="quantity"')
    html = re.sub(r"<th(?=[ >])", '<th scope="col"', html)
    html = re.sub(r"<tr>\n<td(.*?)</td>", r'<tr>\n<th scope="row"\1</th>', html)
    return html.replace("<table>", f"{table}<table>").replace("</table>", "</table>\n</div>")


def data_uri(figure: Path) -> str:
    """Return a figure as a `data:` address; an SVG stays text, which is shorter than base64."""
    if figure.suffix == ".svg":
        text = re.sub(r"\s*\n\s*", " ", figure.read_text(encoding="utf-8").strip())
        return f"data:image/svg+xml,{quote(text, safe=' /=;,()')}"
    return f"data:image/png;base64,{base64.b64encode(figure.read_bytes()).decode('ascii')}"

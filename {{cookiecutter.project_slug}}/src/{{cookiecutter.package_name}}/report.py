"""Sections -> `reports/report.html`: one file, no network, readable on a phone and on paper."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from .artifacts import REPORT, Workspace, project_path
from .study import Section


def paragraphs(text: str) -> list[str]:
    """Split a text where blank lines part its paragraphs."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def quantities(table: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the columns that hold numbers only, such as `12`, `$74k`, `-0.13` or `35 %`."""
    number = re.compile(r"[-−+<$≈]{0,3} ?[\d.,]+ ?(%|[kM])?")
    names = table[0] if table else ()
    return {name for name in names if all(number.fullmatch(str(row[name])) for row in table)}


def data_uri(figure: Path) -> str:
    """Return a figure as a `data:` address, so that the report needs no other file.

    An SVG stays text, which is shorter than base64.
    """
    if figure.suffix == ".svg":
        text = re.sub(r"\s*\n\s*", " ", figure.read_text(encoding="utf-8"))
        return f"data:image/svg+xml,{quote(text, safe=' /=;,()')}"
    return f"data:image/png;base64,{base64.b64encode(figure.read_bytes()).decode('ascii')}"


def without_folders(value: Any, root: Path) -> Any:
    """Return settings as others may see them: of a path outside the project only the name."""
    if isinstance(value, dict):
        return {key: without_folders(item, root) for key, item in value.items()}
    if isinstance(value, list):
        return [without_folders(item, root) for item in value]
    outside = isinstance(value, str) and Path(project_path(root, value)).is_absolute()
    return Path(value).name if outside else value


def used_packages(work: Workspace) -> list[str]:
    """Return name and version of the installed packages that the project's code imports."""
    files = Path(__file__).parent.rglob("*.py")
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE))
    known = packages_distributions()
    used = {name for module in imported for name in known.get(module, ())}
    packages = work.manifest["packages"].items()
    return [f"{name} {number}" for name, number in packages if name in used]


def write_report(title: str, sections: Sequence[Section], work: Workspace) -> None:
    """Render the sections of a study into one HTML file.

    Parameters
    ----------
    title
        The report's title.
    sections
        Its parts, in order; the machine adds how the run was made.
    work
        Where figures are read and the report is written.

    Raises
    ------
    ProjectError
        If a figure of a section is missing.
    """
    raw: dict[str, str] = work.manifest["inputs"]
    environment = Environment(
        loader=PackageLoader(__name__.rpartition(".")[0], "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(paragraphs=paragraphs, quantities=quantities)
    html = environment.get_template("report.html.j2").render(
        title=title,
        sections=sections,
        figures={
            section.figure: data_uri(work.input(section.figure))
            for section in sections
            if section.figure
        },
        manifest=work.manifest,
        inputs=[(without_folders(name, work.root), sha) for name, sha in raw.items()],
        settings=without_folders(work.manifest["settings"], work.root),
        packages=used_packages(work),
    )
    work.output(REPORT).write_text(html, encoding="utf-8", newline="\n")

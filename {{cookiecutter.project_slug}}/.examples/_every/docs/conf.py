"""How the documentation is built: `make docs`, then open build/docs/index.html.

Each page of this folder is in it, linked from the contents beside every page. The page `api` is
completed here, by every module of the study as it lies in `src/`, a room a section.
"""

import tomllib
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
SETTINGS = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
CODE = HERE.parent / SETTINGS["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"][0]

project = SETTINGS["project"]["name"]
author = ", ".join(each["name"] for each in SETTINGS["project"]["authors"])
version = release = SETTINGS["project"]["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
default_role = "code"  # docstrings write `code` as Markdown does
napoleon_google_docstring = False
napoleon_use_ivar = True  # else each attribute is a link's target, and short names are many
autodoc_default_options = {"members": True, "exclude-members": "model_config"}
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = f"{project} {version}"
html_show_copyright = html_show_sphinx = html_copy_source = False


def rooms() -> dict[str, list[str]]:
    """Return the modules of the study by the folder that they lie in; the engine's front last."""
    found: dict[str, list[str]] = {}
    for path in sorted(CODE.rglob("*.py"), key=lambda path: (path.parent != CODE, path)):
        name = ".".join(path.relative_to(CODE.parent).with_suffix("").parts)
        room = path.relative_to(CODE).parts[0] if path.parent != CODE else CODE.name
        if room != "engine" and (path.parent != CODE or not path.name.startswith("__")):
            found.setdefault(room, []).append(name.removesuffix(".__init__"))
    return found | {"engine": [f"{CODE.name}.engine"]}


def complete(app: Sphinx, page: str, text: list[str]) -> None:
    """Add the contents to the first page, and to the page `api` what autodoc makes of modules."""
    text[0] = text[0].replace("](../", "](path:../")  # a file of the project, and no page
    if page == "index":
        text[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"
    if page == "api":
        for room, modules in rooms().items():
            text[0] += f"\n## `{room}`\n"
            for each in modules:
                text[0] += f"\n### `{each.removeprefix(CODE.name + '.')}`\n"
                text[0] += "\n```{eval-rst}\n.. automodule:: " + each + "\n```\n"


def setup(app: Sphinx) -> None:
    """Have pages completed as they are read, `api` each time: a module may be new."""
    app.connect("source-read", complete)
    app.connect("env-get-outdated", lambda *_: ["api"])

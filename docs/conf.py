"""How the documentation is built: `make docs`, and open build/docs/index.html."""

import json
from pathlib import Path

TEMPLATE = Path(__file__).parents[1]
SETTINGS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))

project = "Cookiecutter MLOps"
author = "The authors of Cookiecutter MLOps"
copyright = f"2026, {author}"
version = release = SETTINGS["__template_version"]

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
nitpicky = True
exclude_patterns = ["**/files/**"]  # what the pages and their tests read, and no page itself

html_theme = "furo"
html_title = f"{project} {version}"
html_show_sphinx = False
html_copy_source = False

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
# No `dollarmath`: a dollar is money here, and formulas would load a script of another host.
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
nitpicky = True
exclude_patterns = ["**/files/**"]  # what the pages and their tests read, and no page itself

html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_use_index = False  # an index of names would be empty: no code is documented here
html_permalinks_icon = "#"
highlight_language = "text"  # of a block that names none: commands
pygments_style = "friendly"
pygments_dark_style = "github-dark"

# Fonts are the system's, as furo has it; one accent that reads on white, one that reads on black.
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#0b5394",
        "color-brand-content": "#0b5394",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8ab8ff",
        "color-brand-content": "#8ab8ff",
    },
}

"""The tree is the documentation: these rules keep it true."""

import ast
from pathlib import Path

import pytest

from {{ cookiecutter.package_name }} import study

ROOT, PACKAGE = Path(__file__).parents[1], Path(study.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
HALVES = {"pipeline.py", "routes.py"}  # the study's half at the root
UNKNOWN = {"routes"} | {path.name for path in PACKAGE.iterdir() if path.is_dir()}  # to the machine
ALOOF = {"os", "pathlib", "artifacts", "publishing", "report", "runner"}  # never sees a path
FORBIDDEN = {"analysis": ALOOF, "models": ALOOF, "data": ALOOF - {"os", "pathlib"}}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_says_what_it_is_and_imports_along_the_arrows(name):
    text = (PACKAGE / name).read_text(encoding="utf-8")
    tree, used = ast.parse(text), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            used |= {part for name in names for part in name.split(".")}
    machine = "/" not in name and name not in HALVES
    assert not used & (UNKNOWN if machine else FORBIDDEN.get(name.partition("/")[0], set()))
    assert name == "__main__.py" or "cli" not in used
    assert ast.get_docstring(tree)
    assert len(text.splitlines()) <= 200


def test_no_file_is_empty():
    folders = ("configs", "docs", "notebooks", "references", "src", "tests")
    files = [*ROOT.iterdir(), *(path for folder in folders for path in (ROOT / folder).rglob("*"))]
    assert [path for path in files if path.is_file() and not path.stat().st_size] == []

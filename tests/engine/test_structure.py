"""One floor above another, nothing back up, no circles; and nothing grows beyond its budget."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from .conftest import ENGINE, EXAMPLES, TEMPLATE

# Each may use those left of it; what stands in one string is one floor, and neither uses the other.
ENGINE_FLOORS = [
    *("errors", "log", "publishing", "raw_data", "study", "runs", "report style tracking"),
    *("serving/__init__", "serving/problems", "serving/app", "groups", "cli", "__init__"),
]
STUDY_FLOORS = [
    *("__init__", "settings", "data", "features", "models", "evaluation analysis", "monitoring"),
    *("visualization", "routes dashboard", "commands", "pipeline", "__main__"),
]
# tracked files, lines of the study, lines of its tests
BUDGETS = {
    "wage-analysis": (114, 5635, 2495),
    "digits-classification": (108, 4470, 1950),
    "blank": (60, 260, 120),
}
STUDIES = {
    folder.name: folder / "src/{{cookiecutter.package_name}}"
    for folder in EXAMPLES.iterdir()
    if folder.name != "_every"
}
PACKAGES = {"engine": ENGINE, **STUDIES}
MODULES = [
    pytest.param(name, path, id=f"{name}:{path.relative_to(root).as_posix()}")
    for name, root in PACKAGES.items()
    for path in sorted(root.rglob("*.py"))
]


def module_of(root: Path, path: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix()


def imports(root: Path, path: Path) -> Iterator[str]:
    """Return the modules of its package that a module imports, anywhere in it and for types too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            place = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            assert place.is_relative_to(root), f"{path.name} imports what lies above {root.name}"
            for alias in node.names:
                for found in (place / alias.name, place):
                    names = (found.with_suffix(".py"), found / "__init__.py")
                    if module := next((each for each in names if each.is_file()), None):
                        yield module_of(root, module)
                        break
                else:
                    yield place.relative_to(root).as_posix()


def floor_of(floors: list[str], module: str) -> int:
    """Return how high a module lies; one that lies nowhere has to be given a floor first."""
    names = (module, module.partition("/")[0])
    found = [i for i, floor in enumerate(floors) for name in names if name in floor.split()]
    assert found, f"{module} lies on no floor"
    return found[0]


@pytest.mark.parametrize(("package", "path"), MODULES)
def test_a_module_uses_only_floors_below_its_own(package: str, path: Path) -> None:
    root, floors = PACKAGES[package], ENGINE_FLOORS if package == "engine" else STUDY_FLOORS
    module = module_of(root, path)
    for used in set(imports(root, path)):
        if used.partition("/")[0] == "engine":
            assert package != "engine"
            continue
        assert used != "__init__" or module == used, f"{module} imports its own package"
        below, own = floor_of(floors, used), floor_of(floors, module)
        same_room = own == below and used.partition("/")[0] == module.partition("/")[0]
        assert below < own or (package != "engine" and same_room), f"{module} -> {used}"
        if same_room:  # a folder's parts are used by what lies above them, not the other way
            assert Path(used).is_relative_to(Path(module).parent), f"{module} -> {used}"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_imports_run_in_a_circle(package: str) -> None:
    root = PACKAGES[package]
    paths = sorted(root.rglob("*.py"))
    TopologicalSorter({module_of(root, each): set(imports(root, each)) for each in paths}).prepare()


@pytest.mark.parametrize(("package", "path"), MODULES)
def test_a_module_is_short_says_what_it_is_and_is_rendered_by_nobody(
    package: str, path: Path
) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert len(text.splitlines()) <= 200
    assert "cookiecutter" not in text
    assert len([*path.parent.glob("*.py")]) <= 12, f"{path.parent.name} has too many modules"


def undocumented(above: str, nodes: list[ast.stmt]) -> Iterator[str]:
    """Return what is public, on its module or in a public class, and does not say what it is."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in nodes:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield above + node.name
            if isinstance(node, ast.ClassDef):
                yield from undocumented(f"{above}{node.name}.", node.body)


def test_all_that_is_public_has_its_docstring() -> None:
    """In each project and in the template's own code."""
    own = (
        TEMPLATE / "mlops_answers.py",
        EXAMPLES / "_every/docs/conf.py",
        TEMPLATE / "docs/conf.py",
    )
    paths = [*own, *TEMPLATE.glob("hooks/*.py"), *TEMPLATE.glob("benchmarks/*.py")]
    paths += [path for root in PACKAGES.values() for path in sorted(root.rglob("*.py"))]
    assert len(paths) > 100
    missing = [
        f"{path.name}: {name}"
        for path in paths
        for tree in [ast.parse(path.read_text("utf-8"))]
        for name in [*["module"] * (not ast.get_docstring(tree)), *undocumented("", tree.body)]
    ]
    assert missing == []


def lines(folder: Path) -> int:
    return sum(len(path.read_text("utf-8").splitlines()) for path in folder.rglob("*.py"))


def test_the_engine_keeps_within_its_budget() -> None:
    files = [path for path in ENGINE.rglob("*") if path.is_file() and "cache" not in str(path)]
    assert (len(files) <= 16, lines(ENGINE) <= 2030) == (True, True), (len(files), lines(ENGINE))


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_keeps_within_its_budget(study: str) -> None:
    tree = (TEMPLATE / f"tests/trees/{study}.txt").read_text("utf-8").split()
    tracked = len({*tree} - {"logs/pipeline.log"})
    size = (tracked, lines(STUDIES[study]), lines(EXAMPLES / study / "tests"))
    assert [have <= may for have, may in zip(size, BUDGETS[study], strict=True)] == [True] * 3, size


def test_no_file_is_empty() -> None:
    files = [path for path in EXAMPLES.parent.rglob("*") if path.is_file()]
    assert [path for path in files if not path.read_bytes().strip()] == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("study", "def late():\n    from .runs import run_stages"),
        ("errors", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import cli"),
        ("log", "from . import ProjectError"),
        ("report", "from .style import INK"),
        ("serving/problems", "from .app import build_app"),
        ("serving/__init__", "from ..cli import main"),
        ("runs", "from ..pipeline import STUDY"),
    ],
)
def test_an_arrow_back_up_is_noticed(
    module: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = ENGINE / f"{module}.py", Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda each, *rest: text if each == path else read(each, *rest)
    )
    with pytest.raises(AssertionError):
        test_a_module_uses_only_floors_below_its_own("engine", path)

"""The API as its callers meet it: a real server, under load, against its own contract."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import nbformat
import pytest
from checks import TOOLS, free_port, serving
from conftest import Bake, Project
from load import load
from playwright.sync_api import Browser

EXECUTE = """
import nbclient, nbformat, sys
book = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(book, kernel_name="python3").execute()
nbformat.write(book, sys.argv[1])
"""
pytestmark = pytest.mark.slow
on_live_project = pytest.mark.xdist_group("served")


@pytest.fixture(scope="module")
def address(live_project: Project) -> Iterator[str]:
    with serving(live_project, ".venv/bin/us-wage-analysis", "serve", "--port", "0") as address:
        yield address


def get(url: str) -> object:
    """Ask this machine, not a proxy that somebody has set."""
    with build_opener(ProxyHandler({})).open(url) as answer:
        return json.load(answer)


@on_live_project
def test_the_server_keeps_its_contract(address: str, tmp_path: Path) -> None:
    """Schemathesis, all checks, all phases: what the schema promises, whatever is sent."""
    options = ("--checks", "all", "--seed", "2026", "--no-color")
    done = subprocess.run(
        [TOOLS / "schemathesis", "run", f"{address}/openapi.json", *options],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout
    assert "No issues found" in done.stdout
    assert "Tested: 11" in done.stdout


@on_live_project
def test_two_hundred_clients_lose_nothing_while_runs_are_published(
    live_project: Project, address: str
) -> None:
    before = get(f"{address}/version")
    paths = ("/analyses", "/wages?state=CA&sort=-a_mean", "/figures/areas.svg", "/areas", "/health")
    port = int(address.rpartition(":")[2])
    with ThreadPoolExecutor() as threads:
        met = threads.submit(load, port, *paths, clients=200, seconds=30)
        config = (live_project.path / "configs/wage_analysis.toml").read_text("utf-8")
        runs = 0
        while not met.done():
            runs += 1
            own = live_project.path / "configs/seeded.toml"
            own.write_text(f"seed = {runs}\n{config}", encoding="utf-8")
            live_project.run(".venv/bin/us-wage-analysis", "run", "--config", own)
        live_project.run(".venv/bin/us-wage-analysis", "run")
        own.unlink()
    assert runs >= 2
    found = met.result()
    assert not found.errors
    assert found.answers.keys() == {200}
    assert found.answers[200] > 200 * len(paths)
    manifest = json.loads((live_project.path / "reports/manifest.json").read_text("utf-8"))
    after = get(f"{address}/version")
    assert isinstance(after, dict)
    assert after == before  # made of the same, it has the same name
    assert after["run"] == manifest["run"]
    history = (live_project.path / "logs/runs.jsonl").read_text("utf-8").splitlines()
    assert len({json.loads(line)["run"] for line in history[-runs - 1 :]}) == runs + 1


@on_live_project
def test_the_docs_work_without_a_network(address: str, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.get_by_role("button", name="GET /analyses/{name} One").click()
    page.get_by_role("button", name="Try it out").click()
    with page.expect_response(lambda answer: "/analyses/" in answer.url) as answered:
        page.get_by_role("button", name="Execute").click()
    assert answered.value.status == 200
    assert answered.value.json()["name"] == "management_vs_production"
    assert not [url for url in asked if not url.startswith((f"{address}/", "data:"))]
    assert said == []
    page.close()


@on_live_project
def test_the_readmes_calls_work(live_project: Project, address: str, tmp_path: Path) -> None:
    """Each as it stands there, but for the port: a column for each kind of caller."""
    text = (live_project.path / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Call it\n")[2].partition("\n## ")[0]
    section = section.replace("http://127.0.0.1:8000", address)
    preamble = section.partition("```python\n")[2].partition("```")[0]
    table = [line for line in section.splitlines() if line.startswith("| ")]
    imports, *rows = (re.findall(r"`([^`]+)`", line) for line in table)
    assert len(rows) >= 9
    here = Project(tmp_path, {})
    python = live_project.path / ".venv/bin/python"
    for curl, call, _ in rows:
        answer = here.run("bash", "-ec", curl)
        assert answer or (tmp_path / curl.split()[2]).stat().st_size > 10_000, curl
        assert '"type":"about:blank"' not in answer, curl
        assert here.run(python, "-c", f"{preamble}\nprint({call})").strip() not in {"", "None"}
    code = [preamble, *imports, *(cell for _, _, cell in rows)]
    cells = [nbformat.v4.new_code_cell(cell) for cell in code]  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    nbformat.write(notebook, tmp_path / "calls.ipynb")  # type: ignore[no-untyped-call]
    here.run(python, "-c", EXECUTE, "calls.ipynb")
    notebook = nbformat.read(tmp_path / "calls.ipynb", 4)  # type: ignore[no-untyped-call]
    assert all(cell.outputs for cell in notebook.cells[2:])


def test_one_extra_is_added_without_the_other_being_removed(bake: Bake) -> None:
    """From nothing: `make dashboard` and `make serve` install what they need, and start."""
    project = bake()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{TOOLS}:{os.environ['PATH']}")
        project.run("make", "run")
        packages = project.path / ".venv/lib"
        installed = []
        for target, package in (("dashboard", "streamlit"), ("serve", "fastapi")):
            assert not list(packages.glob(f"*/site-packages/{package}"))
            refused = subprocess.run(
                [".venv/bin/us-wage-analysis", target],
                cwd=project.path,
                capture_output=True,
                encoding="utf-8",
            )
            assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
            assert f"is not installed: `make {target}` installs it" in refused.stderr
            port = free_port()
            with serving(project, "make", target, f"PORT={port}") as address:
                assert address.endswith(f":{port}")
            installed.append(package)
            assert all(list(packages.glob(f"*/site-packages/{name}")) for name in installed)
        assert not list(packages.glob("*/site-packages/pytest"))

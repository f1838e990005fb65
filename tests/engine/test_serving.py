"""The API: one run, whole; errors that say what is known and repeat nothing; a server that ends."""

import gc
import json
import re
import signal
import socket
import subprocess
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread, Timer
from typing import Any
from urllib.request import ProxyHandler, build_opener, urlopen

import pytest
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount
from tiny.engine import FIGURES, REPORT, RESULTS, ProjectError, Stage
from tiny.engine.publishing import MANIFEST, load_run
from tiny.engine.serving import LatestRun, listen, read_run
from tiny.engine.serving.app import build_app
from tiny.engine.serving.problems import Refusal, documented
from tiny.pipeline import STUDY

from .conftest import BASE, CONFIG, Copy, Project, run_tiny

PROBLEM = "application/problem+json"
SECRET = "s3cr3t"
FIGURES_KNOWN = ["total.png", "total.svg", "total"]
DEAD_PROXY = dict.fromkeys(
    ("http_proxy", "https_proxy", "HTTP_PROXY", "all_proxy"), "http://127.0.0.1:9"
)


def client_of(app: Any, **options: Any) -> Any:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False, **options)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a raw file that lies outside the project."""
    root: Path = tmp_path_factory.mktemp("served") / "project"
    raw = root.parent / SECRET / "raw.txt"
    raw.parent.mkdir()
    raw.write_text("1 2 3")
    root.mkdir()
    run_tiny(root, raw=(raw,))
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> Any:
    return client_of(build_app(STUDY, root))


def test_the_routes_answer_what_the_run_holds(root: Path, client: Any) -> None:
    run, get = load_run(root), client.get
    assert get("/health").json() == {"status": "ok", "run": run.manifest["run"]}
    version = get("/version").json()
    sha = run.manifest["stages"]["multiply"]["inputs"]["…/raw.txt"]
    assert version.pop("data") == [{"file": "raw.txt", "sha256": sha}]
    assert version == {k: run.manifest[k] for k in ("run", "python", "packages", "settings")}
    assert get("/analyses").json() == run.results["analyses"]
    assert get("/analyses/sum?scope=all").json() == run.results["analyses"][0]
    assert get("/analyses/sum").json() == run.results["analyses"][1]
    assert get("/analyses/mean").json() == run.results["analyses"][2]
    kinds = {"total.png": "image/png", "total.svg": "image/svg+xml"}
    assert get("/figures").json() == [{"name": n, "media_type": k} for n, k in kinds.items()]
    svg = run.read(f"{FIGURES}/total.svg")
    assert get("/figures/total").content == get("/figures/total.svg").content == svg
    assert get("/figures/total.png").headers["content-type"] == "image/png"
    assert get("/report").content == run.read(REPORT)
    assert get("/").headers["location"] == "docs"
    assert client.post("/double", json={"number": 4}).json() == {"number": 8}
    assert get("/numbers").json() == {"total": 12, "nan": None}


@pytest.mark.parametrize("package", ["fastapi", "fastapi_offline", "uvicorn"])
def test_a_server_without_a_package_of_its_extra_says_what_installs_it(
    fresh: Project, package: str
) -> None:
    said = fresh.fails("serve", **fresh.without(package))
    assert said.startswith(f"error: {package} is not installed: `make serve` installs it")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "known"),
    [
        ("GET", f"/{SECRET}", None, 404, None),
        ("GET", f"/analyses/{SECRET}", None, 404, ["sum", "mean"]),
        ("GET", f"/analyses/sum?scope={SECRET}", None, 404, ["all", "some"]),
        ("GET", f"/analyses/mean?scope={SECRET}", None, 404, None),
        ("GET", f"/analyses/sum?{SECRET}=all", None, 422, ["scope"]),
        ("GET", f"/numbers?{SECRET}=all", None, 422, ["name"]),
        ("GET", f"/numbers?name={SECRET}", None, 422, ["total"]),
        ("GET", f"/figures/{SECRET}.svg", None, 404, FIGURES_KNOWN),
        ("GET", "/figures/..%2F..%2Ftiny.toml", None, 404, None),
        ("GET", "/figures/..%5Cmanifest.json", None, 404, FIGURES_KNOWN),
        ("GET", "/figures/%2Fetc%2Fpasswd", None, 404, None),
        ("GET", "/docs/../health/../nothing", None, 404, None),
        ("DELETE", "/report", None, 405, None),
        ("POST", "/double", '{"number": "s3cr3t"}', 422, None),
        ("POST", "/double", '{"s3cr3t": NaN}', 422, None),
        ("POST", "/double", f"[{SECRET}", 422, None),
        ("POST", "/double", '{"number": ' + "9" * 5000 + "}", 400, None),
        ("POST", "/double", SECRET * 10_000, 413, None),
        ("GET", "/fault", None, 500, None),
    ],
)
def test_an_error_is_a_problem_that_lists_what_is_known(
    client: Any, method: str, path: str, body: str | None, status: int, known: list[str] | None
) -> None:
    headers = {"content-type": "application/json"}
    answer = client.request(method, path, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    problem = answer.json()
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert problem.get("known") == known
    assert all((problem["title"], problem["detail"]))
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


def test_a_body_without_a_stated_length_is_limited_too(client: Any) -> None:
    headers = {"content-type": "application/json"}
    pieces = (b" " * 1000 for _ in range(11))
    assert client.post("/double", content=pieces, headers=headers).status_code == 413
    fitting = [b'{"number":', b" " * 9000, b"1}"]
    answer = client.post("/double", content=iter(fitting), headers=headers)
    assert answer.json() == {"number": 2}
    deep = client.post("/double", content="[" * 9000, headers=headers)
    assert deep.status_code in {400, 422}  # as deep as this Python reads


def test_every_route_is_described_with_an_example_and_its_errors(client: Any) -> None:
    schema = client.get("/openapi.json").json()
    assert schema["info"] == schema["info"] | {"title": "Tiny"}
    assert schema["info"]["version"] == client.get("/health").json()["run"]
    assert (schema["servers"], "Problem" in schema["components"]["schemas"]) == (
        [{"url": "."}],
        True,
    )
    for path, operations in schema["paths"].items():
        if path in {"/double", "/fault", "/numbers"}:
            continue
        (operation,) = operations.values()
        assert operation["summary"]
        assert operation["description"]
        for status, response in operation["responses"].items():
            (kind, content), *_ = response["content"].items()
            if status == "200":
                assert content["example"], path
            else:
                assert kind == PROBLEM
                assert content["example"]["status"] == int(status)
        errors = {"404", "422", "500"} if "{" in path else {"500"}
        errors |= {"404"} if path == "/report" else set()
        assert operation["responses"].keys() == {"200"} | errors
    for path, known in {
        "/analyses/{name}": ["sum", "mean"],
        "/figures/{name}": FIGURES_KNOWN,
        "/numbers": ["total"],  # what the study says that it knows
    }.items():
        name, *_ = schema["paths"][path]["get"]["parameters"]
        assert (name["name"], name["schema"]["enum"]) == ("name", known)


def test_answers_carry_headers_that_keep_a_browser_safe_and_head_is_get(client: Any) -> None:
    for path in ("/health", "/report", "/figures/total", "/nothing", "/fault", "/docs"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-cache"
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert ("script" in policy or "'self'" in policy) == (path == "/docs")
    assert client.head("/report").headers == client.get("/report").headers


def test_a_study_brings_its_own_policy_schemas_and_size_of_a_body(root: Path) -> None:
    own = APIRouter()

    @own.get("/page")
    def page() -> Any:
        return HTMLResponse("<p>", headers={"Content-Security-Policy": "img-src data:"})

    @own.post("/later", responses=documented(503))
    async def later(request: Request) -> None:
        raise Refusal(503, f"{len(await request.body())} bytes, and nothing to answer from: run.")

    class Made:
        def __init__(self, run: Any) -> None:
            self.schemas = {"Row": {"type": "object", "title": run.manifest["run"]}}

    study = replace(STUDY, router=lambda: own, serve=Made, largest_body=20_000)
    client = client_of(build_app(study, root))
    headers = [k for k, _ in client.get("/page").headers.multi_items() if k.endswith("-policy")]
    assert headers.count("content-security-policy") == 1
    assert client.get("/page").headers["content-security-policy"] == "img-src data:"
    statuses = [client.post("/later", content=b"x" * size) for size in (20_000, 20_001)]
    assert [answer.status_code for answer in statuses] == [503, 413]
    assert statuses[0].headers["content-type"] == PROBLEM
    assert statuses[0].json()["detail"] == "20000 bytes, and nothing to answer from: run."
    schema = client.get("/openapi.json").json()
    assert schema["components"]["schemas"]["Row"]["title"] == load_run(root).manifest["run"]
    assert "503" in schema["paths"]["/later"]["post"]["responses"]


def test_a_slash_at_the_end_changes_nothing(client: Any) -> None:
    for path in ("/health", "/analyses/sum", "/report", "/figures/total.svg"):
        assert client.get(f"{path}/").content == client.get(path).content
        assert client.get(f"{path}/").status_code == 200
    assert client.post("/double/", json={"number": 4}).json() == {"number": 8}


def test_large_texts_are_zipped_and_pictures_are_not(client: Any, copy: Copy) -> None:
    project = copy()

    def large(settings: Any, work: Any) -> None:
        work.output(f"{FIGURES}/large.png").write_bytes(b"png" * 1000)
        work.output(f"{FIGURES}/large.svg").write_text("<svg/>" * 1000)

    run_tiny(project.root, (Stage("large", "", large),))
    get = client_of(build_app(replace(STUDY, serve=None), project.root)).get
    encodings = {
        path: get(path).headers.get("content-encoding")
        for path in ("/figures/large.svg", "/figures/large.png", "/health")
    }
    assert [*encodings.values()] == ["gzip", None, None]
    assert get("/figures/large.svg").text == "<svg/>" * 1000 + "\n"
    plain = get("/figures/large.svg", headers={"accept-encoding": "identity"})
    assert (plain.headers.get("content-encoding"), plain.headers["content-length"]) == (
        None,
        "6001",
    )


@pytest.mark.parametrize("below", ["", "/sub/deep"])
def test_the_docs_come_from_this_server_alone_also_below_a_path(root: Path, below: str) -> None:
    app: Any = build_app(STUDY, root)
    client = client_of(Starlette(routes=[Mount(below, app)]) if below else app)
    assert client.get(f"{below}/health").json()["status"] == "ok"
    answer = client.get(f"{below}/docs")
    assert "'self'" in answer.headers["content-security-policy"]
    found = re.findall(r"""(?:src|href)=["']([^"']+)|url: '([^']+)""", answer.text)
    addresses = {one or other for one, other in found}
    assert len(addresses) >= 4
    assert {client.get(f"{below}/{address}").status_code for address in addresses} == {200}
    assert not [address for address in addresses if ":" in address or address.startswith("/")]
    assert client.get(f"{below}/openapi.json").json()["servers"] == [{"url": "."}]


def test_no_answer_tells_a_path_of_the_machine(root: Path, client: Any) -> None:
    paths = [path for path in client.get("/openapi.json").json()["paths"] if "{" not in path]
    answers = [client.get(path).text for path in [*paths, "/docs", "/openapi.json", "/nothing"]]
    assert len(answers) >= 9
    told = (SECRET, str(root), str(BASE))
    assert not [text for text in answers for each in told if each in text]


def test_a_new_run_is_picked_up_whole_or_not_at_all(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(build_app(STUDY, project.root))
    root, first = project.root, client.get("/health").json()["run"]

    def totals() -> tuple[int, int]:
        return (client.get("/analyses/sum").json()["total"], client.get("/numbers").json()["total"])

    run_tiny(root, factor=3)
    assert (client.get("/health").json()["run"] != first, totals()) == (True, (18, 18))
    report = client.get("/report").content
    (root / REPORT).write_text("changed by hand")
    assert (totals(), client.get("/report").content) == ((18, 18), report)
    run_tiny(root, factor=4)
    (root / FIGURES / "total.png").write_bytes(b"not yet the new one")
    assert totals() == (18, 18)
    assert f"{FIGURES}/total.png is not the file that the run wrote" in caplog.text
    run_tiny(root, (Stage("add", "", lambda settings, work: work.write_json(RESULTS, {})),))
    assert totals() == (18, 18)
    assert "KeyError: 'total'" in caplog.text
    for damage in ("{", "[]", '{"schema_version": 1}'):
        (root / MANIFEST).write_text(damage)
        assert totals() == (18, 18)
    (root / MANIFEST).unlink()
    assert totals() == (18, 18)
    run_tiny(root, factor=5)
    assert (totals(), client.get("/docs").status_code) == ((30, 30), 200)


def test_a_run_that_was_replaced_is_let_go(project: Project) -> None:
    app = build_app(STUDY, project.root)
    client = client_of(app)
    paths = (
        "/analyses",
        "/analyses/sum",
        "/numbers",
        "/report",
        "/docs",
        "/openapi.json",
        "/fault",
    )
    assert [client.get(path).status_code for path in paths] == [200] * 6 + [500]
    latest = app.app.state.latest
    gone = [weakref.ref(latest.made), weakref.ref(latest.made.made)]
    run_tiny(project.root, factor=3)
    assert client.get("/numbers").json()["total"] == 18
    gc.collect()
    assert [each() for each in gone] == [None, None]


def test_the_latest_run_is_read_once_by_all_and_kept_while_another_fails(project: Project) -> None:
    read: list[int] = []

    def make(run: Any) -> int:
        read.append(run.results["total"])
        time.sleep(0.01)  # so that others come meanwhile
        if read[-1] == 18:
            raise ValueError("cannot be served")
        return read[-1]

    latest = LatestRun(project.root, make)
    assert (latest.get(), latest.is_outdated, read) == (12, False, [12])
    run_tiny(project.root, factor=3)
    assert [latest.get() for _ in range(5)] == [12] * 5
    assert read == [12, 18]  # tried again after a while, not with every request
    run_tiny(project.root, factor=4)
    threads = [Thread(target=latest.get) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (latest.get(), latest.is_outdated, read) == (24, False, [12, 18, 24])


def test_without_a_whole_run_there_is_nothing_to_serve(project: Project) -> None:
    (project.root / FIGURES / "total.png").write_bytes(b"other")
    with pytest.raises(ProjectError, match=r"total\.png is not the file that the run wrote"):
        build_app(STUDY, project.root)
    (project.root / MANIFEST).unlink()
    with pytest.raises(ProjectError, match=r"there is no run in .* yet: `run` makes one"):
        build_app(STUDY, project.root)


@pytest.mark.parametrize("results", [{}, {"analyses": [], "reasons": [1]}, None, [1], "text"])
def test_a_study_without_analyses_or_router_is_served(fresh: Project, results: Any) -> None:
    bare = replace(STUDY, router=None, serve=None)

    def write(settings: Any, work: Any) -> None:
        if results is not None:
            work.write_json(RESULTS, results)
        for name in ("a.pdf", "a.csv", "deep/a.svg", "wage.by.group.svg"):
            work.output(f"{FIGURES}/{name}").write_text(name)

    run_tiny(fresh.root, (Stage("one", "", write),))
    client = client_of(build_app(bare, fresh.root))
    assert client.get("/analyses").json() == []
    assert client.get("/openapi.json").status_code == client.get("/version").status_code == 200
    assert [each["name"] for each in client.get("/figures").json()] == ["wage.by.group.svg"]
    for name in client.get("/figures/none").json()["known"]:
        assert client.get(f"/figures/{name}").text == "wage.by.group.svg\n"
    for path in ("/report", "/numbers", "/analyses/sum", "/figures/a.pdf", "/figures/deep/a.svg"):
        assert client.get(path).status_code == 404


def test_what_could_not_be_made_is_answered_with_the_reason(fresh: Project) -> None:
    item = {"name": "sum", "scope": "all", "conclusion": "Twelve."}
    reasons = {"sum": {"some": "None."}, "mean": {"all": "One."}, "figures": {"total": "Flat."}}

    def write(settings: Any, work: Any) -> None:
        work.write_json(RESULTS, {"analyses": [item], "reasons": reasons})

    run_tiny(fresh.root, (Stage("one", "", write),))
    client = client_of(build_app(replace(STUDY, router=None, serve=None), fresh.root))
    assert client.get("/analyses/sum").json() == item
    asked = {"analyses/sum?scope=some": "None.", "analyses/mean": "One.", "figures/total": "Flat."}
    for path, why in (asked | {"figures/total.png": "Flat."}).items():
        answer = client.get(f"/{path}")
        assert (answer.status_code, answer.json()["detail"]) == (404, why)


@pytest.mark.parametrize(
    "analyses", [[{"name": "x"}], [{"conclusion": "x"}], [1], ["x"], {"a": 1}, 1, "text", None]
)
def test_analyses_that_cannot_be_served_are_named(fresh: Project, analyses: Any) -> None:
    def write(settings: Any, work: Any) -> None:
        work.write_json(RESULTS, {"analyses": analyses})

    run_tiny(fresh.root, (Stage("one", "", write),))
    with pytest.raises(ProjectError, match=r"results\.json: .*needs? a name and a conclusion"):
        build_app(replace(STUDY, router=None, serve=None), fresh.root)


def test_an_address_that_cannot_be_had_is_named() -> None:
    listener, address = listen("127.0.0.1", 0)
    with listener:
        port = listener.getsockname()[1]
        assert address == f"http://127.0.0.1:{port}"
        for host, number in (("127.0.0.1", port), ("192.0.2.1", 0)):
            with pytest.raises(ProjectError, match=rf"{host} port {number} cannot be had"):
                listen(host, number)


@contextmanager
def serving(project: Project, *words: str, **variables: str) -> Iterator[tuple[str, Any]]:
    """Start a server, yield its address and process; it ends whatever happens."""
    command = project.command("serve", "--port", "0", *words)
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    environment = project.environment(**variables)
    server: Any
    with subprocess.Popen(command, cwd=project.root, env=environment, **pipes) as server:
        patience = Timer(60, server.kill)
        patience.start()
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert found, server.stderr.read()
            yield found[0], server
        finally:
            patience.cancel()
            server.kill()


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(
    project: Project, stop: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in DEAD_PROXY.items():
        monkeypatch.setenv(name, value)
    opener = build_opener(ProxyHandler({}))  # this machine's own addresses need no proxy
    strict = {"PYTHONWARNINGS": "error", **DEAD_PROXY}
    with serving(project, **strict) as (address, server):
        with opener.open(f"{address}/numbers", timeout=20) as answer:
            assert json.load(answer) == {"total": 12, "nan": None}
        project.edit(CONFIG, "factor = 2", "factor = 3")
        run_tiny(project.root, factor=3)
        with opener.open(f"{address}/numbers", timeout=20) as answer:
            assert json.load(answer)["total"] == 18
            assert "server" not in answer.headers
        server.send_signal(stop)
        assert (server.wait(10) in (0, -stop), server.stderr.read()) == (True, "")
    assert f" engine.serving.app: serving at {address}\n" in project.log()


def test_a_taken_port_is_one_line_and_a_server_ends_with_its_test(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = project.fails("serve", "--port", port)
        assert re.fullmatch(rf"error: 127\.0\.0\.1 port {port} cannot be had .*\n", line)
    with pytest.raises(RuntimeError), serving(project) as (address, server):
        raise RuntimeError("a test fails")
    assert server.returncode == -signal.SIGKILL
    with pytest.raises(OSError, match="refused"):
        urlopen(address, timeout=5)


def test_a_route_answers_from_what_was_read_whatever_has_become_of_the_files(
    project: Project,
) -> None:
    reader = LatestRun(project.root, lambda run: read_run(STUDY, run))
    (project.root / RESULTS).unlink()
    assert reader.get().run.results["total"] == 12

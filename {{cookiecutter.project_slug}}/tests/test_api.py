"""The API of a tiny study: one run, whole; errors that say what is known and repeat nothing."""

import gc
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from urllib.request import urlopen

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from {{ cookiecutter.package_name }}.api import build_api
from {{ cookiecutter.package_name }}.artifacts import FIGURES, REPORT, RESULTS, load_run
from {{ cookiecutter.package_name }}.logging_config import PACKAGE
from {{ cookiecutter.package_name }}.pipeline import STUDY
from {{ cookiecutter.package_name }}.problems import documented
from {{ cookiecutter.package_name }}.runner import run_stages
from {{ cookiecutter.package_name }}.server import LARGEST_BODY, LatestApi
from {{ cookiecutter.package_name }}.study import ProjectError, Section, Settings, Stage, Study

ROOT = Path(__file__).parents[1]
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
PROBLEM = "application/problem+json"
SECRET = "s3cr3t"


class Numbers(Settings):
    total: int = 6


class Number(BaseModel, extra="forbid"):
    number: float


def analyse(settings, work):
    both = [{"name": "sum", "scope": scope, "total": settings.total} for scope in ("all", "some")]
    items = [{**item, "conclusion": f"{settings.total} in {item['scope']}."} for item in both]
    work.write_json(RESULTS, {"analyses": [*items, {"name": "mean", "conclusion": "2."}]})
    work.output(f"{FIGURES}/sum.svg").write_bytes(SVG)
    work.output(f"{FIGURES}/sum.png").write_bytes(b"png")


async def double(value: Number) -> Number:
    return Number(number=2 * value.number)


def fault() -> None:
    raise RuntimeError(SECRET)


def routes(app, run):
    app.post("/double", responses=documented(400, 413, 422))(double)
    app.get("/fault")(fault)


TINY = Study(
    "Tiny",
    Numbers,
    Path("tiny.toml"),
    (Stage("analyse", "", analyse),),
    lambda settings, work: [Section("Total", str(settings.total))],
    str,
    routes=routes,
)


def publish(root, total=6, study=TINY):
    """Publish a run on a raw file that lies outside the project."""
    raw = root.parent / SECRET / "raw.txt"
    for folder in (root, raw.parent):
        folder.mkdir(exist_ok=True)
    raw.write_text("1 2 3")
    return run_stages(study, Numbers(raw=(raw,), total=total), root, force=True)


def client_of(root):
    app = LatestApi(TINY, root)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("served") / "project")


@pytest.fixture(scope="module")
def client(run):
    return client_of(run.root)


def test_the_routes_answer_what_the_run_holds(run, client):
    get, (sha,) = client.get, run.manifest["inputs"].values()
    assert get("/health").json() == {"status": "ok", "run": run.manifest["run"]}
    version = get("/version").json()
    assert [version[name] for name in ("run", "created", "python")] == [
        run.manifest[name] for name in ("run", "created", "python")
    ]
    assert {name: version[name] for name in ("commit", "clean")} == run.manifest["git"]
    assert version["data"] == [{"file": "raw.txt", "sha256": sha}]
    assert get("/analyses").json() == run.results["analyses"]
    assert get("/analyses/sum?scope=all").json() == run.results["analyses"][0]
    assert get("/analyses/sum").json() == run.results["analyses"][1]
    assert get("/analyses/mean").json() == run.results["analyses"][2]
    kinds = {"sum.png": "image/png", "sum.svg": "image/svg+xml"}
    assert get("/figures").json() == [{"name": n, "media_type": k} for n, k in kinds.items()]
    assert get("/figures/sum").content == get("/figures/sum.svg").content == SVG
    assert get("/figures/sum.png").headers["content-type"] == "image/png"
    assert get("/report").content == run.read(REPORT)
    assert get("/").headers["location"] == "docs"
    assert client.post("/double", json={"number": 4}).json() == {"number": 8}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "known"),
    [
        ("GET", f"/{SECRET}", None, 404, None),
        ("GET", "/health/", None, 404, None),
        ("GET", f"/analyses/{SECRET}", None, 404, ["sum", "mean"]),
        ("GET", f"/analyses/sum?scope={SECRET}", None, 404, ["all", "some"]),
        ("GET", f"/analyses/mean?scope={SECRET}", None, 404, None),
        ("GET", f"/analyses/sum?{SECRET}=all", None, 422, ["scope"]),
        ("GET", f"/figures/{SECRET}.svg", None, 404, ["sum.png", "sum.svg", "sum"]),
        ("GET", "/figures/..%2F..%2Ftiny.toml", None, 404, None),
        ("GET", "/figures/..%5Cmanifest.json", None, 404, ["sum.png", "sum.svg", "sum"]),
        ("GET", "/figures/%2Fetc%2Fpasswd", None, 404, None),
        ("DELETE", "/report", None, 405, None),
        ("POST", "/double", '{"number": "s3cr3t"}', 422, None),
        ("POST", "/double", '{"s3cr3t": NaN}', 422, None),
        ("POST", "/double", f"[{SECRET}", 422, None),
        ("POST", "/double", '{"number": ' + "9" * 5000 + "}", 400, None),
        ("POST", "/double", SECRET * LARGEST_BODY, 413, None),
        ("GET", "/fault", None, 500, None),
    ],
)
def test_an_error_is_a_problem_that_lists_what_is_known(client, method, path, body, status, known):
    headers = {"content-type": "application/json"}
    answer = client.request(method, path, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    problem = answer.json()
    assert (problem["status"], problem["type"], problem.get("known")) == (
        status,
        "about:blank",
        known,
    )
    assert problem["title"]
    assert problem["detail"]
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text


def test_a_body_without_a_stated_length_is_limited_too(client):
    headers = {"content-type": "application/json"}
    pieces = (b" " * 1000 for _ in range(11))
    assert client.post("/double", content=pieces, headers=headers).status_code == 413
    pieces = [b'{"number":', b" " * 9000, b"1}"]
    assert client.post("/double", content=iter(pieces), headers=headers).json() == {"number": 2}
    deep = client.post("/double", content="[" * 9000, headers=headers)
    assert deep.status_code in {400, 422}  # as deep as this Python reads


def test_every_route_is_described_with_an_example_and_its_errors(client):
    schema = client.get("/openapi.json").json()
    assert "Problem" in schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        if path in {"/double", "/fault"}:
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
        assert operation["responses"].keys() == {"200"} | errors
        assert "{" not in path or operation["parameters"][0]["schema"]["enum"]


def test_answers_carry_headers_that_keep_a_browser_safe_and_head_is_get(client):
    for path in ("/health", "/report", "/figures/sum", "/nothing", "/fault", "/docs"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-cache"
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert ("script" in policy or "'self'" in policy) == (path == "/docs")
    assert client.head("/report").headers == client.get("/report").headers


def test_the_docs_come_from_this_server_alone(client):
    page = client.get("/docs").text
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)|url: '([^']+)""", page)
    addresses = {one or other for one, other in addresses}
    assert len(addresses) >= 4
    assert {client.get(f"/{address}").status_code for address in addresses} == {200}
    assert not [address for address in addresses if ":" in address or address.startswith("/")]


def test_no_answer_tells_a_path_of_the_machine(client):
    paths = [path for path in client.get("/openapi.json").json()["paths"] if "{" not in path]
    answers = [client.get(path).text for path in [*paths, "/docs", "/openapi.json", "/nothing"]]
    assert len(answers) >= 9
    assert not [text for text in answers if SECRET in text or str(ROOT) in text]


def test_a_new_run_is_picked_up_whole_or_not_at_all(tmp_path, caplog):
    root = tmp_path / "project"
    first = publish(root).manifest["run"]
    client = client_of(root)

    def total():
        return client.get("/analyses/sum").json()["total"]

    assert client.get("/health").json()["run"] == first
    publish(root, total=7)
    assert client.get("/health").json()["run"] != first
    report = client.get("/report").content
    (root / REPORT).write_text("changed by hand")
    assert (total(), client.get("/report").content) == (7, report)
    publish(root, total=8)
    (root / FIGURES / "sum.png").write_bytes(b"not yet the new one")
    assert total() == 7
    assert f"{FIGURES}/sum.png is not the file that the run wrote" in caplog.text
    empty = Stage("analyse", "", lambda settings, work: work.write_json(RESULTS, {}))
    publish(root, study=replace(TINY, stages=(empty,)))
    assert total() == 7
    assert "KeyError" in caplog.text
    (root / "reports/manifest.json").unlink()
    assert total() == 7
    publish(root, total=9)
    assert total() == 9


def test_a_run_that_was_replaced_is_let_go(run):
    app = build_api(TINY, run)
    client = TestClient(app)
    for path in ("/analyses", "/analyses/sum", "/figures/sum", "/report", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200
    gone = weakref.ref(app)
    del app, client
    gc.collect()
    assert gone() is None


def test_without_a_whole_run_there_is_nothing_to_serve(tmp_path):
    root = tmp_path / "project"
    publish(root)
    (root / FIGURES / "sum.png").write_bytes(b"other")
    with pytest.raises(ProjectError, match=r"sum\.png is not the file that the run wrote"):
        LatestApi(TINY, root)
    (root / "reports/manifest.json").unlink()
    with pytest.raises(ProjectError, match=r"there is no run in .* yet: `run` makes one"):
        LatestApi(TINY, root)


def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    for part in ("configs", "data/raw"):
        shutil.copytree(ROOT / part, tmp_path / part)
    command = [sys.executable, "-m", PACKAGE]
    serve = [*command, "serve", "--port"]
    done = subprocess.run([*serve, "0"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "there is no run in" in done.stderr
    subprocess.run([*command, "run"], cwd=tmp_path, capture_output=True, check=True)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    for stop in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen([*serve, "0"], cwd=tmp_path, **pipes) as server:
            address = re.search(r"http://127\.0\.0\.1:(\d+)", server.stdout.readline())
            with urlopen(f"{address[0]}/analyses") as answer:
                assert json.load(answer) == load_run(tmp_path).results["analyses"]
            server.send_signal(stop)
            assert (server.wait(10) in (0, -stop), server.stderr.read()) == (True, "")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run([*serve, port], cwd=tmp_path, check=False, **pipes)
    assert done.returncode == 1
    assert re.fullmatch(rf"error: 127\.0\.0\.1 port {port} cannot be had .*\n", done.stderr)
    assert STUDY.routes is not None
    log = (tmp_path / "logs/pipeline.log").read_text(encoding="utf-8")
    assert f" server: serving at {address[0]}\n" in log

"""`data fetch` of the wage study, against a real server that does what servers do."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from checks import free_port
from conftest import Project

Answer = Callable[[BaseHTTPRequestHandler], None]
CONTACT = "somebody@example.org"
CONFIG = "configs/wage_analysis.toml"
BOOK = "oesm24st/state_M2024_dl.xlsx"


def archive(files: dict[str, bytes], **options: int) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as opened:
        for name, content in files.items():
            entry = ZipInfo(name)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = options.get("mode", 0o100644) << 16
            opened.writestr(entry, content)
    return made.getvalue()


WORKBOOK = archive({"[Content_Types].xml": b"<Types/>", "xl/cells.bin": os.urandom(20_000)})
RIGHT = archive({"oesm24st/": b"", BOOK: WORKBOOK})
OLD, OLE = "state_M2024_dl.xls", bytes.fromhex("d0cf11e0")
BOMB = bytes(10_000_000)


def damaged(content: bytes) -> bytes:
    return content[:3000] + bytes([content[3000] ^ 1]) + content[3001:]


def send(content: bytes = RIGHT, status: int = 200, **headers: str) -> Answer:
    """Answer with these bytes and headers (`_` is `-`), by default with their true length."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        told = {"Content_Length": str(len(content)), "Connection": "close"} | headers
        for name, value in told.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def cut(at: int, **headers: str) -> Answer:
    """Break off after so many bytes."""
    return send(RIGHT[:at], 200, Content_Length=str(len(RIGHT)), **headers)


def rest(start: int, **headers: str) -> Answer:
    """Answer with what stands behind so many bytes."""
    told = f"bytes {start}-{len(RIGHT) - 1}/{len(RIGHT)}"
    return send(RIGHT[start:], 206, Content_Range=told, **headers)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(bytes(100_000))


@dataclass
class Site:
    """A server: the answers that it gives one after the other, and what it was asked."""

    address: str
    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    closing: Event = field(default_factory=Event)

    def silent(self, handler: BaseHTTPRequestHandler) -> None:
        """Say nothing until all is over."""
        self.closing.wait()
        handler.close_connection = True

    def ranges(self) -> list[str | None]:
        return [headers.get("range") for _, headers in self.asked]


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.asked.append((self.path, headers))
            served.answers[min(len(served.asked), len(served.answers)) - 1](self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Site(f"http://127.0.0.1:{server.server_port}")
    Thread(target=server.serve_forever, args=(0.01,)).start()
    yield served
    served.closing.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def project(default_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose settings have a contact, for tests of the commands."""
    path = tmp_path_factory.mktemp("fetch") / "project"
    shutil.copytree(default_project.path, path)
    config = path / CONFIG
    text = config.read_text("utf-8").replace('contact = ""', f'contact = "{CONTACT}"')
    config.write_text(text, "utf-8")
    return Project(path, default_project.answers)


@pytest.fixture(scope="module")
def package(project: Project) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(project.path / "src")
        yield project.answers["package_name"]


@pytest.fixture
def fetch(package: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, without pauses, where a proxy is set that nobody answers at."""
    module = import_module(f"{package}.data.fetch")
    monkeypatch.setattr(module, "PAUSE", 0)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return module


@pytest.fixture
def get(fetch: Any, site: Site, tmp_path: Path) -> Callable[..., list[str]]:
    (tmp_path / "data/raw").mkdir(parents=True)

    def get(area: str = "state", base: str | None = None) -> list[str]:
        told: list[str] = fetch.fetch_archive(tmp_path, 2024, area, CONTACT, base or site.address)
        return told

    return get


@pytest.fixture
def refused(get: Callable[..., list[str]], package: str, site: Site) -> Callable[..., str]:
    """Fail to get it, in a sentence that names the address and the way by hand."""
    error = import_module(f"{package}.engine").ProjectError

    def refused(base: str | None = None) -> str:
        with pytest.raises(error) as caught:
            get(base=base)
        said = str(caught.value)
        address, _, what = said.partition("/oesm24st.zip: ")
        assert address == (base or site.address)
        assert what.endswith(" lists all), save it, and `data add FILE`")
        return what

    return refused


def left(root: Path) -> list[str]:
    """Return the files that are there, but for the lock."""
    files = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return sorted(set(files) - {".staging/lock"})


@pytest.mark.parametrize(
    ("area", "name", "files", "beside"),
    [
        ("state", "oesm24st.zip", [BOOK], ""),
        ("national", "oesm24nat.zip", ["oesm24nat/national_M2024_dl.xlsx"], ""),
        (
            "metro",
            "oesm24ma.zip",
            ["oesm24ma/BOS_M2024_dl.xlsx", "oesm24ma/MSA_M2024_dl.xlsx", "file_descriptions.xlsx"],
            "oesm24ma/BOS_M2024_dl.xlsx, file_descriptions.xlsx",
        ),
    ],
)
def test_the_right_archive_is_kept_or_its_one_workbook_and_asked_for_once(
    get: Callable[..., list[str]],
    site: Site,
    tmp_path: Path,
    area: str,
    name: str,
    files: list[str],
    beside: str,
) -> None:
    content = archive(dict.fromkeys(files, WORKBOOK))
    site.answers = [send(content, ETag='"a"')]
    archived, name = name, "MSA_M2024_dl.xlsx" if beside else name  # `run` reads one workbook
    first, *others, step = get(area)
    kept = tmp_path / "data/raw" / name
    assert kept.read_bytes() == (WORKBOOK if beside else content)
    assert kept.stat().st_mode & 0o222 == 0
    assert left(tmp_path) == sorted(["data/raw/SHA256SUMS", f"data/raw/{name}"])
    assert f"  {name}\n" in (tmp_path / "data/raw/SHA256SUMS").read_text()
    assert first == f"data/raw/{name} is recorded and read-only."
    assert others == [f"Beside this workbook {archived} holds {beside}."] * bool(beside)
    assert f"`run --raw data/raw/{name}`" in step
    assert get(area)[0] == f"data/raw/{name} is here already: nothing was downloaded."
    ((path, headers),) = site.asked
    assert path == f"/{archived}"
    assert f"({CONTACT})" in headers["user-agent"]
    assert headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (send(b"<html>Access denied</html>", 403), "the server refuses programs (403)"),
        (send(b"<html>", 404), "there is no such archive (404)"),
        (send(b"", 410), "the server answers 410"),
        (send(b"", 302, Location="/again"), "it cannot be asked for"),
        (send(b"\n<!DOCTYPE html><title>Maintenance</title>"), "it is a web page"),
        (send(b""), "File is not a zip file"),
        (send(RIGHT[:-100]), "File is not a zip file"),
        (send(damaged(RIGHT)), "what came is not that archive"),
        (send(damaged(archive({OLD: OLE + os.urandom(9000)}))), f"Bad CRC-32 for file {OLD!r}"),
        (send(archive({"state_M2023_dl.xlsx": WORKBOOK})), "it holds state_M2023_dl.xlsx, and not"),
        (send(archive({BOOK: WORKBOOK, "b/state_M2024_dl.xls": WORKBOOK})), "not the one workbook"),
        (send(archive({BOOK: b"<html>"})), f"{BOOK} in it is no workbook"),
        (send(archive({BOOK: WORKBOOK[:-30]})), "File is not a zip file"),
        (send(archive({BOOK: WORKBOOK, "../evil.txt": b""})), "'../evil.txt' in it leads"),
        (send(archive({BOOK: WORKBOOK, "/etc/evil": b""})), "'/etc/evil' in it leads"),
        (send(archive({BOOK: WORKBOOK, r"a\evil": b""})), r"'a\\evil' in it leads"),
        (send(archive({BOOK: WORKBOOK}, mode=0o120777)), f"{BOOK!r} in it leads"),
        (send(archive({BOOK: WORKBOOK, "bomb": BOMB})), "bytes would unpack to 10,02"),
        (send(archive({BOOK: archive({"xl/bomb": BOMB})})), "bytes would unpack to 10,000,000"),
        (send(Content_Length="900000000000", ETag='"a"'), "it has more than 1,000,000 bytes"),
        (endless, "it has more than 1,000,000 bytes"),
    ],
)
def test_what_is_not_the_archive_is_refused_at_once_and_nothing_is_left(
    fetch: Any,
    refused: Callable[..., str],
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    says: str,
) -> None:
    monkeypatch.setattr(fetch, "LARGEST", 1_000_000)
    site.answers = [answer]
    assert says in refused()
    assert left(tmp_path) == []
    assert len(site.asked) == (21 if "cannot be asked" in says else 1)


def test_an_archive_that_lies_about_its_sizes_is_refused(
    refused: Callable[..., str], site: Site, tmp_path: Path
) -> None:
    honest = archive({BOOK: WORKBOOK})
    length = len(WORKBOOK).to_bytes(4, "little")
    assert honest.count(length) == 2  # before the workbook, and in the list at the end
    site.answers = [send(honest.replace(length, (999).to_bytes(4, "little")))]
    assert "what came is not that archive" in refused()
    assert left(tmp_path) == []


def test_a_redirection_is_followed(get: Callable[..., list[str]], site: Site) -> None:
    site.answers = [send(b"", 301, Location="/moved/oesm24st.zip"), send()]
    get()
    assert [path for path, _ in site.asked] == ["/oesm24st.zip", "/moved/oesm24st.zip"]


def test_a_busy_server_is_asked_again_but_not_for_ever(
    get: Callable[..., list[str]], refused: Callable[..., str], site: Site, tmp_path: Path
) -> None:
    site.answers = [send(b"", 503)]
    assert "the server answers 503" in refused()
    assert (len(site.asked), left(tmp_path)) == (4, [])
    site.asked.clear()
    site.answers = [send(b"", 429, Retry_After="0"), send(b"", 503, Retry_After="soon"), send()]
    get()
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    "mark", [{"ETag": '"a"'}, {"Last_Modified": "Thu, 01 May 2025 00:00:00 GMT"}]
)
def test_a_download_that_breaks_off_goes_on_where_it_was(
    get: Callable[..., list[str]], site: Site, tmp_path: Path, mark: dict[str, str]
) -> None:
    site.answers = [cut(5000, **mark), send(b"", 503), rest(5000)]
    get()
    assert site.ranges() == [None, "bytes=5000-", "bytes=5000-"]
    assert {headers.get("if-range") for _, headers in site.asked[1:]} == {*mark.values()}
    assert (tmp_path / "data/raw/oesm24st.zip").read_bytes() == RIGHT


def test_the_next_call_goes_on_where_the_last_one_gave_up(
    fetch: Any,
    get: Callable[..., list[str]],
    refused: Callable[..., str],
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetch, "TRIES", 1)
    site.answers = [cut(3000, ETag='"a"'), send(b"", 403), rest(3000)]
    assert "the connection failed (" in refused()
    part = [".staging/oesm24st.zip", ".staging/oesm24st.zip.tag"]
    assert left(tmp_path) == part
    assert "(403)" in refused()
    assert left(tmp_path) == part
    get()
    assert site.ranges() == [None, "bytes=3000-", "bytes=3000-"]
    assert left(tmp_path) == ["data/raw/SHA256SUMS", "data/raw/oesm24st.zip"]
    assert (tmp_path / "data/raw/oesm24st.zip").read_bytes() == RIGHT


@pytest.mark.parametrize(
    ("answers", "ranges"),
    [
        ([cut(5000, ETag='"a"'), send(ETag='"b"')], [None, "bytes=5000-"]),  # another, or no ranges
        ([cut(5000, ETag='W/"a"'), send()], [None, None]),  # no mark that says the same bytes
        ([cut(5000), send()], [None, None]),
        ([cut(5000, ETag='"a"'), rest(4000), send()], [None, "bytes=5000-", None]),
        ([cut(5000, ETag='"a"'), send(b"", 416), send()], [None, "bytes=5000-", None]),
        ([rest(5000), send()], [None, None]),  # a part that nobody asked for
    ],
)
def test_where_it_cannot_go_on_it_begins_anew(
    get: Callable[..., list[str]],
    site: Site,
    tmp_path: Path,
    answers: list[Answer],
    ranges: list[str | None],
) -> None:
    site.answers = answers
    get()
    assert site.ranges() == ranges
    assert (tmp_path / "data/raw/oesm24st.zip").read_bytes() == RIGHT


def test_a_silent_and_an_absent_server_are_given_up(
    fetch: Any, refused: Callable[..., str], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PATIENCE", 0.1)
    site.answers = [site.silent]
    assert "the connection failed (" in refused()
    assert len(site.asked) == 4
    assert "the connection failed (" in refused(f"http://127.0.0.1:{free_port()}")
    assert "it cannot be asked for (" in refused("http://a:b")


def test_other_machines_are_asked_through_the_proxy_that_is_set(
    get: Callable[..., list[str]], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, site.address)
    site.answers = [send()]
    get(base="http://mirror.example/oes/")
    assert site.asked[0][0] == "http://mirror.example/oes/oesm24st.zip"


def call(project: Project, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    source = os.pathsep.join(filter(None, [variables.pop("before", ""), str(project.path / "src")]))
    return subprocess.run(
        [sys.executable, "-m", project.answers["package_name"], *words],
        cwd=project.path,
        env=os.environ | {"PYTHONPATH": source} | variables,
        capture_output=True,
        encoding="utf-8",
    )


def test_the_command_records_it_and_says_what_is_next(project: Project, site: Site) -> None:
    site.answers = [send()]
    words = ("data", "fetch", "2024", "--base", site.address)
    done = call(project, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("data/raw/oesm24st.zip is recorded and read-only.\n")
    assert "here already" in call(project, *words).stdout
    assert call(project, "data", "check").stdout == "2 raw file(s) as recorded.\n"
    log = (project.path / "logs/pipeline.log").read_text("utf-8")
    assert f"{site.address}/oesm24st.zip: {len(RIGHT)} bytes" in log


def test_a_refusal_is_one_line_and_exit_1(project: Project, site: Site, tmp_path: Path) -> None:
    site.answers = [send(b"", 403)]
    (tmp_path / "httpx2.py").write_text("raise ModuleNotFoundError('no', name='httpx2')\n")
    words = ("data", "fetch", "2023", "--area", "metro", "--base", site.address)
    for done, says in (
        (call(project, *words), "oesm23ma.zip: the server refuses programs (403)"),
        (call(project, *words, before=str(tmp_path)), "uv sync --inexact --extra fetch` installs"),
    ):
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert says in done.stderr
    assert call(project, "data", "fetch", "24").returncode == 2


@pytest.mark.parametrize(
    ("contact", "says"),
    [
        ("", "contact is empty in configs: write your e-mail address there"),
        ("nobody", "contact: "),
        ("a@b\\r\\nX: y", "contact: "),
        ("é@x.org", "contact: "),
    ],
)
def test_without_the_address_of_somebody_nothing_is_asked(
    project: Project, site: Site, contact: str, says: str
) -> None:
    config = project.path / CONFIG
    text = config.read_text("utf-8")
    try:
        config.write_text(text.replace(CONTACT, contact), "utf-8")
        done = call(project, "data", "fetch", "2023", "--base", site.address)
    finally:
        config.write_text(text, "utf-8")
    assert (done.returncode, done.stderr.count("\n"), site.asked) == (1, 1, [])
    assert says in done.stderr

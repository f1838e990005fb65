"""What a stage may read and write, and which settings."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny.engine import REPORT, RESULTS, ProjectError, Stage
from tiny.engine.publishing import load_run
from tiny.engine.study import load_settings
from tiny.pipeline import STUDY

from .conftest import CONFIG, RAW, Project, differences, run_tiny, step_down

SEPARATORS = "a\u2028b\u2029c\x85d  "


def run_one(root: Path, run: Any, uses: tuple[str, ...] | None = None, **values: Any) -> Any:
    """Run one stage alone."""
    return run_tiny(root, (Stage("one", "", run, uses),), **values)


@pytest.mark.parametrize("name", ["factor", "offset", "seed", "remote"])
def test_a_setting_that_is_read_and_not_declared_is_named(fresh: Project, name: str) -> None:
    def read(settings: Any, work: Any) -> None:
        work.write_json(RESULTS, {"value": getattr(settings, name)})

    with pytest.raises(ProjectError, match=f"the setting {name}: name it in .*`uses`"):
        run_one(fresh.root, read, ("raw",))
    made = run_one(fresh.root, read, ("raw", name))
    assert made.results == {"value": {"factor": 2, "seed": 0, "offset": 0}.get(name)}
    with pytest.raises(AttributeError, match="fcator"):
        run_one(fresh.root, lambda settings, work: settings.fcator)


@pytest.mark.parametrize(
    "path",
    [
        *("data/raw/x.txt", "data/raw/new/x.txt", "data/raw", "src/x.py", "src", "logs/x.txt"),
        *(
            "logs",
            "../x.txt",
            "reports/../../x.txt",
            "/tmp/x.txt",
            ".",
            ".git/config",
            ".staging/x",
        ),
        *("reports/../data/raw/x.txt", "reports/../src/x.py", "reports/manifest.json"),
    ],
)
def test_some_places_are_not_for_results(fresh: Project, path: str) -> None:
    before = fresh.tracked()
    with pytest.raises(ProjectError, match="is no place for results"):
        run_one(fresh.root, lambda settings, work: work.output(path).write_text("x"))
    assert fresh.tracked() == before


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("data/processed/none.json", "data/processed/none.json is missing"),
        ("../none.json", "none.json is missing"),
        ("data/raw", "data/raw"),
        ("data/raw/other.txt", r"other\.txt is not in data/raw/SHA256SUMS: record it with"),
        ("data/raw/none.txt", r"none\.txt is missing"),
    ],
)
def test_what_cannot_be_read_is_named(fresh: Project, path: str, says: str) -> None:
    fresh.write("data/raw/other.txt", "1")
    with pytest.raises(ProjectError, match=says):
        run_one(fresh.root, lambda settings, work: work.input(path))


def test_a_raw_file_that_was_edited_is_refused(project: Project) -> None:
    project.write(RAW, "1 2 3 4")
    with pytest.raises(ProjectError, match=r"numbers\.txt is not the file recorded in"):
        run_tiny(project.root, force=True)


def test_two_files_of_one_name_outside_are_not_mixed_up(fresh: Project) -> None:
    for folder in ("one", "two"):
        fresh.write(f"../{folder}/x.txt", folder)

    def read(settings: Any, work: Any) -> None:
        for path in settings.raw:
            work.input(path)

    with pytest.raises(ProjectError, match=r"two files are called x\.txt"):
        run_one(fresh.root, read, raw=("../one/x.txt", "../two/x.txt"))


def test_an_output_that_is_promised_is_written(fresh: Project) -> None:
    with pytest.raises(ProjectError, match=f"the stage one did not write its output {RESULTS}"):
        run_one(fresh.root, lambda settings, work: work.output(RESULTS))
    for value in (float("nan"), [float("inf")]):
        with pytest.raises(ValueError, match="JSON"):
            run_one(fresh.root, lambda settings, work, value=value: work.write_json(RESULTS, value))
    assert not (fresh.root / "reports").exists()


def test_texts_end_in_one_line_end_without_trailing_blanks(fresh: Project) -> None:
    texts = {
        "reports/a.svg": "<svg>  \n\t\n</svg>",
        REPORT: "<p>\r\n\n\n",
        "models/a.md": "a \t\nb",
        "reports/empty.json": "",
    }

    def write(settings: Any, work: Any) -> None:
        for path, text in texts.items():
            work.output(path).write_bytes(text.encode())
        work.output("reports/a.csv").write_bytes(b"a \r\n\r\n")
        work.write_json(RESULTS, {"text": SEPARATORS, "source": work.source(settings.raw[0])})

    made = run_one(fresh.root, write)
    assert {path: made.read(path) for path in texts} == {
        "reports/a.svg": b"<svg>\n\n</svg>\n",
        REPORT: b"<p>\n",
        "models/a.md": b"a\nb\n",
        "reports/empty.json": b"\n",
    }
    assert made.read("reports/a.csv") == b"a \r\n\r\n"  # of other kinds each byte is the study's
    results = made.read(RESULTS)
    assert re.fullmatch(rb'{\n "text": "a\xe2\x80\xa8b[^\r]*\n}\n', results)
    sha = made.manifest["stages"]["one"]["inputs"][RAW]
    assert json.loads(results) == {"text": SEPARATORS, "source": {"file": RAW, "sha256": sha}}
    manifest = (fresh.root / "reports/manifest.json").read_bytes()
    assert re.fullmatch(rb"({|.*[^ \r]\n)+}\n", manifest)


def test_a_stage_reads_what_it_wrote_before_and_not_the_last_run(fresh: Project) -> None:
    run_tiny(fresh.root)

    def twice(settings: Any, work: Any) -> None:
        work.write_json(RESULTS, {"total": 1})
        assert work.read_json(RESULTS) == {"total": 1}

    assert run_one(fresh.root, twice).results == {"total": 1}
    assert differences(fresh.root) == []


def test_a_read_only_output_is_published(project: Project) -> None:
    """As `shutil.copy` makes it of a raw file."""
    project.edit(
        "src/tiny/pipeline.py",
        "    from .drawing import picture\n",
        "    from .drawing import picture\n    import shutil\n"
        '    for name in ("copy.md", "copy.bin"):\n'
        '        shutil.copy(work.input("data/raw/numbers.txt"), work.output(f"reports/{name}"))\n',
    )
    (project.root / RAW).chmod(0o444)
    for _ in range(2):
        project.run("run", "--force", prefix=step_down())
    assert load_run(project.root).read("reports/copy.bin") == b"1 2 3\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("factor = 2", r"raw: Field required"),
        ('raw = ["x"]\nfcator = 2', r"fcator: Extra inputs are not permitted \(it is 2\)"),
        ('raw = ["x"]\nfactor = "a\\nb"', "factor: Input should be a valid integer"),
        ("raw = [", "cannot be read as TOML"),
        ("raw = ['\xff']", "cannot be read as TOML"),
    ],
)
def test_a_config_says_where_it_is_wrong(fresh: Project, text: str, says: str) -> None:
    (fresh.root / CONFIG).write_bytes(text.encode("latin-1"))
    with pytest.raises(ProjectError, match=f"tiny.toml.*{says}"):
        load_settings(STUDY, fresh.root, STUDY.config)
    (fresh.root / CONFIG).unlink()
    with pytest.raises(ProjectError, match="is missing: name another with --config FILE"):
        load_settings(STUDY, fresh.root, STUDY.config)


def test_raw_files_named_in_a_call_take_the_place_of_the_configs(fresh: Project) -> None:
    settings = load_settings(STUDY, fresh.root, STUDY.config, raw=(Path("a"), Path("b")))
    assert (settings.raw, settings.factor) == ((Path("a"), Path("b")), 2)
    shutil.copy(fresh.root / CONFIG, fresh.root / "other.toml")
    assert load_settings(STUDY, fresh.root, Path("other.toml")).raw == (Path(RAW),)

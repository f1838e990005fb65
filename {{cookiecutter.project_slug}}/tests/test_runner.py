"""A run of a tiny study: skipped when nothing changed, published whole, verified."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from {{ cookiecutter.package_name }} import runner, study
from {{ cookiecutter.package_name }}.artifacts import REPORT, RESULTS, differences, load_run, sha256

NUMBERS = "data/processed/numbers.json"


class Tiny(study.Settings):
    raw: tuple[Path, ...] = (Path("raw.txt"),)
    factor: int = 2
    offset: int = 0


def multiply(settings, work):
    numbers = work.input(settings.raw[0]).read_text().split()
    work.write_json(NUMBERS, [settings.factor * int(number) for number in numbers])


def add(settings, work):
    numbers = json.loads(work.input(NUMBERS).read_text())
    work.write_json(RESULTS, {"total": sum(numbers) + settings.offset})


def sections(settings, work):
    return [study.Section("Total", work.input(RESULTS).read_text())]


STAGES = (study.Stage("multiply", "", multiply), study.Stage("add", "", add))
TINY = study.Study("Tiny", Tiny, Path("tiny.toml"), STAGES, sections, headline=str)


def run(root, only=None, *, tiny=TINY, force=False, **values):
    return runner.run_stages(tiny, Tiny(**values), root, only, force=force)


def found(root):
    return differences(root, load_run(root).manifest, ("multiply", "add", "report"))


@pytest.fixture
def root(tmp_path, monkeypatch):
    (tmp_path / "raw.txt").write_text("1 2 3")
    (tmp_path / "step.py").write_text("one = 1")
    monkeypatch.setattr(runner, "__file__", str(tmp_path / "runner.py"))  # the code is step.py
    return tmp_path


def test_a_run_is_published_and_the_second_is_up_to_date(root):
    (root / ".staging/orphan/reports").mkdir(parents=True)
    made = run(root)
    assert made.results == {"total": 12}
    assert made.manifest["inputs"] == {"raw.txt": sha256(root / "raw.txt")}
    assert made.manifest["settings"] == Tiny().model_dump(mode="json")
    assert made.manifest["packages"]["pytest"] == pytest.__version__
    assert [path.name for path in (root / ".staging").iterdir()] == ["lock"]
    assert (found(root), run(root), load_run(root)) == ([], None, made)
    assert run(root, force=True).manifest["run"] != made.manifest["run"]
    renamed = replace(TINY, stages=(STAGES[0], study.Stage("sum", "", add)))
    assert [*run(root, tiny=renamed).manifest["stages"]] == ["multiply", "sum", "report"]


@pytest.mark.parametrize(
    ("path", "text", "line", "total"),
    [
        ("step.py", "one = 2", None, 12),
        ("report.html.j2", "new", None, 12),
        ("raw.txt", "7", "changed since multiply read it", 14),
        (RESULTS, "edited", "changed since add wrote it", 12),
        (REPORT, None, "missing", 12),
    ],
)
def test_what_has_changed_is_named_and_made_again(root, path, text, line, total):
    run(root)
    (root / path).write_text(text) if text else (root / path).unlink()
    assert found(root) == ([f"{path}: {line}"] if line else [])
    assert run(root).results == {"total": total}
    assert found(root) == []


def test_a_single_stage_reads_the_one_before_and_leaves_later_ones_to_verify(root):
    with pytest.raises(study.ProjectError, match=f"{RESULTS} is missing"):
        run(root, "report")
    run(root, "multiply")
    assert found(root) == ["add: never run", "report: never run"]
    assert run(root, factor=3).results == {"total": 18}
    assert run(root, "add", factor=3, offset=1).results == {"total": 19}
    assert found(root) == ["report: made from an older reports/results.json"]
    run(root, "report", factor=3, offset=1)
    assert found(root) == []
    (root / NUMBERS).write_text("[1]")
    with pytest.raises(study.ProjectError, match=f"{NUMBERS} was changed since it was written"):
        run(root, "add")


def interrupt(settings, work):
    work.output(RESULTS).write_text("half")
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (interrupt, KeyboardInterrupt),
        (lambda settings, work: work.output(RESULTS), study.ProjectError),  # and writes nothing
        (lambda settings, work: work.write_json(RESULTS, float("nan")), ValueError),
        (lambda settings, work: work.output("data/raw/x").write_text("x"), study.ProjectError),
        (lambda settings, work: work.output("../x").write_text("x"), study.ProjectError),
    ],
)
def test_a_stage_that_fails_publishes_nothing(root, step, error):
    before = run(root)
    with pytest.raises(error):
        run(root, tiny=replace(TINY, stages=(STAGES[0], study.Stage("add", "", step))), factor=3)
    assert (load_run(root), found(root)) == (before, [])
    assert [path.name for path in (root / ".staging").iterdir()] == ["lock"]


def test_a_whole_run_reads_nothing_that_only_the_last_one_made(root):
    run(root)
    late = replace(TINY, stages=STAGES[::-1])
    with pytest.raises(study.ProjectError, match=f"{NUMBERS} is missing"):
        run(root, tiny=late, force=True)
    assert found(root) == []

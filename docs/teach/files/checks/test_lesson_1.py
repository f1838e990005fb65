"""Lesson 1: copy this file to `tests/` of the project; `make test` runs it with the others."""

import hashlib
import json
import shutil
from pathlib import Path

from us_wage_analysis.exercises import lesson_1

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data/raw"


def test_exercise_1_the_hash_is_the_recorded_one(tmp_path):
    """A hash is of the bytes, whatever the name is."""
    (tmp_path / "a").write_bytes(b"\xff\x00")
    (tmp_path / "b").write_bytes(b"\xff\x00")
    assert lesson_1.sha256_of(tmp_path / "a") == hashlib.sha256(b"\xff\x00").hexdigest()
    assert lesson_1.sha256_of(tmp_path / "a") == lesson_1.sha256_of(tmp_path / "b")
    recorded = (RAW / "SHA256SUMS").read_text(encoding="utf-8")
    assert lesson_1.sha256_of(RAW / "state_M2025_dl.xlsx") in recorded


def test_exercise_2_tampering_is_found(tmp_path):
    """Changed by one byte, deleted, put back; a file that nobody recorded is no difference."""
    raw = tmp_path / "raw"
    shutil.copytree(RAW, raw)
    (raw / "notes.txt").write_text("not on record", encoding="utf-8")
    assert lesson_1.differences(raw) == []
    file = raw / "state_M2025_dl.xlsx"
    content = file.read_bytes()
    file.unlink()
    assert lesson_1.differences(raw) == [file.name]
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert lesson_1.differences(raw) == [file.name]
    file.write_bytes(content)
    assert lesson_1.differences(raw) == []


def test_exercise_3_what_rests_on_a_file():
    """Directly, and through others."""
    stages = {
        "one": {"inputs": {"raw": "1"}, "outputs": {"table": "2", "quality": "3"}},
        "two": {"inputs": {"table": "2"}, "outputs": {"results": "4"}},
        "three": {"inputs": {"results": "4"}, "outputs": {"report": "5"}},
    }
    made_up = {"stages": stages}
    assert lesson_1.rests_on(made_up, "raw") == {"table", "quality", "results", "report"}
    assert lesson_1.rests_on(made_up, "table") == {"results", "report"}
    assert lesson_1.rests_on(made_up, "quality") == set()
    manifest = json.loads((ROOT / "reports/manifest.json").read_text(encoding="utf-8"))
    of_results = lesson_1.rests_on(manifest, "reports/results.json")
    assert {"reports/report.html", "reports/wage_analysis.xlsx"} < of_results
    assert "data/processed/wages.parquet" not in of_results

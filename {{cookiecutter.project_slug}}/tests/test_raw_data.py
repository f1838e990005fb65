"""Raw data: added once, read-only, on record, never replaced."""

import hashlib

import pytest

from {{ cookiecutter.package_name }}.raw_data import RAW, SUMS, add_raw, check_raw, hash_raw
from {{ cookiecutter.package_name }}.study import ProjectError


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    return tmp_path / "a.csv"


def test_a_file_is_copied_made_read_only_and_recorded_once(tmp_path, file):
    copy = tmp_path / add_raw(tmp_path, file)
    assert (copy.read_bytes(), copy.stat().st_mode & 0o222) == (file.read_bytes(), 0)
    assert add_raw(tmp_path, file) == add_raw(tmp_path, copy) == RAW / "a.csv"
    sha = hashlib.sha256(b"a\r\n1\r\n").hexdigest()
    assert (tmp_path / SUMS).read_text() == f"{sha}  a.csv\n"
    assert hash_raw(tmp_path, "data/raw/a.csv") == sha
    (tmp_path / SUMS).write_text("1234  a.csv\n")
    with pytest.raises(ProjectError, match="SHA256SUMS has a line that is not"):
        check_raw(tmp_path)


@pytest.mark.parametrize("gone", [None, "data/raw/a.csv", "data/raw/SHA256SUMS"])
def test_another_file_of_that_name_is_refused_and_nothing_is_replaced(tmp_path, file, gone):
    add_raw(tmp_path, file)
    (tmp_path / (gone or "data/raw/none")).unlink(missing_ok=True)
    before = check_raw(tmp_path)
    file.write_text("another")
    with pytest.raises(ProjectError, match="another file already"):
        add_raw(tmp_path, file)
    assert check_raw(tmp_path) == before


def test_a_missing_a_changed_and_an_unknown_file_are_named_and_refused(tmp_path, file):
    for name in ("a.csv", "b.csv", "c.csv"):
        add_raw(tmp_path, file.rename(tmp_path / name))
        file.write_text(name)
    (tmp_path / RAW / "b.csv").unlink()
    (tmp_path / RAW / "c.csv").chmod(0o644)
    for name in ("c.csv", "d.csv", "README.md"):
        (tmp_path / RAW / name).write_text("new")
    assert check_raw(tmp_path) == [
        "data/raw/b.csv: missing",
        "data/raw/c.csv: changed since it was recorded",
        "data/raw/d.csv: not recorded, `data add` does",
    ]
    for name, words in {"b.csv": "missing", "c.csv": "not the file", "d.csv": "not in"}.items():
        with pytest.raises(ProjectError, match=f"data/raw/{name} is {words}"):
            hash_raw(tmp_path, f"data/raw/{name}")


def test_a_file_that_lies_in_a_subfolder_is_recorded_where_it_is(tmp_path):
    inside = tmp_path / RAW / "2024/a.csv"
    inside.parent.mkdir(parents=True)
    inside.write_text("a")
    assert add_raw(tmp_path, inside) == RAW / "2024/a.csv"
    assert check_raw(tmp_path) == []

"""Raw data: added once, read-only, on record, never replaced; exchanged with a remote by hash."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

import pytest
from tiny.engine import ProjectError
from tiny.engine.raw_data import (
    RAW,
    RESTORE,
    SUMS,
    add_raw,
    check_raw,
    hash_raw,
    pull_raw,
    push_raw,
    read_record,
    remove_raw,
)

from .conftest import CONFIG, Copy, Project, step_down
from .test_publishing import dies

CLUTTER = [
    *(".DS_Store", "Thumbs.db", "desktop.ini", "~$book.xlsx", ".~lock.book.ods#", "Desktop.ini"),
    *("deep/.DS_Store", ".ipynb_checkpoints/x.csv", "numbers.txt.dvc", ".SHA256SUMS.part"),
]
CONTENT = b"a\r\n1\r\n"
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def root(fresh: Project) -> Path:
    """A project without raw data; beside it `a.csv`."""
    remove_raw(fresh.root, "numbers.txt")
    (fresh.root.parent / "a.csv").write_bytes(CONTENT)
    return fresh.root


@pytest.fixture
def file(root: Path) -> Path:
    return root.parent / "a.csv"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_copied_made_read_only_and_recorded_once(root: Path, file: Path) -> None:
    os.link(root / SUMS, root / "read by somebody")
    assert add_raw(root, file) == ["a.csv"]
    assert (root / "read by somebody").read_text() == ""  # replaced, not written over
    copy = root / RAW / "a.csv"
    assert (copy.read_bytes(), mode(copy) & 0o222) == (CONTENT, 0)
    assert add_raw(root, file) == add_raw(root, copy) == ["a.csv"]
    assert (root / SUMS).read_text() == f"# 6 bytes\n{SHA}  a.csv\n"
    assert (hash_raw(root, "a.csv"), check_raw(root)) == (SHA, [])


def test_a_record_that_sha256sum_wrote_is_read_and_a_damaged_line_named(root: Path) -> None:
    (root / RAW / "a.csv").write_bytes(CONTENT)
    (root / SUMS).write_text(f"# by hand\n{SHA} *a.csv\n")
    assert (read_record(root)["a.csv"], check_raw(root)) == ((SHA, None), [])
    for line in ("1234  a.csv", "a.csv", f"x{SHA}  a.csv"):
        (root / SUMS).write_text(f"{SHA}  b.csv\n{line}\n")
        with pytest.raises(ProjectError, match="SHA256SUMS has a line that is not 'hash  name'"):
            check_raw(root)


def test_a_folder_is_added_whole_without_clutter(root: Path) -> None:
    folder = root.parent / "images"
    for name in ("b/2.png", "a/1.png", "~$x.xlsx", ".DS_Store", "b/Thumbs.db"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    assert add_raw(root, folder) == ["images/a/1.png", "images/b/2.png"]
    (root / RAW / "more").mkdir()
    (root / RAW / "more/3.png").write_text("3")
    assert add_raw(root, root / RAW / "more") == ["more/3.png"]  # recorded where it lies
    assert add_raw(root, root / RAW / "more/3.png") == ["more/3.png"]
    assert (check_raw(root), len(read_record(root))) == ([], 3)
    remove_raw(root, "images/b/2.png")
    assert [*read_record(root)] == ["images/a/1.png", "more/3.png"]


@pytest.mark.parametrize("gone", [None, "data/raw/a.csv", "data/raw/SHA256SUMS"])
def test_another_file_of_that_name_is_refused_and_nothing_replaced(
    root: Path, file: Path, gone: str | None
) -> None:
    add_raw(root, file)
    (root / (gone or "none")).unlink(missing_ok=True)
    before = check_raw(root)
    file.write_text("another")
    with pytest.raises(ProjectError, match="another file already"):
        add_raw(root, file)
    assert check_raw(root) == before


@pytest.mark.parametrize(
    "name", ["none.csv", "empty", "README.md", "SHA256SUMS", "no\nline", "a\u2028b"]
)
def test_what_cannot_be_raw_data_is_refused(root: Path, name: str) -> None:
    source = root.parent / name
    source.mkdir() if name == "empty" else name == "none.csv" or source.write_text("x")
    before = (root / SUMS).read_bytes()
    with pytest.raises(ProjectError, match="is not there, or cannot be raw data: name a data file"):
        add_raw(root, source)
    assert (root / SUMS).read_bytes() == before


def test_a_missing_a_changed_and_an_unknown_file_are_named_and_refused(
    root: Path, file: Path
) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        add_raw(root, file.rename(root.parent / name))
        file.write_text(name)
    (root / RAW / "a.csv").unlink()
    (root / RAW / "c.csv").chmod(0o644)
    for name in ("c.csv", "d.csv", "README.md", *CLUTTER):
        (root / RAW / name).parent.mkdir(exist_ok=True)
        (root / RAW / name).write_text("new")
    gone, *others = check_raw(root)
    assert gone.startswith(f"data/raw/a.csv: missing, 6 bytes, SHA-256 {SHA}: ")
    assert [way for way in ("`data pull`", "`data add FILE`") if way not in gone] == []
    assert others == [
        f"data/raw/c.csv: changed since it was recorded: {RESTORE}",
        "data/raw/d.csv: not recorded, `data add` does",
    ]
    for name, words in {
        "a.csv": f"SHA-256 {SHA}",
        "c.csv": "not the file",
        "d.csv": "not in",
    }.items():
        with pytest.raises(ProjectError, match=words):
            hash_raw(root, name)


def test_what_is_removed_is_the_recorded_file_or_nothing(root: Path, file: Path) -> None:
    add_raw(root, file)
    (root / RAW / "a.csv").chmod(0o644)
    (root / RAW / "a.csv").write_text("mine")
    with pytest.raises(ProjectError, match=r"a\.csv was changed since it was recorded"):
        remove_raw(root, "a.csv")
    assert ((root / RAW / "a.csv").read_text(), len(read_record(root))) == ("mine", 1)
    (root / RAW / "a.csv").unlink()
    remove_raw(root, "a.csv")  # a missing one is forgotten
    assert ((root / SUMS).read_text(), check_raw(root)) == ("", [])
    for name in ("a.csv", "../a.csv", "README.md"):
        with pytest.raises(ProjectError, match=r"is not in data/raw/SHA256SUMS"):
            remove_raw(root, name)
    assert file.exists()


@pytest.mark.parametrize(("before", "after"), [(0o600, 0o400), (0o644, 0o444), (0o440, 0o440)])
def test_no_right_is_ever_added(fresh: Project, before: int, after: int) -> None:
    private = fresh.write("../private/secret.csv", "x")
    private.chmod(before)
    mask = ("sh", "-c", 'umask 077 && exec "$0" "$@"')
    said = fresh.run("data", "add", "../private/secret.csv", prefix=(*step_down(), *mask))
    assert "data/raw/secret.csv is recorded" in said
    assert "git add --force data/raw/SHA256SUMS data/raw/secret.csv" in said
    assert 'raw = ["data/raw/secret.csv"] in configs/tiny.toml' in said
    copy = fresh.root / RAW / "secret.csv"
    assert (mode(copy), mode(private)) == (after, before)
    fresh.run("data", "remove", "data/raw/secret.csv", prefix=step_down())
    assert not copy.exists()


@pytest.mark.parametrize("is_url", [False, True])
def test_a_clone_pulls_what_another_pushed(
    root: Path, file: Path, copy: Copy, tmp_path: Path, is_url: bool
) -> None:
    add_raw(root, file)
    add_raw(root, shutil.copy(file, root.parent / "same.csv") and root.parent / "same.csv")
    add_raw(root, root / CONFIG)
    remote = (tmp_path / "remote/deep").as_uri() if is_url else "../remote/deep"
    assert push_raw(root, remote) == ["a.csv", "tiny.toml"]  # two of equal content lie there once
    assert push_raw(root, remote) == []
    clone = copy("clone").root
    shutil.copy(root / SUMS, clone / SUMS)
    (clone / RAW / "numbers.txt").unlink()
    assert len(check_raw(clone)) == 3
    assert pull_raw(clone, remote) == ["a.csv", "same.csv", "tiny.toml"]
    assert (check_raw(clone), pull_raw(clone, remote)) == ([], [])
    assert mode(clone / RAW / "a.csv") & 0o222 == 0


def test_a_damaged_or_missing_copy_in_the_remote_is_refused(
    root: Path, file: Path, tmp_path: Path
) -> None:
    add_raw(root, file)
    push_raw(root, "../remote")
    (root / RAW / "a.csv").unlink()
    stored = tmp_path / "remote" / SHA
    stored.write_bytes(b"x" * 6)
    with pytest.raises(ProjectError, match=rf"{SHA} is no copy of a\.csv: delete it"):
        pull_raw(root, "../remote")
    assert not (root / RAW / "a.csv").exists()
    stored.unlink()
    with pytest.raises(ProjectError, match=r"a\.csv is not in \.\./remote: `data push` it there"):
        pull_raw(root, "../remote")
    add_raw(root, file)
    stored.write_bytes(CONTENT[:3])  # a push that was interrupted
    assert push_raw(root, "../remote") == ["a.csv"]
    assert stored.read_bytes() == CONTENT


@pytest.mark.parametrize(("remote", "says"), [(None, "no remote is set"), ("nope://x", "nope")])
def test_a_remote_that_cannot_be_had_is_named(root: Path, remote: str | None, says: str) -> None:
    for exchange in (pull_raw, push_raw):
        with pytest.raises(ProjectError, match=says):
            exchange(root, remote)


def test_nothing_is_pushed_that_is_not_the_recorded_file(root: Path, file: Path) -> None:
    add_raw(root, file)
    (root / RAW / "a.csv").chmod(0o644)
    (root / RAW / "a.csv").write_text("edited")
    with pytest.raises(ProjectError, match="is not the file recorded"):
        push_raw(root, "../remote")
    assert not (root.parent / "remote" / SHA).exists()


def test_the_commands_exchange_with_the_remote_of_the_settings(project: Project) -> None:
    project.edit(CONFIG, "factor = 2", 'factor = 2\nremote = "../remote"')
    assert project.run("data", "push") == "1 file(s) copied: `data pull` elsewhere.\n"
    (project.root / RAW / "numbers.txt").unlink()
    done = project.call("data", "check")
    assert (done.returncode, done.stdout.startswith("data/raw/numbers.txt: missing, 6 bytes")) == (
        1,
        True,
    )
    assert "numbers.txt: missing, 6 bytes" in project.fails("run")
    assert project.run("data", "pull", within="reports") == "1 file(s) fetched: `run` reads them.\n"
    assert project.run("data", "check") == "1 raw file(s) as recorded.\n"


def test_an_addition_that_dies_can_be_repeated(root: Path, file: Path) -> None:
    for change in range(40):
        died = dies(change, lambda: add_raw(root, file))
        assert all(each.endswith("`data add` does") for each in check_raw(root))
        stored = root / RAW / "a.csv"
        assert not stored.exists() or stored.read_bytes() == CONTENT
        assert add_raw(root, file) == ["a.csv"]
        assert check_raw(root) == []
        died = dies(change, lambda: remove_raw(root, "a.csv")) or died
        assert all("missing" in each for each in check_raw(root))
        if "a.csv" in read_record(root):
            remove_raw(root, "a.csv")
        assert check_raw(root) == []
        if not died:
            break
    assert not died
    assert change > 5


def test_a_link_is_recorded_where_it_lies_and_the_file_behind_it_is_left_alone(root: Path) -> None:
    theirs, link = root.parent / "a.csv", root / RAW / "deep/link.csv"
    theirs.chmod(0o644)
    link.parent.mkdir()
    link.symlink_to(theirs)
    assert add_raw(root, link) == ["deep/link.csv"]
    assert (stat.S_IMODE(theirs.stat().st_mode), check_raw(root)) == (0o644, [])
    remove_raw(root, "deep/link.csv")
    assert (stat.S_IMODE(theirs.stat().st_mode), link.is_symlink()) == (0o644, False)


@pytest.mark.parametrize("name", ["../../src/tiny/x.py", "/etc/x", "a/../../x", ".."])
def test_the_record_names_nothing_outside(root: Path, name: str) -> None:
    (root / SUMS).write_text(f"{SHA}  {name}\n")
    with pytest.raises(ProjectError, match="has a line that is not"):
        read_record(root)


def test_a_folder_around_the_project_and_a_remote_inside_it_are_refused(root: Path) -> None:
    for folder in (root, root.parent, root / "data"):
        with pytest.raises(ProjectError, match="name a data file"):
            add_raw(root, folder)
    for remote in ("store", "data/raw/store", str(root / "store")):
        with pytest.raises(ProjectError, match="lies in the project"):
            push_raw(root, remote)


def test_what_is_to_be_typed_can_be_typed(project: Project) -> None:
    odd = project.root.parent / 'a b$(touch x)".csv'
    odd.write_text("1")
    said = project.run("data", "add", odd)
    assert "git add --force data/raw/SHA256SUMS 'data/raw/a b$(touch x)\".csv'\n" in said
    assert 'raw = ["data/raw/a b$(touch x)\\".csv"] in configs/tiny.toml' in said


LOOKS = """def inspect(file: Path) -> None:
    \"\"\"Refuse what holds no numbers.\"\"\"
    from .engine import ProjectError

    if not file.read_text().split()[0].isdigit():
        raise ProjectError(f"{file.name} holds no numbers: name another")


STUDY = Study(
    inspect=inspect,
"""


def test_what_the_study_cannot_read_is_refused_before_anything_is_recorded(fresh: Project) -> None:
    fresh.edit("src/tiny/pipeline.py", "STUDY = Study(\n", LOOKS)
    before, notes = (fresh.root / SUMS).read_bytes(), fresh.write("../more/notes.txt", "of May")
    fresh.write("../more/deep/data.txt", "1 2")
    for source in ("../more/notes.txt", "../more"):
        said = fresh.fails("data", "add", source)
        assert said == "error: notes.txt holds no numbers: name another; nothing was added\n"
        assert (fresh.root / SUMS).read_bytes() == before
        assert [each.name for each in (fresh.root / RAW).glob("*.txt")] == ["numbers.txt"]
    notes.rename(notes.with_name(".notes.txt"))  # what is no data is not looked into
    assert "data/raw/more/deep/data.txt is recorded" in fresh.run("data", "add", "../more")
    assert "data/raw/numbers.txt is recorded" in fresh.run("data", "add", "data/raw/numbers.txt")
    assert "is not there, or cannot be raw data" in fresh.fails("data", "add", "../none.txt")


def test_a_study_adds_commands_about_raw_data_which_get_project_and_settings(
    fresh: Project,
) -> None:
    fresh.edit(
        "src/tiny/pipeline.py",
        "STUDY = Study(\n",
        "STUDY = Study(\n    data_commands=lambda data, opened: data.command('factor')(\n"
        "        lambda: print(opened()[0], opened()[1].factor)\n    ),\n",
    )
    assert fresh.run("data", "factor", within="data") == f"{fresh.root} 2\n"
    fresh.edit(CONFIG, "factor = 2", "factor = 'x'")
    assert "factor: " in fresh.fails("data", "factor")

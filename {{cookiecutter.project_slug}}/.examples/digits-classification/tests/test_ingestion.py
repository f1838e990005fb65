"""Tables as people have them: read right, or one sentence that says where they are wrong."""

import gzip
from datetime import date, datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from {{ cookiecutter.package_name }}.data.ingestion import (
    is_missing,
    read_table,
    stream_texts,
    to_dates,
    to_numbers,
)
from {{ cookiecutter.package_name }}.data.stages import inspect
from {{ cookiecutter.package_name }}.data.validation import Contract
from {{ cookiecutter.package_name }}.engine import ProjectError

ROWS = "".join(f"{i},{i / 4},w{i % 3}\n" for i in range(60))
TABLE = "a,b,c\n" + ROWS


@pytest.fixture
def file(tmp_path):
    """Write a file of that name; texts are UTF-8."""

    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def column(*cells, mark=","):
    """Return a CSV with a column `x` of these cells, quoted, and another one."""
    lines = (f'"{cell}"{mark}k{i}' for i, cell in enumerate(cells))
    return "\n".join([f"x{mark}key", *lines])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE, []),
        (TABLE.encode("utf-8-sig"), []),
        (TABLE.encode("utf-16"), []),
        (TABLE.replace("\n", "\r\n"), []),
        (TABLE.replace("\n", "\r"), []),
        ("\n" + TABLE.replace("\n", "\n\n"), []),
        (TABLE.replace(",", ";"), ["parted by semicolons"]),
        (TABLE.replace(",", "\t"), ["parted by tabs"]),
        (TABLE.replace(",", "|"), ["parted by vertical bars"]),
        (TABLE.replace(",", ";").replace(".", ","), ["semicolons", "decimal commas in 'b'"]),
        (TABLE.replace(",", " , "), []),
    ],
)
def test_dialects_are_one_table(file, content, said):
    read = read_table(file(content))
    assert read.kinds == {"a": "number", "b": "number", "c": "category"}
    assert read.table["a"].tolist() == list(range(60))
    assert read.table["b"].sum() == sum(range(60)) / 4
    assert read.table["c"].tolist() == [f"w{i % 3}" for i in range(60)]
    assert len(read.notes) == len(said)
    assert all(words in note for words, note in zip(said, read.notes, strict=True))


def test_what_is_no_utf8_is_western_or_refused(file):
    read = read_table(file("größe,b\nklein,1\nübel,2\n".encode("cp1252")))
    assert read.table["größe"].tolist() == ["klein", "übel"]
    assert "Windows-1252" in read.notes[0]
    assert list(read_table(file("名前,値 x\n東京,1\n大阪,2\n")).table) == ["名前", "値 x"]
    for text, encoding in ("名前,値\n東京,1\n", "gbk"), ("город,цена\nМосква,1\n", "cp1251"):
        with pytest.raises(ProjectError, match="save it as UTF-8"):
            read_table(file(text.encode(encoding)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a,b\n", "no rows"),
        ("a b\n1 2\n", "one column.*semicolons, tabs"),
        ("a,b\n1,2\n3\n4,5,6\n", "line 3: 1 cells.*2 columns"),
        (TABLE + "1,2\n", "line 62: 2 cells.*3 columns"),
        ('a,b\n"x\n\ny",1\n\n1,2,3\n', "line 6: 3 cells"),
        (TABLE + '1,2,"x\n3,4,y\n', "line 62: a quoted cell that never ends"),
        ("a, a\n1,2\n", "columns 1 and 2 have the same name 'a'"),
        ("5.1,3.5,9.4\n" + "1,2,3\n" * 9, "has no names"),
        ("5.1,3.5,x\n" + "1,2,3\n" * 9, "has no names"),
        ("a,,,\n1,2,3,4\n", "has no names"),
        ("A title,\na,b\n1,2\n", "has no names"),
        ("39,Gov,Male\n39,Gov,Male\n40,Own,Male\n", "reads like the rows"),
        (TABLE + TABLE, "stands there twice"),
        (b"\x89PNG\0\0", "this is no text"),
        (TABLE.encode("utf-16-le"), "this is no text"),
        (gzip.compress(TABLE.encode() * 9), "this is no text"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(file, content, message):
    with pytest.raises(ProjectError, match=message):
        read_table(file(content))


@pytest.mark.parametrize(("content", "message"), [("a,b\n", "no rows"), ("a\n1\n", "one column")])
def test_data_add_looks_for_rows_and_for_columns_beside_the_target(file, content, message):
    with pytest.raises(ProjectError, match=message):
        inspect(file(content))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.zip", "a.json", "a.xlsx", "a.parquet"])
def test_a_file_of_another_kind_is_one_sentence(file, name):
    with pytest.raises(ProjectError, match=r"can be read|cannot be read as (Excel|Parquet)"):
        read_table(file(b"PK\x03\x04 no such thing", name))
    with pytest.raises(ProjectError, match="no such file"):
        read_table("nowhere.csv")


@pytest.mark.parametrize(
    ("cells", "kind", "said"),
    [
        (["1", "-2.5", "+3", "1e5", ".5", "6.", "−7", "NA"], "number", "as missing: 'NA' (1)"),
        (["1950", "1951", "1952"], "number", ""),
        (["01234", "56789"], "category", "codes such as '01234'"),
        ([str(2**53), "1"], "category", "codes such as '9007199254740992'"),
        (["1,234", "5,678"], "category", "not certain"),
        (["$5", "7%"], "category", "not certain"),
        (["39.1 mm", "40 mm"], "category", "not certain"),
        (["7.568", "950"], "number", "'7.568' is read with a decimal point"),
        (["7.568", "95"], "number", ""),
        (["first", "2nd class"], "category", ""),
        (["True", "False"], "category", ""),
        (["", "NA", "?"], "category", "as missing"),
        (["+", "-", "?"], "category", "as missing: '?' (1)"),
        (["soon", *"123456789"], "category", ""),
        (["2024-01-31", "9999-12-31", "1600-01-01T10:30:00.5"], "date", ""),
        (["2024-01-31T00:30:00+02:00", "2024-01-31"], "date", "read as UTC"),
        (["3.4.2024", "13.4.2024"], "date", ""),
        (["3/4/2024", "3/14/2024"], "date", ""),
        (["3/4/2024", "5/6/2024"], "category", "not certain"),
        (["2024-02-31", "y"], "category", ""),
    ],
)
def test_a_column_is_what_all_its_cells_are(file, cells, kind, said):
    read = read_table(file(column(*cells)))
    assert read.kinds["x"] == kind
    assert said in " ".join(read.notes)
    assert bool(said) == bool(read.notes)
    dtypes = {"number": "float64", "category": "str", "date": "datetime64[us]"}
    assert read.table["x"].dtype == dtypes[kind]


@pytest.mark.parametrize("at", [0, 500, 999])
@pytest.mark.parametrize(("usual", "odd"), [("7.5", "soon"), ("2024-03-01", "2024-02-30")])
def test_one_cell_that_is_none_is_named_wherever_it_stands(file, at, usual, odd):
    cells = [usual] * 1000
    cells[at] = odd
    path = file(column(*cells))
    with pytest.raises(ProjectError, match=rf"line {at + 2}, column 'x': '{odd}' is no .* 999 "):
        read_table(path)
    assert read_table(path, missing=[odd]).table["x"].isna().tolist() == [c == odd for c in cells]
    assert read_table(path, categories=["x"]).table["x"].tolist() == cells
    with pytest.raises(ProjectError, match="no column 'y', but 'x', 'key'"):
        read_table(path, categories=["y"])


def test_infinity_and_doubtful_thousands_are_errors(file):
    for odd in "inf", "1e999", "-2e150":
        with pytest.raises(ProjectError, match=rf"line 3, column 'x': '{odd}' is beyond 1e\+100"):
            read_table(file(column("1", odd)))
    with pytest.raises(ProjectError, match=r"line 2, column 'b': '1\.234' may have"):
        read_table(file("a;b\n1,5;1.234\n"))
    assert read_table(file("a;b\n1;1.234\n")).table["b"].tolist() == [1.234]
    assert read_table(file("a;b\n1;1.234,5\n")).table["b"].tolist() == [1234.5]
    for proof, kind in (("-0.52", "category"), ("-0,52", "number")):
        read = read_table(file(f"a;b\n950;{proof}\n2,593;7\n"))
        assert read.kinds["a"] == kind
        assert ("not certain" in " ".join(read.notes)) == (kind == "category")


def test_commas_of_names_and_numbers_part_no_cells_where_another_mark_does(file):
    read = read_table(file("Länge, cm;Breite, cm\n1,5;2,5\n3,25;4,5\n"))
    assert read.table["Länge, cm"].tolist() == [1.5, 3.25]


def test_values_are_those_that_were_written():
    numbers, none = to_numbers(pd.Series(["1.5", None, "x", " 2 ", "1.234,5"], dtype="str"))
    assert numbers.equals(pd.Series([1.5, np.nan, np.nan, 2, np.nan]))
    assert none.tolist() == [False, False, True, False, True]
    mixed = pd.Series(["2024-01-31T00:30+02:00", "31.1.2024", None], dtype="str")
    dates, none, _ = to_dates(mixed)
    assert (dates[0], none.tolist()) == (datetime(2024, 1, 30, 22, 30), [False, True, False])
    assert to_dates(pd.Series(["3.4.2024", "13.4.2024"]))[0][0] == datetime(2024, 4, 3)
    assert to_dates(pd.Series(["3/4/2024", "3/14/2024"]))[0][0] == datetime(2024, 3, 4)
    assert is_missing(pd.Series(["", " NA ", "x", None]), ["x"]).all()


@pytest.mark.parametrize("rows", [1, 7, 60])
def test_a_chunk_is_read_as_the_whole_file_was_whatever_its_rows_alone_would_say(file, rows):
    """Of "318.437", "05.02.2024" and "-" only other rows tell what they are."""
    lines = [f"318.{400 + i};0{1 + i % 9}.02.2024;{'+-'[i % 2]};{i}" for i in range(60)]
    lines[59] = "2.318,25;31.01.2024;-;7"
    path = file("amount;day;strand;n\n" + "\n".join(lines) + "\n")
    read = read_table(path)
    assert read.ways == {"amount": ",", "day": "%d.%m.%Y", "strand": "-", "n": ","}
    contract = Contract.from_table(read.table, read.kinds, ways=read.ways)
    cast = pd.concat([contract.cast(chunk) for chunk in stream_texts(path, rows)])
    pd.testing.assert_frame_equal(cast, read.table)
    assert (cast["amount"][0], cast["day"][1]) == (318_400, datetime(2024, 2, 2))


def test_numbers_of_a_workbook_are_no_decimal_commas_and_others_are_not_guessed(file, tmp_path):
    read = read_table(file("x;day\n1,5;31.01.2024\n2,5;01.02.2024\n"))
    contract = Contract.from_table(read.table, read.kinds, ways=read.ways)
    new = pd.DataFrame({"x": [318.437], "day": [datetime(2024, 2, 1)]})
    new.to_excel(tmp_path / "new.xlsx", index=False)
    (chunk,) = stream_texts(tmp_path / "new.xlsx")
    assert contract.cast(chunk).iloc[0].tolist() == [318.437, datetime(2024, 2, 1)]
    with pytest.raises(ProjectError, match=r"'1\.5' is no number with a decimal comma"):
        contract.cast(pd.DataFrame({"x": ["1.5"], "day": ["01.02.2024"]}))
    with pytest.raises(ProjectError, match=r"'13/14/2024' is no date such as %d\.%m\.%Y, nor"):
        contract.cast(pd.DataFrame({"x": ["1,5"], "day": ["13/14/2024"]}))


def test_parquet_is_read_by_its_types(tmp_path):
    table = pd.DataFrame(
        {
            "whole": [1, 2, 3],
            "real": [0.1, np.nan, 1e-7],
            "yes": [True, False, True],
            "at": pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin"),
            "day": [date(2024, 1, 1)] * 3,
            "kind": pd.Categorical(["u", "v", None]),
            "huge": [2**60, 1, 2],
        },
        index=pd.Index(["r", "s", "t"], name="key"),
    )
    table.to_parquet(tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet", categories=["whole"])
    kinds = ["category", "number", "category", "date", "date", "category", "category", "category"]
    assert list(read.kinds.values()) == kinds
    assert read.table["real"].equals(table["real"].reset_index(drop=True))
    assert read.table["at"][0] == datetime(2023, 12, 31, 23)
    texts = read.table[["whole", "yes", "huge", "key"]].iloc[0].tolist()
    assert texts == ["1", "True", str(2**60), "r"]
    chunk = next(stream_texts(tmp_path / "t.parquet"))
    assert (chunk["real"].dtype, chunk["key"].tolist()) == (np.float64, ["r", "s", "t"])
    for odd in [[1], [2]], [b"\xff", b"x"]:
        pq.write_table(pa.table({"odd": odd, "b": [1, 2]}), tmp_path / "odd.parquet")
        with pytest.raises(ProjectError, match="'odd' holds"):
            read_table(tmp_path / "odd.parquet")


def test_the_sheet_of_a_workbook_that_holds_a_table_is_read(tmp_path):
    book = Workbook()
    book.active.append(["see the next sheet"])
    sheet = book.create_sheet("data")
    for row in [], ["n", "day", "yes"], [3, datetime(2024, 1, 31), True], [], [2.5, None, False]:
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    read = read_table(tmp_path / "t.xlsx")
    assert read.kinds == {"n": "number", "day": "date", "yes": "category"}
    assert read.table["n"].tolist() == [3, 2.5]
    assert "sheet 'data' is read" in read.notes[0]
    assert read_table(tmp_path / "t.xlsx", categories=["n"]).table["n"].tolist() == ["3", "2.5"]
    with pytest.raises(ProjectError, match="no sheet 'x', but Sheet, data"):
        read_table(tmp_path / "t.xlsx", sheet="x")
    sheet.append(["inf", None, True])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(ProjectError, match="sheet 'data', row 6, column 'n'"):
        read_table(tmp_path / "t.xlsx")


def test_chunks_are_the_rows_as_they_were_written(file):
    chunks = list(stream_texts(file(TABLE.replace("w1", " NA")), 25))
    assert [len(chunk) for chunk in chunks] == [25, 25, 10]
    whole = pd.concat(chunks)
    assert whole.index.tolist() == list(range(60))
    assert whole.iloc[1].tolist() == ["1", "0.25", " NA"]
    assert [len(chunk.columns) for chunk in stream_texts(file("x\n1\n2\n"))] == [1]

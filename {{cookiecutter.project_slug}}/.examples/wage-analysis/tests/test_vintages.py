"""The same cells in the layout of every vintage and in every format are the same table."""

from xml.sax.saxutils import escape
from zipfile import ZipFile

import pandas as pd
import pytest
from openpyxl import Workbook

from {{ cookiecutter.package_name }}.data.preprocessing import COLUMNS, NUMERIC_COLUMNS, read_wages
from {{ cookiecutter.package_name }}.data.validation import validate_wages
from {{ cookiecutter.package_name }}.engine import ProjectError

TEXTS = [name for name in COLUMNS if name not in NUMERIC_COLUMNS]
OF_ALL = ["NAICS", "NAICS_TITLE", "I_GROUP", "OWN_CODE"]
STATE = {"PRIM_STATE": "ST", "AREA_TITLE": "STATE", "O_GROUP": "OCC_GROUP"}
CITY = {"AREA_TITLE": "AREA_NAME", "O_GROUP": "OCC_GROUP", "LOC_QUOTIENT": "LOC QUOTIENT"}
AREA = ["AREA", "AREA_TITLE", "AREA_TYPE", "PRIM_STATE"]
PCT, JOBS = ["PCT_TOTAL", "PCT_RPT"], ["JOBS_1000", "LOC_QUOTIENT"]
LAYOUTS = {  # today's names that the vintage writes otherwise, and columns that it lacks
    "state 2003": (STATE | {"O_GROUP": "GROUP"}, [*OF_ALL, *PCT, *JOBS, "AREA_TYPE", "HOURLY"]),
    "state 2010": (STATE | {"O_GROUP": "GROUP"}, [*OF_ALL, *PCT, "AREA_TYPE"]),
    "state 2014": (STATE | {"LOC_QUOTIENT": "LOC_Q"}, [*OF_ALL, *PCT, "AREA_TYPE"]),
    "state 2014, no AREA": (STATE | {"LOC_QUOTIENT": "LOC_Q"}, [*OF_ALL, "AREA", "AREA_TYPE"]),
    "state 2019": ({name: name.lower() for name in COLUMNS}, ["PRIM_STATE", "PCT_RPT"]),
    "state 2020": ({}, ["PCT_RPT"]),
    "nation 2003": ({"O_GROUP": "GROUP"}, [*AREA, *OF_ALL, *PCT, *JOBS]),
    "nation 2013": ({"O_GROUP": "OCC_GROUP"}, [*AREA, *OF_ALL, *PCT, *JOBS]),
    "city 2003": (CITY | {"O_GROUP": "GROUP"}, [*OF_ALL, *PCT, *JOBS, "AREA_TYPE"]),
    "city 2018": (CITY, [*OF_ALL, *PCT, "AREA_TYPE"]),
    "industry 2016": ({"O_GROUP": "OCC_GROUP"}, [*AREA, *JOBS, "I_GROUP", "OWN_CODE"]),
}
ABSENT = [*PCT, *JOBS, "HOURLY"]  # what nothing else tells


def cells_of(wages: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the cells of two areas as texts, for cities and industries under other codes."""
    cells = wages.loc[wages["AREA"].isin(["01", "72"]), list(COLUMNS)].astype("str")
    first = cells["AREA"] == "01"
    other = {"city 2003": ("0040", "7440"), "city 2018": ("10180", "0100001")}.get(kind)
    if other:
        return cells.assign(AREA=cells["AREA"].map(dict(zip(("01", "72"), other, strict=True))))
    if kind.startswith("nation"):
        return cells[first].assign(AREA="99", AREA_TITLE="U.S.", AREA_TYPE="1", PRIM_STATE="US")
    if kind.startswith("industry"):
        return cells.assign(NAICS=["236100" if one else "611100" for one in first])
    return cells


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_layout_is_the_table_of_today(wages, tmp_path, kind):
    older, lacking = LAYOUTS[kind]
    expected = cells_of(wages, kind)
    written = expected.drop(columns=lacking)
    if older.get("O_GROUP") == "GROUP":
        written["O_GROUP"] = written["O_GROUP"].where(written["O_GROUP"] == "major")
    written.rename(columns=older).to_excel(tmp_path / "old.xlsx", index=False)
    found, _ = read_wages(tmp_path / "old.xlsx")
    validate_wages(found)
    source = found.attrs["source"]
    assert {*source["derived"], *source["absent"]} == {*lacking}
    assert {*source["absent"]} <= {*ABSENT, *lacking[-2:]}
    same = [name for name in TEXTS if name not in {*source["absent"], "AREA_TYPE", "PRIM_STATE"}]
    if kind.startswith("industry"):
        same = [name for name in same if name not in AREA]
        assert found[["AREA", "AREA_TITLE"]].drop_duplicates().to_numpy().tolist() == [
            ["99", "U.S."]
        ]
    pd.testing.assert_frame_equal(
        found[same].reset_index(drop=True), expected[same].reset_index(drop=True)
    )
    areas = ("01", "72", "99", "0040", "7440", "10180", "0100001")
    types = dict(zip(areas, "2314446", strict=True))
    assert (found["AREA_TYPE"] == found["AREA"].map(types)).all()
    assert found["A_MEAN"].sum() == pd.to_numeric(expected["A_MEAN"]).sum()


def zipped(frame: pd.DataFrame, path) -> None:
    """Write what the agency's server sends: a folder with the workbook, and what is beside it."""
    with ZipFile(path, "w") as archive:
        with archive.open("oesm25st/state_M2025_dl.xlsx", "w") as file:
            frame.to_excel(file, index=False)
        for name in ("oesm25st/file_descriptions.xlsx", "__MACOSX/oesm25st/._state_M2025_dl.xlsx"):
            archive.writestr(name, b"no workbook")


def open_document(frame: pd.DataFrame, path) -> None:
    """Write the parts of an OpenDocument sheet that readers need."""
    values = frame.astype(object).fillna("").to_numpy().tolist()
    rows = ["".join(map(cell, row)) for row in [[*frame], *values]]
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    space = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{n}="{space}:{n}:1.0"' for n in ("office", "table", "text"))
    sheet = f'<table:table table:name="t">{body}</table:table>'
    for tag in ("spreadsheet", "body"):
        sheet = f"<office:{tag}>{sheet}</office:{tag}>"
    with ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        content = f"<office:document-content {spaces}>{sheet}</office:document-content>"
        archive.writestr("content.xml", content)


def cell(value: object) -> str:
    kind, text = 'string"', f"<text:p>{escape(str(value))}</text:p>"
    if isinstance(value, float):
        kind, text = f'float" office:value="{value!r}"', ""
    return f'<table:table-cell office:value-type="{kind}>{text}</table:table-cell>'


FORMATS = {
    "plain.csv": lambda f, p: f.to_csv(p, index=False),
    "semicolons.csv": lambda f, p: f.to_csv(p, index=False, sep=";", encoding="utf-8-sig"),
    "tabs.txt": lambda f, p: f.to_csv(p, index=False, sep="\t", encoding="utf-16"),
    "western.csv": lambda f, p: f.replace("Guam", "Curaçao").to_csv(
        p, index=False, encoding="cp1252"
    ),
    "typed.parquet": lambda f, p: f.set_index("AREA", drop=False).to_parquet(p),
    "texts.parquet": lambda f, p: f.astype("str").to_parquet(p),
    "official.zip": zipped,
    "open.ods": open_document,
    "misnamed.xls": lambda f, p: f.to_csv(p, index=False),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_holds_the_same_table(wages, tmp_path, name):
    expected = wages.loc[wages["AREA"] == "66", list(COLUMNS)]
    FORMATS[name](expected, tmp_path / name)
    found, rejected = read_wages(tmp_path / name)
    assert rejected.empty
    if name == "western.csv":
        assert found["AREA_TITLE"].unique() == ["Curaçao"]
        expected = expected.assign(AREA_TITLE="Curaçao")
    pd.testing.assert_frame_equal(
        found[list(COLUMNS)].reset_index(drop=True), expected.reset_index(drop=True)
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"<!DOCTYPE html><p>Access Denied", "is a web page"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "row 1, lacks AREA"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "cannot be read as a workbook, CSV"),
        (b"PK\x05\x06" + bytes(18), "holds no workbook, CSV or Parquet file"),
        (b"PAR1" + bytes(40), "cannot be read as a workbook, CSV"),
        (b"\xd0\xcf\x11\xe0" + bytes(5_000), "cannot be read as a workbook, CSV"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path, content, complaint, capfd):
    (tmp_path / "raw.xlsx").write_bytes(content)
    with pytest.raises(ProjectError, match=complaint) as error:
        read_wages(tmp_path / "raw.xlsx")
    assert "\n" not in str(error.value)
    assert capfd.readouterr().err == ""


def test_a_sheet_that_reaches_far_is_refused_before_room_is_made_for_it(tmp_path):
    book = Workbook()
    book.active.append([*COLUMNS])
    book.active.cell(1_048_576, 16_384, "far")
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(ProjectError, match="reaches to cell XFD1048576; delete"):
        read_wages(tmp_path / "far.xlsx")


def test_two_tables_or_two_years_in_a_file_are_refused(wages, tmp_path):
    rows = wages.loc[wages["AREA"] == "66", list(COLUMNS)]
    with pd.ExcelWriter(tmp_path / "both.xlsx") as book:
        rows.to_excel(book, sheet_name="new", index=False)
        rows.to_excel(book, sheet_name="old", index=False)
        book.book["old"].sheet_state = "hidden"
    with pytest.raises(ProjectError, match="the sheets 'new', 'old' hold such a table each"):
        read_wages(tmp_path / "both.xlsx")
    years = [2024 + (i % 2) for i in range(len(rows))]
    rows.assign(YEAR=years).to_csv(tmp_path / "years.csv", index=False)
    with pytest.raises(ProjectError, match="is of several years"):
        read_wages(tmp_path / "years.csv")

"""Reading a workbook: types, marks, headers, errors, and the real file's known counts."""

import datetime
import logging
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from {{ cookiecutter.package_name }}.data.ingestion import read_first_sheet
from {{ cookiecutter.package_name }}.data.preprocessing import (
    COLUMNS,
    NUMERIC_COLUMNS,
    preprocess_wage_data,
)
from {{ cookiecutter.package_name }}.study import ProjectError

DERIVED = ("TOTAL_PAYROLL", "WAGE_EMP_RATIO", "WAGE_TOP_CODED", "A_MEAN_TOP_CODED")


def test_real_file_has_its_documented_shape(wages):
    assert wages.shape == (37_408, 36)
    assert tuple(wages.columns) == (*COLUMNS, *DERIVED)
    levels = {"total": 54, "major": 1_186, "detailed": 36_168}
    assert wages["O_GROUP"].value_counts().to_dict() == levels
    assert wages["AREA_TITLE"].nunique() == 54
    assert wages["ANNUAL"].value_counts().to_dict() == {"TRUE": 2_537}
    assert wages["HOURLY"].value_counts().to_dict() == {"TRUE": 108}


def test_real_file_counts_what_became_missing(wages):
    source = wages.attrs["source"]
    assert (source["rows_read"], source["rows_kept"]) == (37_408, 37_408)
    coerced = source["coerced"]
    assert coerced["A_MEAN"] == {"*": 625, "#": 92}
    assert coerced["H_MEAN"] == {"*": 3_054, "#": 92}
    assert coerced["A_PCT90"] == {"*": 625, "#": 98}
    assert coerced["TOT_EMP"] == {"**": 1_318}
    assert coerced["MEAN_PRSE"] == {"*": 517}
    assert len(coerced) == 17
    assert wages["A_MEAN"].isna().sum() == 717
    assert (wages["A_MEAN_TOP_CODED"].sum(), wages["WAGE_TOP_CODED"].sum()) == (92, 98)


def test_real_file_keeps_text_as_text_and_numbers_as_numbers(wages):
    assert wages.iloc[0][["AREA", "NAICS", "AREA_TYPE", "OWN_CODE"]].tolist() == [
        "01",
        "000000",
        "2",
        "1235",
    ]
    assert (wages[list(NUMERIC_COLUMNS)].dtypes == np.float64).all()
    text = [c for c in COLUMNS if c not in NUMERIC_COLUMNS]
    assert all(isinstance(wages[c].dtype, pd.StringDtype) for c in text)
    assert wages["TOTAL_PAYROLL"].max() > 2**40  # beyond 32 bits, exact in a float
    assert not np.isinf(wages[["TOTAL_PAYROLL", "WAGE_EMP_RATIO"]]).any(axis=None)


def test_account_travels_in_the_parquet_file(wages, tmp_path):
    wages.to_parquet(tmp_path / "wages.parquet", index=False)
    again = pd.read_parquet(tmp_path / "wages.parquet")
    assert again.attrs == wages.attrs
    pd.testing.assert_frame_equal(again, wages)


@pytest.mark.parametrize(
    ("cell", "number", "counted"),
    [
        (57_500, 57_500.0, {}),
        ("57,500", 57_500.0, {}),
        (" 1,057,500.5 ", 1_057_500.5, {}),
        ("-5", -5.0, {}),
        (0, 0.0, {}),
        (None, np.nan, {}),
        ("*", np.nan, {"*": 1}),
        (" ** ", np.nan, {"**": 1}),
        ("#", np.nan, {"#": 1}),
        ("57,50", np.nan, {"57,50": 1}),
        ("$57,500", np.nan, {"$57,500": 1}),
        ("nan", np.nan, {"nan": 1}),
        ("inf", np.nan, {"inf": 1}),
        ("1e999", np.nan, {"1e999": 1}),
        (True, np.nan, {"TRUE": 1}),
        (datetime.date(2025, 5, 1), np.nan, {"2025-05-01": 1}),
    ],
)
def test_cell_is_a_number_or_missing_and_counted(workbook, cell, number, counted):
    frame = preprocess_wage_data(workbook({"A_MEAN": cell}))
    np.testing.assert_equal(frame["A_MEAN"].iloc[0], number)
    assert frame.attrs["source"]["coerced"] == ({"A_MEAN": counted} if counted else {})


def test_many_different_marks_are_summed_up(workbook):
    rows = [{"A_MEAN": f"see note {i}"} for i in range(12)] + [{"A_MEAN": "*"}] * 2
    counted = preprocess_wage_data(workbook(*rows)).attrs["source"]["coerced"]["A_MEAN"]
    assert counted["*"] == 2
    assert counted["(others)"] == 4
    assert sum(counted.values()) == 14


def test_codes_titles_and_flags_are_tidied(workbook):
    row = {"AREA": 1, "NAICS": 0, "PRIM_STATE": " al ", "O_GROUP": "Detailed", "ANNUAL": True}
    row |= {"OCC_TITLE": "Chief Executives  ", "OCC_CODE": " 11-1011", "AREA_TITLE": None}
    tidy = preprocess_wage_data(workbook(row)).iloc[0]
    assert tidy[["AREA", "NAICS", "PRIM_STATE"]].tolist() == ["01", "000000", "AL"]
    assert tidy[["O_GROUP", "OCC_CODE"]].tolist() == ["detailed", "11-1011"]
    assert tidy[["OCC_TITLE", "ANNUAL"]].tolist() == ["Chief Executives", "TRUE"]
    assert pd.isna(tidy["AREA_TITLE"])
    assert pd.isna(tidy["HOURLY"])


def test_derived_columns(workbook):
    frame = preprocess_wage_data(
        workbook(
            {"A_MEAN": 50_000, "TOT_EMP": 200},
            {"A_MEAN": 50_000, "TOT_EMP": 0},
            {"A_MEAN": "#", "TOT_EMP": 200},
            {"A_MEAN": 50_000, "TOT_EMP": "**", "H_PCT90": "#"},
        )
    )
    np.testing.assert_equal(frame["TOTAL_PAYROLL"].tolist(), [1e7, 0.0, np.nan, np.nan])
    np.testing.assert_equal(frame["WAGE_EMP_RATIO"].tolist(), [250.0, np.nan, np.nan, np.nan])
    assert frame["WAGE_TOP_CODED"].tolist() == [False, False, True, True]
    assert frame["A_MEAN_TOP_CODED"].tolist() == [False, False, True, False]


def test_headers_in_any_case_and_blank_rows_below(workbook):
    path = workbook({}, {}, header=[f" {c.lower()} " for c in COLUMNS], blank=3)
    frame = preprocess_wage_data(path)
    assert tuple(frame.columns[:32]) == COLUMNS
    source = frame.attrs["source"]
    assert (source["rows_read"], source["rows_kept"], len(frame)) == (5, 2, 2)


def test_columns_are_found_by_name_and_others_kept_out(workbook, tmp_path):
    book = Workbook()
    path = workbook({"A_MEAN": 1.0})
    cells = dict(zip(COLUMNS, pd.read_excel(path, dtype=object).iloc[0], strict=True))
    names = [c for c in reversed(COLUMNS) if c not in ("PCT_TOTAL", "PCT_RPT")]
    book.active.append(["NOTE", *names, None])
    book.active.append(["n", *(None if pd.isna(cells[c]) else cells[c] for c in names), "n"])
    book.create_sheet("Notes").append(["nothing to read here"])
    book.save(tmp_path / "turned.xlsx")
    turned = preprocess_wage_data(tmp_path / "turned.xlsx")
    pd.testing.assert_frame_equal(turned, preprocess_wage_data(path))


def test_file_is_read_and_nothing_written(workbook, tmp_path):
    path = workbook({})
    before = (path.read_bytes(), sorted(tmp_path.iterdir()))
    preprocess_wage_data(str(path))
    assert before == (path.read_bytes(), sorted(tmp_path.iterdir()))


def test_log_tells_file_rows_and_what_became_missing(workbook, caplog):
    path = workbook({"A_MEAN": "#", "H_MEAN": "#"}, {"TOT_EMP": "**"}, blank=1)
    with caplog.at_level(logging.INFO):
        preprocess_wage_data(path)
    (message,) = caplog.messages
    assert str(path) in message
    assert "3 rows read, 2 kept" in message
    assert "** 1 in TOT_EMP; # 1 in H_MEAN, A_MEAN" in message


def _not_a_workbook(name: str, path: Path) -> Path:
    match name:
        case "csv":
            path.write_text("AREA,OCC_CODE\n01,11-1011\n")
        case "html":
            path.write_text("<html><body>403 Access Denied</body></html>")
        case "nothing":
            path.write_bytes(b"")
        case "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("state_M2025_dl/state_M2025_dl.xlsx", "inside")
        case "truncated":
            path.write_bytes(path.read_bytes()[:-2000])
        case "folder":
            path.unlink()
            path.mkdir()
        case "missing":
            path.unlink()
    return path


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("csv", "cannot be read as an Excel workbook"),
        ("html", "cannot be read as an Excel workbook"),
        ("nothing", "cannot be read as an Excel workbook"),
        ("zip", "unpack it if it is a zip archive"),
        ("truncated", "download it again"),
        ("folder", "this is a folder"),
        ("missing", "no such file"),
    ],
)
def test_file_that_is_no_workbook_is_one_clear_error(workbook, name, complaint):
    path = _not_a_workbook(name, workbook({}))
    with pytest.raises(ProjectError, match=complaint) as error:
        preprocess_wage_data(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_sheet_without_data_is_an_error(workbook):
    for header, blank, found in (((), 0, "nothing"), (COLUMNS, 0, "only a header")):
        with pytest.raises(ProjectError, match=f"holds {found}"):
            read_first_sheet(workbook(header=header, blank=blank))


def test_column_named_twice_is_an_error(workbook):
    header = ["a_mean " if c == "H_MEAN" else c for c in COLUMNS]
    with pytest.raises(ProjectError, match="more than one column named A_MEAN; rename"):
        preprocess_wage_data(workbook({}, header=header))


def test_missing_columns_are_all_named(workbook):
    header = [{"O_GROUP": "OCC_GROUP", "PRIM_STATE": "ST"}.get(c, c) for c in COLUMNS]
    with pytest.raises(ProjectError, match=r"lacks PRIM_STATE, O_GROUP; .* May 2025") as error:
        preprocess_wage_data(workbook({}, header=header))
    assert "small.xlsx" in str(error.value)


def test_other_areas_and_levels_are_read(metropolitan):
    frame = preprocess_wage_data(metropolitan)
    assert len(frame) == 300 * 13
    assert frame["AREA"].iloc[[0, -1]].tolist() == ["10180", "16160"]
    assert set(frame["O_GROUP"]) == {"total", "major", "minor", "broad", "detailed"}

"""Reading a workbook, typing its cells, and the contract that the table must keep."""

import logging
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from {{ cookiecutter.package_name }}.data.preprocessing import (
    COLUMNS,
    NUMERIC_COLUMNS,
    preprocess_wage_data,
)
from {{ cookiecutter.package_name }}.data.validation import validate_wages
from {{ cookiecutter.package_name }}.engine import ProjectError

DERIVED = ("TOTAL_PAYROLL", "WAGE_EMP_RATIO", "WAGE_TOP_CODED", "A_MEAN_TOP_CODED")


def test_real_file_has_its_documented_shape_and_types_and_passes_unchanged(wages):
    assert wages.shape == (37_408, 36)
    assert tuple(wages.columns) == (*COLUMNS, *DERIVED)
    levels = {"total": 54, "major": 1_186, "detailed": 36_168}
    assert wages["O_GROUP"].value_counts().to_dict() == levels
    assert wages["ANNUAL"].value_counts().to_dict() == {"TRUE": 2_537}
    assert wages["HOURLY"].value_counts().to_dict() == {"TRUE": 108}
    assert wages[["AREA", "NAICS", "AREA_TYPE"]].iloc[0].tolist() == ["01", "000000", "2"]
    assert (wages[list(NUMERIC_COLUMNS)].dtypes == np.float64).all()
    assert all(wages[c].dtype == "str" for c in COLUMNS if c not in NUMERIC_COLUMNS)
    assert wages["TOTAL_PAYROLL"].max() > 2**40  # beyond 32 bits
    assert not np.isinf(wages[["TOTAL_PAYROLL", "WAGE_EMP_RATIO"]]).any(axis=None)
    before = wages.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert validate_wages(wages) is wages
    pd.testing.assert_frame_equal(wages, before)


def test_real_file_counts_what_became_missing(wages):
    source = wages.attrs["source"]  # which the Parquet file keeps
    assert (source["rows_read"], source["rows_kept"]) == (37_408, 37_408)
    coerced = source["coerced"]
    assert len(coerced) == 17
    assert coerced["H_MEAN"] == {"*": 3_054, "#": 92}
    assert coerced["A_PCT90"] == {"*": 625, "#": 98}
    assert coerced["TOT_EMP"] == {"**": 1_318}
    assert coerced["MEAN_PRSE"] == {"*": 517}
    assert wages["A_MEAN"].isna().sum() == 717
    assert (wages["A_MEAN_TOP_CODED"].sum(), wages["WAGE_TOP_CODED"].sum()) == (92, 98)


@pytest.mark.parametrize(
    ("cell", "number"),
    [(57_500, 57_500), ("57,500", 57_500), (" 1,057,500.5 ", 1_057_500.5), ("-5", -5), (None, None)]
    + [(text, None) for text in (" ** ", "#", "57,50", "$57,500", "inf", True)],
)
def test_cell_is_a_number_or_missing_and_counted(workbook, cell, number):
    frame = preprocess_wage_data(workbook({"A_MEAN": cell}))
    np.testing.assert_equal(frame["A_MEAN"].iloc[0], np.nan if number is None else number)
    mark = "TRUE" if cell is True else str(cell).strip()
    counted = {"A_MEAN": {mark: 1}} if number is None and cell is not None else {}
    assert frame.attrs["source"]["coerced"] == counted


def test_many_different_marks_are_summed_up(workbook):
    rows = [{"A_MEAN": mark} for mark in (*map("see note {}".format, range(12)), "*", "*")]
    counted = preprocess_wage_data(workbook(*rows)).attrs["source"]["coerced"]["A_MEAN"]
    assert (counted["*"], counted["(others)"], sum(counted.values())) == (2, 4, 14)


def test_codes_titles_and_flags_are_tidied(workbook):
    row = {"AREA": 1, "NAICS": 0, "PRIM_STATE": " al ", "O_GROUP": "Detailed", "ANNUAL": True}
    row |= {"OCC_TITLE": "Chief Executives  ", "OCC_CODE": " 11-1011", "AREA_TITLE": None}
    tidy = preprocess_wage_data(workbook(row)).iloc[0]
    found = tidy[[*row]].tolist()[:-1]
    assert found == ["01", "000000", "AL", "detailed", "TRUE", "Chief Executives", "11-1011"]
    assert tidy[["AREA_TITLE", "HOURLY"]].isna().all()


def test_derived_columns(workbook):
    cells = [(50_000, 200, 9), (50_000, 0, 9), ("#", 200, 9), (50_000, "**", "#")]
    rows = [{"A_MEAN": mean, "TOT_EMP": jobs, "H_PCT90": top} for mean, jobs, top in cells]
    frame = preprocess_wage_data(workbook(*rows))
    np.testing.assert_equal(frame["TOTAL_PAYROLL"].tolist(), [1e7, 0.0, np.nan, np.nan])
    np.testing.assert_equal(frame["WAGE_EMP_RATIO"].tolist(), [250.0, np.nan, np.nan, np.nan])
    assert frame["WAGE_TOP_CODED"].tolist() == [False, False, True, True]
    assert frame["A_MEAN_TOP_CODED"].tolist() == [False, False, True, False]


def test_columns_are_found_by_name_on_the_first_sheet_and_others_kept_out(workbook, tmp_path):
    path, book = workbook({"A_MEAN": 1.0}), Workbook()
    cells = dict(zip(*load_workbook(path).active.values, strict=True))
    names = [c for c in reversed(COLUMNS) if c not in ("PCT_TOTAL", "PCT_RPT")]
    book.active.append(["NOTE", *(f" {name.lower()} " for name in names), None])
    book.active.append(["n", *(cells[c] for c in names), "n"])
    book.create_sheet("Notes").append(["nothing to read here"])
    book.save(tmp_path / "turned.xlsx")
    turned = preprocess_wage_data(tmp_path / "turned.xlsx")
    pd.testing.assert_frame_equal(turned, preprocess_wage_data(path))


def test_log_tells_what_became_missing_and_nothing_is_written(workbook, tmp_path, caplog):
    path = workbook({"A_MEAN": "#", "H_MEAN": "#"}, {"TOT_EMP": "**"}, blank=1)
    before = path.read_bytes()
    with caplog.at_level(logging.INFO):
        assert len(preprocess_wage_data(str(path))) == 2
    (message,) = caplog.messages
    for part in (str(path), "3 rows read, 2 kept", "** 1 in TOT_EMP; # 1 in H_MEAN, A_MEAN"):
        assert part in message
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], before)


def zipped(path):
    shutil.copy(shutil.make_archive(str(path), "zip", path.parent), path)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda p: p.write_text("AREA,OCC_CODE\n01,11-1011\n"), "cannot be read as an Excel"),
        (lambda p: p.write_text("<html>403 Access Denied</html>"), "cannot be read as an Excel"),
        (lambda p: p.write_bytes(b""), "cannot be read as an Excel workbook"),
        (lambda p: p.write_bytes(p.read_bytes()[:-2000]), "download it again"),
        (zipped, "unpack it"),
        (lambda p: (p.unlink(), p.mkdir()), "this is a folder"),
        (lambda p: p.unlink(), "no such file"),
    ],
)
def test_file_that_is_no_workbook_is_one_clear_error(workbook, spoil, complaint):
    path = workbook({})
    spoil(path)
    with pytest.raises(ProjectError, match=complaint) as error:
        preprocess_wage_data(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rows", "header", "complaint"),
    [
        ([], "", "holds nothing"),
        ([], " ".join(COLUMNS), "holds only a header"),
        ([{}], " ".join(COLUMNS).replace("H_MEAN", "a_mean"), "one column named A_MEAN; rename"),
        ([{}], " ".join(COLUMNS).replace("O_GR", "GR"), "small.xlsx.* lacks O_GROUP; .* May 2025"),
    ],
)
def test_sheet_without_the_data_is_one_clear_error(workbook, rows, header, complaint):
    with pytest.raises(ProjectError, match=complaint):
        preprocess_wage_data(workbook(*rows, header=header.split()))


def test_other_areas_and_levels_are_read_and_pass(made_up):
    assert made_up["AREA"].iloc[[0, -1]].tolist() == ["10180", "11760"]
    levels = {"total": 80, "major": 240, "minor": 80, "broad": 80, "detailed": 560}
    assert made_up["O_GROUP"].value_counts().to_dict() == levels
    validate_wages(made_up.assign(EMP_PRSE=0.0, A_MEAN=np.nan))  # zero and missing may be


@pytest.fixture
def few(workbook):
    codes = [f"11-101{i}" for i in range(6)]
    return preprocess_wage_data(workbook(*({"OCC_CODE": code} for code in codes)))


def put(frame, rows, column, value):
    frame.loc[rows, column] = value
    return frame


def emptied(frame, *columns):
    return frame.assign(**{column: frame[column].where(frame.index != 3) for column in columns})


NEGATIVE = "A_MEAN must not be negative or infinite: 01 000000 11-1011 (-5.0), "
REPEATED = "the key AREA, NAICS, OCC_CODE must be unique, is repeated: 01 000000 11-1012;"
NEEDED = ("AREA", "OCC_CODE", "O_GROUP", "NAICS", "AREA_TITLE")
EMPTY = [f"{column} must not be empty: " for column in NEEDED]
MISTYPED = (
    "AREA must be text, is int64",
    "TOT_EMP must be float64, is str",
    "WAGE_TOP_CODED must be bool, is int64",
)
FIVE = dict.fromkeys(("A_MEAN", "H_MEAN", "TOT_EMP", "MEAN_PRSE", "EMP_PRSE"), -1.0)


@pytest.mark.parametrize(
    ("change", "complaints"),
    [
        (lambda f: put(f, slice(1, 5), "A_MEAN", -5.0), (NEGATIVE, "11-1013 (-5.0) and 2 more")),
        (lambda f: put(f, 0, "WAGE_EMP_RATIO", np.inf), ("_RATIO must not be negative or inf",)),
        (lambda f: pd.concat([f, f.iloc[[2]]], ignore_index=True), (REPEATED,)),
        (lambda f: emptied(f, *NEEDED[:3]), EMPTY[:3]),
        (lambda f: emptied(f, *NEEDED[3:]), EMPTY[3:]),
        (lambda f: f.drop(columns="A_MEAN"), ("column A_MEAN is missing",)),
        (lambda f: f.assign(AREA=1, TOT_EMP="many", WAGE_TOP_CODED=0), MISTYPED),
        (lambda f: f.assign(**FIVE), ("; 2 more problems; ",)),
    ],
)
def test_what_breaks_the_contract_is_named_with_its_rows(few, change, complaints):
    with pytest.raises(ProjectError) as error:
        validate_wages(change(few))
    assert "\n" not in str(error.value)
    for complaint in complaints:
        assert complaint in str(error.value)

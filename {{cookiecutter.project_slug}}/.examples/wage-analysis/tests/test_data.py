"""Reading a workbook, typing its cells, and the contract that the table must keep."""

import logging
import warnings
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from {{ cookiecutter.package_name }}.data.preprocessing import (
    COLUMNS,
    NUMERIC_COLUMNS,
    preprocess_wage_data,
    read_wages,
)
from {{ cookiecutter.package_name }}.data.validation import judge_rules, validate_wages
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
    [(57_500, 57_500), ("57,500", 57_500), (" 1,057,500.5 ", 1_057_500.5), ("-5", -5)]
    + [("$57,500", 57_500), ("57 500 $", 57_500), ("57\u202f500.5", 57_500.5), ("1.2E+05", 120_000)]
    + [(text, None) for text in (" ** ", "#", "inf", "see above", True)],
)
def test_cell_is_a_number_or_missing_and_counted(workbook, cell, number):
    frame = preprocess_wage_data(workbook({"A_MEAN": cell}))
    np.testing.assert_equal(frame["A_MEAN"].iloc[0], np.nan if number is None else number)
    mark = "true" if cell is True else str(cell).strip()
    counted = {"A_MEAN": {mark: 1}} if number is None else {}
    assert frame.attrs["source"]["coerced"] == counted


@pytest.mark.parametrize(
    "cell", ["57\u2019500", "57500(1)", "57,50", "57.500,00", "12 %", "1,2,3", "57'500", "5-7"]
)
def test_what_looks_like_a_number_and_is_not_certain_is_refused_with_its_cell(workbook, cell):
    path = workbook({}, {"A_MEAN": cell}, {"OCC_CODE": "11-1021", "H_PCT90": cell})
    with pytest.raises(ProjectError, match="2 cells look like numbers") as error:
        preprocess_wage_data(path)
    assert f"S3 (A_MEAN) {cell!r}, Y4 (H_PCT90)" in str(error.value)


def test_an_empty_cell_is_counted_unless_its_whole_column_is_empty(workbook):
    emptied = {"A_MEAN": None, "JOBS_1000": None}
    frame = preprocess_wage_data(workbook(emptied, {"JOBS_1000": None, "OCC_CODE": "11-1021"}))
    assert frame.attrs["source"]["coerced"] == {"A_MEAN": {"empty": 1}}


def test_many_different_marks_are_summed_up(workbook):
    marks = [*map("see note {}".format, "abcdefghijkl"), "*", "*"]
    rows = [{"A_MEAN": mark, "OCC_CODE": f"11-10{i}"} for i, mark in enumerate(marks, 11)]
    counted = preprocess_wage_data(workbook(*rows)).attrs["source"]["coerced"]["A_MEAN"]
    assert (counted["*"], counted["(others)"], sum(counted.values())) == (2, 4, 14)


def test_codes_titles_and_flags_are_tidied(workbook):
    row = {"AREA": 1, "NAICS": "0000000", "PRIM_STATE": " al ", "O_GROUP": "Detailed"}
    row |= {"ANNUAL": True, "OCC_TITLE": "Chief Executives  ", "OCC_CODE": " 11\u20131011"}
    row |= {"I_GROUP": "Sector", "AREA_TITLE": None}
    header = ["A_MEAN (US$)" if name == "A_MEAN" else name for name in COLUMNS]
    tidy = preprocess_wage_data(workbook(row, header=header)).iloc[0]
    expected = ["01", "000000", "AL", "detailed", "TRUE", "Chief Executives", "11-1011", "sector"]
    assert tidy[[*row]].tolist()[:-1] == expected
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
    message, left_out = caplog.messages
    assert left_out == "left out: 1 rows (blank)"
    for part in (str(path), "3 rows read, 2 kept", "** 1 in TOT_EMP; # 1 in H_MEAN, A_MEAN"):
        assert part in message
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], before)


def two_in_a_zip(path):
    content = path.read_bytes()
    with ZipFile(path, "w") as archive:
        for name in ("a.xlsx", "b.xlsx", "__MACOSX/._a.xlsx", "file_descriptions.xlsx"):
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda p: p.write_text("AREA,OCC_CODE\n01,11-1011\n"), "lacks AREA_TITLE, OCC_TITLE"),
        (lambda p: p.write_bytes(b""), "holds nothing"),
        (lambda p: p.write_bytes(p.read_bytes()[:-2000]), "download it again"),
        (two_in_a_zip, "holds a.xlsx, b.xlsx; unpack it"),
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
        ([{}], " ".join(COLUMNS).replace("O_GROUP", "GR"), "row 1, lacks O_GROUP; .* May 2025"),
    ],
)
def test_sheet_without_the_data_is_one_clear_error(workbook, rows, header, complaint):
    with pytest.raises(ProjectError, match=complaint):
        preprocess_wage_data(workbook(*rows, header=header.split()))


def test_other_areas_and_levels_are_read_and_pass(made_up):
    assert made_up["AREA"].iloc[[0, -1]].tolist() == ["10180", "11760"]
    levels = {"total": 80, "major": 240, "minor": 80, "broad": 80, "detailed": 560}
    assert made_up["O_GROUP"].value_counts().to_dict() == levels
    validate_wages(made_up.assign(EMP_PRSE=0.0, A_MEAN=np.nan, TOTAL_PAYROLL=np.nan))  # may be


@pytest.fixture
def few(workbook):
    codes = [f"11-101{i}" for i in range(6)]
    return preprocess_wage_data(workbook(*({"OCC_CODE": code} for code in codes)))


def put(frame, rows, column, value):
    frame.loc[rows, column] = value
    return frame


def emptied(frame, *columns):
    return frame.assign(**{column: frame[column].where(frame.index != 3) for column in columns})


NEGATIVE = "A_MEAN must not be negative or infinite: row 3: A_MEAN (S3) -5; row 4: "
REPEATED = "O_GROUP together are unique, but not in row 9: AREA (A9) 01, OCC_CODE (I9) 11-1012, "
NEEDED = ("AREA", "OCC_CODE", "O_GROUP", "NAICS", "AREA_TITLE", "AREA_TYPE")
EMPTY = [f"{column} must not be empty: row 3: " for column in NEEDED]
MISTYPED = (
    "AREA must be text, is int64",
    "TOT_EMP must be float64, is str",
    "WAGE_TOP_CODED must be bool, is int64",
)
FIVE = dict.fromkeys(("MEAN_PRSE", "LOC_QUOTIENT", "TOT_EMP", "JOBS_1000", "EMP_PRSE"), -1.0)
BY_YEAR = dict.fromkeys((name for name in COLUMNS if name.startswith("H_")), np.nan)
PERCENTILES = ["A_PCT10", "A_PCT25", "A_MEDIAN", "A_PCT75", "A_PCT90"]


def both(frame, annual):
    """Let the annual wages of row 4 be such, and the hourly ones fit."""
    for name, wage in zip(PERCENTILES, annual, strict=True):
        put(put(frame, 4, name, wage), 4, f"H{name[1:]}", wage / 2080)
    return frame


@pytest.mark.parametrize(
    ("change", "complaints"),
    [
        (lambda f: put(f, slice(3, 7), "A_MEAN", -5.0), (NEGATIVE, "(S5) -5 and 2 more rows")),
        (lambda f: put(f, 3, "WAGE_EMP_RATIO", np.inf), ("_RATIO must not be negative or inf",)),
        (lambda f: pd.concat([f, f.loc[[4]].set_index(pd.Index([9]))]), (REPEATED,)),
        (lambda f: put(f, 4, "OCC_CODE", "2011-11-01"), ("OCC_CODE (I4) 2011-11-01", "dates")),
        (lambda f: put(f, 4, "AREA", "1"), ("7 digits, but not in row 4: AREA (A4) 1",)),
        (lambda f: f.assign(NAICS="Y", I_GROUP="Z", OWN_CODE="x"), ("(E2) Y", "(G2) Z", "(H2) x")),
        (lambda f: put(f, 4, "O_GROUP", "all"), ("or detailed, but not in row 4: O_GROUP (K4)",)),
        (lambda f: put(f, 4, "O_GROUP", "major"), ("broad 0, but not in row 4: OCC_CODE",)),
        (lambda f: put(f, 4, "O_GROUP", "total"), ("broad 0, but not in row 4: OCC_CODE",)),
        (lambda f: put(f, 4, "O_GROUP", "minor"), ("broad 0, but not in row 4: OCC_CODE",)),
        (lambda f: put(f, 4, "O_GROUP", "broad"), ("broad 0, but not in row 4: OCC_CODE",)),
        (lambda f: put(f, 4, "AREA_TITLE", "Alaska"), ("has one name, but not in row 2",)),
        (lambda f: put(f, 4, "H_PCT10", 0.0), ("0, but not in row 4: H_PCT10 (U4) 0 (the",)),
        (lambda f: both(f, [9e3, 2e4, 1e4, 3e4, 4e4]), ("annual or hourly, never",)),
        (lambda f: put(f, 4, "TOT_EMP", 0.0), ("0, but not in row 4: TOT_EMP (L4) 0 (the",)),
        (lambda f: f.assign(**BY_YEAR, A_MEAN=93_700.0), ("A_MEAN (S2) 93700, A_MED",)),
        (lambda f: f.assign(**BY_YEAR, A_MEAN=16_800.0), ("least that its percentiles",)),
        (lambda f: put(f, 4, "A_MEAN", 20_821.0), ("2,080 times", "A_MEAN (S4) 20821")),
        (lambda f: emptied(f, *NEEDED[:3]), EMPTY[:3]),
        (lambda f: emptied(f, *NEEDED[3:]), EMPTY[3:]),
        (lambda f: f.drop(columns="A_MEAN"), ("column A_MEAN is missing",)),
        (lambda f: f.assign(AREA=1, TOT_EMP="many", WAGE_TOP_CODED=0), MISTYPED),
        (lambda f: f.assign(**FIVE), ("; 4 more problems; ",)),
    ],
)
def test_what_breaks_the_contract_is_named_with_its_rows(few, change, complaints):
    with pytest.raises(ProjectError) as error:
        validate_wages(change(few))
    assert "\n" not in str(error.value)
    for complaint in complaints:
        assert complaint in str(error.value)


def test_what_is_close_to_a_limit_keeps_the_contract(few):
    for mean in (93_500.0, 16_900.0):
        validate_wages(few.assign(**BY_YEAR, A_MEAN=mean))
    close = put(few, 4, "A_MEAN", 20_820.8)
    validate_wages(put(both(close, [1e4, 1e4, np.nan, 1e4, 2e4]), 5, "EMP_PRSE", 0.0))


def sums(total, *jobs, majors=22):
    """Return rows of one area: its total, then its major groups, the last with 100 jobs each."""
    jobs = (total, *jobs, *[100] * (majors - len(jobs)))
    codes = ["00-0000", *(f"{code}-0000" for code in range(11, 11 + 2 * majors, 2))]
    rows = zip(codes, ["total", *["major"] * majors], jobs, strict=True)
    return [{"OCC_CODE": c, "O_GROUP": g, "TOT_EMP": n} for c, g, n in rows]


@pytest.mark.parametrize(
    ("rows", "judged", "fits"),
    [
        (sums(2_310), "majors_make_total", True),
        (sums(2_320), "majors_make_total", False),
        (sums(9_000, "**"), "published_majors_make_total", False),
        (sums(2_220, majors=21), "published_majors_make_total", False),
    ],
)
def test_major_groups_make_the_total_or_it_is_told_where_not_all_are_there(
    workbook, rows, judged, fits
):
    frame = preprocess_wage_data(workbook(*rows))
    found = {rule["rule"]: (rule["rows"], rule["broken"]) for rule in judge_rules(frame)}
    assert found[judged] == (1, 0 if fits else 1)
    if fits or judged != "majors_make_total":
        assert validate_wages(frame) is frame
    else:
        with pytest.raises(ProjectError, match=r"TOT_EMP \(L2\) 2320"):
            validate_wages(frame)


def test_wages_that_moved_away_from_their_occupations_are_noticed(wages):
    area = wages[wages["AREA"] == "01"].copy()
    rows, moved = area.index[area["O_GROUP"] == "detailed"], [*area.loc[:, "H_MEAN":"A_PCT90"]]
    area.loc[rows, moved] = np.roll(area.loc[rows, moved].to_numpy(), 1, axis=0)
    area["TOTAL_PAYROLL"] = area["A_MEAN"] * area["TOT_EMP"]
    with pytest.raises(ProjectError, match=r"earn no more than it.*sorted apart"):
        validate_wages(area)


@pytest.mark.parametrize(("mean", "fits"), [(21_200, True), (21_300, False)])
def test_members_may_earn_two_percent_more_than_their_group(workbook, mean, fits):
    group = {"OCC_CODE": "11-0000", "O_GROUP": "major", "TOT_EMP": 100_000}
    member = {"TOT_EMP": 100_000, "A_MEAN": mean, "H_MEAN": mean / 2080}
    frame = preprocess_wage_data(workbook(group, member))
    found = {rule["rule"]: (rule["rows"], rule["broken"]) for rule in judge_rules(frame)}
    assert found["members_earn_what_groups_do"] == (1, 0 if fits else 1)


def test_every_rule_is_kept_by_the_shipped_file_and_judges_its_rows(wages):
    told = {rule["rule"]: (rule["rows"], rule["broken"]) for rule in judge_rules(wages)}
    assert {broken for _, broken in told.values()} == {0}
    assert len(told) == 21
    assert (told["unique_key"], told["majors_make_total"]) == ((37_408, 0), (52, 0))
    assert (told["annual_is_hourly"][0], told["members_earn_what_groups_do"][0]) == (34_154, 1_237)


NATION = {"AREA": "99", "AREA_TITLE": "U.S.", "AREA_TYPE": 1, "PRIM_STATE": "US"}
CITY = {"AREA": "10180", "AREA_TITLE": "Abilene, TX", "AREA_TYPE": 4, "PRIM_STATE": "TX"}


def test_what_other_rows_hold_already_is_left_out_with_its_reason(workbook):
    rows = [{}, {}, NATION, CITY, {"NAICS": "11"}, {"OWN_CODE": 5, "OCC_TITLE": "Private"}]
    wages, rejected = read_wages(workbook(*rows, blank=2))
    assert wages.index.tolist() == [2]
    reasons = {
        3: "repeated word for word",
        4: "the nation, beside rows of states",
        5: "metropolitan and nonmetropolitan areas, beside rows of states",
        6: "a single industry, beside rows of all together",
        7: "of fewer owners, beside rows of more",
        **dict.fromkeys((8, 9), "blank"),
    }
    assert dict(zip(rejected["row"], rejected["reason"], strict=True)) == reasons
    assert rejected["AREA"].tolist()[:3] == ["01", "99", "10180"]
    counted = wages.attrs["source"]
    assert (counted["rows_read"], counted["rows_kept"], counted["left_out"]["blank"]) == (8, 1, 2)


def test_owners_that_other_rows_hold_are_left_out_and_others_are_kept(workbook):
    owners = [{"OWN_CODE": code} for code in ("123", "3", "5", "57")]
    assert read_wages(workbook(*owners))[0]["OWN_CODE"].tolist() == ["123", "57"]


@pytest.mark.parametrize(
    ("column", "codes", "fits"),
    [
        ("OWN_CODE", ("123", "5", "57"), True),
        ("OWN_CODE", ("123", "35"), False),
        ("OWN_CODE", ("1235", "57"), False),
        ("OWN_CODE", ("1235", None), False),
        ("NAICS", ("11", "31-33", "44-45"), True),
        ("NAICS", ("3250A1", "3260", "5310"), True),
        ("NAICS", ("31-33", "311"), False),
        ("NAICS", ("31-33", "339"), False),
        ("NAICS", ("110000", "111"), False),
        ("NAICS", ("000001", "22"), False),
    ],
)
def test_owners_and_industries_that_overlap_are_refused(workbook, column, codes, fits):
    frame = preprocess_wage_data(workbook(*({column: code} for code in codes)))
    if fits:
        validate_wages(frame)
    else:
        with pytest.raises(ProjectError, match="lies in part in another"):
            validate_wages(frame)


@pytest.mark.parametrize("rows", [[NATION], [CITY], [NATION, CITY]])
def test_a_file_of_one_level_is_kept_and_the_nation_gives_way_to_its_parts(workbook, rows):
    assert read_wages(workbook(*rows))[0]["AREA"].tolist() == [rows[-1]["AREA"]]


def test_marks_of_rows_that_are_left_out_are_not_counted(workbook):
    wages, _ = read_wages(workbook({"A_MEAN": "#"}, {"A_MEAN": "*", **NATION}))
    assert wages.attrs["source"]["coerced"] == {"A_MEAN": {"#": 1}}


def test_a_cover_a_title_and_notes_around_the_table_change_nothing(workbook, tmp_path):
    path = workbook({}, {"OCC_CODE": "11-1021"})
    plain, book = preprocess_wage_data(path), load_workbook(path)
    sheet = book.active
    sheet.insert_rows(1, 3)
    sheet.insert_cols(1)
    sheet["B1"], sheet["B2"] = "May 2025 estimates", "of the Bureau"
    sheet["J4"], sheet["T4"] = " Occ code ", "\ufeffA_MEAN"
    sheet.append([cell.value for cell in sheet[4]])
    for note in ("Notes:", "* not released"):
        sheet.append([None, note])
    book.create_sheet("Cover", 0).append(["Read me first"])
    book.save(tmp_path / "around.xlsx")
    wages, rejected = read_wages(tmp_path / "around.xlsx")
    assert wages.index.tolist() == [5, 6]
    assert rejected["reason"].tolist() == ["the header again", "a note", "a note"]
    pd.testing.assert_frame_equal(wages.set_index(plain.index), plain, check_index_type=False)
    assert wages.attrs["cells"]["A_MEAN"] == "T"


def test_a_row_cut_short_among_the_data_is_no_note(workbook):
    wages = preprocess_wage_data(workbook({}, dict.fromkeys(COLUMNS[3:]), {"OCC_CODE": "11-1021"}))
    with pytest.raises(ProjectError, match="OCC_CODE must not be empty: row 3: OCC_CODE"):
        validate_wages(wages)

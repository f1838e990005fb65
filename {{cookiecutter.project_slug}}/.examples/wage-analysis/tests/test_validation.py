"""The contract between preprocessing and analysis: what passes, and what a failure says."""

import warnings

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.data.preprocessing import preprocess_wage_data
from {{ cookiecutter.package_name }}.data.validation import validate_wages
from {{ cookiecutter.package_name }}.study import ProjectError


@pytest.fixture
def few(workbook):
    codes = [f"11-101{i}" for i in range(6)]
    return preprocess_wage_data(workbook(*({"OCC_CODE": code} for code in codes)))


def complaint(frame):
    with pytest.raises(ProjectError) as error:
        validate_wages(frame)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_real_file_passes_unchanged_and_without_warnings(wages):
    before = wages.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert validate_wages(wages) is wages
    pd.testing.assert_frame_equal(wages, before)


def test_other_areas_pass(metropolitan):
    validate_wages(preprocess_wage_data(metropolitan))


def test_zero_and_missing_numbers_pass(few):
    validate_wages(few.assign(EMP_PRSE=0.0, A_MEAN=np.nan))


def test_negative_number_names_column_check_and_rows(few):
    few.loc[1:, "A_MEAN"] = -5.0
    said = complaint(few)
    assert "A_MEAN must not be negative or infinite: 01 000000 11-1011 (-5.0), " in said
    assert "11-1013 (-5.0) and 2 more" in said


def test_infinite_number_is_refused(few):
    few.loc[0, "WAGE_EMP_RATIO"] = np.inf
    assert "WAGE_EMP_RATIO must not be negative or infinite" in complaint(few)


def test_repeated_key_is_named_once(few):
    twice = pd.concat([few, few.iloc[[2]]], ignore_index=True)
    said = complaint(twice)
    assert "the key AREA, NAICS, OCC_CODE must be unique, is repeated: 01 000000 11-1012;" in said


@pytest.mark.parametrize("column", ["AREA", "NAICS", "OCC_CODE", "O_GROUP", "AREA_TITLE"])
def test_empty_text_is_refused_where_analyses_rest_on_it(few, column):
    few.loc[3, column] = None
    assert f"{column} must not be empty: " in complaint(few)


def test_missing_column_is_named(few):
    assert "column A_MEAN is missing" in complaint(few.drop(columns="A_MEAN"))


def test_wrong_types_are_named(few):
    frame = few.assign(AREA=1, TOT_EMP="many", WAGE_TOP_CODED=0)
    said = complaint(frame)
    assert "AREA must be text, is int64" in said
    assert "TOT_EMP must be float64, is str" in said
    assert "WAGE_TOP_CODED must be bool, is int64" in said


def test_many_problems_are_cut_short(few):
    frame = few.assign(A_MEAN=-1.0, H_MEAN=-1.0, TOT_EMP=-1.0, MEAN_PRSE=-1.0, EMP_PRSE=-1.0)
    assert "; 2 more problems; " in complaint(frame)

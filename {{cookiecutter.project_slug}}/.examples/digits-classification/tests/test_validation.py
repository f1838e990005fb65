"""The contract: what is cast, refused, warned of, and how it is told to programs."""

import json
import math

import pandas as pd
import pytest
from pydantic import ValidationError

from {{ cookiecutter.package_name }}.data.validation import Contract, canonical
from {{ cookiecutter.package_name }}.engine import ProjectError

NAMES = ["self", "copy", "_x", "model_config", "größe in m", "名前", "day"]
TABLE = pd.DataFrame(
    {
        "self": [1.0, 2.0, 3.0],
        "copy": pd.array(["a", "b", None], "str"),
        "_x": pd.array(["1", "2", "1"], "str"),
        "model_config": pd.array(["True", "False", "True"], "str"),
        "größe in m": [0.5, None, 1.5],
        "名前": pd.array(["é", "ß", "é"], "str"),
        "day": pd.array(["2024-01-01", "2024-02-01", "2024-03-01T06:00"], "datetime64[us]"),
    }
)
KINDS = dict(
    zip(
        NAMES,
        ["number", "category", "category", "category", "number", "category", "date"],
        strict=True,
    )
)
CONTRACT = Contract.from_table(TABLE, KINDS)
ROW = dict(zip(NAMES, [2, "b", 1, True, None, "ß", "2024-02-01"], strict=True))


def test_it_comes_back_from_json_as_it_was():
    assert Contract.from_dict(json.loads(json.dumps(CONTRACT.to_dict()))) == CONTRACT
    assert CONTRACT.check(TABLE) == []


def test_columns_in_another_order_and_of_other_types_are_cast():
    texts = TABLE.astype(object).where(TABLE.notna(), "").astype("str")
    texts["_x"] = ["1.0", "2", "1"]
    texts["model_config"] = ["true", "0", "TRUE"]
    again = CONTRACT.cast(texts.assign(more="?")[["more", *reversed(NAMES)]])
    pd.testing.assert_frame_equal(again, TABLE)
    with pytest.raises(ProjectError, match="unknown: 'more'"):
        CONTRACT.cast(texts.assign(more="?"), strict=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"self": ["1", "two", "3"]}, r"'self', row 1 \(the first is 0\): 'two' is no number"),
        ({"self": [1.0, math.inf, 3.0]}, "'inf' is no number"),
        ({"day": ["2024-01-01", "soon", "2024-01-02"]}, "'soon' is no date"),
    ],
)
def test_what_cannot_be_of_its_kind_is_named(change, said):
    with pytest.raises(ProjectError, match=said):
        CONTRACT.cast(pd.DataFrame({**TABLE, **change}))
    with pytest.raises(ProjectError, match="missing: 'copy', '名前'"):
        CONTRACT.cast(TABLE.drop(columns=["copy", "名前"]))


def test_each_way_out_of_the_contract_is_a_sentence():
    change = {"self": [0.0, 2.0, None], "copy": pd.array(["c", "a", "c"], "str")}
    new = pd.DataFrame({**TABLE, **change})
    new.loc[0, "day"] = pd.Timestamp("2030-01-01")
    said = " | ".join(CONTRACT.check(new))
    assert "'self': 1 of 3 values outside the 1 to 3 of training, for example 0" in said
    assert "'self': 1 of 3 values missing, in training never" in said
    assert "'copy': 2 of 3 values of categories new to the model, for example c" in said
    assert "'day': 1 of 3 values outside" in said
    assert len(CONTRACT.check(new)) == 4


def test_a_row_is_typed_whatever_its_columns_are_called():
    model = CONTRACT.row_model()
    row = model.model_validate(ROW).model_dump(by_alias=True)
    assert list(row) == NAMES
    assert [*row.values()][2:5] == ["1", "True", None]
    assert CONTRACT.warnings_of(row) == []
    pd.testing.assert_frame_equal(
        CONTRACT.table([row]), CONTRACT.cast(pd.DataFrame([ROW])), check_dtype=True
    )
    strange = model.model_validate({**ROW, "self": 9, "copy": "z", "名前": None})
    said = CONTRACT.warnings_of(strange.model_dump(by_alias=True))
    assert [each.split("'")[1] for each in said] == ["self", "copy", "名前"]
    properties = model.model_json_schema(by_alias=True)["properties"]
    assert list(properties) == NAMES
    assert "in training 1 to 3" in properties["self"]["description"]
    assert properties["copy"]["examples"] == ["a", "b"]


@pytest.mark.parametrize(
    "change",
    [{"self": "x"}, {"self": math.nan}, {"self": [1]}, {"copy": {}}, {"day": "soon"}, {"more": 1}],
)
def test_an_impossible_row_is_refused(change):
    with pytest.raises(ValidationError) as refused:
        CONTRACT.row_model().model_validate({**ROW, **change})
    assert refused.value.errors()[0]["loc"][0] == next(iter(change))


def test_numbers_and_their_texts_are_one_category_and_codes_stay():
    assert {canonical(value) for value in (1, 1.0, "1", "1.0")} == {"1"}
    assert canonical("007") == "007"
    assert canonical("9007199254740993") == "9007199254740993"

"""The question of the study, on plants few enough to count by hand."""

import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.comparison import compare_places
from {{ cookiecutter.package_name }}.data.ingestion import read_raw
from {{ cookiecutter.package_name }}.engine import ProjectError

PLANTS = pd.DataFrame({"place": ["sun", "sun", "shade", "shade"], "height_cm": [11.0, 13, 9, 9]})
OPTIONS = {"resamples": 4000, "seed": 1}


@pytest.mark.parametrize(("level", "low", "high"), [(0.6, 2.0, 4.0), (0.4, 3.0, 3.0)])
def test_the_difference_and_its_bootstrap_interval(level, low, high):
    # Drawn again, two plants of 11 and 13 cm have a mean of 11, 12, 12 or 13 cm.
    result = compare_places(PLANTS, confidence_level=level, **OPTIONS)
    assert (result.n, result.difference, result.low, result.high) == ((2, 2), 3.0, low, high)
    assert "3.0 cm taller on average in this sample" in result.conclusion
    assert f"{100 * level:g} % interval of the difference {low} to {high} cm" in result.conclusion


def test_shorter_plants_are_called_shorter():
    turned = PLANTS.assign(place=PLANTS["place"].tolist()[::-1])
    result = compare_places(turned, confidence_level=0.6, **OPTIONS)
    assert (result.difference, result.low, result.high) == (-3.0, -4.0, -2.0)
    assert result.title == "Plants in the sun are 3.0 cm shorter on average"


def test_a_place_with_one_plant_is_refused():
    with pytest.raises(ProjectError, match="two plants in the sun and two in the shade"):
        compare_places(PLANTS[1:], confidence_level=0.6, **OPTIONS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("place\nsun\n", "height_cm"),
        ("place,height_cm\nsun,20\nsun,-1\n", "line 3: place is not"),
        ("place,height_cm\nsun,tall\n", "line 2: place is not"),
        ("place,height_cm\nsun,inf\n", "line 2: place is not"),
        ("place,height_cm\nsun,31,2\n", "line 2: place is not"),  # a decimal comma
        ("place,height_cm\nsun,1\nsun,1,2,3\n", "plants.csv is no table"),
        ("", "plants.csv is no table"),
    ],
)
def test_a_file_that_is_no_table_of_plants_is_one_clear_error(tmp_path, text, message):
    (tmp_path / "plants.csv").write_text(text)
    with pytest.raises(ProjectError, match=message):
        read_raw(tmp_path / "plants.csv")

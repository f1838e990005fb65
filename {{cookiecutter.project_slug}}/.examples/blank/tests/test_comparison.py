"""The question of the study, on plants few enough to count by hand."""

import pandas as pd
import pytest

from {{ cookiecutter.package_name }}.analysis.comparison import compare_places
from {{ cookiecutter.package_name }}.data.ingestion import read_plants
from {{ cookiecutter.package_name }}.study import ProjectError

PLANTS = pd.DataFrame({"place": ["sun", "sun", "shade", "shade"], "height_cm": [11.0, 13, 9, 9]})
OPTIONS = {"resamples": 4000, "seed": 1}


@pytest.mark.parametrize(("level", "low", "high"), [(0.6, 2.0, 4.0), (0.4, 3.0, 3.0)])
def test_the_difference_and_its_bootstrap_interval(level, low, high):
    # Drawn again, two plants of 11 and 13 cm have a mean of 11, 12, 12 or 13 cm.
    result = compare_places(PLANTS, confidence_level=level, **OPTIONS)
    assert (result.n, result.difference, result.low, result.high) == ((2, 2), 3.0, low, high)
    assert "3.0 cm taller" in result.conclusion
    assert f"{level:.0%} interval {low} to {high} cm" in result.conclusion
    with pytest.raises(ProjectError, match="two plants in the sun and two in the shade"):
        compare_places(PLANTS[1:], confidence_level=level, **OPTIONS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("place\nsun\n", "no column height_cm"),
        ("place,height_cm\nsun,20\nsun,-1\n", "line 3: height_cm is no positive number"),
        ("a\n1\n1,2,3\n", "plants.csv"),
    ],
)
def test_a_file_that_is_no_table_of_plants_is_one_clear_error(tmp_path, text, message):
    (tmp_path / "plants.csv").write_text(text)
    with pytest.raises(ProjectError, match=message):
        read_plants(tmp_path / "plants.csv")

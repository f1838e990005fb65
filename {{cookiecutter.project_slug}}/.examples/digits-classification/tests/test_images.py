"""Pictures: what is drawn, photographed or scanned becomes the pixels of a row."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Picture

from {{ cookiecutter.package_name }}.engine import ProjectError
from {{ cookiecutter.package_name }}.features.images import find_image, read_png
from {{ cookiecutter.package_name }}.models.registry import load_model

PATTERN = "pixel_{row}_{column}"
EIGHT = find_image([f"pixel_{row}_{column}" for row in range(8) for column in range(8)], PATTERN)


def png(levels, size=200, mode="L"):
    """Return a PNG of a row of 64 values, 0 to 16, or of levels of grey."""
    grey = np.asarray(levels, float)
    grey = 255 - grey.reshape(8, 8) * 255 / 16 if grey.size == 64 else grey
    picture, file = Picture.fromarray(grey.astype("uint8")).convert(mode), io.BytesIO()
    picture.resize((size, size), Picture.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def test_an_image_is_found_by_its_columns_names():
    assert (EIGHT.rows, EIGHT.columns, EIGHT.names[:2]) == (8, 8, ("pixel_0_0", "pixel_0_1"))
    assert find_image(["a", "b"], PATTERN) is None
    assert find_image(["a"], None) is None
    from_one = find_image(["p1.1", "p2.3"], "p{row}.{column}")
    assert (from_one.rows, from_one.columns, len(from_one.names)) == (2, 3, 6)
    with pytest.raises(ProjectError, match="names no pixels"):
        find_image(["a"], "pixel_{row}")


@pytest.mark.usefixtures("digits")
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
def test_digits_as_pictures_are_told_as_such(run, mode):
    raw = pd.read_csv(run.root / "data/raw/digits.csv").iloc[:100]
    model, _ = load_model(run.root)
    rows = [read_png(png(row, mode=mode), EIGHT) for row in raw[[*EIGHT.names]].to_numpy()]
    said = model.predict(model.contract.cast(pd.DataFrame(rows)))
    assert (said.labels == raw["digit"].astype(str)).mean() > 0.8


def test_light_on_dark_and_dark_on_light_are_one():
    figure = np.full((90, 90), 250.0)
    figure[20:70, 40:50] = 5.0
    one, other = read_png(png(figure), EIGHT), read_png(png(255 - figure), EIGHT)
    assert one == pytest.approx(other, abs=0.5)
    assert list(one) == [*EIGHT.names]
    assert max(one.values()) > 15
    assert one["pixel_4_0"] == 0  # a narrow figure stays narrow


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no picture", "no PNG"),
        (png(np.full((50, 50), 200.0)), "blank"),
        (png(np.zeros(64))[:60], "no PNG"),
        (png(np.zeros((8, 8)), 2100), "too large"),
    ],
)
def test_what_is_no_picture_of_a_figure_is_refused(content, said):
    with pytest.raises(ProjectError, match=said):
        read_png(content, EIGHT)

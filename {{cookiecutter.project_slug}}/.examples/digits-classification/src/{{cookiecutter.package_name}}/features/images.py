"""Rows that are images: which columns their pixels are, and how a drawing becomes such a row."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image as Picture
from PIL import ImageFilter

from ..engine import ProjectError

LARGEST, FAINTEST = 4_000_000, 48  # pixels of a picture; levels of grey between paper and ink
INK = 0.3  # of the page: the mean of each class of the UCI digits, so no pen is too thin


@dataclass(frozen=True)
class Image:
    """The size of an image and its columns' names, row by row; a table may lack blank ones."""

    rows: int
    columns: int
    names: tuple[str, ...]


def find_image(names: Iterable[str], pattern: str | None) -> Image | None:
    """Return the image whose columns are named by a pattern such as `pixel_{row}_{column}`, if any.

    A pattern without row or column is a ProjectError.
    """
    if pattern is None:
        return None
    fit = re.escape(pattern).replace(r"\{row\}", r"(?P<row>\d+)", 1)
    fit = fit.replace(r"\{column\}", r"(?P<column>\d+)", 1)
    if "(?P<row>" not in fit or "(?P<column>" not in fit:
        how = "write a pixel's name with {row} and {column} in place of its numbers"
        raise ProjectError(f"`image`: {pattern!r} names no pixels: {how}")
    found = [match.groupdict() for name in names if (match := re.fullmatch(fit, name))]
    if not found:
        return None
    ends = ([int(at[key]) for at in found] for key in ("row", "column"))
    rows, columns = (range(min(1, *at), max(at) + 1) for at in ends)  # from 0, or from 1
    by_row = (pattern.replace("{row}", str(row)) for row in rows)
    names = [name.replace("{column}", str(column)) for name in by_row for column in columns]
    return Image(len(rows), len(columns), tuple(names))


def read_png(content: bytes, image: Image) -> dict[str, float]:
    """Return a drawn figure's ink, 0 to 16, in each pixel: cropped, scaled to the page, centred."""
    if int.from_bytes(content[16:20]) * int.from_bytes(content[20:24]) > LARGEST:
        raise ProjectError(f"the picture is too large: send one of at most {LARGEST:,} pixels")
    try:
        opened = Picture.open(io.BytesIO(content), formats=["PNG"]).convert("RGBA").convert("LA")
    except (OSError, SyntaxError, ValueError) as error:
        raise ProjectError("the picture is no PNG, or a damaged one: send another") from error
    grey, alpha = np.moveaxis(np.asarray(opened, float), 2, 0)
    papers = (paper + (grey - paper) * alpha / 255 for paper in (255, 0))  # behind what is clear
    inks = (abs(x - np.median([*x[0], *x[-1], *x[:, 0], *x[:, -1]])) for x in papers)
    ink = next((ink for ink in inks if ink.max() >= FAINTEST), None)
    if ink is None:
        raise ProjectError("the picture is blank: draw one figure, dark on light or light on dark")
    drawn = Picture.fromarray((ink * 255 / ink.max()).astype("uint8"))
    figure = drawn.crop(drawn.point(lambda level: 255 * (level > 76)).getbbox())
    page = Picture.new("L", (8 * image.columns, 8 * image.rows))
    scale = min((page.width - 4) / figure.width, (page.height - 4) / figure.height)
    width, height = (max(1, round(side * scale)) for side in figure.size)
    place = ((page.width - width) // 2, (page.height - height) // 2)
    page.paste(figure.resize((width, height), Picture.Resampling.BOX), place)
    for _ in range(8):
        if np.asarray(page).mean() < 255 * INK:
            page = page.filter(ImageFilter.MaxFilter(3))
    blocks = page.resize((image.columns, image.rows), Picture.Resampling.BOX)
    values = (np.asarray(blocks, float) * 16 / 255).round(2)
    return dict(zip(image.names, values.ravel().tolist(), strict=True))

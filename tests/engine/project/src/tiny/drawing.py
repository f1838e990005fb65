"""A picture of the total."""

SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='9'>   \n<title>{0}</title></svg>"


def picture(total: int) -> str:
    """Return a picture as wide as the total."""
    return SVG.format(total)

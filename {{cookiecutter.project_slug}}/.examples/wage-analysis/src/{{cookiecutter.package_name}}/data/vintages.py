"""What the files of May 2003 to May 2025 call their columns, and what follows where one is absent.

`references/data_dictionary.md` lists the names by vintage.
"""

from __future__ import annotations

import pandas as pd

from .cleaning import CROSS_INDUSTRY
from .workbooks import TEXT

OLDER = {
    "ST": "PRIM_STATE",
    "STATE": "AREA_TITLE",
    "AREA_NAME": "AREA_TITLE",
    "GROUP": "O_GROUP",
    "OCC_GROUP": "O_GROUP",
    "OCC_TITL": "OCC_TITLE",
    "LOC_Q": "LOC_QUOTIENT",
    **{f"{b}_WPCT{n}": f"{b}_PCT{n}" for b in "HA" for n in (10, 25, 75, 90)},
}
# The postal code of each state and territory by its FIPS code, and that of the nation.
_CODES = (
    "01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY "
    "22LA 23ME 24MD 25MA 26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH "
    "40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX 49UT 50VT 51VA 53WA 54WV 55WI 56WY 66GU 72PR 78VI "
    "99US"
)
POSTAL = {code[:2]: code[2:] for code in _CODES.split()}
TERRITORIES = ("66", "72", "78")
NATION = "99"
DASHES = "[\u2010-\u2015\u2212]"  # that word processors write for a hyphen
TYPE_BY_DIGITS = {2: "2", 4: "4", 5: "4", 7: "6"}  # of AREA: state, metropolitan, nonmetropolitan

SPELLED = {  # what the columns of codes say: in words, and as a pattern
    "OCC_CODE": ("such as 11-2011", r"\d{2}-\d{4}(\.\d{2})?"),
    "AREA": ("2, 4, 5 or 7 digits", r"\d{2}|\d{4}|\d{5}|\d{7}"),
    "AREA_TYPE": ("1, 2, 3, 4 or 6", "[12346]"),
    "NAICS": ("such as 000000, 11, 31-33 or 3250A1", r"\d{2,6}|\d\d-\d\d|\d{3,4}[A-Z]\d{0,2}"),
    "I_GROUP": ("cross-industry, sector or 3-digit", r"(cross-industry|sector|[3-6]-digit)(, .*)?"),
    "OWN_CODE": ("1 to 4 digits, such as 1235", "[1-9]{1,4}"),
    "O_GROUP": ("total, major, minor, broad or detailed", "total|major|minor|broad|detailed"),
}


def with_todays_names(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the names of May 2025 for older ones, where it has not both.

    GROUP, of May 2003 to 2011, is empty for detailed occupations and may be for the total: there
    the codes tell.
    """
    if {"GROUP", "OCC_CODE"} <= {*cells.columns}:
        code = cells["OCC_CODE"]
        level = pd.Series("detailed", cells.index, dtype=TEXT).where(code.notna())
        level = level.mask(code.str.endswith("0000"), "major").mask(code == "00-0000", "total")
        cells = cells.assign(GROUP=cells["GROUP"].fillna(level))
    names = dict[str, str]()
    for old, new in OLDER.items():
        if old in cells and new not in cells and new not in names.values():
            names[old] = new
    return cells.rename(columns=names)


def todays_spelling(cells: pd.Series[str]) -> pd.Series[str]:
    """Return a column of text as today's files write it; numbers have lost leading zeros."""
    if cells.name in ("PRIM_STATE", "ANNUAL", "HOURLY", "NAICS"):
        cells = cells.str.upper()
    if cells.name in ("OCC_CODE", "NAICS", "O_GROUP", "I_GROUP"):
        cells = cells.str.replace(DASHES, "-", regex=True)
    if cells.name in ("O_GROUP", "I_GROUP"):
        return cells.str.lower()
    if cells.name in ("AREA", "AREA_TYPE", "NAICS", "OWN_CODE"):  # as 1.0
        cells = cells.str.removesuffix(".0")
    if cells.name in ("OCC_CODE", "NAICS"):  # as 0
        cells = cells.str.replace("^0+$", CROSS_INDUSTRY, regex=True)
    if cells.name == "OCC_CODE":  # as 112011
        return cells.str.replace(r"^(\d{2})(\d{4}(?:\.\d{2})?)$", r"\1-\2", regex=True)
    if cells.name == "AREA":  # leading zeros, which numbers lose: of 2, 4 or 7 digits
        digits = cells.str.len()
        return cells.mask(digits == 6, "0" + cells).str.zfill(4 if digits.max() in (3, 4) else 2)
    return cells


def derive(texts: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that a file lacks and that follow from those it has.

    A file without any column of areas is one of the nation; one without NAICS is of all industries
    and owners together. Codes of areas tell their kind and, those of states, the postal code.

    Parameters
    ----------
    texts : pandas.DataFrame
        The columns of text that the file has, by today's names.
    """
    frame = texts.copy(deep=False)

    def add(column: str, values: object) -> None:
        if column not in texts:
            frame[column] = pd.Series(values, texts.index, dtype=TEXT)

    if not {"AREA", "AREA_TITLE", "PRIM_STATE"} & {*texts.columns}:
        add("AREA", NATION)
        add("AREA_TITLE", "U.S.")
    elif "PRIM_STATE" in texts:
        add("AREA", texts["PRIM_STATE"].map({postal: code for code, postal in POSTAL.items()}))
    if "AREA" in frame:
        kinds = frame["AREA"].str.len().map(TYPE_BY_DIGITS)
        kinds = kinds.mask(frame["AREA"] == NATION, "1")
        add("AREA_TYPE", kinds.mask(frame["AREA"].isin(TERRITORIES), "3"))
        add("PRIM_STATE", frame["AREA"].map(POSTAL))
    add("NAICS", CROSS_INDUSTRY)
    of_all = frame["NAICS"] == CROSS_INDUSTRY
    for column, value in (
        ("NAICS_TITLE", "Cross-industry"),
        ("I_GROUP", "cross-industry"),
        ("OWN_CODE", "1235"),
    ):
        add(column, pd.Series(value, texts.index).where(of_all))
    return frame.drop(columns=texts.columns).dropna(axis=1, how="all")

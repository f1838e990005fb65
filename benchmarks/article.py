"""What the published walk-through does: read with openpyxl, then Welch's t and Pearson's r.

Run as `python article.py WORKBOOK`; no figure, no report, nothing is written.
"""

import sys
import warnings

import pandas as pd

NUMBERS = (
    "TOT_EMP EMP_PRSE JOBS_1000 LOC_QUOTIENT H_MEAN A_MEAN MEAN_PRSE H_PCT10 H_PCT25 H_MEDIAN "
    "H_PCT75 H_PCT90 A_PCT10 A_PCT25 A_MEDIAN A_PCT75 A_PCT90"
).split()


def read(path: str) -> pd.DataFrame:
    """Read the first sheet the article's way, and turn the columns into numbers one by one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        frame = pd.ExcelFile(path, engine="openpyxl").parse(0)
    for column in NUMBERS:
        frame[column] = pd.to_numeric(frame[column], errors="coerce")
    return frame


def main(path: str) -> None:
    """Print the two statistics."""
    from scipy import stats  # here, since who measures reading needs none

    frame = read(path)
    titles = frame["OCC_TITLE"].str.lower()
    wages = frame["A_MEAN"]
    groups = (wages[titles.str.contains(word)].dropna() for word in ("management", "production"))
    print(stats.ttest_ind(*groups, equal_var=False))
    both = frame[["TOT_EMP", "A_MEAN"]].dropna()
    print(stats.pearsonr(both["TOT_EMP"], both["A_MEAN"]))


if __name__ == "__main__":
    main(sys.argv[1])

"""What the dashboard's sections are put together from: literal text, tables, downloads."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from .charts import DARK, LIGHT, Look
from .tables import Row

LINE = 760  # pixels; longer lines are hard to read


def literal(text: str) -> str:
    """Return Markdown that shows `text` as it is: no title of the data is a picture or formula."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def say(*sentences: str) -> None:
    """Show each text as a paragraph of its own, without reading Markdown into it."""
    for sentence in sentences:
        st.text(sentence, width=LINE)


def look() -> Look:
    """Return the colours for the reader's theme."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def text_table(rows: Sequence[Row]) -> None:
    """Show a table of texts as they are."""
    shown = [{literal(key): literal(value) for key, value in row.items()} for row in rows]
    st.table(pd.DataFrame(shown), border="horizontal", hide_index=True)


def as_csv(rows: pd.DataFrame) -> bytes:
    """Return rows as a CSV file, under the names of the data dictionary, money in US$."""
    return rows.to_csv(index=False, lineterminator="\n").encode()


def download(label: str, rows: pd.DataFrame, file_name: str) -> None:
    """Offer rows as a CSV file."""
    st.download_button(label, as_csv(rows), file_name, "text/csv", on_click="ignore")

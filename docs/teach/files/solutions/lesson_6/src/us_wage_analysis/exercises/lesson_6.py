"""Lesson 6: others run it."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener


def highest_paid(api: str, state: str, n: int) -> list[tuple[str, float]]:
    """Ask a running API for the best paid detailed occupations of a state: titles and wages."""
    question = {"state": state, "level": "detailed", "sort": "-a_mean", "limit": n}
    direct = build_opener(ProxyHandler({}))  # this machine needs no proxy
    with direct.open(f"{api}/wages?{urlencode(question)}") as answer:
        page = json.load(answer)
    return [(row["occ_title"], row["a_mean"]) for row in page["rows"]]

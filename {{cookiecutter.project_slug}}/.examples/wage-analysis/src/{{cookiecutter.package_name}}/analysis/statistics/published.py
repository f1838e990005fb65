"""The detailed results that a run has found already, from which other methods are judged."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from ...data.row_selection import Question, select
from ...engine import ProjectError
from ...settings import Groups
from .alternatives import Finding
from .results import Item
from .tail_probabilities import log10_f


class Published:
    """The detailed rows, and what the analyses found in them."""

    def __init__(self, df: pd.DataFrame, results: Item, groups: Groups) -> None:
        self.level = float(results["confidence_level"])
        question, tests = Question("detailed", groups, self.level), results["analyses"]
        self.chosen = cache(lambda: select(df, question, "robustness"))
        self.found = {test["name"]: test for test in tests if test["scope"] == "detailed"}

    def known(self, name: str, key: str) -> Any:
        """Return a field or an estimate of an analysis."""
        item = self.found.get(name, {})
        value = item.get(key, item.get("estimates", {}).get(key))
        if value is None:
            raise ProjectError(item.get("reasons", {}).get(key, f"{name} has no {key}"))
        return value

    def interval(self, name: str, key: str) -> Finding:
        """Return an interval of an analysis with its value, that of rows with its p."""
        ends, value = self.known(name, key), self.known(name, "statistic")
        value = ends.get("value", self.found[name]["estimates"].get("difference", value))
        p = self.test(name, "statistic").log10_p if key == "interval" else None
        return Finding(value, ends["low"], ends["high"], p)

    def test(self, name: str, key: str) -> Finding:
        """Return a statistic of an analysis with log10 of its p, also where p underflows."""
        statistic, p = self.known(name, key), self.found[name]["log10_pvalue"]
        if key != "statistic" or p is None:
            df = self.known(name, "df")
            p = log10_f(statistic, *df) if isinstance(df, list) else log10_f(statistic**2, 1, df)
        return Finding(statistic, log10_p=p)

    def conclusion(self, name: str) -> float | None:
        """Return the direction on which the report's conclusion leans, 0 where it is open."""
        item = self.found.get(name, {})
        if ends := item.get("interval_two_way") or item.get("interval"):
            return float(ends["low"] > 0) - float(ends["high"] < 0)
        low = item.get("estimates", {}).get("occupation_means_omega_squared_low")
        return None if low is None else float(low > 0)

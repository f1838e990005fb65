"""What the templates of report and cards are filled in with: values and tables of the results."""

from __future__ import annotations

from typing import Any

from ..settings import CANDIDATE
from .report_text import number, readable

Item = dict[str, Any]
METHODS = {
    "rows": "A row is a test row when the hash of its content and the seed is low",
    "groups": "A group's rows are test rows when the hash of the group and the seed is low",
    "time": "The test rows are the latest",
}


def worst_rows(results: Item) -> list[Item]:
    """Return the rows that were told most wrongly, as a table."""

    def told(value: object) -> str:
        return f"{value:,.6g}" if isinstance(value, float) else str(value)

    return [
        {"raw row": x["row"], "truth": told(x["truth"]), "said": told(x["prediction"])}
        | ({"probability": number(x["probability"])} if "probability" in x else {})
        for x in results["worst"]
    ]


def report_values(results: Item) -> Item:
    """Return what `report.md.j2` is filled in with."""
    level, split, data = results["confidence_level"], results["split"], results["data"]
    return {
        **results,
        "method": METHODS[split["method"]],
        "parts": "; ".join(f"{name} {n:,}" for name, n in split["rows"].items() if n),
        "left_out": [{"column": name, "why": why} for name, why in data["left_out"].items()],
        "rows_read": f"{data['rows_read']:,}",
        "rows_kept": f"{data['rows_kept']:,}",
        "said": [*results["notes"], *results["validation"]["test"]],
        "candidate_rows": candidate_rows(results),
        "score_rows": score_rows(results),
        "class_rows": class_rows(results),
        "worst_rows": worst_rows(results),
        "model_name": readable(results["model"]["name"]).capitalize(),
        "metric_name": readable(results["metric"]),
        "percent": f"{100 * level:g}",
    }


def candidate_rows(results: Item) -> list[Item]:
    """Return the candidates as a table."""
    return [
        {
            "candidate": readable(x["name"]) + ", chosen" * x["chosen"],
            readable(results["metric"]): number(x["mean"]),
            "spread (sd)": number(x["sd"]),
            "fits": x["fits"],
            "parameters": ", ".join(f"{k} {v:g}" for k, v in x["parameters"].items())
            or x["note"]
            or "–",
        }
        for x in results["candidates"]
    ]


def score_rows(results: Item) -> list[Item]:
    """Return the scores on the test rows as a table: the model, a linear one, a guess."""
    others = {
        name: {x["name"]: x["value"] for x in rows} for name, rows in results["baselines"].items()
    }
    return [
        {
            "score": readable(x["name"]),
            "the model": number(x["value"]),
            "low": number(x["low"]),
            "high": number(x["high"]),
            "a linear model": number(others["linear"].get(x["name"])),
            "a guess": number(others["dummy"].get(x["name"])),
        }
        for x in results["metrics"]
    ]


def class_rows(results: Item) -> list[Item]:
    """Return the classes as a table."""
    return [
        {
            "class": x["class"],
            "test rows": x["rows"],
            "found (recall)": number(x["recall"]),
            "low": number(x["low"]),
            "high": number(x["high"]),
            "right when said (precision)": number(x["precision"]),
        }
        for x in results.get("classes", ())
    ]


def card_values(results: Item) -> Item:
    """Return what the cards of model and data are filled in with."""
    data = results["data"]
    return report_values(results) | {
        "file": " ".join(data["file"].replace("`", "'").split()),  # in code nothing is escaped
        "model_file": CANDIDATE,
        "columns": [{"column": name, "kind": kind} for name, kind in data["columns"].items()],
        "counts": "; ".join(f"{name} {n:,}" for name, n in data["counts"].items()),
    }

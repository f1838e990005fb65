"""What was found of new rows, in words."""

from __future__ import annotations

from typing import Any


def page_values(found: dict[str, Any]) -> dict[str, Any]:
    """Return what `monitoring/report.md.j2` is filled in with."""
    columns, said, level = found["columns"], found["prediction"], found["confidence_level"]
    shifted = [each["column"] for each in columns if each["shifted"]]
    few = ", ".join(shifted[:6]) + ", …" * (len(shifted) > 6)
    none = f"None of {len(columns)} columns has shifted."
    read = found["rows_read"]
    return {
        **found,
        "rows": f"{found['rows']:,}",
        "rows_before": f"{found['rows_before']:,}",
        "sampled": f", of which {read:,} were drawn," if read < found["rows"] else "",
        "shifted": f"{len(shifted)} of {len(columns)} have: {few}." if shifted else none,
        "columns": [_row(each) for each in columns],
        "prediction": f"The predictions have {'' if said['shifted'] else 'not '}shifted "
        f"({said['moved']}; p {said['p']:.2g}, index {said['stability_index']:.2f}).",
        "score": _score(found["metric"], found["score"], level),
    }


def _row(column: dict[str, Any]) -> dict[str, Any]:
    return {
        "column": column["column"],
        "shifted": "yes" if column["shifted"] else "no",
        "index": f"{column['stability_index']:.2f}",
        "p": f"{column['p']:.2g}",
        "what moved": column["moved"],
        "missing": column["missing"],
    }


def _score(metric: str, score: dict[str, Any], level: float) -> str:
    if score["now"] is None:
        return f"{score['labels']} of the rows have a label, too few to score the model on them."

    def shown(of: dict[str, Any]) -> str:
        return f"{of['value']:.4g} ({100 * level:g} % interval {of['low']:.4g} to {of['high']:.4g})"

    now, before = shown(score["now"]), shown(score["before"])
    what = f"On the {score['labels']:,} rows that have a label, {metric} is {now}"
    return f"{what}; on the test rows it was {before}."

"""What the report says of each question: the answer and its figure, or why there is none."""

from __future__ import annotations

from typing import Any

from ..analysis.statistics.results import Item, told
from ..engine.report import Markdown, as_text

COUNTS = ("no", "one", "two", "three", "four", "five")
SUMMARY = (
    ("figures", "areas"),
    ("management_vs_production_paired", "major"),
    ("wage_by_group_anova", "detailed"),
    ("tech_vs_nontech_ztest", "detailed"),
    ("employment_wage_pearson", "detailed"),
)


def answers(results: Item) -> dict[str, Any]:
    """Return what `report.md.j2` takes from results.json where something may be left out.

    Returns
    -------
    dict
        ``groups``, the labels of the two; ``told``, what `told` returns; ``figure``, each as
        Markdown, or the reason; ``summary``, the answers of `SUMMARY` that there are, and
        ``sentences``, how many; ``shared``, whether most areas cannot claim one rank;
        ``not_made``, a row for each reason.
    """
    said, reasons, ranked = told(results), results["reasons"], results["areas"]["all"]
    summary = [said[name][scope] for name, scope in SUMMARY if scope not in reasons.get(name, {})]
    pictures = {
        name: Markdown(f"![{as_text(caption['alt'])}](figures/{name}.svg)")
        for name, caption in results["figures"].items()
    }
    return {
        "groups": [*results["data"]["article_titles"]],
        "told": said,
        "figure": said["figures"] | pictures,
        "summary": summary,
        "shared": sum(a["rank_low"] < a["rank_high"] for a in ranked) > len(ranked) / 2,
        "sentences": f"{COUNTS[len(summary)]} sentence{'' if len(summary) == 1 else 's'}",
        "not_made": [
            {"Left out": name.replace("_", " "), "Scope": scope, "Why": why}
            for name, scopes in reasons.items()
            for scope, why in scopes.items()
            if name != "figures"
        ],
    }

"""What was found, in words: the conclusion, and titles and texts of the figures."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]
MOST_CLASSES, MOST_MISTAKES = 20, 24  # of a figure
WORDS = {
    "r2": "R²",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "roc_auc": "area under the ROC curve",
    "f1_macro": "F1 (macro)",
    "dummy": "a guess",
    "linear": "a linear model",
    "gradient_boosting": "gradient boosting",
    "support_vectors": "support vectors",
}


def readable(name: str) -> str:
    """Return a metric's or a candidate's name as people write it."""
    return WORDS.get(name, name.replace("_", " "))


def number(value: float | None) -> str:
    """Return a score as people read it."""
    if value is None:
        return "–"
    plain = value == 0 or 0.001 <= abs(value) < 10
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.4g}"
    return f"{value:z.3f}" if plain else f"{value:.4g}" if abs(value) >= 10 else f"{value:.3g}"


def short(name: object, most: int = 30) -> str:
    """Shorten a name of the table's, which may be any text; names often differ at the end only."""
    text, tail = " ".join(str(name).split()), most // 3
    return text if len(text) <= most else f"{text[: most - tail - 1]}…{text[-tail:]}"


def interval(score: Item, level: float) -> str:
    """Return a score's interval in words."""
    if score["low"] is None:
        return "no interval: too few rows"
    return f"{100 * level:g} % interval {number(score['low'])} to {number(score['high'])}"


def conclusion(results: Item) -> str:
    """Return the answer in one sentence."""
    score, level = results["metrics"][0], results["confidence_level"]
    (guess,) = [x for x in results["baselines"]["dummy"] if x["name"] == score["name"]]
    rows = results["split"]["rows"]["test"]
    model, found = readable(results["model"]["name"]), readable(score["name"])
    return (
        f"On {rows:,} test rows the model ({model}) predicts {results['target']} with {found} "
        f"{number(score['value'])} ({interval(score, level)}); a guess has {number(guess['value'])}"
    )


def captions(results: Item) -> dict[str, dict[str, str]]:
    """Return title and text of each figure that there is something to draw for."""
    from ..models.metrics import LARGER_IS_BETTER  # here, so that cards need no scikit-learn

    better = 1 if LARGER_IS_BETTER[results["metric"]] else -1
    tried = [each for each in results["candidates"] if each["mean"] is not None]
    (chosen,) = [each for each in tried if each["chosen"]]
    metric, model = readable(results["metric"]), readable(chosen["name"])
    listed = "; ".join(f"{readable(x['name'])} {number(x['mean'])}" for x in tried)
    best = max(tried, key=lambda each: better * each["mean"]) is chosen
    title = f"{model.capitalize()} scored best" if best else "No candidate is better than a guess"
    reach = better * chosen["mean"] - (chosen["sd"] or 0)
    near = [readable(x["name"]) for x in tried if better * x["mean"] >= reach and x is not chosen]
    title += f", with {' and '.join(near)} within one standard deviation" * (best and bool(near))
    said = {"candidates": (title, f"{metric}: {listed}.")}
    classes = hardest(results)
    counts = results.get("confusion", ())
    right, told = sum(row[i] for i, row in enumerate(counts)), sum(map(sum, counts))
    if classes:
        found = "; ".join(f"{x['class']} {number(x['recall'])}" for x in classes)
        if len(results["classes"]) <= MOST_CLASSES:
            title = f"{right:,} of {told:,} test rows were told rightly"
            said["confusion"] = (title, f"Confusion matrix. Found of each class: {found}.")
        worst = min(classes, key=lambda each: each["recall"])
        best = worst["recall"] == max(each["recall"] for each in results["classes"] if each["rows"])
        alike = sum(each["recall"] == worst["recall"] for each in classes) - 1
        more = f" and {alike} more" * bool(alike)
        hard = f"Class {short(worst['class'])}{more} {'are' if alike else 'is'} found least often"
        title = "All classes are found equally often" if best else hard
        said["per_class"] = (title, f"Share that was found of each class shown: {found}.")
    if results["image"] and (wrong := told - right):
        title = f"{wrong:,} of {told:,} test images were mistaken"
        which = "Each of them" if wrong <= MOST_MISTAKES else f"The first {MOST_MISTAKES} of them"
        said["mistakes"] = (title, f"{which}, with what it is and what the model said.")
    if bins := results.get("calibration"):
        rows = sum(each["rows"] for each in bins)
        off = sum(abs(each["said"] - each["observed"]) * each["rows"] for each in bins) / rows
        title = f"Probabilities are off by {100 * off:.1f} percentage points on average"
        said["calibration"] = (title, "Probability against the share that was right.")
    if len(curve := results["learning_curve"]) > 1:
        first, before, last = curve[0], curve[-2], curve[-1]
        spread = max(last["sd"] or 0, before["sd"] or 0)
        more = better * (last["mean"] - before["mean"]) > spread / 2
        title = "More rows would help" if more else "More rows of this kind would help little"
        ends = f"{first['rows']:,} rows {number(first['mean'])}, {last['rows']:,} rows"
        said["learning_curve"] = (title, f"{metric}: with {ends} {number(last['mean'])}.")
    if r2 := [x["value"] for x in results["metrics"] if x["name"] == "r2"]:  # a row alone has none
        title = f"The model explains {100 * min(max(*r2, 0), 0.999):.3g} % of the variance"
        said["residuals"] = (title, "Prediction against truth of each test row.")
    if leaned := results["importance"]:
        sure = [each for each in leaned if (each["low"] or 0) > 0]
        first = ", ".join(short(each["column"]) for each in sure[:3])
        title = f"The model leans most on {first}" if sure else "It leans on no column alone"
        shown = "; ".join(f"{x['column']} {x['value']:.3f}" for x in leaned[:5])
        said["importance"] = (title, f"Loss of score when a column is shuffled: {shown}.")
    return {name: {"title": title, "alt": f"{title}. {alt}"} for name, (title, alt) in said.items()}


def hardest(results: Item) -> list[Item]:
    """Return the classes that a figure has room for, in their order: those found least often."""
    there = [each for each in results.get("classes", ()) if each["rows"]]
    shown = sorted(there, key=lambda each: each["recall"])[:MOST_CLASSES]
    return [each for each in there if each in shown]

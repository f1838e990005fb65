"""What a run is measured against: the same search by hand, without checks, pictures or report.

Run as `python bare_search.py PROJECT` with a project's Python; prints the winner and its score.
"""

import sys
import tomllib
from pathlib import Path

import joblib
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold, train_test_split
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

# Of 20 settings for 5 folds the project's budget of 100 fits gives to each so many.
DRAWS = {"linear": 5, "gradient_boosting": 8, "support_vectors": 7}


def candidates(seed: int) -> dict[str, Pipeline]:
    """Return the models that are tried, each behind its scaling."""
    trees = HistGradientBoostingClassifier(early_stopping=False, random_state=seed)
    linear = LogisticRegression(max_iter=1000)
    return {
        "linear": Pipeline([("scaling", StandardScaler()), ("model", linear)]),
        "gradient_boosting": Pipeline([("model", trees)]),
        "support_vectors": Pipeline(
            [("scaling", MinMaxScaler(clip=True)), ("model", OneVsRestClassifier(SVC()))]
        ),
    }


def main(project: Path) -> None:
    """Search, fit the winner on all training rows, and score it once on the test rows."""
    settings = tomllib.loads((project / "configs/digits.toml").read_text(encoding="utf-8"))
    seed = settings["seed"]
    assert settings["tuning"] == {"folds": 5, "fits": 100}, "DRAWS is for other settings"
    table = pd.read_csv(project / settings["raw"][0])
    labels = table.pop(settings["target"])
    share = settings["test_share"]
    x, x_test, y, y_test = train_test_split(table, labels, test_size=share, random_state=seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    found = {}
    with joblib.parallel_config("loky", n_jobs=2, inner_max_num_threads=1):
        for name, model in candidates(seed).items():
            inside = "model__estimator__" if name == "support_vectors" else "model__"
            space = {f"{inside}{key}": x for key, x in settings["candidates"][name].items()}
            for key in ("model__max_iter", "model__max_leaf_nodes"):
                if key in space:
                    space[key] = [int(each) for each in space[key]]
            search = RandomizedSearchCV(
                model, space, n_iter=DRAWS[name], cv=folds, refit=False, random_state=seed
            )
            found[name] = search.fit(x, y)
    name = max(found, key=lambda name: found[name].best_score_)
    winner = candidates(seed)[name].set_params(**found[name].best_params_)
    if name == "support_vectors":  # with probabilities, as whoever serves it needs them
        model = winner.named_steps["model"]
        calibrated = CalibratedClassifierCV(model, method="temperature", ensemble=False, cv=3)
        winner.set_params(model=calibrated)
    with threadpool_limits(1):
        winner.fit(x, y)
        guess = DummyClassifier().fit(x, y)
    scores = [accuracy_score(y_test, each.predict(x_test)) for each in (winner, guess)]
    print(f"{name}: {scores[0]:.3f} on the test rows; a guess: {scores[1]:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

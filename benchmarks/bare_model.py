"""What `/predict` is measured against: one route that hands its rows to the same model."""

import io
import os
from pathlib import Path
from typing import Annotated

import joblib
import pandas as pd
from fastapi import Body, FastAPI

PROJECT = Path(os.environ["PROJECT"])
model = joblib.load(io.BytesIO((PROJECT / "models/candidate.joblib").read_bytes()))
NAMES = [column.name for column in model.contract.columns]
app = FastAPI()


@app.post("/")
def predict(rows: Annotated[list[dict[str, float]], Body(embed=True)]) -> list[dict[str, object]]:
    """Answer with classes and probabilities, and nothing else."""
    pipeline = model.pipeline
    probabilities = pipeline.predict_proba(pd.DataFrame(rows)[NAMES])
    found = [
        dict(zip(map(str, pipeline.classes_), map(float, p), strict=True)) for p in probabilities
    ]
    return [
        {"prediction": max(each, key=each.__getitem__), "probabilities": each} for each in found
    ]

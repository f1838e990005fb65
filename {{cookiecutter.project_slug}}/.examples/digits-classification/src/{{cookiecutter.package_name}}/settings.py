"""What a reader may change, typed; the paths of the study's files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from .engine import Settings

INGESTED = "data/interim/ingested.parquet"  # every row and column of the raw file, typed
INGESTION = "data/interim/ingestion.json"  # what was noticed on the way, as in the next two
CLEANED = "data/interim/cleaned.parquet"  # the columns that a model may read
CLEANING = "data/interim/cleaning.json"
LABELS = "data/interim/labels.parquet"  # what is to be predicted; missing where it is unknown
LABELING = "data/interim/labeling.json"
SPLIT = "data/interim/split.parquet"  # of each raw row its part
SPLITTING = "data/interim/splitting.json"
CONTRACT = "data/interim/contract.json"  # what the training rows look like
VALIDATION = "data/interim/validation.json"  # how the other rows keep to it
SEARCH = "data/interim/search.json"
CANDIDATE = "models/candidate.joblib"
BASELINES = "models/baselines.joblib"
CARD = "models/candidate.md"
DATA_CARD = "reports/data_card.md"
TEST_PREDICTIONS = "data/processed/test_predictions.parquet"
UNLABELED_PREDICTIONS = "data/processed/unlabeled_predictions.parquet"
REGISTRY = Path("models/registry")  # of this machine: models that were judged, and the decisions

PARTS = ("train", "test", "unlabeled", "left out")  # of the raw rows

Task = Literal["classes", "numbers"]
Metric = Literal[
    "accuracy", "balanced_accuracy", "f1_macro", "log_loss", "roc_auc", "r2", "mae", "rmse"
]
CandidateName = Literal["linear", "gradient_boosting", "support_vectors"]


class Part(BaseModel):
    """A table of the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tuning(Part):
    """How far the search goes."""

    folds: int = Field(default=5, ge=2, le=20)
    fits: int = Field(default=100, ge=2, description="fewer where there are many classes")
    rows: int = Field(default=20_000, ge=50, description="of a larger table so many are drawn")


class Promotion(Part):
    """When a candidate replaces the model in production."""

    floor: float | Literal["dummy"] = Field(default="dummy", description="of the metric")
    class_floor: float = Field(default=0.0, ge=0, le=1, description="of each class's recall")
    largest_mb: float = Field(default=200.0, gt=0)
    slowest_ms: float = Field(default=500.0, gt=0, description="for one row")


class Monitoring(Part):
    """From when on new rows are other rows."""

    significance: float = Field(default=0.01, gt=0, lt=1, description="after the correction")
    stability_index: float = Field(default=0.2, gt=0, description="population stability index")
    shifted_share: float = Field(default=0.1, ge=0, le=1, description="of columns, at most")


class Compute(Part):
    """Where the search and the bootstrap run; it changes no result."""

    backend: Literal["loky", "dask"] = "loky"
    workers: int = Field(default=2, ge=1)
    address: str | None = Field(default=None, description="of a Dask scheduler")


class ModelSettings(Settings):
    """What configs/digits.toml may say."""

    of_this_machine: ClassVar[frozenset[str]] = Settings.of_this_machine | {"compute"}

    raw: tuple[Path] = Field(description="the one table: CSV, Parquet or Excel")
    target: str = Field(description="the column that is predicted")
    task: Task | None = Field(default=None, description="left out: by the target's values")
    sheet: str | None = None
    missing: tuple[str, ...] = Field(default=(), description="marks beside the usual ones")
    categories: tuple[str, ...] = Field(default=(), description="columns of codes, not numbers")
    leave_out: tuple[str, ...] = ()
    drop_duplicates: bool = False
    ignore_classes: tuple[str, ...] = ()
    group: str | None = Field(default=None, description="rows of one group stay together")
    time: str | None = Field(default=None, description="the test rows are the latest")
    test_from: datetime | None = Field(default=None, description="where `time` parts them")
    test_share: float = Field(default=0.2, gt=0, lt=1)
    image: str | None = Field(default=None, description="columns of pixels, {row} and {column}")
    metric: Metric | None = Field(default=None, description="left out: accuracy or r2")
    candidates: dict[CandidateName, dict[str, tuple[float, ...]]]
    tuning: Tuning = Tuning()
    confidence_level: float = Field(default=0.95, gt=0.5, lt=1)
    resamples: int = Field(default=1000, ge=100, description="of the bootstrap")
    promotion: Promotion = Promotion()
    monitoring: Monitoring = Monitoring()
    compute: Compute = Compute()

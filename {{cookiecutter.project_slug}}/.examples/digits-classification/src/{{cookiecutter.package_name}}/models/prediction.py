"""Files of rows for a model, a chunk at a time: to be answered, or to be held against others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..data.ingestion import Kind, stream_texts
from ..data.labeling import pointed
from ..data.validation import Column, Contract
from ..engine import ProjectError
from ..settings import ModelSettings
from .training import TrainedModel

logger = logging.getLogger(__name__)
PARQUET = {".parquet", ".pq"}
ROWS = 5_000  # of a chunk: bounds the memory
FEWEST, MOST = 20, 50_000  # rows of a file that are held against others
NEW, OUTSIDE = "categories new to the model", "outside the range of the training rows"
MISSING = "missing where training had a value in every row"
Strange = dict[str, Counter[str]]  # how often it was met, by what it is and by column


def predict_file(model: TrainedModel, source: Path, target: Path, sheet: str | None = None) -> int:
    """Write a CSV or Parquet file again with `predicted TARGET` at the end; return its rows.

    For classes also `probability`, that of the predicted class. Cells of a CSV come out as the
    texts that they were, Parquet columns with their types. What training never saw is warned of. A
    name that a column of the training rows has already ends in "(model)".

    Raises
    ------
    ProjectError
        If the model cannot read the rows, there are none, or they have such columns already.
    """
    part, strange = target.with_name(f".{target.name}.part"), Strange()
    try:
        with _said_of(source):
            if source.suffix.lower() in PARQUET:
                rows = _predict_parquet(model, source, part, strange)
            else:
                rows = _predict_csv(model, stream_texts(source, ROWS, sheet), part, strange)
        if not rows:
            raise ProjectError(f"{source} has no rows: name a file that has some")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    for what, columns in strange.items():
        listed = ", ".join(f"{name!r} ({n:,})" for name, n in columns.most_common(5))
        more = ", …" * (len(columns) > 5)
        logger.warning("%s values are %s: %s%s", f"{columns.total():,}", what, listed, more)
    return rows


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Name the file where an error does not: the contract knows only its columns."""
    try:
        yield
    except ProjectError as error:
        if str(path) in str(error):
            raise
        raise ProjectError(f"{path} is not what the model reads: {error}") from error


def _predict_csv(
    model: TrainedModel, chunks: Iterable[pd.DataFrame], target: Path, strange: Strange
) -> int:
    rows = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        for texts in chunks:
            whole = pd.concat([texts, _answer(model, texts, strange)], axis=1)
            whole.to_csv(file, index=False, header=not rows, lineterminator="\n")
            rows += len(texts)
    return rows


def _predict_parquet(model: TrainedModel, source: Path, target: Path, strange: Strange) -> int:
    rows, writer = 0, None
    try:
        with pq.ParquetFile(source) as file:
            for batch in file.iter_batches(ROWS):
                values = batch.to_pandas(ignore_metadata=True)
                values.index += rows  # an error names the row
                for name, answer in _answer(model, values, strange).items():
                    batch = batch.append_column(name, pa.array(answer.tolist()))
                writer = writer or pq.ParquetWriter(target, batch.schema)
                writer.write_batch(batch)
                rows += len(values)
    except pa.ArrowInvalid as error:
        raise ProjectError(f"{source} cannot be read as Parquet: {error}") from error
    finally:
        if writer:
            writer.close()
    return rows


def _answer(model: TrainedModel, values: pd.DataFrame, strange: Strange) -> pd.DataFrame:
    """Return the predictions for a chunk, as columns; count what training never saw."""
    table = model.contract.cast(values)
    _count_strange(model.contract, table, strange)
    said = model.predict(table)
    answers = pd.DataFrame({f"predicted {model.target}": said.labels}, values.index)
    if said.probabilities is not None:
        answers["probability"] = said.probabilities.max(axis=1)
    known = {column.name for column in model.contract.columns}
    answers = answers.rename(columns=lambda name: f"{name} (model)" if name in known else name)
    if taken := [name for name in answers if name in values]:
        raise ProjectError(f"there is a column {taken[0]!r} already: rename it")
    return answers


def _count_strange(contract: Contract, table: pd.DataFrame, strange: Strange) -> None:
    for c in contract.columns:
        there = table[c.name].dropna()
        found = {MISSING: 0 if c.missing else len(table) - len(there)}
        if c.kind == "category" and c.complete:
            found[NEW] = int((~there.isin(c.categories)).sum())
        elif c.low is not None:
            low, high = (pd.Timestamp(x) if c.kind == "date" else x for x in (c.low, c.high))
            found[OUTSIDE] = int((~there.between(low, high)).sum())
        for what, n in found.items():
            if n:
                strange.setdefault(what, Counter())[c.name] += n


@dataclass(frozen=True)
class NewRows:
    """Typed rows of a file, at most 50,000, and their labels; `rows` is how many the file has."""

    table: pd.DataFrame
    labels: pd.Series
    rows: int


def read_new_rows(path: Path, model: TrainedModel, settings: ModelSettings) -> NewRows:
    """Read what the model reads of a file, and its target if it has that; too few: ProjectError."""
    kind: Kind = "category" if model.classes else "number"
    way = "-" if "-" in model.classes else model.contract.target_way
    target = Column(model.target, kind, True, categories=model.classes, way=way)
    answer, random = Contract((target,), model.contract.marks), np.random.default_rng(settings.seed)
    rows, parts = 0, list[Any]()
    for texts in stream_texts(path, sheet=settings.sheet):
        given = texts.reindex(columns=[model.target])
        given = given.map(pointed) if model.classes and way == "," else given
        draws = pd.Series(random.random(len(texts)), texts.index)
        with _said_of(path):
            labels = answer.cast(given)[model.target]
            chunk: list[Any] = [model.contract.cast(texts), labels, draws]
        chunk = [pd.concat(pair) for pair in zip(parts, chunk, strict=True)] if parts else chunk
        chosen = chunk[2].nsmallest(MOST).index.sort_values()
        rows, parts = rows + len(texts), [part.loc[chosen] for part in chunk]
    if rows < FEWEST:
        raise ProjectError(f"{path} has {rows} rows, too few to say anything: {FEWEST} are needed")
    return NewRows(parts[0], parts[1], rows)

"""The stages from the raw file to training and test rows; each leaves its facts beside its table.

Imports stand inside the stages, since a stage rests on all code that it has imported.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings as at
from ..engine import Workspace
from ..settings import ModelSettings

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


def ingest(settings: ModelSettings, work: Workspace) -> None:
    """Read the raw file; every column comes out typed."""
    from .ingestion import read_table

    read = read_table(
        work.input(settings.raw[0]),
        missing=settings.missing,
        categories=settings.categories,
        sheet=settings.sheet,
    )
    read.table.to_parquet(work.output(at.INGESTED))
    facts: dict[str, Any] = {"rows": len(read.table), "columns": read.kinds, "ways": read.ways}
    said = f"{len(read.table):,} rows of {len(read.kinds):,} columns read"
    keep_facts(work, at.INGESTION, facts, read.notes, said)


def inspect(file: Path) -> None:
    """Raise ProjectError where a file is none that a table can be read from."""
    from .ingestion import open_rows

    open_rows(file)


def clean(settings: ModelSettings, work: Workspace) -> None:
    """Leave out what no model can use, and say so."""
    from .cleaning import clean_table

    table = frame(work, at.INGESTED)
    cleaned = clean_table(
        table,
        work.read_json(at.INGESTION)["columns"],
        target=settings.target,
        group=settings.group,
        time=settings.time,
        leave_out=settings.leave_out,
        drop_duplicates=settings.drop_duplicates,
    )
    cleaned.table.to_parquet(work.output(at.CLEANED))
    facts: dict[str, Any] = {"rows_read": len(table), "rows_kept": len(cleaned.table)}
    facts |= {"duplicates": cleaned.duplicates, "left_out": cleaned.left_out}
    said = f"{len(cleaned.table):,} rows kept; columns left out: {len(cleaned.left_out):,}"
    keep_facts(work, at.CLEANING, facts, cleaned.notes, said)


def label(settings: ModelSettings, work: Workspace) -> None:
    """Turn the target into classes or numbers."""
    from .labeling import label_rows

    rows, kinds = frame(work, at.CLEANED).index, work.read_json(at.INGESTION)["columns"]
    target = frame(work, at.INGESTED).loc[rows, settings.target]
    found = label_rows(
        target, kinds[settings.target], task=settings.task, ignore=settings.ignore_classes
    )
    found.labels.to_frame("label").to_parquet(work.output(at.LABELS))
    facts: dict[str, Any] = {"target": settings.target, "task": found.task, "why": found.why}
    facts |= {"classes": found.classes, "counts": found.counts}
    facts |= {"unlabeled": int(found.labels.isna().sum())}
    keep_facts(work, at.LABELING, facts, found.notes, f"task {found.task}: {found.why}")


def split(settings: ModelSettings, work: Workspace) -> None:
    """Part the labelled rows into those that a model learns from and those that test it."""
    from .splitting import count_copies, split_rows

    content, labels = frame(work, at.INGESTED), frame(work, at.LABELS)["label"]
    parted = split_rows(
        content,
        labels,
        seed=settings.seed,
        test_share=settings.test_share,
        group=content[settings.group] if settings.group else None,
        time=content[settings.time] if settings.time else None,
        test_from=settings.test_from,
    )
    parted.parts.rename("part").rename_axis("row").reset_index().to_parquet(work.output(at.SPLIT))
    rows = {part: int((parted.parts == part).sum()) for part in at.PARTS}
    facts: dict[str, Any] = {
        "method": parted.method,
        "exact": parted.exact,
        "rows": rows,
        "groups": parted.groups,
    }
    facts |= {"copies": count_copies(frame(work, at.CLEANED), parted.parts)}
    said = "; ".join(f"{part} {n:,}" for part, n in rows.items())
    keep_facts(work, at.SPLITTING, facts, parted.notes, f"parted by {parted.method}: {said}")


def validate(settings: ModelSettings, work: Workspace) -> None:
    """Write down what the training rows look like, and hold the others against it."""
    from dataclasses import replace

    from .validation import Contract

    parts, found = by_part(work, at.CLEANED), work.read_json(at.INGESTION)
    marks, ways = settings.missing, found["ways"]
    contract = Contract.from_table(parts["train"], found["columns"], marks, ways)
    contract = replace(contract, target_way=ways.get(settings.target, ""))
    work.write_json(at.CONTRACT, contract.to_dict())
    kept = {part: contract.check(parts[part]) for part in ("test", "unlabeled")}
    for note in (note for notes in kept.values() for note in notes):
        logger.info("%s", note)
    work.write_json(at.VALIDATION, kept)


def keep_facts(
    work: Workspace, path: str, facts: dict[str, Any], notes: Sequence[str], said: str
) -> None:
    """Write down what a stage found; what it says of it, and what it noticed, are logged."""
    for line in (said, *notes):
        logger.info("%s", line)
    work.write_json(path, {**facts, "notes": notes})


def frame(work: Workspace, path: str) -> pd.DataFrame:
    """Read a table that an earlier stage wrote."""
    import pandas as pd

    return pd.read_parquet(work.input(path))


def by_part(work: Workspace, path: str) -> dict[str, pd.DataFrame]:
    """Read a table that an earlier stage wrote, its rows by their part."""
    split, table = frame(work, at.SPLIT).set_index("row")["part"], frame(work, path)
    return {part: table[split.loc[table.index] == part] for part in at.PARTS}

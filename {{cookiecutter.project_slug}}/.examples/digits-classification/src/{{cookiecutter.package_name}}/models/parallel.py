"""The same function on many tasks: on processes of this machine, or on workers of Dask."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from joblib import Parallel, delayed
from rich.console import Console
from rich.progress import track
from threadpoolctl import threadpool_limits

from ..settings import Compute
from .cluster import dask_map


def parallel_map(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], compute: Compute, label: str
) -> list[Any]:
    """Return the function's result for each task, in their order, whoever has done which.

    Each task has one thread, so that its result is the same everywhere; a terminal sees progress.
    A scheduler that cannot be reached, or lacks workers that can do it, is a ProjectError.
    """
    results: list[Any] = [None] * len(tasks)
    calls = [(function, *task) for task in tasks]
    done = (
        dask_map(alone, calls, compute.address)
        if compute.backend == "dask"
        else _processes(calls, compute.workers)
    )
    stderr = Console(stderr=True)
    shown = track(done, label, len(tasks), console=stderr, disable=not sys.stderr.isatty())
    for number, result in shown:
        results[number] = result
    return results


def alone(function: Callable[..., Any], *task: Any) -> Any:
    """Return the function's result with one thread, without the warnings of its libraries."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fold may lack a class, a search may not converge
        return function(*task)


def _processes(calls: Sequence[tuple[Any, ...]], workers: int) -> Iterator[tuple[int, Any]]:
    pool = Parallel(n_jobs=min(workers, len(calls)), return_as="generator")
    yield from enumerate(pool(delayed(alone)(*call) for call in calls))

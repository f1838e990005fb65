"""The same tasks on workers of a Dask scheduler.

Not by joblib's own backend: it waits for ever for a task whose worker was lost, and keeps shared
data on one worker, with which it is lost. Here both are sent again.
"""

from __future__ import annotations

import logging
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any
from warnings import catch_warnings, simplefilter

from ..engine import ProjectError, needs_extra

CONNECT = 10  # seconds until a scheduler counts as absent
PATIENCE = 60  # seconds without a worker that can work
PACKAGES = ("scikit-learn", "numpy", "scipy", "pandas")  # of other versions scores may differ


def dask_map(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], address: str | None
) -> Iterator[tuple[int, Any]]:
    """Yield number and result of each task as it comes; a ProjectError if they cannot be done."""
    with _connected(address) as client:
        futures = _submit(client, function, tasks)
        numbers = {future: number for number, future in enumerate(futures)}
        last = monotonic()
        while numbers:
            done = [future for future in numbers if future.done()]
            for future in done:
                yield numbers.pop(future), _result(future, address)
            if done or any(each["status"] == "running" for each in _workers(client)):
                last = monotonic()
            elif monotonic() - last > PATIENCE:
                raise ProjectError(
                    f"no worker of the Dask scheduler at {address} can work: start one in this "
                    "environment, or give it more memory (--memory-limit)"
                )
            if numbers:
                _wait(client, list(numbers))


@contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    """Connect to the scheduler; of what Dask logs, the error at the end says enough."""
    if not re.fullmatch(r"tcp://\S+:\d{1,5}", address or ""):  # else Dask's own error takes long
        raise ProjectError('[compute] backend = "dask" needs address = "tcp://MACHINE:PORT"')
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise needs_extra(error, "dask", "uv sync --inexact --extra dask") from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        connect: Any = distributed.Client
        client = connect(address, timeout=CONNECT, set_as_default=False)
    except (OSError, OverflowError) as error:
        how = "start one with `dask scheduler`, or name another in [compute]"
        raise ProjectError(f"no Dask scheduler answers at {address}: {how}") from error
    with client:
        versions = client.get_versions(packages=PACKAGES)
        mine = {name: versions["client"]["packages"][name] for name in PACKAGES}
        for worker, each in versions["workers"].items():
            for name in PACKAGES:
                if (theirs := each["packages"][name]) != mine[name]:
                    what = f"the Dask worker {worker} has {name} {theirs}, not {mine[name]}"
                    raise ProjectError(f"{what}: install the versions of uv.lock there too")
        yield client


def _submit(
    client: Any, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]
) -> list[Any]:
    """Send the tasks; what several of them share is sent once, and again if it is lost."""
    times = Counter(id(each) for task in tasks for each in task)
    known = {id(each): each for task in tasks for each in task if times[id(each)] > 1}
    with catch_warnings():
        simplefilter("ignore")  # it would rather be given the data in another way
        shared = {
            key: client.submit(pickle.loads, pickle.dumps(each), pure=False)
            for key, each in known.items()
            if hasattr(each, "__len__")
        }
    sent = [[shared.get(id(each), each) for each in task] for task in tasks]
    return [client.submit(function, *task, pure=False) for task in sent]


def _result(future: Any, address: str | None) -> Any:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        return future.result()
    except KilledWorker as error:
        what = f"workers of the Dask scheduler at {address} died again and again at the same task"
        raise ProjectError(f"{what}: give them more memory (--memory-limit)") from error
    except FutureCancelledError as error:
        what = f"the Dask scheduler at {address} went away or knows other code"
        raise ProjectError(f"{what}: start it and its workers in this environment") from error


def _wait(client: Any, futures: list[Any]) -> None:
    import distributed

    # What was cancelled is said where its result is asked for.
    with client.as_current(), suppress(TimeoutError, distributed.CancelledError):
        wait: Any = distributed.wait
        wait(futures, timeout=1, return_when="FIRST_COMPLETED")


def _workers(client: Any) -> list[dict[str, Any]]:
    return list(client.scheduler_info(n_workers=-1)["workers"].values())

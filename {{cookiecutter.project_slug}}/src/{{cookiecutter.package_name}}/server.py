"""Serves the last run over HTTP: one ASGI application, which never writes."""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from .api import build_api
from .latest_run import LatestRun
from .listening import listen
from .study import Study

logger = logging.getLogger(__name__)
LARGEST_BODY = 10_000  # bytes; no route needs more than a few dozen
# The report and figures bring their styles and pictures with them; the docs need scripts of ours.
PAGE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
DOCS = "default-src 'self' 'unsafe-inline'; img-src 'self' data:"
FRAMES = "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = [
    (b"cache-control", b"no-cache"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]


class LatestApi:
    """The ASGI application: each request is answered from the last run, as it is then.

    Each run has an application of its own, so a request that began with one run ends with it.

    Raises
    ------
    ProjectError
        If there is no run yet, or an artifact is not the one that the run wrote.
    """

    def __init__(self, study: Study[Any], root: Path) -> None:
        self._latest = LatestRun(root, lambda run: build_api(study, run))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of limited size, with the headers that keep a browser safe."""
        if self._latest.is_outdated:
            await run_in_threadpool(self._latest.get)
        app = self._latest.made
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        policy = (DOCS if scope["path"] == "/docs" else PAGE) + FRAMES
        headers = [*HEADERS, (b"content-security-policy", policy.encode())]
        size = 0

        async def receive_limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST_BODY:
                raise HTTPException(413)
            return message

        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        if scope["method"] == "HEAD":  # what GET would answer; the server leaves the body out
            scope = {**scope, "method": "GET"}
        await app(scope, receive_limited, send_safe)


def serve(study: Study[Any], root: Path, host: str, port: int, *, access_log: bool) -> None:
    """Serve the last run until the process is told to stop.

    Parameters
    ----------
    study, root
        What to serve, from which project.
    host, port
        Where to listen; with port 0 the system chooses one.
    access_log
        Whether each request is a line on the console.

    Raises
    ------
    ProjectError
        If there is no run that can be served, or the address cannot be had.
    """
    app = LatestApi(study, root)
    listener, address = listen(host, port)
    # Connections inherit it; asyncio sets it only on sockets that it has made itself, and without
    # it an answer waits 40 ms for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"Serving at {address} (what there is: {address}/docs). Ctrl-C stops.", flush=True)
    logger.debug("serving at %s", address)
    level = "info" if access_log else "warning"
    config = uvicorn.Config(
        app,
        log_level=level,
        access_log=access_log,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])

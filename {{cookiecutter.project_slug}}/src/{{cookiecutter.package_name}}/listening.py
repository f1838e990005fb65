"""An address to listen at, or one sentence on why it cannot be had."""

from __future__ import annotations

import socket

from .study import ProjectError


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """Return a socket that listens, and its address as a browser takes it.

    Parameters
    ----------
    host, port
        Where to listen; with port 0 the system chooses one.

    Raises
    ------
    ProjectError
        If the address cannot be had: it is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        raise ProjectError(
            f"{host} port {port} cannot be had ({error}): name others with --host and --port"
        ) from error
    shown = f"[{host}]" if ":" in host else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"

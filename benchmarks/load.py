"""Many clients at once against a server on this machine, each with a connection of its own."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Load:
    """What the clients met: answers by status, and what went wrong, by its name."""

    answers: Counter[int]
    errors: Counter[str]
    seconds: float


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes
) -> int:
    """Send one request, with a body as JSON or without, and read its answer to the end."""
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    request = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: {HOST}\r\n{kind}\r\n"
    writer.write(request.encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def _client(
    port: int, paths: Iterator[str], end: float, left: list[int], met: Load, body: bytes
) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        while time.perf_counter() < end and left[0] > 0:
            left[0] -= 1
            met.answers[await _ask(reader, writer, next(paths), body)] += 1
    except (OSError, EOFError, ValueError) as error:
        met.errors[type(error).__name__] += 1
    finally:
        writer.close()


def load(
    port: int,
    *paths: str,
    clients: int,
    seconds: float = 60.0,
    requests: int = 10**9,
    body: bytes = b"",
) -> Load:
    """Let clients ask for the paths in turn, for so long or so often, and say what they met."""
    met, left, turn = Load(Counter(), Counter(), 0.0), [requests], cycle(paths)

    async def run() -> None:
        end = time.perf_counter() + seconds
        await asyncio.gather(*(_client(port, turn, end, left, met, body) for _ in range(clients)))

    start = time.perf_counter()
    asyncio.run(run())
    return Load(met.answers, met.errors, time.perf_counter() - start)

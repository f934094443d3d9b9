"""What is measured: each scenario drives one server and returns its figures.

Latency is from the write of a frame to its arrival at another client, matched in order for each writer.
``busy`` is the share of its core that the generator used: over 0.85 the generator is the bottleneck.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from trace import client_of, sync, trace, typing

from servers import TOKEN, Server
from wire import Client, connect


@dataclass
class Figures:
    """The outcome of a scenario: figures by name, and how busy the generator was."""

    values: dict[str, float]
    busy: float


async def _timed(server: Server, run: Callable[[], Awaitable[dict[str, float]]]) -> Figures:
    wall, used = time.perf_counter(), time.process_time()
    values = await run()
    busy = (time.process_time() - used) / (time.perf_counter() - wall)
    return Figures(values, busy)


def _is_update(message: bytes) -> bool:
    return message[0] == 0 and message[1] == 2


async def _join(server: Server, path: str) -> Client:
    """Connect and complete the handshake of an empty client."""
    client = await connect(server.port, path, TOKEN)
    synced = asyncio.get_running_loop().create_future()

    def first(message: bytes) -> None:
        if message[0] == 0 and message[1] == 0:
            client.send(b"\x00\x01\x02\x00\x00")
        elif message[0] == 0 and message[1] == 1 and not synced.done():
            synced.set_result(None)

    client.on_message = first
    client.send(b"\x00\x00\x01\x00")
    await asyncio.wait_for(synced, 30)
    return client


async def latency(server: Server, *, writers: int, receivers: int, rate: float, seconds: float) -> Figures:
    """``writers`` type ``rate`` characters a second each; everybody hears."""
    path = server.new_document()
    people = [await _join(server, path) for _ in range(writers)]
    watchers = [await _join(server, path) for _ in range(receivers)]
    keys = int(rate * seconds)
    scripts = [typing(number, keys) for number in range(writers)]
    sent: dict[bytes, deque[float]] = {client_of(script[1]): deque() for script in scripts}
    delays: list[float] = []
    deliveries = 0

    def note(message: bytes) -> None:
        nonlocal deliveries
        if _is_update(message):
            deliveries += 1
            queue = sent[client_of(message)]
            if queue:
                delays.append(time.perf_counter() - queue.popleft())

    def count(message: bytes) -> None:
        nonlocal deliveries
        deliveries += _is_update(message)

    for client in people + watchers[1:]:
        client.on_message = count
    watchers[0].on_message = note

    async def run() -> dict[str, float]:
        before = server.cpu()
        start = time.perf_counter()
        for key in range(keys):
            for number, writer in enumerate(people):
                due = start + (key + number / writers) / rate
                pause = due - time.perf_counter()
                if pause > 0:
                    await asyncio.sleep(pause)
                sent[client_of(scripts[number][key])].append(time.perf_counter())
                writer.send(scripts[number][key])
        expected = keys * writers
        end = time.perf_counter() + 10
        while len(delays) < expected and time.perf_counter() < end:  # noqa: ASYNC110 - a poll is enough
            await asyncio.sleep(0.01)
        used = server.cpu() - before
        delays.sort()
        return {
            "p50": statistics.median(delays) * 1e6,
            "p95": delays[int(len(delays) * 0.95)] * 1e6,
            "cpu": used / max(deliveries, 1) * 1e6,
            "lost": expected - len(delays),
        }

    figures = await _timed(server, run)
    _close(people + watchers)
    return figures


async def flood(server: Server, *, receivers: int, updates: int) -> Figures:
    """One writer sends a real trace as fast as it can to many receivers."""
    path = server.new_document()
    writer = await _join(server, path)
    people = [await _join(server, path) for _ in range(receivers)]
    messages = [sync(2, update) for update in trace()[0][:updates]]
    got = [0] * receivers
    heard = asyncio.Event()

    def counter(number: int) -> Callable[[bytes], None]:
        def count(message: bytes) -> None:
            if _is_update(message):
                got[number] += 1
                if got[number] == updates:
                    heard.set()

        return count

    for number, client in enumerate(people):
        client.on_message = counter(number)

    async def run() -> dict[str, float]:
        start, before = time.perf_counter(), server.cpu()
        for at in range(0, updates, 100):
            for message in messages[at : at + 100]:
                writer.send(message)
            await asyncio.sleep(0)
        end = time.perf_counter() + 60
        while min(got) < updates and time.perf_counter() < end:
            heard.clear()
            try:
                await asyncio.wait_for(heard.wait(), 0.2)
            except TimeoutError:
                if sum(got) and time.perf_counter() - start > 30:
                    break
        seconds = time.perf_counter() - start
        return {"rate": sum(got) / seconds, "cpu": (server.cpu() - before) / max(sum(got), 1) * 1e6}

    figures = await _timed(server, run)
    _close([writer, *people])
    return figures


async def join(server: Server, *, at_once: int) -> Figures:
    """Join a document of 260,000 edits, one after the other and many at once."""
    path = server.new_document()
    writer = await _join(server, path)
    whole = trace()[1]
    writer.send(sync(2, whole))
    await asyncio.sleep(1)

    async def one() -> float:
        client = await connect(server.port, path, TOKEN)
        done = asyncio.get_running_loop().create_future()

        def hear(message: bytes) -> None:
            if message[0] == 0 and message[1] == 1 and len(message) > len(whole) // 2 and not done.done():
                done.set_result(None)

        client.on_message = hear
        start = time.perf_counter()
        client.send(b"\x00\x00\x01\x00")
        await asyncio.wait_for(done, 60)
        taken = time.perf_counter() - start
        client.close()
        return taken

    async def run() -> dict[str, float]:
        single = [await one() for _ in range(15)]
        start = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(at_once)))
        return {"one": statistics.median(single) * 1e3, "many": (time.perf_counter() - start) * 1e3}

    figures = await _timed(server, run)
    _close([writer])
    return figures


async def memory(server: Server, *, connections: int, documents: int) -> Figures:
    """Memory of idle connections to one document, and of small open documents."""

    async def run() -> dict[str, float]:
        path = server.new_document()
        warm = [await _join(server, path) for _ in range(10)]
        before = server.memory()
        people = [await _join(server, path) for _ in range(connections)]
        await asyncio.sleep(1)
        each = (server.memory() - before) / connections
        before = server.memory()
        clients = []
        for number in range(documents):
            client = await _join(server, server.new_document())
            client.send(typing(number, 1)[0])
            clients.append(client)
        await asyncio.sleep(1)
        opened = (server.memory() - before) / documents - each
        _close(warm + people + clients)
        return {"connection": each / 1e3, "document": opened / 1e3}

    return await _timed(server, run)


def _close(clients: Sequence[Client]) -> None:
    for client in clients:
        client.close()

"""Servers that are killed on purpose and clients that come back; ended after each test."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# pytest's importlib mode puts no folder on the path.
sys.path.insert(0, str(Path(__file__).parent))

from cluster import Cluster
from processes import ServerProcess
from writers import Client


@pytest.fixture
def server_process(tmp_path: Path) -> Iterator[Callable[[str], ServerProcess]]:
    """A factory of servers over one database file."""
    made: list[ServerProcess] = []

    def make(name: str) -> ServerProcess:
        server = ServerProcess(tmp_path / name, tmp_path / "shared" / "rooms.db")
        made.append(server)
        return server

    yield make
    for server in made:
        server.close()


@pytest.fixture
def cluster_of(tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Any]:
    """A factory of clusters, by the kind of Redis and the number of replicas."""
    made: list[Cluster] = []

    async def make(kind: str, replicas: int) -> Cluster:
        made.append(Cluster(tmp_path / f"cluster{len(made)}", kind, replicas))
        return await made[-1].start()

    yield make

    async def stop() -> None:
        for cluster in made:
            await cluster.stop()

    jp_asyncio_loop.run_until_complete(stop())


@pytest.fixture
def writer(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Client]]:
    """A factory of clients."""
    made: list[Client] = []

    def make(*arguments: Any) -> Client:
        made.append(Client(*arguments))
        return made[-1]

    yield make

    async def stop() -> None:
        await asyncio.gather(*(client.stop() for client in made))

    jp_asyncio_loop.run_until_complete(stop())


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """Wait until something is so, or fail."""

    async def wait(condition: Callable[[], bool], what: str, timeout: float = 30.0) -> None:
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, f"never: {what}"
            await asyncio.sleep(0.01)

    return wait

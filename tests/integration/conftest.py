"""Real servers for the notebook client, and stores over each database."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# pytest's importlib mode puts no folder on the path.
sys.path.insert(0, str(Path(__file__).parent))

from notebook_server import JupyterProcess
from postgres import PostgresServer
from stores import Factory
from yredis import look, made, old, redis, run, target  # noqa: F401 - fixtures

import jupyter_plant_together as plant
from jupyter_plant_together.store.port import Store
from jupyter_plant_together.store.postgres.store import PostgresStore
from jupyter_plant_together.store.sqlite.store import SQLiteStore


@pytest.fixture(params=["sqlite", "postgres"])
def make_store(
    request: pytest.FixtureRequest, tmp_path: Path, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Factory]:
    """Return a function that makes stores over one database of each kind."""
    stores: list[Store] = []
    dsn = request.getfixturevalue("postgres_dsn") if request.param == "postgres" else ""

    async def make() -> Store:
        store = PostgresStore(dsn) if dsn else SQLiteStore(tmp_path / "folder" / "store.db")
        stores.append(store)
        return store

    yield make
    for store in stores:
        jp_asyncio_loop.run_until_complete(store.close())


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., JupyterProcess]]:
    """Return a function that starts a Jupyter server; its arguments are JupyterProcess's."""
    servers: list[JupyterProcess] = []

    def start(**options: Any) -> JupyterProcess:
        server = JupyterProcess(tmp_path_factory.mktemp("jupyter"), **options)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def server(start_server: Callable[..., JupyterProcess]) -> JupyterProcess:
    """Return one server for a test module."""
    return start_server()


@pytest.fixture
def connect() -> Iterator[Callable[..., plant.Room]]:
    """Return a function that connects to a room of a server; all rooms are closed at the end."""
    rooms: list[plant.Room] = []

    def make(name: str, server: JupyterProcess, **options: Any) -> plant.Room:
        rooms.append(plant.connect(name, url=server.url, token=server.token, **options))
        return rooms[-1]

    yield make
    for room in rooms:
        try:
            room.close(1)
        except plant.PlantTogetherError:
            pass  # a test may leave edits that its server never took


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait until something is so, or fail."""

    def wait(condition: Callable[[], Any], what: str, timeout: float = 15.0) -> None:
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, f"never: {what}"
            time.sleep(0.01)

    return wait


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """Return a server that a test may stop, hang and break, and starts again."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()

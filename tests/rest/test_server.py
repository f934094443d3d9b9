"""The extension as a whole: start, example, health, wrong traits, end."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import forkserver
import pytest

from jupyter_plant_together.store.sqlite.schema import known_version
from jupyter_plant_together.store.sqlite.store import SQLiteStore


class TestExample:
    """The first start in an empty database."""

    @pytest.fixture
    def plant_config(self) -> dict[str, Any]:
        return {}

    async def test_there_is_an_example_that_stays_deleted(self, api: Any, plant_app: Any) -> None:
        (room,) = json.loads((await api("GET", "rooms")).body)["items"]
        assert (room["name"], room["documents"]) == ("example", 1)
        source = (await api("GET", "rooms/example/documents/welcome/source")).body.decode()
        assert source.startswith("@startuml\n")
        assert source.endswith("@enduml\n")
        assert (await api("DELETE", "rooms/example")).code == 204
        assert not await plant_app._rooms.make_example()
        assert json.loads((await api("GET", "rooms")).body)["items"] == []


async def test_health_says_how_each_part_is(api: Any) -> None:
    answer = await api("GET", "health")
    body = json.loads(answer.body)
    assert (answer.code, body["state"]) == (200, "ok")
    assert set(body["parts"]) == {"store", "journal", "live"}


async def test_the_database_is_private_and_in_its_own_folder(plant_app: Any, database_path: Path) -> None:
    assert database_path.stat().st_mode & 0o777 == 0o600
    assert database_path.parent.stat().st_mode & 0o777 == 0o700


async def test_a_lock_gives_503_says_so_and_heals(api: Any, plant_app: Any, database_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sqlite3, sys\n"
            f"c = sqlite3.connect({str(database_path)!r}, isolation_level=None)\n"
            "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"held"
    try:
        made, health = await asyncio.gather(api("POST", "rooms", {"name": "x"}), api("GET", "health"))
        assert made.code == 503
        assert "locked by another program" in json.loads(made.body)["message"]
        assert health.code == 503
        assert json.loads(health.body)["parts"]["store"]["reason"] == "locked"
        # Reading goes on beside a writer.
        assert (await api("GET", "rooms")).code == 200
    finally:
        holder.stdin.close()
        holder.wait(10)
        holder.stdout.close()
    assert (await api("POST", "rooms", {"name": "x"})).code == 201
    assert (await api("GET", "health")).code == 200


class TestLockedAtTheStart:
    """Another program has the whole file at the start: Jupyter starts, and rooms come by themselves."""

    @pytest.fixture
    def plant_config(self) -> dict[str, Any]:
        return {}

    @pytest.fixture
    def holder(self, database_path: Path) -> Iterator[sqlite3.Connection]:
        first = SQLiteStore(database_path)
        first.open()
        first.database.close_blocking()
        connection = sqlite3.connect(database_path, isolation_level=None)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("UPDATE meta SET value = value")
        yield connection
        connection.close()

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any], holder: Any) -> dict[str, Any]:
        return jp_server_config

    async def test_rooms_come_when_the_lock_goes(
        self, holder: sqlite3.Connection, api: Any, plant_app: Any
    ) -> None:
        refused = await api("GET", "rooms")
        assert refused.code == 503
        assert "locked by another program" in json.loads(refused.body)["message"]
        assert (await api("GET", "me")).code == 200
        holder.close()
        async with asyncio.timeout(30):
            while not json.loads((await api("GET", "rooms")).body).get("items"):
                await asyncio.sleep(0.1)
            await plant_app._components._started
        put = await api("PUT", "rooms/example/documents/welcome/source", raw=b"saved")
        assert put.code == 204
        assert (await api("GET", "health")).code == 200


@pytest.fixture
def threads_before() -> set[threading.Thread]:
    """Return the threads that run already, which a test of another module may have left to end by themselves."""
    return set(threading.enumerate())


async def test_stopping_leaves_no_thread_task_or_file(
    threads_before: set[threading.Thread], api: Any, plant_app: Any, database_path: Path
) -> None:
    await api("POST", "rooms", {"name": "x"})
    await api("POST", "rooms/x/documents", {"name": "a", "source": "text"})
    assert (await api("GET", "rooms/x/documents/a/source")).body == b"text"
    assert (await api("POST", "render", {"source": "Ada -> Ben"})).code == 200
    await plant_app.stop_extension()
    await plant_app.stop_extension()
    ours = [thread.name for thread in set(threading.enumerate()) - threads_before]
    assert [name for name in ours if name.startswith("plant-together")] == []
    tasks = [task for task in asyncio.all_tasks() if "jupyter_plant_together" in repr(task.get_coro())]
    assert tasks == []
    # The last connection that closes folds the log into the file.
    assert sorted(path.name for path in database_path.parent.iterdir()) == [database_path.name]


def start_server(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    folders = {
        name: str(tmp_path / name.lower())
        for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    options = ["--allow-root", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    options.append("--ServerApp.jpserver_extensions={'jupyter_plant_together': True}")
    return forkserver.run("jupyter_server", [*options, *arguments], {**os.environ, **folders})


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("--PlantTogether.mode=cluster", "PlantTogether.postgres_dsn is empty"),
        ("--PlantTogether.mode=remote", "PlantTogether.gateway_url is empty"),
        ("--PlantTogether.mode=nonsense", "mode"),
        ("--PlantTogether.max_source_size=0", "max_source_size"),
        ("--PlantTogether.idle_timeout=-1", "idle_timeout"),
        ("--PlantTogether.database_path=", "PlantTogether.database_path is empty"),
        ("--PlantTogether.database_path=.", "PlantTogether.database_path must name a file"),
    ],
)
def test_a_wrong_trait_stops_the_start_with_a_sentence_that_names_it(
    tmp_path: Path, argument: str, sentence: str
) -> None:
    done = start_server(tmp_path, argument)
    assert done.returncode == 1
    line = next(line for line in done.stderr.splitlines() if sentence in line)
    assert "C " in line or "E " in line or "CRITICAL" in line
    assert "Traceback" not in done.stderr


def test_a_database_of_a_newer_version_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    store = SQLiteStore(path)
    store.open()
    store.database.close_blocking()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {known_version() + 1}")
    raw.close()
    before = path.read_bytes()
    done = start_server(tmp_path, f"--PlantTogether.database_path={path}")
    assert done.returncode == 1
    assert "written by a newer version of jupyter-plant-together" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_bytes() == before

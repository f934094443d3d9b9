"""A server in cluster mode and its Postgres: wrongly set up, away at the start, away for a while."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import forkserver
import pytest
from postgres import PASSWORD, PostgresServer
from redis_server import PASSWORD as REDIS_PASSWORD
from redis_server import RedisServer

from jupyter_plant_together.errors import Misconfigured
from jupyter_plant_together.server.storage import StorageSettings, make_storage


@pytest.fixture
def redis(shared_redis: Callable[[str], RedisServer]) -> RedisServer:
    return shared_redis("redis")


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """Return a server that a test may stop, and starts again."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


def settings(dsn: str, redis: RedisServer, *, migrate: bool = True) -> StorageSettings:
    return StorageSettings(
        mode="cluster",
        database_path="",
        postgres_dsn=dsn,
        redis_url=redis.url,
        redis_prefix="y",
        compaction_delay=10,
        min_message_lifetime=60,
        migrate_on_start=migrate,
    )


class TestWrong:
    """What is wrongly set up stops the start with one sentence that names the trait or what to grant."""

    @pytest.mark.parametrize(
        ("dsn", "sentence"),
        [
            ("", "PlantTogether.postgres_dsn is empty: mode 'cluster' keeps its rooms in Postgres; set it"),
            ("ada:wr0ng@db", "PlantTogether.postgres_dsn is not a URL of Postgres"),
            (
                "postgresql://plant:wr0ng@{place}/postgres",
                "correct user or password in PlantTogether.postgres",
            ),
            ("postgresql://reader:wr0ng@{place}/{database}", "let the user “reader” change the database"),
            ("postgresql://plant:{word}@{place}/nowhere", "has no database “nowhere”: create it, or correct"),
            (
                "postgresql://plant:{word}@{place}/postgres?sslmode=require",
                "check its certificate and the ssl",
            ),
        ],
        ids=["empty", "no URL", "password", "read-only", "no database", "TLS"],
    )
    def test_a_database(
        self, dsn: str, sentence: str, postgres_server: PostgresServer, postgres_dsn: str, redis: RedisServer
    ) -> None:
        database = postgres_dsn.rpartition("/")[2]
        place = f"127.0.0.1:{postgres_server.port}"
        postgres_server.execute(
            "DO $$ BEGIN CREATE ROLE reader LOGIN PASSWORD 'wr0ng'; EXCEPTION WHEN duplicate_object THEN "
            "ALTER ROLE reader PASSWORD 'wr0ng'; END $$"
        )
        full = dsn.format(place=place, word=PASSWORD, database=database)
        with pytest.raises(Misconfigured) as caught:
            make_storage(settings(full, redis), logging.getLogger("test"))
        assert sentence in caught.value.message
        assert "wr0ng" not in str(caught.value)
        assert PASSWORD not in str(caught.value)

    def test_a_schema_that_must_not_be_migrated(self, postgres_dsn: str, redis: RedisServer) -> None:
        with pytest.raises(Misconfigured, match="run 'jupyter plant-together migrate'"):
            make_storage(settings(postgres_dsn, redis, migrate=False), logging.getLogger("test"))

    def test_the_start_stops_and_its_log_does_not_tell_the_password(
        self, postgres_server: PostgresServer, redis: RedisServer, tmp_path: Path
    ) -> None:
        folders = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        done = forkserver.run(
            "jupyter_server",
            [
                *("--allow-root", "--no-browser", "--port=0", "--debug"),
                "--ServerApp.jpserver_extensions={'jupyter_plant_together': True}",
                "--PlantTogether.mode=cluster",
            ],
            {
                **os.environ,
                **{name: str(tmp_path / name.lower()) for name in folders},
                "PLANT_TOGETHER_POSTGRES_DSN": postgres_server.dsn(password="wr0ng-word"),
                "PLANT_TOGETHER_REDIS_URL": redis.url,
            },
        )
        assert done.returncode == 1
        assert "does not let the user “plant” in: correct user or password in Pla" in done.stderr
        assert "Traceback" not in done.stderr
        assert "wr0ng" not in done.stdout + done.stderr


@pytest.fixture
def plant_config(request: pytest.FixtureRequest, redis: RedisServer) -> dict[str, Any]:
    dsn = request.getfixturevalue("own_server").create_database()
    return {"mode": "cluster", "postgres_dsn": dsn, "redis_url": redis.url, "example_room": False}


async def until(api: Any, code: int, method: str, path: str, body: Any = None) -> Any:
    """Call until the answer has this code."""
    end = time.monotonic() + 30
    while True:
        answer = await api(method, path, body)
        if answer.code == code:
            return json.loads(answer.body)
        assert time.monotonic() < end, (answer.code, answer.body)
        await asyncio.sleep(0.1)


async def on_thread(work: Callable[[], None]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, work)


async def test_a_postgres_that_goes_and_comes_back(api: Any, own_server: PostgresServer) -> None:
    made = await api("POST", "rooms", {"name": "design"})
    assert made.code == 201
    assert (await api("GET", "health")).code == 200
    assert json.loads((await api("GET", "health")).body)["mode"] == "cluster"
    await on_thread(own_server.stop)
    health = await until(api, 503, "GET", "health")
    assert health["parts"]["store"] == {
        "state": "error",
        "reason": "unreachable",
        "message": f"Postgres at 127.0.0.1:{own_server.port} cannot be reached; nothing was saved, it is "
        "tried again.",
    }
    refused = await api("POST", "rooms", {"name": "more"})
    assert refused.code == 503
    metrics = await api("GET", "metrics")
    shown = refused.body.decode() + json.dumps(health) + metrics.body.decode()
    assert metrics.code == 200
    assert PASSWORD not in shown
    assert REDIS_PASSWORD not in shown
    await on_thread(own_server.start)
    await until(api, 201, "POST", "rooms", {"name": "more"})
    await until(api, 200, "GET", "health")
    assert [room["name"] for room in json.loads((await api("GET", "rooms")).body)["items"]] == [
        "design",
        "more",
    ]


class TestAwayAtTheStart:
    """Jupyter starts, and rooms come by themselves."""

    @pytest.fixture
    def jp_server_config(
        self, jp_server_config: dict[str, Any], own_server: PostgresServer
    ) -> dict[str, Any]:
        own_server.stop()
        return jp_server_config

    async def test_rooms_come_when_postgres_comes(self, api: Any, own_server: PostgresServer) -> None:
        refused = await api("GET", "rooms")
        assert refused.code == 503
        assert "cannot be reached" in json.loads(refused.body)["message"]
        await on_thread(own_server.start)
        await until(api, 200, "GET", "rooms")
        await until(api, 201, "POST", "rooms", {"name": "design"})
        await until(api, 200, "GET", "health")

"""A server in mode ``cluster``: health, metrics, a start that stops with one sentence, secrets that stay so."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import forkserver
import pytest
from postgres import PASSWORD as POSTGRES_PASSWORD
from postgres import PostgresServer
from prometheus_client.parser import text_string_to_metric_families
from redis_server import KINDS, PASSWORD, RedisServer

from jupyter_plant_together.cli.main import main
from jupyter_plant_together.handlers.metrics import HELP
from jupyter_plant_together.live.counts import BUCKETS
from jupyter_plant_together.live.document import LiveDocument


@pytest.fixture(params=KINDS)
def redis(request: pytest.FixtureRequest, shared_redis: Any) -> RedisServer:
    server: RedisServer = shared_redis(request.param)
    return server


@pytest.fixture
def plant_config(postgres_dsn: str, redis: RedisServer) -> dict[str, Any]:
    return {
        "mode": "cluster",
        "postgres_dsn": postgres_dsn,
        "redis_url": redis.url,
        "example_room": False,
        "compaction_delay": 0.1,
    }


async def test_health_names_redis_its_persistence_and_the_store(api: Any, redis: RedisServer) -> None:
    """PROTOCOL J5."""
    await api("POST", "rooms", {"name": "design"})
    await api("POST", "rooms/design/documents", {"name": "login", "source": "@startuml"})
    assert (await api("GET", "rooms/design/documents/login/source")).body == b"@startuml"
    health = json.loads((await api("GET", "health")).body)
    assert health["state"] == "ok"
    assert health["mode"] == "cluster"
    journal = health["parts"]["journal"]
    assert journal["server"].startswith("Redis 7" if redis.kind == "redis" else "Valkey ")
    assert journal["persistence"] == "AOF, fsync everysec"
    assert health["parts"]["store"]["state"] == "ok"
    assert health["parts"]["compaction"] == {"state": "ok"}


async def test_health_names_an_eviction_policy_that_was_changed_later(api: Any, redis: RedisServer) -> None:
    redis.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        answer = await api("GET", "health")
        assert answer.code == 503
        assert "set maxmemory-policy to noeviction" in json.loads(answer.body)["message"]
    finally:
        redis.execute("CONFIG", "SET", "maxmemory-policy", "noeviction")


async def test_metrics_are_prometheus_text_with_every_part(api: Any, plant_app: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    await api("POST", "rooms/design/documents", {"name": "login"})
    for text in ("one", "two"):
        assert (await api("PUT", "rooms/design/documents/login/source", raw=text.encode())).code == 204
    end = time.monotonic() + 10
    while True:
        answer = await api("GET", "metrics")
        families = list(text_string_to_metric_families(answer.body.decode()))
        samples = [sample for family in families for sample in family.samples]
        numbers = {
            sample.name.removeprefix("plant_together_"): sample.value
            for sample in samples
            if sample.labels.get("le", "+Inf") == "+Inf"
        }
        if numbers.get("compaction_rows_total") and not numbers["remembered_entries"]:
            break
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert (numbers["documents"], numbers["sessions"], numbers["updates_total"]) == (1, 0, 2)
    assert numbers["journal_up"] == 1
    assert numbers["stream_entries"] == 2  # younger than min_message_lifetime
    assert numbers["compaction_entries_total"] == 2
    assert numbers["compaction_lag_seconds"] == 0
    assert numbers["durable_seconds_bucket"] == numbers["durable_seconds_count"] > 0
    (histogram,) = [family for family in families if family.type == "histogram"]
    assert [sample.labels["le"] for sample in histogram.samples if sample.labels] == [
        *map(str, BUCKETS),
        "+Inf",
    ]
    # Each with its type and help, and nothing of another registry (prometheus_client's own counts processes).
    told = {family.name.removeprefix("plant_together_"): family for family in families}
    assert {name.removesuffix("_total") for name in HELP} == set(told)
    for name, text in HELP.items():
        family = told[name.removesuffix("_total")]
        assert family.documentation == text
        assert (family.type == "counter") == name.endswith("_total")


async def test_metrics_need_a_sign_in_and_go_on_without_redis(
    api: Any, redis: RedisServer, plant_app: Any
) -> None:
    assert (await api("GET", "metrics", signed_in=False)).code == 401
    redis.pause()
    try:
        text = (await api("GET", "metrics")).body.decode()
    finally:
        redis.resume()
    assert "plant_together_documents 0" in text


# --- a start that stops ------------------------------------------------------------------------------


class Started:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        folders = {name: str(folder / name.lower()) for name in names}
        options = ["--allow-root", "--no-browser", "--ip=127.0.0.1", "--port=0"]
        options.append("--ServerApp.jpserver_extensions={'jupyter_plant_together': True}")
        options.append("--PlantTogether.mode=cluster")
        done = forkserver.run("jupyter_server", options, {**os.environ, **folders, **environment})
        self.status = done.returncode
        self.output = done.stdout + done.stderr


@pytest.fixture
def start(tmp_path: Path, postgres_dsn: str) -> Any:
    """Start a server that is to refuse; nothing that it says may hold a password."""

    def start(redis_url: str, dsn: str = postgres_dsn) -> str:
        environment = {"PLANT_TOGETHER_POSTGRES_DSN": dsn, "PLANT_TOGETHER_REDIS_URL": redis_url}
        started = Started(tmp_path, environment)
        assert started.status == 1
        assert "Traceback" not in started.output
        for secret in (PASSWORD, POSTGRES_PASSWORD, "wr0ng"):
            assert secret not in started.output
        return started.output

    return start


@pytest.fixture
def special_redis() -> Iterator[Any]:
    made: list[RedisServer] = []

    def make(**options: str) -> RedisServer:
        made.append(RedisServer("redis", **options).start())
        return made[-1]

    yield make
    for server in made:
        server.remove()


@pytest.mark.parametrize("url", ["", "http://localhost", "redis://:wr0ng@localhost:port/0", "nonsense"])
def test_a_missing_or_wrong_url_stops_the_start(start: Any, url: str) -> None:
    assert "PlantTogether.redis_url" in start(url)


def test_a_wrong_password_stops_the_start(start: Any, shared_redis: Any) -> None:
    url = shared_redis("redis").url.replace(PASSWORD, "wr0ng")
    assert "refuses Plant Together" in start(url)


def test_a_redis_cluster_is_refused_with_one_sentence(start: Any, special_redis: Any) -> None:
    """PROTOCOL J6."""
    assert "is a Redis Cluster, which is not supported" in start(special_redis(cluster_enabled="yes").url)


def test_an_eviction_policy_that_drops_keys_is_refused(start: Any, special_redis: Any) -> None:
    output = start(special_redis(maxmemory="100mb", maxmemory_policy="allkeys-lru").url)
    assert "maxmemory-policy allkeys-lru" in output


def test_a_read_only_replica_is_refused(start: Any, special_redis: Any) -> None:
    leader = special_redis()
    follower = special_redis(replicaof=f"127.0.0.1 {leader.port}", masterauth=PASSWORD)
    assert "is a read-only replica" in start(follower.url)


def test_a_user_without_rights_is_refused(start: Any, special_redis: Any) -> None:
    server = special_redis()
    server.execute("ACL", "SETUSER", "reader", "on", ">wr0ng", "~*", "+@read", "+info", "+ping", "+client")
    url = server.url.replace(f":{PASSWORD}@", "reader:wr0ng@")
    assert "refuses Plant Together" in start(url)


def test_a_wrong_postgres_stops_the_start(
    start: Any, shared_redis: Any, postgres_server: PostgresServer
) -> None:
    url = shared_redis("redis").url
    assert "PlantTogether.postgres_dsn" in start(url, "")
    start(url, postgres_server.dsn(password="wr0ng"))


# --- compact -----------------------------------------------------------------------------------------


async def test_compact_moves_everything_at_once(
    api: Any, plant_config: dict[str, Any], plant_app: Any, monkeypatch: Any, capsys: Any, tmp_path: Path
) -> None:
    await plant_app._components.storage.compactor.stop()
    await api("POST", "rooms", {"name": "design"})
    await api("POST", "rooms/design/documents", {"name": "login"})
    await api("PUT", "rooms/design/documents/login/source", raw=b"@startuml")
    monkeypatch.setenv("PLANT_TOGETHER_POSTGRES_DSN", plant_config["postgres_dsn"])
    monkeypatch.setenv("PLANT_TOGETHER_REDIS_URL", plant_config["redis_url"])
    assert await asyncio.to_thread(main, ["compact", "--once", "--mode=cluster"]) == 0
    assert capsys.readouterr().out == "1 entries became 1 rows of history.\n"
    document = json.loads((await api("GET", "rooms/design/documents/login")).body)
    assert len((await plant_app._components.storage.store.load(document["id"])).tail) == 1
    assert await asyncio.to_thread(main, ["compact", "--once", "--mode=embedded"]) == 1
    assert "Only the mode 'cluster'" in capsys.readouterr().err


class TestHanging:
    """A Redis of the test's own, which hangs."""

    @pytest.fixture
    def redis(self) -> Iterator[RedisServer]:
        server = RedisServer("redis").start()
        yield server
        server.remove()

    async def test_a8_what_is_sent_and_not_answered_is_told_to_be_applied_and_is_there_once(
        self, api: Any, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(LiveDocument.edit, "__kwdefaults__", {"within": 0.3})
        await api("POST", "rooms", {"name": "design"})
        await api("POST", "rooms/design/documents", {"name": "login", "source": "@startuml\n@enduml\n"})
        path, text = "rooms/design/documents/login/source", b"@startuml\nA -> B\n@enduml\n"
        assert (await api("GET", path)).code == 200
        redis.pause()
        put = await api("PUT", path, raw=text)
        assert (put.code, json.loads(put.body)) == (202, {"message": "The edit is applied and being saved."})
        redis.resume()
        assert (await api("PUT", path, raw=text)).code in (202, 204, 503)  # whoever is told so may repeat it
        for _ in range(100):
            if (await api("GET", path)).body == text:
                break
            await asyncio.sleep(0.05)
        assert (await api("GET", path)).body == text

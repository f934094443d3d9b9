"""Databases as Y-Redis and Plant Together leave them, with contents made by yjs."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from postgres import PASSWORD, PostgresServer
from redis_server import RedisServer
from stores import text_of

from jupyter_plant_together.cli.main import main
from jupyter_plant_together.importing.open_document import open_document
from jupyter_plant_together.server.storage import Storage, StorageSettings, make_storage
from jupyter_plant_together.store.port import Document, Page, Ref, Store

ROOT = Path(__file__).parents[2]

# The shape of the tables; what their programs need beyond it (indices, keys) is of no matter here.
_YREDIS = (
    "CREATE TABLE yredis_docs_v1 (room text, doc text, r serial, update bytea, sv bytea, "
    "PRIMARY KEY (room, doc, r))"
)
_PLANT_TOGETHER = (
    'CREATE TABLE "user" (id text PRIMARY KEY, display_name text NOT NULL, email text NOT NULL)',
    "CREATE TABLE room (id text PRIMARY KEY, name text NOT NULL, is_private boolean NOT NULL DEFAULT false, "
    'owner_id text REFERENCES "user" (id))',
    "CREATE TABLE document (id serial PRIMARY KEY, name text NOT NULL, room_id text NOT NULL REFERENCES room (id))",
    "CREATE TABLE room_participant (room_id text, user_id text, owner_id text, PRIMARY KEY (room_id, user_id))",
)


@dataclass(frozen=True)
class Made:
    """One document: rows of the table, messages of the stream, rows that are missing, and its text."""

    rows: list[bytes]
    stream: list[bytes]
    missing: list[bytes]
    text: str


def make_contents() -> dict[str, Made]:
    """Let yjs make documents."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    node = shutil.which("node", path=path)
    assert node is not None, "Node is needed: .ci/install brings it"
    script = (ROOT / "tests" / "data" / "yredis_database.mjs").read_text()
    command = [node, "--input-type=module", "--eval", script]
    made = subprocess.run(
        command, cwd=ROOT / "labextension", capture_output=True, check=True, timeout=60, text=True
    )
    return {
        name: Made(
            **{key: [base64.b64decode(item) for item in found[key]] for key in ("rows", "stream", "missing")},
            text=found["text"],
        )
        for name, found in json.loads(made.stdout).items()
    }


class Old:
    """The Postgres and the Redis of a Plant Together that is to be imported."""

    def __init__(self, server: PostgresServer, redis: RedisServer | None = None) -> None:
        self.dsn = server.create_database()
        self._server = server
        self._redis = redis
        self._database = self.dsn.rpartition("/")[2]
        self.execute(_YREDIS)

    def execute(self, *statements: str) -> None:
        self._server.execute(*statements, database=self._database)

    def plant_together(self) -> None:
        self.execute(*_PLANT_TOGETHER)

    def rows(self, room: str, doc: str, updates: Sequence[bytes]) -> None:
        """Let Y-Redis have moved updates into the table."""
        for update in updates:
            self.execute(
                "INSERT INTO yredis_docs_v1 (room, doc, update, sv) VALUES "
                f"('{room}', '{doc}', '\\x{update.hex()}', '\\x00')"
            )

    def stream(self, room: str, doc: str, messages: Sequence[bytes]) -> None:
        """Let Y-Redis have messages in a stream."""
        assert self._redis is not None
        key = f"y:room:{quote(room, safe='')}:{quote(doc, safe='')}"
        for message in messages:
            self._redis.execute("XADD", key, "*", "m", message)

    def contents(self) -> list[str]:
        """Return all that Y-Redis has in streams, to see that nothing changes."""
        assert self._redis is not None
        keys = sorted(self._redis.execute("KEYS", "y:room:*"))
        return [f"{key!r} {self._redis.execute('XRANGE', key, '-', '+')!r}" for key in keys]


Run = Callable[..., list[str]]


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    return make_contents()


@pytest.fixture
def redis(shared_redis: Callable[[str], RedisServer]) -> RedisServer:
    return shared_redis("redis")


@pytest.fixture
def old(postgres_server: PostgresServer, redis: RedisServer, made: dict[str, Made]) -> Old:
    """A Plant Together with two rooms and five documents."""
    old = Old(postgres_server, redis)
    old.plant_together()
    old.execute(
        "INSERT INTO \"user\" VALUES ('u1', 'Ada', 'ada@example.org'), ('u2', 'Ben', 'ben@example.org'), "
        "('u3', 'Cy', 'cy@example.org')",
        "INSERT INTO room VALUES ('7f3-a', 'Design', false, 'u1'), ('7f3-b', 'Design', true, 'u2'), "
        "('7f3-c', 'a/b: c', false, NULL)",
        "INSERT INTO room_participant VALUES ('7f3-b', 'u1', 'u2'), ('7f3-b', 'u3', 'u2')",
        "INSERT INTO document (name, room_id) VALUES ('login', '7f3-a'), ('login', '7f3-a'), "
        "('windows.puml', '7f3-a'), ('empty', '7f3-b'), ('holes?', '7f3-c')",
    )
    old.rows("7f3-a1", "index", made["login"].rows)
    old.rows("7f3-a2", "index", made["tail"].rows)
    old.stream("7f3-a2", "index", made["tail"].stream)
    old.rows("7f3-a3", "index", made["windows"].rows)
    old.rows("7f3-c5", "index", made["holes"].rows)
    old.rows("7f3-a99", "index", made["login"].rows)
    return old


@pytest.fixture
def run(
    old: Old, redis: RedisServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run ``import-yredis`` and return the lines of its report."""
    monkeypatch.setenv("PLANT_TOGETHER_IMPORT_DSN", old.dsn)
    monkeypatch.setenv("PLANT_TOGETHER_IMPORT_REDIS_URL", redis.url)

    def run(*arguments: str) -> list[str]:
        assert main(["import-yredis", *arguments]) == 0
        output = capsys.readouterr()
        assert output.err == ""
        assert PASSWORD not in output.out
        return output.out.splitlines()

    return run


@pytest.fixture(params=["sqlite", "postgres"])
def target(
    request: pytest.FixtureRequest, redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], StorageSettings]:
    """Return the options that name where to import to, and the settings of a server there."""
    path = tmp_path / "store.db"
    dsn = request.getfixturevalue("postgres_dsn") if request.param == "postgres" else ""
    monkeypatch.setenv("PLANT_TOGETHER_POSTGRES_DSN", dsn)
    # The Redis of the old server, under the same prefix: neither is to disturb the other.
    monkeypatch.setenv("PLANT_TOGETHER_REDIS_URL", redis.url)
    settings = StorageSettings(
        mode="cluster" if dsn else "embedded",
        database_path=str(path),
        postgres_dsn=dsn,
        redis_url=redis.url,
        redis_prefix="y",
        compaction_delay=10,
        min_message_lifetime=60,
        migrate_on_start=True,
    )
    return ["--mode=cluster", "--owner=local"] if dsn else [f"--database-path={path}"], settings


@pytest.fixture
def look(
    target: tuple[list[str], StorageSettings], jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Callable[..., Any]:
    """Run a coroutine function on store and journal."""

    def look(function: Callable[[Storage], Any]) -> Any:
        storage = make_storage(target[1], logging.getLogger("test"))

        async def job() -> Any:
            try:
                await storage.journal.start()
                return await function(storage)
            finally:
                await storage.stop()

        return jp_asyncio_loop.run_until_complete(job())

    return look


async def everything(storage: Storage) -> dict[str, dict[str, str]]:
    """Return the text of each document of each room."""
    found: dict[str, dict[str, str]] = {}
    for room in await storage.store.rooms(Page()):
        for document in await storage.store.documents(Ref(id=room.id), Page()):
            async with open_document(storage.journal, document.id) as known:
                found.setdefault(room.name, {})[document.name] = text_of([*known.updates])
    return found


async def named(store: Store, room: str, document: str) -> Document:
    return await store.document(Ref(key=room), Ref(key=document))

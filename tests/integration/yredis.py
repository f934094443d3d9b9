"""Databases as Y-Redis and Plant Together leave them, with contents made by yjs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from postgres import PostgresServer
from redis_server import RedisServer

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
            *([base64.b64decode(item) for item in found[key]] for key in ("rows", "stream", "missing")),
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
        """Return all that Redis holds, to see that nothing changes."""
        assert self._redis is not None
        keys = sorted(self._redis.execute("KEYS", "*"))
        return [f"{key!r} {self._redis.execute('XRANGE', key, '-', '+')!r}" for key in keys]

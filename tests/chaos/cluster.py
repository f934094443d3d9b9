"""A cluster to break: replicas, Redis and Postgres as real processes, proxies between them, people who roam."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from disk import stored
from postgres import PostgresServer
from processes import ServerProcess
from proxy import Proxy
from redis_server import RedisServer
from writers import Client

from jupyter_plant_together.store.postgres.store import PostgresStore
from jupyter_plant_together.yjs import sync as p

COMPACTION_DELAY = 1.0  # seconds


class Cluster:
    """Replicas over one Redis and one Postgres, each reached through a proxy of its own."""

    def __init__(self, folder: Path, kind: str, replicas: int) -> None:
        self.folder = folder
        self.redis = RedisServer(kind)
        self.postgres = PostgresServer({"fsync": "off"})
        self.count = replicas
        self.replicas: list[ServerProcess] = []
        self.to_redis: list[Proxy] = []
        self.to_postgres: list[Proxy] = []
        self.dsn = ""

    async def start(self) -> Cluster:
        await asyncio.to_thread(self.redis.start)
        await asyncio.to_thread(self.postgres.start)
        self.dsn = await asyncio.to_thread(self.postgres.create_database)
        for number in range(self.count):
            self.to_redis.append(await Proxy(self.redis.port).start())
            self.to_postgres.append(await Proxy(self.postgres.port).start())
            environment = {
                "PLANT_TOGETHER_REDIS_URL": self.redis.url.replace(
                    f":{self.redis.port}/", f":{self.to_redis[-1].port}/"
                ),
                "PLANT_TOGETHER_POSTGRES_DSN": self.dsn.replace(
                    f":{self.postgres.port}/", f":{self.to_postgres[-1].port}/"
                ),
            }
            arguments = (
                "--PlantTogether.mode=cluster",
                f"--PlantTogether.compaction_delay={COMPACTION_DELAY}",
                "--PlantTogether.min_message_lifetime=5",
            )
            home = self.folder / f"replica{number}"
            self.replicas.append(ServerProcess(home, home / "unused.db", arguments, environment))
        for replica in self.replicas:
            await asyncio.to_thread(replica.start)
        for replica in self.replicas:
            await asyncio.to_thread(replica.wait)
        return self

    async def stop(self) -> None:
        for replica in self.replicas:
            await asyncio.to_thread(replica.close)
        for proxy in (*self.to_redis, *self.to_postgres):
            await proxy.stop()
        await asyncio.to_thread(self.redis.remove)
        await asyncio.to_thread(self.postgres.remove)

    async def stored(self, document: str) -> str:
        """Return the text of a document as Postgres has it."""
        return await stored(PostgresStore(self.dsn), document)


class Roamer(Client):
    """A writer who connects to any replica, shows where its cursor is, and sees who else is there."""

    def __init__(self, name: str, replicas: Sequence[ServerProcess], document: str, seed: int) -> None:
        super().__init__(name, replicas[0], document, seed)
        self.seen: dict[int, str] = {}
        self._replicas = replicas
        self._roaming = random.Random(seed + 1)
        self._clock = 0

    def url(self) -> str:
        self.server = self._roaming.choice(self._replicas)
        return super().url()

    def edit(self) -> None:
        super().edit()
        self._wake.set()

    async def _send(self, socket: Any) -> None:
        self.seen.clear()
        sender = asyncio.ensure_future(super()._send(socket))
        try:
            while not sender.done():
                self._clock += 1
                state = json.dumps({"at": len(self.written)})
                await socket.send(p.awareness([p.AwarenessEntry(self.doc.client_id, self._clock, state)]))
                await asyncio.wait([sender], timeout=self._roaming.uniform(0.2, 2))
            await sender
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _receive(self, socket: Any, data: bytes) -> None:
        message = p.parse(data)
        if isinstance(message, p.Awareness):
            for entry in message.entries:
                if entry.state == "null":
                    self.seen.pop(entry.client, None)
                else:
                    self.seen[entry.client] = entry.state
        else:
            await super()._receive(socket, data)

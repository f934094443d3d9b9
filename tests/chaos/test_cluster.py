"""Everything fails in turn and nobody loses or doubles an acknowledged edit (issue 3, must be seen 2).

Three replicas, people spread over them. Seeded: PLANT_TOGETHER_CHAOS_SEED; the long form is
PLANT_TOGETHER_CHAOS_RUNS=20, each run with 30 people for a minute. The schedule keeps to PROTOCOL J5: Redis is
not emptied while the last holder of an edit that Postgres does not have may be dead.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from cluster import COMPACTION_DELAY, Cluster, Roamer
from processes import TOKEN
from test_kill import check
from writers import tokens

import jupyter_plant_together as plant

pytestmark = [pytest.mark.chaos, pytest.mark.slow]
RUNS = int(os.environ.get("PLANT_TOGETHER_CHAOS_RUNS", "0"))
SEED = int(os.environ.get("PLANT_TOGETHER_CHAOS_SEED", "20261124"))
PEOPLE, SECONDS, AWAY = (30, 60, 20) if RUNS else (12, 24, 5)
WINDOW = 3 * COMPACTION_DELAY + 2  # seconds until Postgres has, for certain, what Redis had


class Faults:
    """Breaks a cluster, one fault after the other in an order that a seed gives."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self._cluster = cluster
        self._rng = random.Random(seed)
        self.done: list[str] = []

    def plan(self) -> list[Callable[[], Awaitable[None]]]:
        faults: list[Callable[[], Awaitable[None]]]
        faults = [self.kill_a_replica, self.restart_redis, self.empty_redis, self.stop_postgres]
        faults += [self.cut_redis, self.cut_postgres, self.cut_subscribers, self.forget_scripts]
        self._rng.shuffle(faults)
        return faults

    async def run(self, until: float) -> None:
        while time.monotonic() < until:
            for fault in self.plan():
                if time.monotonic() > until and len(self.done) >= 8:
                    return
                self.done.append(fault.__name__)
                await fault()
                await asyncio.sleep(self._rng.uniform(0.2, 1))

    async def kill_a_replica(self) -> None:
        await asyncio.sleep(WINDOW)  # whatever only this one remembers reaches Postgres first (J5)
        replica = self._rng.choice(self._cluster.replicas)
        await asyncio.to_thread(replica.kill)
        await asyncio.sleep(self._rng.uniform(0, 1))
        await asyncio.to_thread(replica.start)
        await asyncio.to_thread(replica.wait)

    async def restart_redis(self) -> None:
        await asyncio.to_thread(self._cluster.redis.kill)
        await asyncio.sleep(self._rng.uniform(0, 2))
        await asyncio.to_thread(self._cluster.redis.start)

    async def empty_redis(self) -> None:
        await asyncio.sleep(WINDOW)
        await asyncio.to_thread(self._cluster.redis.empty)
        await asyncio.sleep(WINDOW)

    async def stop_postgres(self) -> None:
        await asyncio.to_thread(self._cluster.postgres.stop)
        await asyncio.sleep(AWAY)
        await asyncio.to_thread(self._cluster.postgres.start)

    async def cut_redis(self) -> None:
        self._rng.choice(self._cluster.to_redis).cut()

    async def cut_postgres(self) -> None:
        self._rng.choice(self._cluster.to_postgres).cut()

    async def cut_subscribers(self) -> None:
        await asyncio.to_thread(self._cluster.redis.execute, "CLIENT", "KILL", "TYPE", "pubsub")

    async def forget_scripts(self) -> None:
        await asyncio.to_thread(self._cluster.redis.execute, "SCRIPT", "FLUSH")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", range(max(RUNS, 1)))
async def test_everything_fails_in_turn_and_all_agree_in_the_end(
    tmp_path: Any, until: Any, cluster_of: Any, run: int
) -> None:
    seed = SEED + 1_000 * run
    cluster: Cluster = await cluster_of("valkey" if run % 2 else "redis", 3)
    first = cluster.replicas[0]
    await asyncio.to_thread(first.api, "POST", "rooms", {"name": "design"})
    documents = [
        (await asyncio.to_thread(first.api, "POST", "rooms/design/documents", {"name": name}))["id"]
        for name in ("login", "logout")
    ]
    people = [
        Roamer(f"{chr(97 + n // 10)}{n % 10}", cluster.replicas, documents[n % 2], seed + n)
        for n in range(PEOPLE)
    ]
    faults = Faults(cluster, seed)
    try:
        for person in people[:-2]:
            person.start(0.3)
        breaking = asyncio.create_task(faults.run(time.monotonic() + SECONDS))
        await asyncio.sleep(SECONDS / 2)
        for person in people[-2:]:  # joins in the middle of it
            person.start(0.3)
        await breaking
        for person in people:
            person.pause()
        await agree(cluster, documents, people, until)
    except BaseException:
        print(f"seed {seed}, faults {faults.done}")
        for replica in cluster.replicas:
            print(replica.log[-3_000:])
        raise
    finally:
        await asyncio.gather(*(person.stop() for person in people))


async def test_notebooks_on_two_replicas_go_on_through_a_kill_and_an_emptied_redis(
    until: Any, cluster_of: Any
) -> None:
    """Two kernels with the Python API, each on its own replica."""
    cluster: Cluster = await cluster_of("redis", 2)
    one, two = cluster.replicas
    document = ""

    def connect(server: Any) -> Any:
        return plant.connect("design", url=server.url, token=TOKEN)

    rooms = [await asyncio.to_thread(connect, server) for server in (one, two)]
    try:
        ada = await asyncio.to_thread(rooms[0].create, "login")
        bob = await asyncio.to_thread(rooms[1].__getitem__, "login")
        document = ada.id
        count = 0

        async def draw(kernel: Any, number: int) -> None:
            nonlocal count
            for _ in range(number):
                await asyncio.to_thread(kernel.append, f"[k{number % 10}:{count:04}]")
                count += 1

        async def all_have_everything() -> None:
            for kernel in (ada, bob):
                await asyncio.to_thread(kernel.flush, 30)
            await until(lambda: ada.source == bob.source, "one text for both")
            found = tokens(ada.source)
            assert len(found) == len(set(found)) == count

        await draw(ada, 11)
        await draw(bob, 12)
        await all_have_everything()
        await asyncio.to_thread(one.kill)
        await draw(ada, 13)  # its server is away: it keeps what it writes
        await draw(bob, 14)
        await asyncio.to_thread(one.start)
        await asyncio.to_thread(one.wait)
        await all_have_everything()
        await asyncio.to_thread(cluster.redis.empty)
        await draw(ada, 15)
        await draw(bob, 16)
        await all_have_everything()
        end = time.monotonic() + 30
        while await cluster.stored(document) != ada.source:
            assert time.monotonic() < end, "Postgres never has the text"
            await asyncio.sleep(0.2)
    finally:
        for room in rooms:
            await asyncio.to_thread(room.close)


async def agree(cluster: Cluster, documents: list[str], people: list[Roamer], until: Any) -> None:
    """All people and the store have one text; each acknowledged edit is there once; nobody is a ghost."""
    await until(lambda: all(p.connected.is_set() and p.saved for p in people), "all is saved", 60)
    assert all(person.failure is None for person in people)
    for document in documents:
        here = [person for person in people if person.document == document]
        await until(lambda ps=here: len({str(person.text) for person in ps}) == 1, "one text for all", 60)
        text = str(here[0].text)
        check(text, here)
        written = [token for person in here for token in person.written if token not in person.deleted]
        assert sorted(tokens(text)) == sorted(written)
        assert sum(len(person.acknowledged) for person in here) > 50, "there was too little load"
        end = time.monotonic() + 60
        while await cluster.stored(document) != text:
            assert time.monotonic() < end, "Postgres never has the text"
            await asyncio.sleep(0.2)
        ids = {person.doc.client_id for person in here}
        await until(
            lambda ps=here, ids=ids: all(set(p.seen) >= ids - {p.doc.client_id} for p in ps), "seen", 40
        )
        late = Roamer("zz", cluster.replicas, document, 1)
        late.start(1e9)
        try:
            await until(lambda late=late, ids=ids: ids <= set(late.seen), "a late joiner sees all", 40)
            await until(
                lambda late=late, ids=ids: set(late.seen) - {late.doc.client_id} == ids, "no ghosts", 40
            )
        finally:
            await late.stop()

"""A Postgres that is away, hangs or is full, and many who write at once, each for real.

What must hold each time: one clear sentence within the time-out, no password in it, nothing that failed
counts as written, and all is well again by itself when the cause is gone.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import PostgresServer
from stores import LIMITS, create, make_document, refused, room_of, update

from jupyter_plant_together.errors import BadRequest, Unavailable
from jupyter_plant_together.store.port import Action, Mark, Page, Ref, RoomPatch, Update
from jupyter_plant_together.store.postgres.store import PostgresStore

ROOT = os.geteuid() == 0


async def test_a_server_that_is_stopped_and_started(own_server: PostgresServer) -> None:
    store = PostgresStore(own_server.create_database())
    document = await make_document(store)
    for stop in (own_server.stop, own_server.kill):
        await asyncio.gather(*(store.cursor() for _ in range(8)))
        stop()
        error = await refused(store, document.id)
        assert error.details["reason"] == "unreachable"
        assert error.message == (
            f"Postgres at 127.0.0.1:{own_server.port} cannot be reached; nothing was saved, it is tried again."
        )
        with pytest.raises(Unavailable):
            await store.append([update(document)])
        health = await store.health()
        assert (health["state"], health["reason"]) == ("error", "unreachable")
        # A store that never had a connection says the same and recovers the same.
        late = PostgresStore(store.database.target.dsn)
        assert (await refused(late)).details["reason"] == "unreachable"
        await asyncio.get_running_loop().run_in_executor(None, own_server.start)
        before = len((await store.load(document.id)).tail)
        await store.append([update(document)])
        assert len((await late.load(document.id)).tail) == before + 1
        assert await store.health() == {"state": "ok"}
        await late.close()
    await store.close()


async def until_it_answers(store: PostgresStore) -> None:
    """Wait until a call succeeds; on a busy machine a short time-out passes without a fault, too."""
    end = time.monotonic() + 30
    while (await store.health())["state"] != "ok":
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


async def test_a_server_that_hangs_holds_nobody(own_server: PostgresServer) -> None:
    dsn = own_server.create_database()
    patient, store, late = (
        PostgresStore(dsn),
        PostgresStore(dsn, timeout=0.5),
        PostgresStore(dsn, timeout=0.2),
    )
    document = await make_document(patient)
    await until_it_answers(store)
    own_server.pause()
    try:
        began = time.monotonic()
        results = await asyncio.gather(
            *(store.append([update(document)]) for _ in range(20)),
            *(store.load(document.id) for _ in range(20)),
            store.health(),
            refused(late),
            return_exceptions=True,
        )
        assert time.monotonic() - began < 10
        *errors, health, unborn = results
        sentence = f"Postgres at 127.0.0.1:{own_server.port} did not answer in time; it is tried again."
        assert {(type(error), str(error)) for error in errors} == {(Unavailable, sentence)}
        assert isinstance(health, dict)
        assert (health["state"], health["reason"]) == ("error", "time-out")
        assert isinstance(unborn, Unavailable)
        assert unborn.details["reason"] == "time-out"
    finally:
        own_server.resume()
    for one in (store, late, patient):
        await until_it_answers(one)
    before = len((await patient.load(document.id)).tail)
    await patient.append([update(document)])
    assert len((await patient.load(document.id)).tail) == before + 1
    own_server.pause()
    try:
        began = time.monotonic()
        for one in (store, late, patient):
            await one.close()
        assert time.monotonic() - began < 20
    finally:
        own_server.resume()


async def test_a_caller_who_gives_up_leaves_no_lock_behind(postgres_dsn: str) -> None:
    store = PostgresStore(postgres_dsn)
    document = await make_document(store)
    for delay in range(40):
        task = asyncio.ensure_future(store.append([update(document)]))
        await asyncio.sleep(delay / 4_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.wait_for(store.append([update(document)]), 5)
    await store.close()


async def test_a_transaction_that_stands_still_is_ended_by_the_server(postgres_dsn: str) -> None:
    """A replica that hangs while it holds the counter would stop all others."""
    store = PostgresStore(postgres_dsn)
    for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        found = await store.database.query(lambda c, name=setting: c.fetchval(f"SHOW {name}"))  # type: ignore[misc]
        assert found in ("5s", "10s")
    await store.close()


async def test_writers_in_any_order_do_not_block_each_other_for_good(postgres_dsn: str) -> None:
    """Locks are taken in one order: rooms, documents by id, the counter."""
    stores = [PostgresStore(postgres_dsn), PostgresStore(postgres_dsn)]
    room = await stores[0].create_room(room_of("design"), "design")
    place = Ref(id=room.id)
    documents = [await create(stores[0], room, name) for name in "abcdefgh"]

    async def work(number: int) -> None:
        store = stores[number % 2]
        turned = documents[number:] + documents[:number]
        for turn in range(10):
            await store.append([update(document) for document in turned])
            await store.change_room(place, RoomPatch(description=f"{number} {turn}"), Action("ada", 1))
            name = f"{number}-{turn}"
            await create(store, room, name)
            document = turned[0]
            await store.delete_document(place, Ref(id=document.id), Action("ada", 1))
            deleted = Ref(id=document.id, deleted=True)
            await store.restore_document(place, deleted, None, Action("ada", 1), limits=LIMITS)
            assert await store.compact(
                document.id,
                1,
                [update(document)],
                expected=Mark("g", str(turn)) if turn else None,
                mark=Mark("g", str(turn + 1)),
            )

    await asyncio.gather(*(work(number) for number in range(8)))
    changes = await stores[0].changes(0)
    numbers = [event.seq for event in changes.events]
    assert numbers == sorted(set(numbers))
    for store in stores:
        await store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB that Postgres can reach."""
    mount = Path("/tmp") / f"plant-small-{os.getpid()}"
    mount.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(mount)]
    if not ROOT or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        mount.rmdir()
        pytest.skip("mounting a small file system needs root")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)
    mount.rmdir()


async def test_a_full_disk(small_disk: Path, own_server: PostgresServer) -> None:
    folder = small_disk / "space"
    folder.mkdir()
    owner = own_server.folder.stat()
    os.chown(folder, owner.st_uid, owner.st_gid)
    own_server.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
    own_server.execute("CREATE DATABASE small TABLESPACE small")
    store = PostgresStore(own_server.dsn("small"))
    document = await make_document(store)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 12_000_000)
    written = 0
    with pytest.raises(Unavailable, match="No space is left for Postgres") as caught:
        for _ in range(100):
            content = update(document, 1)
            random = Update(document.id, 1, content.data + os.urandom(200_000), "ada", 1)
            await store.append([random])
            written += 1
    assert caught.value.details["reason"] == "full"
    assert 0 < written < 100
    assert len((await store.load(document.id)).tail) == written
    ballast.unlink()
    await store.append([update(document)])
    assert len((await store.load(document.id)).tail) == written + 1
    assert await store.health() == {"state": "ok"}
    await store.close()
    own_server.execute("DROP DATABASE small WITH (FORCE)", "DROP TABLESPACE small")


async def test_a_character_that_postgres_cannot_keep(postgres_dsn: str) -> None:
    store = PostgresStore(postgres_dsn)
    room = await store.create_room(room_of("design"), "design")
    for description in ("a\0b", "a\ud800b"):
        with pytest.raises(BadRequest, match="character that cannot be kept"):
            await store.change_room(Ref(id=room.id), RoomPatch(description=description), Action("ada", 1))
    with pytest.raises(BadRequest):
        await store.rooms(Page(after=("\0", "")))
    assert (await store.room(Ref(id=room.id))).description == ""
    await store.close()

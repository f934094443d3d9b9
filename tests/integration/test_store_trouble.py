"""A database that is locked, full, damaged, read-only, removed, foreign or too new, each for real (PROTOCOL D2).

What must hold each time: one clear sentence, nothing that failed counts as written, and all is well again
when the cause is gone.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pycrdt
import pytest
from stores import create

from jupyter_plant_together.errors import Unavailable
from jupyter_plant_together.ids import new_room_id
from jupyter_plant_together.store.port import Document, Page, Room, Update
from jupyter_plant_together.store.sqlite.store import SQLiteStore

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore(path, busy_timeout=0.2)
    yield store
    asyncio.run(store.close())


async def prepare(store: SQLiteStore) -> Document:
    at = 1
    room = await store.create_room(Room(new_room_id(), "design", False, "", "ada", at, at, None), "design")
    return await create(store, room, "a.puml")


def update(document: Document, size: int = 1) -> Update:
    doc = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += "x" * size
    return Update(document.id, 1, doc.get_update(), "ada", 1)


def reason(caught: pytest.ExceptionInfo[Unavailable]) -> str:
    return str(caught.value.details["reason"])


def run_python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_a_lock_of_another_process(store: SQLiteStore, path: Path) -> None:
    document = await prepare(store)
    holder = run_python(
        f"""
        import sqlite3, sys
        c = sqlite3.connect({str(path)!r}, isolation_level=None)
        c.execute("BEGIN IMMEDIATE")
        print("held", flush=True)
        sys.stdin.read()
        """
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        with pytest.raises(Unavailable, match="locked by another program") as caught:
            await store.append([update(document)])
        assert reason(caught) == "locked"
        assert (await store.load(document.id)).tail == []
        assert (await store.health())["reason"] == "locked"
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    await store.append([update(document)])
    assert await store.health() == {"state": "ok"}


async def test_a_full_disk(store: SQLiteStore, path: Path) -> None:
    """A limit on the size of files: SQLite's writes fail in the middle, as on a full quota."""
    document = await prepare(store)
    await store.append([update(document)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(Unavailable, match="No space is left") as caught:
            await store.append([update(document, 500_000)])
        assert reason(caught) == "full"
        health = await store.health()
        # The small write of the probe still fits, so health says nothing false either way.
        assert health["state"] in ("ok", "error")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len((await store.load(document.id)).tail) == 1
    await store.append([update(document, 500_000)])
    assert len((await store.load(document.id)).tail) == 2
    assert await store.health() == {"state": "ok"}


async def test_a_damaged_file(path: Path) -> None:
    store = SQLiteStore(path)
    document = await prepare(store)
    for _ in range(40):
        await store.append([update(document, 2_000)])
    await store.close()
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    broken = SQLiteStore(path)
    try:
        with pytest.raises(Unavailable) as caught:
            await broken.load(document.id)
        assert reason(caught) == "corrupt"
        assert "damaged" in caught.value.message
        with pytest.raises(Unavailable):
            await broken.append([update(document)])
        assert (await broken.health())["state"] == "error"
    finally:
        await broken.close()


async def test_a_file_that_is_no_database(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is a letter\n" * 1_000)
    store = SQLiteStore(path)
    with pytest.raises(Unavailable, match="not a database") as caught:
        await store.rooms(Page())
    assert reason(caught) == "not-a-database"
    await store.close()
    assert path.read_bytes() == b"this is a letter\n" * 1_000


async def test_the_database_of_another_program_is_not_touched(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    before = path.read_bytes()
    store = SQLiteStore(path)
    with pytest.raises(Unavailable, match="not a database of Plant Together"):
        await store.rooms(Page())
    await store.close()
    assert path.read_bytes() == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mount)]
    if not ROOT or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


async def test_a_full_file_system(small_disk: Path) -> None:
    store = SQLiteStore(small_disk / "store.db")
    document = await prepare(store)
    written = 0
    with pytest.raises(Unavailable, match="No space is left") as caught:
        for _ in range(100):
            await store.append([update(document, 50_000)])
            written += 1
    assert reason(caught) == "full"
    assert written > 0
    assert (await store.health())["state"] in ("error", "warning")
    assert len((await store.load(document.id)).tail) == written
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    await store.append([update(document, 50_000)])
    assert len((await store.load(document.id)).tail) == written + 1
    await store.close()


async def test_a_read_only_file_system(small_disk: Path) -> None:
    path = small_disk / "store.db"
    store = SQLiteStore(path)
    document = await prepare(store)
    await store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    again = SQLiteStore(path)
    with pytest.raises(Unavailable, match="written") as caught:
        await again.append([update(document)])
    assert reason(caught) in ("read-only", "open")
    assert (await again.health())["state"] == "error"
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    await again.append([update(document)])
    assert (await again.health())["state"] != "error"
    await again.close()


@pytest.mark.skipif(ROOT, reason="permissions do not stop root")
async def test_a_file_that_may_not_be_written(path: Path) -> None:
    store = SQLiteStore(path)
    document = await prepare(store)
    await store.close()
    path.chmod(0o444)
    again = SQLiteStore(path)
    with pytest.raises(Unavailable, match="cannot be written") as caught:
        await again.append([update(document)])
    assert reason(caught) == "read-only"
    path.chmod(0o600)
    await again.append([update(document)])
    await again.close()


async def test_a_file_that_is_removed_takes_nothing_more(store: SQLiteStore, path: Path) -> None:
    document = await prepare(store)
    await store.append([update(document)])
    hidden = path.with_name("hidden")
    path.rename(hidden)
    with pytest.raises(Unavailable, match="removed or replaced") as caught:
        await store.append([update(document)])
    assert reason(caught) == "missing"
    assert (await store.health())["state"] == "error"
    assert not path.exists()
    hidden.rename(path)
    await store.append([update(document)])
    assert len((await store.load(document.id)).tail) == 2


def test_what_a_killed_process_committed_is_there(path: Path) -> None:
    """kill -9 at once after the first acknowledgements; each acknowledged row is in the file."""
    store = SQLiteStore(path)
    document = asyncio.run(prepare(store))
    asyncio.run(store.close())
    process = run_python(
        f"""
        import asyncio
        from pathlib import Path
        from jupyter_plant_together.store.port import Update
        from jupyter_plant_together.store.sqlite.store import SQLiteStore

        async def main():
            store = SQLiteStore(Path({str(path)!r}))
            for i in range(1_000_000):
                await store.append([Update({document.id!r}, 1, b"\\0\\0", f"user{{i}}", i)])
                print(i, flush=True)

        asyncio.run(main())
        """
    )
    assert process.stdout is not None
    acknowledged = -1
    for line in process.stdout:
        acknowledged = int(line)
        if acknowledged == 50:
            process.kill()
    process.wait()
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    again = SQLiteStore(path)
    tail = asyncio.run(again.load(document.id)).tail
    asyncio.run(again.close())
    assert len(tail) >= acknowledged + 1
    assert [row.at for row in tail] == list(range(len(tail)))


async def test_a_poll_without_news_reads_nothing(store: SQLiteStore) -> None:
    """PROTOCOL D1: it costs no query, whatever the number of documents."""
    document = await prepare(store)
    await store.append([update(document)])
    cursor = (await store.changes(0)).cursor
    asked: list[str] = []
    await store.database.read(lambda connection: connection.set_trace_callback(asked.append))
    for _ in range(3):
        assert (await store.changes(cursor)).cursor == cursor
    assert {statement.split()[0] for statement in asked} <= {"BEGIN", "PRAGMA", "COMMIT"}


async def test_the_loop_runs_on_while_the_database_waits(path: Path) -> None:
    store = SQLiteStore(path, busy_timeout=1.0)
    document = await prepare(store)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(store.append([update(document)]))
    ticks = 0
    started = time.monotonic()
    while not waiting.done() and time.monotonic() - started < 30:
        await asyncio.sleep(0.01)
        ticks += 1
        if ticks == 10:
            raw.execute("ROLLBACK")
    assert ticks >= 10
    assert (await waiting).seq > 0
    raw.close()
    await store.close()

"""The Postgres store alone: appends, passes of the compactor, opening a long history.

``python benchmarks/store.py`` starts a server of its own, with ``fsync`` on, as in production.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from trace import trace

from jupyter_plant_together.ids import new_document_id, new_room_id
from jupyter_plant_together.journal.compaction.squash import squash
from jupyter_plant_together.journal.merger import Merger
from jupyter_plant_together.journal.snapshots import Snapshots
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.live.state import DocumentState
from jupyter_plant_together.store.port import (
    Action,
    Document,
    KeyedName,
    Mark,
    NewDocument,
    Ref,
    Room,
    Update,
)
from jupyter_plant_together.store.postgres.store import PostgresStore

EDITS = 100_000
PASS = 100  # edits of one pass of the compactor: ten seconds of fast typing
ROUNDS = 15


async def make_documents(store: PostgresStore, count: int) -> list[Document]:
    """Return new documents in a new room."""
    room = Room(new_room_id(), new_room_id(), False, "", "ada", 1, 1, None)
    await store.create_room(room, room.name)
    made = []
    for number in range(count):
        new = NewDocument(new_document_id(), KeyedName(f"{number}.puml", f"{number}.puml"))
        action = Action("ada", 1)
        made.append(await store.create_document(Ref(id=room.id), new, action, limits=Limits()))
    return made


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    """Return how long ``work`` takes."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


async def appends(store: PostgresStore, updates: list[bytes]) -> None:
    """Print the rows a second by the size of a batch; two authors by turns, so that no rows are joined."""
    (document,) = await make_documents(store, 1)
    for size in (1, 100, 2_000):
        batch = [Update(document.id, 1, updates[i], f"u{i % 2}", 1) for i in range(size)]
        count = max(3, min(200, 20_000 // size))
        took = [await seconds(lambda: store.append(batch)) for _ in range(count)]  # noqa: B023
        print(
            f"append of {size:5} rows: {size * count / sum(took):9,.0f} rows/s, "
            f"median {statistics.median(took) * 1e3:.2f} ms"
        )


async def passes(store: PostgresStore, updates: list[bytes]) -> None:
    """Print the passes a second where 64 documents are compacted at once, one row each."""
    documents = await make_documents(store, 64)
    turns = 20

    async def work(document: Document) -> None:
        last = None
        for turn in range(turns):
            mark = Mark("g", str(turn))
            row = Update(document.id, 1, updates[turn], "ada", 1)
            assert await store.compact(document.id, 1, [row], expected=last, mark=mark)
            last = mark

    took = await seconds(lambda: asyncio.gather(*map(work, documents)))
    print(f"compaction, 64 documents at once: {64 * turns / took:,.0f} passes/s")


async def opening(store: PostgresStore, updates: list[bytes]) -> None:
    """Print the time to open a history of 100,000 edits, at its worst tail, and that of its snapshot."""
    (document,) = await make_documents(store, 1)
    merger = Merger()
    snapshots = Snapshots(store, merger)
    last, written, typed, tail, rows = None, 0, 0, 0, 0
    # One pass less than makes the next snapshot due: the longest tail that there is.
    for start in range(0, len(updates) - PASS, PASS):
        part = [Update(document.id, 1, data, "ada", 1) for data in updates[start : start + PASS]]
        joined = squash(part)
        mark = Mark("g", str(start))
        assert await store.compact(document.id, 1, joined, expected=last, mark=mark)
        last = mark
        written += sum(len(row.data) for row in joined)
        typed += sum(len(update.data) for update in part)
        rows += len(joined)
        tail += len(joined)
        if snapshots.worthwhile(tail, closing=False):
            await snapshots.make(document.id)
            tail = 0
    tails = await measure_opening(store, document)
    await snapshots.make(document.id)
    alone = await measure_opening(store, document)
    print(
        f"history of {len(updates):,} edits: {rows:,} rows, {written:,} bytes of {typed:,}\n"
        f"open with snapshot and {tail} rows: {tails * 1e3:.1f} ms; with the snapshot alone: "
        f"{alone * 1e3:.1f} ms; ratio {tails / alone:.2f}"
    )
    await merger.close()


async def measure_opening(store: PostgresStore, document: Document) -> float:
    """Return the median time of reading a document and applying it as a server does, seconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        loaded = await store.load(document.id)
        snapshot = [] if loaded.snapshot is None else [loaded.snapshot]
        state = DocumentState(_fail, lambda: None)
        state.push_all([*snapshot, *(row.data for row in loaded.tail)])
        state.drain()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _fail(update: bytes, error: Exception | None) -> None:
    raise AssertionError(f"an update of {len(update)} bytes cannot be applied")


async def main(dsn: str) -> None:
    """Run all."""
    updates, _ = trace(EDITS)
    store = PostgresStore(dsn)
    await appends(store, updates)
    await passes(store, updates)
    await opening(store, updates)
    await store.close()


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from postgres import PostgresServer

    server = PostgresServer({"fsync": "on"})
    server.start()
    try:
        asyncio.run(main(server.create_database()))
    finally:
        server.remove()

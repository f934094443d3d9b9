"""Looking back on a document of 100,000 edits: the first page of its timeline, and the text at any point.

The parts of a server without its handlers, over SQLite in a temporary folder; each edit is a row of its own,
as when somebody types slowly, which is the hardest case.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path
from trace import trace

import psutil

from jupyter_plant_together.ids import new_document_id, new_room_id
from jupyter_plant_together.journal.local import LocalJournal
from jupyter_plant_together.journal.merger import Merger
from jupyter_plant_together.journal.snapshots import Snapshots
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.live.registry import Registry
from jupyter_plant_together.rooms.history import HistoryService
from jupyter_plant_together.rooms.history_worker import HistoryWorker
from jupyter_plant_together.rooms.identity import JupyterIdentity
from jupyter_plant_together.rooms.policy import Policy
from jupyter_plant_together.rooms.service import RoomService
from jupyter_plant_together.store.port import Action, Document, KeyedName, NewDocument, Ref, Room, Update
from jupyter_plant_together.store.sqlite.store import SQLiteStore

EDITS = 100_000
_BATCH = 500


async def _fill(store: SQLiteStore, snapshots: Snapshots) -> Document:
    room = Room(new_room_id(), "bench", False, "", "local", 1, 1, None)
    room = await store.create_room(room, "bench")
    new = NewDocument(new_document_id(), KeyedName("a.puml", "a.puml"))
    action = Action("local", 1)
    document = await store.create_document(Ref(id=room.id), new, action, limits=Limits())
    updates = trace()[0][:EDITS]
    for begin in range(0, len(updates), _BATCH):
        # Authors in turn, so that no two updates are joined into one row.
        rows = [
            Update(document.id, 1, data, f"user{index % 5}", 1_000 * (begin + index))
            for index, data in enumerate(updates[begin : begin + _BATCH])
        ]
        await store.append(rows)
        await snapshots.make(document.id)
    return document


async def measure() -> dict[str, float]:
    """Return the times in milliseconds, and how much memory grew in MB."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        store = SQLiteStore(Path(folder, "rooms.db"))
        store.open()
        merger, history_worker = Merger(), HistoryWorker()
        snapshots = Snapshots(store, merger)
        journal = LocalJournal(store, snapshots)
        live = Registry(journal, Limits(), idle_timeout=30)
        rooms = RoomService(store, Policy(), Limits(), changed=journal.notify_now)
        history = HistoryService(rooms, store, live, history_worker, changed=journal.notify_now)
        document = await _fill(store, snapshots)
        who = JupyterIdentity(invented=True).server()
        name, place = f"~{document.id}", f"~{document.room_id}"
        rows = await store.timeline(document.id, before=None, limit=EDITS + 1)
        before = psutil.Process().memory_info().rss
        await history.text_at(who, place, name, rows[-1].seq)  # starts the child
        start = time.perf_counter()
        await history.timeline(who, place, name, before=None, limit=50)
        timeline = time.perf_counter() - start
        texts = []
        for row in random.Random(1).choices(rows, k=30):
            start = time.perf_counter()
            await history.text_at(who, place, name, row.seq)
            texts.append(time.perf_counter() - start)
        start = time.perf_counter()
        await journal.start()
        await history.authors(who, place, name)
        authors = time.perf_counter() - start
        grown = psutil.Process().memory_info().rss - before
        await live.stop()
        await journal.stop()
        await history_worker.close()
        await merger.close()
        await store.close()
    return {
        "rows": float(len(rows)),
        "timeline": timeline * 1e3,
        "text p50": statistics.median(texts) * 1e3,
        "text worst": max(texts) * 1e3,
        "authors": authors * 1e3,
        "memory": grown / 1e6,
    }


def report() -> None:
    """Print the figures."""
    figures = asyncio.run(measure())
    print(f"\nlooking back on a document of {figures['rows']:,.0f} rows, SQLite:")
    print(f"  first page of the timeline {figures['timeline']:.0f} ms")
    print(f"  text at any point p50 {figures['text p50']:.0f} ms, worst {figures['text worst']:.0f} ms")
    print(f"  authors of all characters {figures['authors']:.0f} ms; memory grew {figures['memory']:.0f} MB")


if __name__ == "__main__":
    report()

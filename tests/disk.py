"""What a database holds of a document, read past any server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pycrdt

from jupyter_plant_together.store.postgres.store import PostgresStore
from jupyter_plant_together.store.sqlite.store import SQLiteStore
from jupyter_plant_together.yjs.integrator import merge_state


async def on_disk(database: Path, document: str) -> str:
    """Return the text of a document as the dead server left it."""
    return await stored(SQLiteStore(database), document)


async def stored(store: SQLiteStore | PostgresStore, document: str) -> str:
    """Return the text of a document as a store has it, and close the store."""
    try:
        loaded = await store.load(document)
    finally:
        await store.close()
    parts = [] if loaded.snapshot is None else [loaded.snapshot]
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(merge_state([*parts, *(row.data for row in loaded.tail)]))
    return str(doc.get("source", type=pycrdt.Text))

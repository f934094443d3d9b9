"""The store of the embedded mode: one SQLite file that any number of a person's servers may share.

This class only ties the parts together: :mod:`.sqlite_database` has the connections and threads,
:mod:`.sqlite_history` and :mod:`.sqlite_rooms` the SQL. ``origin`` is a random number of this instance; it
marks the rows it writes, so that :meth:`SQLiteStore.changes` gives back what the others wrote.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from . import sqlite_history as history
from .port import Changes, Loaded, Update
from .sqlite_database import Database


class SQLiteStore:
    """Rooms, documents and history in one SQLite file; see :class:`~.port.Store` for the calls.

    Parameters
    ----------
    path
        The database file; it and its folder are made at the first use.
    migrate
        Whether an older schema is brought up to date when the file is opened.
    busy_timeout
        Seconds to wait for another program that holds the lock.
    """

    def __init__(self, path: Path, *, migrate: bool = True, busy_timeout: float = 5.0) -> None:
        self.database = Database(path, migrate=migrate, busy_timeout=busy_timeout)
        self.origin = secrets.randbits(62)
        # The reader's data_version and the store's end at the last look: nothing new while both hold.
        self._seen: tuple[sqlite3.Connection, int, int] | None = None

    def open(self) -> None:
        """Open and migrate now, blocking: for the start, before the event loop runs."""
        self.database.open()

    async def close(self) -> None:
        """Close the file and end the threads; safe to call twice."""
        await self.database.close()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "warning" | "error", …}`` with reason and message where not ok."""
        return await self.database.health()

    async def load(self, document: str) -> Loaded:
        """Read one document's history; raises DocumentNotFound."""
        return await self.database.read(lambda connection: history.load(connection, document))

    async def append(self, updates: Sequence[Update]) -> int:
        """Append in order, all or nothing; durable on return. Returns the last seq."""
        rows = history.prepare(updates)
        return await self.database.write(lambda connection: history.append(connection, rows, self.origin))

    async def cursor(self) -> int:
        """Return the present end of the store, as a cursor for :meth:`changes`."""
        return await self.database.read(history.counter)

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor``, without a query if nothing was."""
        return await self.database.read(lambda connection: self._changes(connection, cursor))

    async def save_snapshot(
        self, document: str, epoch: int, through: int, state: bytes, expected: int
    ) -> bool:
        """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``."""
        return await self.database.write(
            lambda connection: history.save_snapshot(
                connection, document, state, epoch=epoch, through=through, expected=expected
            )
        )

    async def retire(self, document: str, state: bytes, clients: Sequence[int], by: str) -> int:
        """Replace a document's history by ``state`` under a new epoch; returns the epoch."""
        return await self.database.write(
            lambda connection: history.retire(connection, document, state, clients, by=by, origin=self.origin)
        )

    def _changes(self, connection: sqlite3.Connection, cursor: int) -> Changes:
        # data_version changes when any other connection commits, our own writer's included.
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if self._seen is not None:
            seen_by, seen_version, end = self._seen
            if seen_by is connection and seen_version == version and cursor >= end:
                return Changes(cursor, (), ())
        answer = history.changes(connection, cursor, self.origin)
        self._seen = (connection, version, history.counter(connection))
        return answer

"""The store of the embedded mode: one SQLite file that any number of a person's servers may share.

:mod:`.database` has the connections and threads, :mod:`..sql` what is done in a transaction,
:mod:`.transaction` what a transaction of SQLite is.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TypeVar

from ..events import Changes
from ..sql import history
from ..sql.store import SqlStore
from ..sql.transaction import Work
from .database import Database
from .transaction import SQLiteTransaction, run

T = TypeVar("T")


class SQLiteStore(SqlStore):
    """Rooms, documents and history in one SQLite file; see :class:`~..port.Store` for the calls.

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
        super().__init__()
        self.database = Database(path, migrate=migrate, busy_timeout=busy_timeout)
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

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor``, without a query if nothing was."""
        return await self.database.read(lambda connection: self._changes(connection, cursor))

    async def _read(self, work: Work[T]) -> T:
        return await self.database.read(lambda c: run(work(SQLiteTransaction(c, self.origin))))

    async def _query(self, work: Work[T]) -> T:
        return await self._read(work)

    async def _write(self, work: Work[T]) -> T:
        return await self.database.write(lambda c: run(work(SQLiteTransaction(c, self.origin))))

    def _changes(self, connection: sqlite3.Connection, cursor: int) -> Changes:
        # data_version changes when any other connection commits, our own writer's included.
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if self._seen is not None:
            seen_by, seen_version, end = self._seen
            if seen_by is connection and seen_version == version and cursor >= end:
                return Changes(cursor, (), ())
        transaction = SQLiteTransaction(connection, self.origin)
        answer = run(history.changes(transaction, cursor))
        self._seen = (connection, version, run(history.counter(transaction)))
        return answer

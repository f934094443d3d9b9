"""The store of the cluster mode: a Postgres database that any number of replicas share.

:mod:`.database` has the pool and the time-outs, :mod:`..sql` what is done in a transaction,
:mod:`.transaction` what a transaction of Postgres is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ..events import Changes
from ..records import Mark, Progress, Update
from ..sql.history import events
from ..sql.store import SqlStore
from ..sql.transaction import Work
from .database import Database
from .transaction import PostgresTransaction, progress, progress_in

T = TypeVar("T")


class PostgresStore(SqlStore):
    """Rooms, documents and history in Postgres; see :class:`~..port.ClusterStore` for the calls.

    Parameters
    ----------
    dsn
        The URL of the database. Raises Misconfigured if it is none.
    migrate
        Whether an older schema is brought up to date at the first use.
    pool_size
        The number of connections at most.
    timeout
        Seconds after which a call has failed.
    """

    def __init__(self, dsn: str, *, migrate: bool = True, pool_size: int = 8, timeout: float = 15.0) -> None:
        super().__init__()
        self.database = Database(dsn, migrate=migrate, pool_size=pool_size, timeout=timeout)

    def open(self) -> None:
        """Connect, check and migrate now, blocking: for the start, before the event loop runs."""
        self.database.open()

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        await self.database.close()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "error", …}`` with reason and message where not ok."""
        return await self.database.health()

    async def progress(self, documents: Sequence[str]) -> Mapping[str, Progress]:
        """Return how far the store is; documents that it does not know are left out."""
        return await self.database.query(lambda connection: progress(connection, documents))

    async def progress_in(self, room: str) -> Mapping[str, Progress]:
        """Return how far the store is with each document of a room, deleted and purged ones included."""
        return await self.database.query(lambda connection: progress_in(connection, room))

    async def compact(
        self, document: str, epoch: int, rows: Sequence[Update], *, expected: Mark | None, mark: Mark
    ) -> bool:
        """Append ``rows`` and move the mark from ``expected`` to ``mark`` in one transaction."""
        return await self.database.write(
            lambda connection: PostgresTransaction(connection, self.origin).compact(
                document, epoch, rows, expected=expected, mark=mark
            )
        )

    async def events(self, cursor: int) -> Changes:
        """Return the events after ``cursor`` and no updates."""
        return await self._query(lambda transaction: events(transaction, cursor))

    async def _read(self, work: Work[T]) -> T:
        return await self.database.read(lambda c: work(PostgresTransaction(c, self.origin)))

    async def _query(self, work: Work[T]) -> T:
        return await self.database.query(lambda c: work(PostgresTransaction(c, self.origin)))

    async def _write(self, work: Work[T]) -> T:
        return await self.database.write(lambda c: work(PostgresTransaction(c, self.origin)))

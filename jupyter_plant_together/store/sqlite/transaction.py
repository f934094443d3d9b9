"""A transaction of SQLite, for the SQL that all databases share (see :mod:`..sql.transaction`).

Nothing here ever waits, so :func:`run` takes a coroutine to its end in one step, on the thread of its lane.
SQLite knows ``$1`` as the name of an argument. The rest is rewritten, once for each statement: a list comes
as JSON, ``greatest`` is called ``max``, and where one writes at a time there is nothing to lock.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Coroutine, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from ..events import Payload, to_row
from ..history_rows import merge_run, split_runs
from ..records import Appended, Mark, Update
from ..sql.history import counter
from ..sql.transaction import NameConflict, Row

T = TypeVar("T")
_LOCK = re.compile(r" FOR (?:NO KEY )?(?:UPDATE|SHARE)(?: OF d)?")
_LIST = re.compile(r"= ANY\((\$\d+)\)")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Take a coroutine that never waits to its end."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("A transaction of SQLite waited.")


@lru_cache(maxsize=256)  # there are about a hundred statements
def _dialect(query: str) -> str:
    query = _LIST.sub(r"IN (SELECT value FROM json_each(\1))", _LOCK.sub("", query))
    return query.replace("greatest(", "max(")


class SQLiteTransaction:
    """A transaction on a connection; see :class:`~..sql.transaction.Transaction` for the calls."""

    def __init__(self, connection: sqlite3.Connection, origin: int) -> None:
        self._connection = connection
        self.origin = origin

    async def fetch(self, query: str, /, *arguments: Any) -> Sequence[Row]:
        """Return all rows of a statement."""
        return self._statement(query, arguments).fetchall()

    async def fetchrow(self, query: str, /, *arguments: Any) -> Row:
        """Return the first row of a statement, None if there is none."""
        cursor = self._statement(query, arguments)
        row = cursor.fetchone()
        cursor.close()
        return row

    async def fetchval(self, query: str, /, *arguments: Any) -> Any:
        """Return the first column of the first row, None if there is none."""
        row = await self.fetchrow(query, *arguments)
        return None if row is None else row[0]

    async def execute(self, query: str, /, *arguments: Any) -> None:
        """Run a statement; raises NameConflict."""
        self._statement(query, arguments)

    async def write_event(
        self, payload: Payload, *, room: str, by: str, at: int, document: str | None = None
    ) -> None:
        """Record what changed, in the transaction that changes it; takes a sequence number."""
        kind, data = to_row(payload)
        self._connection.execute(
            "INSERT INTO event (seq, room, type, at, actor, document, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self._take(1), room, kind, at, by, document, data),
        )

    async def append(self, updates: Sequence[Update]) -> Appended:
        """Append in order what is of a document's present epoch; takes a sequence number for each row."""
        epochs: dict[str, int | None] = {}
        kept = []
        for row in (row for run in split_runs(updates) for row in merge_run(run)):
            if row.document not in epochs:
                epochs[row.document] = await self.fetchval(
                    "SELECT epoch FROM document WHERE id = $1", row.document
                )
            if epochs[row.document] == row.epoch:
                kept.append(row)
        refused = frozenset(
            (update.document, update.epoch) for update in updates if epochs[update.document] != update.epoch
        )
        if not kept:
            return Appended(await counter(self), refused)
        first = self._take(len(kept))
        self._connection.executemany(
            "INSERT INTO history (seq, document, epoch, origin, author, at, data) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (seq, row.document, row.epoch, self.origin, row.author, row.at, row.data)
                for seq, row in enumerate(kept, first)
            ],
        )
        await self.introduce(
            (row.document, row.epoch, client, row.author) for row in kept for client in row.clients
        )
        latest = {row.document: row.at for row in kept}
        self._connection.executemany(
            "UPDATE document SET updated_at = max(updated_at, ?) WHERE id = ?",
            [(at, document) for document, at in latest.items()],
        )
        return Appended(first + len(kept) - 1, refused)

    async def introduce(self, clients: Iterable[tuple[str, int, int, str]]) -> None:
        """Note (document, epoch, client id, author) where that client id has no author yet (PROTOCOL S3)."""
        self._connection.executemany("INSERT OR IGNORE INTO client VALUES (?, ?, ?, ?)", clients)

    async def newest(self, document: str, epoch: int) -> tuple[int, bytes | None, Mark | None]:
        """Return the seq and state of the newest snapshot (0 and None); there are no streams to mark."""
        row = await self.fetchrow(
            "SELECT seq, state FROM snapshot WHERE document = $1 AND epoch = $2 ORDER BY seq DESC LIMIT 1",
            document,
            epoch,
        )
        return (0, None, None) if row is None else (row[0], row[1], None)

    def _take(self, count: int) -> int:
        """Reserve ``count`` sequence numbers and return the first."""
        row = self._connection.execute(
            "UPDATE meta SET value = value + ? WHERE key = 'counter' RETURNING value", (count,)
        ).fetchone()
        first: int = row[0] - count + 1
        return first

    def _statement(self, query: str, arguments: Sequence[Any]) -> sqlite3.Cursor:
        named = {
            str(number): json.dumps(value) if isinstance(value, (list, tuple)) else value
            for number, value in enumerate(arguments, 1)
        }
        try:
            return self._connection.execute(_dialect(query), named)
        except sqlite3.IntegrityError as error:
            # The only such indexes are over names; keys and CHECKs have codes of their own.
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
                raise
            raise NameConflict from error

"""A transaction of Postgres, for the SQL that all databases share (see :mod:`..sql.transaction`).

``seq`` comes from one counter row. Whoever takes numbers holds that row until the commit, so numbers are
given in commit order and "everything after ``seq``" misses nothing. It is taken in the last statement before
the commit, to be held briefly. Locks are taken in one order everywhere: the room's row, the documents' rows
(by id), the counter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from ..events import Payload, to_row
from ..history_rows import merge_run, split_runs
from ..records import Appended, Mark, Progress, Update
from ..sql.history import counter
from ..sql.transaction import NameConflict, Row
from .schema import Connection

_NAMES = ("room_name", "document_name")
_COUNTER = "UPDATE meta SET value = value + {} WHERE key = 'counter' RETURNING value"
_INSERT_ROWS = f"""
WITH counter AS ({_COUNTER.format("$7")}), rows AS (
    INSERT INTO history (seq, document, epoch, origin, author, at, data)
    SELECT counter.value - $7 + new.n, new.document, new.epoch, $6, new.author, new.at, new.data
    FROM counter,
        unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bytea[]) WITH ORDINALITY
        AS new (document, epoch, author, at, data, n)
)
SELECT value FROM counter
"""
_INSERT_EVENT = f"""
WITH counter AS ({_COUNTER.format(1)})
INSERT INTO event (seq, room, type, at, actor, document, data)
SELECT value, $1, $2, $3, $4, $5, $6 FROM counter
"""
_INSERT_CLIENTS = """
INSERT INTO client (document, epoch, client, author)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[]) ON CONFLICT DO NOTHING
"""
_PROGRESS = "SELECT id, epoch, mark_generation, mark_through FROM document"


class PostgresTransaction:
    """A transaction on a connection; see :class:`~..sql.transaction.Transaction` for the calls."""

    def __init__(self, connection: Connection, origin: int) -> None:
        self._connection = connection
        self.origin = origin

    async def fetch(self, query: str, /, *arguments: Any) -> Sequence[Row]:
        """Return all rows of a statement."""
        return await self._connection.fetch(query, *arguments)

    async def fetchrow(self, query: str, /, *arguments: Any) -> Row:
        """Return the first row of a statement, None if there is none."""
        return await self._connection.fetchrow(query, *arguments)

    async def fetchval(self, query: str, /, *arguments: Any) -> Any:
        """Return the first column of the first row, None if there is none."""
        return await self._connection.fetchval(query, *arguments)

    async def execute(self, query: str, /, *arguments: Any) -> None:
        """Run a statement; raises NameConflict."""
        try:
            await self._connection.execute(query, *arguments)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name not in _NAMES:
                raise
            raise NameConflict from error

    async def write_event(
        self, payload: Payload, *, room: str, by: str, at: int, document: str | None = None
    ) -> None:
        """Record what changed, in the transaction that changes it; takes the counter."""
        kind, data = to_row(payload)
        await self._connection.execute(_INSERT_EVENT, room, kind, at, by, document, data)

    async def append(self, updates: Sequence[Update]) -> Appended:
        """Append in order what is of a document's present epoch; takes the counter."""
        rows: list[Update] = []
        for run in split_runs(updates):
            rows += merge_run(run)
            await asyncio.sleep(0)  # joining is work for the processor: others have their turn
        found = await self._connection.fetch(
            "SELECT id, epoch FROM document WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
            list({row.document for row in rows}),
        )
        epochs = {record["id"]: record["epoch"] for record in found}
        kept = [row for row in rows if epochs.get(row.document) == row.epoch]
        refused = frozenset(
            (row.document, row.epoch) for row in rows if epochs.get(row.document) != row.epoch
        )
        if not kept:
            return Appended(await counter(self), refused)
        latest = {row.document: row.at for row in kept}
        await self._connection.execute(
            "UPDATE document SET updated_at = greatest(updated_at, new.at) "
            "FROM unnest($1::text[], $2::bigint[]) AS new (id, at) WHERE document.id = new.id",
            list(latest),
            list(latest.values()),
        )
        return Appended(await self._insert(kept), refused)

    async def introduce(self, clients: Iterable[tuple[str, int, int, str]]) -> None:
        """Note (document, epoch, client id, author) where that client id has no author yet (PROTOCOL S3)."""
        columns = list(zip(*clients))
        if columns:
            await self._connection.execute(_INSERT_CLIENTS, *columns)

    async def newest(self, document: str, epoch: int) -> tuple[int, bytes | None, Mark | None]:
        """Return the seq and state of the newest snapshot (0 and None), and the mark of the stream."""
        row = await self._connection.fetchrow(
            "SELECT mark_generation, mark_through, s.seq, s.state FROM document LEFT JOIN LATERAL "
            "(SELECT seq, state FROM snapshot WHERE document = $1 AND epoch = $2 "
            "ORDER BY seq DESC LIMIT 1) s ON true WHERE id = $1",
            document,
            epoch,
        )
        assert row is not None  # the document was found on the same view
        return row["seq"] or 0, row["state"], _mark(row["mark_generation"], row["mark_through"])

    async def compact(
        self, document: str, epoch: int, rows: Sequence[Update], *, expected: Mark | None, mark: Mark
    ) -> bool:
        """Append ``rows`` and move the mark, or change nothing and return False (PROTOCOL C1)."""
        generation, through = (None, None) if expected is None else (expected.generation, expected.through)
        moved = await self._connection.fetchval(
            "UPDATE document SET mark_generation = $5, mark_through = $6, "
            "updated_at = greatest(updated_at, $7) "
            "WHERE id = $1 AND epoch = $2 AND mark_generation IS NOT DISTINCT FROM $3 "
            "AND mark_through IS NOT DISTINCT FROM $4 RETURNING true",
            document,
            epoch,
            generation,
            through,
            mark.generation,
            mark.through,
            max((row.at for row in rows), default=0),
        )
        kept = [row for row in rows if (row.document, row.epoch) == (document, epoch)]
        if moved and kept:
            await self._insert(kept)
        return bool(moved)

    async def _insert(self, rows: Sequence[Update]) -> int:
        """Insert rows whose documents are locked by this transaction; takes the counter."""
        await self.introduce(
            (row.document, row.epoch, client, row.author) for row in rows for client in row.clients
        )
        return int(
            await self._connection.fetchval(
                _INSERT_ROWS,
                [row.document for row in rows],
                [row.epoch for row in rows],
                [row.author for row in rows],
                [row.at for row in rows],
                [row.data for row in rows],
                self.origin,
                len(rows),
            )
        )


async def progress(connection: Connection, documents: Sequence[str]) -> dict[str, Progress]:
    """Return how far the store is with each document that it knows."""
    return _progress(await connection.fetch(f"{_PROGRESS} WHERE id = ANY($1)", list(documents)))


async def progress_in(connection: Connection, room: str) -> dict[str, Progress]:
    """Return how far the store is with each document of a room, deleted and purged ones included."""
    return _progress(await connection.fetch(f"{_PROGRESS} WHERE room_id = $1", room))


def _progress(rows: Sequence[Row]) -> dict[str, Progress]:
    return {
        row["id"]: Progress(row["epoch"], _mark(row["mark_generation"], row["mark_through"])) for row in rows
    }


def _mark(generation: str | None, through: str | None) -> Mark | None:
    return None if generation is None or through is None else Mark(generation, through)

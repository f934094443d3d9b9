"""The SQL of a document's history in Postgres: append, compact, load, follow, snapshot, retire.

``seq`` comes from one counter row. Whoever takes numbers holds that row until the commit, so numbers are
given in commit order and "everything after ``seq``" misses nothing. It is taken in the last statement before
the commit, to be held briefly. Locks are taken in one order everywhere: the room's row, the documents' rows
(by id), the counter.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..updates import inspect
from .answers import no_document
from .history_rows import CHANGES_AT_MOST, cut, joined, now, runs
from .port import Appended, Changes, Document, Event, Loaded, Mark, Progress, StoredUpdate, Update
from .postgres_schema import Connection

DOCUMENT_COLUMNS = (
    "d.id, d.room_id, r.name, d.name, d.epoch, d.created_by, d.created_at, d.updated_at, d.deleted_at"
)
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


async def counter(connection: Connection) -> int:
    """Return the last sequence number given."""
    return int(await connection.fetchval("SELECT value FROM meta WHERE key = 'counter'"))


async def write_event(
    connection: Connection,
    kind: str,
    data: Mapping[str, Any],
    *,
    room: str,
    by: str,
    at: int,
    document: str | None = None,
) -> None:
    """Record what changed, in the transaction that changes it; takes the counter."""
    text = json.dumps(data, ensure_ascii=False)
    await connection.execute(_INSERT_EVENT, room, kind, at, by, document, text)


async def append(connection: Connection, updates: Sequence[Update], origin: int) -> Appended:
    """Append in order what is of a document's present epoch; takes the counter."""
    rows: list[Update] = []
    for run in runs(updates):
        rows += joined(run)
        await asyncio.sleep(0)  # joining is work for the processor: others have their turn
    found = await connection.fetch(
        "SELECT id, epoch FROM document WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        list({row.document for row in rows}),
    )
    epochs = {record["id"]: record["epoch"] for record in found}
    kept = [row for row in rows if epochs.get(row.document) == row.epoch]
    refused = frozenset(row.document for row in rows if epochs.get(row.document) != row.epoch)
    if not kept:
        return Appended(await counter(connection), refused)
    latest = {row.document: row.at for row in kept}
    await connection.execute(
        "UPDATE document SET updated_at = greatest(updated_at, new.at) "
        "FROM unnest($1::text[], $2::bigint[]) AS new (id, at) WHERE document.id = new.id",
        list(latest),
        list(latest.values()),
    )
    return Appended(await _insert(connection, kept, origin), refused)


async def _insert(connection: Connection, rows: Sequence[Update], origin: int) -> int:
    """Insert rows whose documents are locked by this transaction; takes the counter."""
    await _introduce(
        connection,
        [(row.document, row.epoch, client, row.author) for row in rows for client in row.clients],
    )
    return int(
        await connection.fetchval(
            _INSERT_ROWS,
            [row.document for row in rows],
            [row.epoch for row in rows],
            [row.author for row in rows],
            [row.at for row in rows],
            [row.data for row in rows],
            origin,
            len(rows),
        )
    )


async def _introduce(connection: Connection, clients: Iterable[tuple[str, int, int, str]]) -> None:
    columns = list(zip(*clients))
    if columns:
        await connection.execute(_INSERT_CLIENTS, *columns)


async def progress(connection: Connection, documents: Sequence[str]) -> dict[str, Progress]:
    """Return how far the store is with each document that it knows."""
    rows = await connection.fetch(
        "SELECT id, epoch, mark_generation, mark_through FROM document WHERE id = ANY($1)", list(documents)
    )
    return {
        row["id"]: Progress(row["epoch"], _mark(row["mark_generation"], row["mark_through"])) for row in rows
    }


def _mark(generation: str | None, through: str | None) -> Mark | None:
    return None if generation is None or through is None else Mark(generation, through)


async def compact(
    connection: Connection,
    document: str,
    epoch: int,
    rows: Sequence[Update],
    *,
    expected: Mark | None,
    mark: Mark,
    origin: int,
) -> bool:
    """Append ``rows`` and move the mark, or change nothing and return False (PROTOCOL C1)."""
    generation, through = (None, None) if expected is None else (expected.generation, expected.through)
    moved = await connection.fetchval(
        "UPDATE document SET mark_generation = $5, mark_through = $6, updated_at = greatest(updated_at, $7) "
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
        await _insert(connection, kept, origin)
    return bool(moved)


async def find_document(connection: Connection, document: str, lock: str = "") -> Document:
    """Return a document that is not deleted, nor its room; raise DocumentNotFound otherwise."""
    row = await connection.fetchrow(
        f"SELECT {DOCUMENT_COLUMNS} FROM document d JOIN room r ON r.id = d.room_id "
        f"WHERE d.id = $1 AND d.deleted_at IS NULL AND r.deleted_at IS NULL {lock}",
        document,
    )
    if row is None:
        raise no_document()
    return Document(*row)


async def authors_of(connection: Connection, document: str, epoch: int) -> dict[int, str]:
    """Return who introduced each Yjs client id."""
    rows = await connection.fetch(
        "SELECT client, author FROM client WHERE document = $1 AND epoch = $2", document, epoch
    )
    return {row["client"]: row["author"] for row in rows}


async def load(connection: Connection, document: str) -> Loaded:
    """Read the newest snapshot, what follows it, who is who, and the mark; on one view (PROTOCOL J3)."""
    found = await find_document(connection, document)
    state = await connection.fetchrow(
        "SELECT mark_generation, mark_through, s.seq, s.state FROM document LEFT JOIN LATERAL (SELECT seq, "
        "state FROM snapshot WHERE document = $1 AND epoch = $2 ORDER BY seq DESC LIMIT 1) s ON true "
        "WHERE id = $1",
        document,
        found.epoch,
    )
    assert state is not None  # the document was found on the same view
    tail = await connection.fetch(
        "SELECT seq, document, epoch, data, author, at FROM history "
        "WHERE document = $1 AND epoch = $2 AND seq > $3 ORDER BY seq",
        document,
        found.epoch,
        state["seq"] or 0,
    )
    clients = await connection.fetch("SELECT epoch, client, author FROM client WHERE document = $1", document)
    authors = {row["client"]: row["author"] for row in clients if row["epoch"] == found.epoch}
    return Loaded(
        document=found,
        snapshot=state["state"],
        snapshot_seq=state["seq"] or 0,
        tail=[StoredUpdate(*row) for row in tail],
        clients=authors,
        # An id that lives on in the new epoch's own history is not a stranger there.
        retired=frozenset(row["client"] for row in clients if row["epoch"] < found.epoch) - authors.keys(),
        mark=_mark(state["mark_generation"], state["mark_through"]),
    )


async def changes(connection: Connection, cursor: int, origin: int | None) -> Changes:
    """Return other processes' updates (none if ``origin`` is None) and everyone's events after ``cursor``."""
    end = await counter(connection)
    if end <= cursor:
        return Changes(cursor, (), ())
    updates = []
    if origin is not None:
        updates = await connection.fetch(
            "SELECT seq, document, epoch, data, author, at FROM history "
            "WHERE seq > $1 AND seq <= $2 AND origin <> $3 ORDER BY seq LIMIT $4",
            cursor,
            end,
            origin,
            CHANGES_AT_MOST,
        )
    events = await connection.fetch(
        "SELECT seq, room, type, at, actor, document, data FROM event WHERE seq > $1 AND seq <= $2 "
        "ORDER BY seq LIMIT $3",
        cursor,
        end,
        CHANGES_AT_MOST,
    )
    return cut(
        end,
        [StoredUpdate(*row) for row in updates],
        [
            Event(seq, room, kind, at, by, document, json.loads(data))
            for seq, room, kind, at, by, document, data in events
        ],
    )


async def save_snapshot(
    connection: Connection, document: str, state: bytes, *, epoch: int, through: int, expected: int
) -> bool:
    """Store a snapshot if the newest is still ``expected`` and the epoch is the present one."""
    present = await connection.fetchval(
        "SELECT epoch FROM document WHERE id = $1 FOR NO KEY UPDATE", document
    )
    newest = await connection.fetchval(
        "SELECT coalesce(max(seq), 0) FROM snapshot WHERE document = $1 AND epoch = $2", document, epoch
    )
    if (present, newest) != (epoch, expected) or not expected < through <= await counter(connection):
        return False
    await connection.execute(
        "INSERT INTO snapshot (document, epoch, seq, at, state) VALUES ($1, $2, $3, $4, $5)",
        document,
        epoch,
        through,
        now(),
        state,
    )
    return True


async def retire(
    connection: Connection, document: str, state: bytes, clients: Sequence[int], *, by: str, origin: int
) -> int:
    """Replace the history by ``state`` under the next epoch and return that epoch; takes the counter."""
    found = await find_document(connection, document, "FOR NO KEY UPDATE OF d")
    at, epoch = now(), found.epoch + 1
    await _introduce(connection, [(document, found.epoch, client, "") for client in clients])
    await connection.execute(
        "UPDATE document SET epoch = $2, folded_through = 0 WHERE id = $1", document, epoch
    )
    for table in ("snapshot", "history", "version"):
        await connection.execute(f"DELETE FROM {table} WHERE document = $1", document)
    await append(connection, [Update(document, epoch, state, by, at, tuple(inspect(state).structs))], origin)
    await write_event(
        connection, "document.reset", {"epoch": epoch}, room=found.room_id, by=by, at=at, document=document
    )
    return epoch

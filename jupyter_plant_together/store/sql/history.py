"""The SQL of a document's history: load, follow, snapshot, replace.

``seq`` comes from one counter row that a transaction holds until its commit, so numbers are given in commit
order and "everything after ``seq``" misses nothing, whichever process wrote it (PROTOCOL D1).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...yjs.update import decode_meta
from ..events import Changes, DocumentReset, Event, from_row
from ..history_rows import CHANGES_AT_MOST, KEPT_SNAPSHOTS, SPARSE_ROWS, changes_up_to, now
from ..records import Appended, Document, Loaded, StoredUpdate, Update
from .refusals import no_document
from .transaction import Transaction

DOCUMENT_COLUMNS = (
    "d.id, d.room_id, r.name, d.name, d.epoch, d.created_by, d.created_at, d.updated_at, d.deleted_at"
)
ROW_COLUMNS = "seq, document, epoch, data, author, at"
EVENT_COLUMNS = "seq, room, type, at, actor, document, data"


async def counter(transaction: Transaction) -> int:
    """Return the last sequence number given."""
    return int(await transaction.fetchval("SELECT value FROM meta WHERE key = 'counter'"))


async def append(transaction: Transaction, updates: Sequence[Update]) -> Appended:
    """Append in order what is of a document's present epoch."""
    return await transaction.append(updates)


async def append_at(transaction: Transaction, update: Update, cursor: int) -> Appended | None:
    """Append if no other store wrote a row of the document after ``cursor``; else do nothing (A8)."""
    await transaction.fetchval("SELECT epoch FROM document WHERE id = $1 FOR NO KEY UPDATE", update.document)
    newer = await transaction.fetchval(
        "SELECT seq FROM history WHERE document = $1 AND epoch = $2 AND seq > $3 AND origin <> $4 LIMIT 1",
        update.document,
        update.epoch,
        cursor,
        transaction.origin,
    )
    return None if newer is not None else await transaction.append([update])


async def find_document(transaction: Transaction, document: str, lock: str = "") -> Document:
    """Return a document that is not deleted, nor its room; raise DocumentNotFound otherwise."""
    row = await transaction.fetchrow(
        f"SELECT {DOCUMENT_COLUMNS} FROM document d JOIN room r ON r.id = d.room_id "
        f"WHERE d.id = $1 AND d.deleted_at IS NULL AND r.deleted_at IS NULL {lock}",
        document,
    )
    if row is None:
        raise no_document()
    return Document(*row)


async def authors_of(transaction: Transaction, document: str, epoch: int) -> dict[int, str]:
    """Return who introduced each Yjs client id."""
    rows = await transaction.fetch(
        "SELECT client, author FROM client WHERE document = $1 AND epoch = $2", document, epoch
    )
    return {row[0]: row[1] for row in rows}


async def load(transaction: Transaction, document: str) -> Loaded:
    """Read the newest snapshot, what follows it, who is who, and the mark; on one view (PROTOCOL J3)."""
    found = await find_document(transaction, document)
    seq, state, mark = await transaction.newest(document, found.epoch)
    tail = await transaction.fetch(
        f"SELECT {ROW_COLUMNS} FROM history WHERE document = $1 AND epoch = $2 AND seq > $3 ORDER BY seq",
        document,
        found.epoch,
        seq,
    )
    clients = await transaction.fetch(
        "SELECT epoch, client, author FROM client WHERE document = $1", document
    )
    authors = {client: author for epoch, client, author in clients if epoch == found.epoch}
    earlier = frozenset(client for epoch, client, _ in clients if epoch < found.epoch)
    return Loaded(
        document=found,
        snapshot=state,
        snapshot_seq=seq,
        tail=[StoredUpdate(*row) for row in tail],
        clients=authors,
        # An id that lives on in the new epoch's own history is not a stranger there.
        retired=earlier - authors.keys(),
        mark=mark,
        secret=await transaction.fetchval("SELECT value FROM secret WHERE key = 'edits'"),
    )


async def changes(transaction: Transaction, cursor: int) -> Changes:
    """Return other stores' updates and everyone's events after ``cursor``."""
    end = await counter(transaction)
    if end <= cursor:
        return Changes(cursor, (), ())
    updates = await transaction.fetch(
        f"SELECT {ROW_COLUMNS} FROM history WHERE seq > $1 AND seq <= $2 AND origin <> $3 "
        "ORDER BY seq LIMIT $4",
        cursor,
        end,
        transaction.origin,
        CHANGES_AT_MOST,
    )
    return changes_up_to(
        end, [StoredUpdate(*row) for row in updates], await _events(transaction, cursor, end)
    )


async def events(transaction: Transaction, cursor: int) -> Changes:
    """Return everyone's events after ``cursor`` and no updates."""
    end = await counter(transaction)
    if end <= cursor:
        return Changes(cursor, (), ())
    return changes_up_to(end, (), await _events(transaction, cursor, end))


async def _events(transaction: Transaction, cursor: int, end: int) -> list[Event]:
    rows = await transaction.fetch(
        f"SELECT {EVENT_COLUMNS} FROM event WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
        cursor,
        end,
        CHANGES_AT_MOST,
    )
    return [from_row(row) for row in rows]


async def save_snapshot(
    transaction: Transaction, document: str, epoch: int, through: int, state: bytes, *, expected: int
) -> bool:
    """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``."""
    present = await transaction.fetchval(
        "SELECT epoch FROM document WHERE id = $1 FOR NO KEY UPDATE", document
    )
    newest = await transaction.fetchval(
        "SELECT coalesce(max(seq), 0) FROM snapshot WHERE document = $1 AND epoch = $2", document, epoch
    )
    if (present, newest) != (epoch, expected) or not expected < through <= await counter(transaction):
        return False
    await transaction.execute(
        "INSERT INTO snapshot (document, epoch, seq, at, state) VALUES ($1, $2, $3, $4, $5)",
        document,
        epoch,
        through,
        now(),
        state,
    )
    await _thin_out(transaction, document, epoch)
    return True


async def _thin_out(transaction: Transaction, document: str, epoch: int) -> None:
    """Drop the snapshot that is no longer among the newest, unless looking back would miss it."""
    row = await transaction.fetchrow(
        "SELECT seq, length(state) FROM snapshot WHERE document = $1 AND epoch = $2 ORDER BY seq DESC "
        "LIMIT 1 OFFSET $3",
        document,
        epoch,
        KEPT_SNAPSHOTS,
    )
    if row is None:
        return
    seq, size = row
    counted, length = await transaction.fetchrow(
        "SELECT count(*), coalesce(sum(length(data)), 0) FROM history WHERE document = $1 AND epoch = $2 "
        "AND seq <= $3 AND seq > (SELECT coalesce(max(seq), 0) FROM snapshot "
        "WHERE document = $1 AND epoch = $2 AND seq < $3)",
        document,
        epoch,
        seq,
    )
    compacted = await transaction.fetchval("SELECT compacted_through FROM document WHERE id = $1", document)
    if seq != compacted and (counted < SPARSE_ROWS or length < size):
        await transaction.execute(
            "DELETE FROM snapshot WHERE document = $1 AND epoch = $2 AND seq = $3", document, epoch, seq
        )


async def replace_history(
    transaction: Transaction, document: str, state: bytes, clients: Sequence[int], by: str
) -> int:
    """Replace the history by ``state`` under the next epoch and return that epoch."""
    found = await find_document(transaction, document, "FOR NO KEY UPDATE OF d")
    at, epoch = now(), found.epoch + 1
    await transaction.introduce((document, found.epoch, client, "") for client in clients)
    await transaction.execute(
        "UPDATE document SET epoch = $2, compacted_through = 0 WHERE id = $1", document, epoch
    )
    for table in ("snapshot", "history", "version"):
        await transaction.execute(f"DELETE FROM {table} WHERE document = $1", document)
    await transaction.append([Update(document, epoch, state, by, at, tuple(decode_meta(state).structs))])
    await transaction.write_event(DocumentReset(epoch), room=found.room_id, by=by, at=at, document=document)
    return epoch

"""The SQL of looking back, and of forgetting: timeline, versions, compacting, purging."""

from __future__ import annotations

from collections.abc import Sequence

from ..events import DocumentDeleted, RoomDeleted, RoomPurged, VersionCreated, name_of
from ..history_rows import WORTH_COMPACTING
from ..records import Action, Document, Loaded, Ref, RowInfo, StoredUpdate, Version
from .history import DOCUMENT_COLUMNS, ROW_COLUMNS, authors_of, find_document
from .refusals import no_document, no_room, no_version
from .rooms import CONTENT, clear_history, enter
from .transaction import Transaction

_VERSION = "id, document, epoch, seq, name, by, at"


async def timeline(
    transaction: Transaction, document: str, *, before: int | None, limit: int
) -> list[RowInfo]:
    """Return rows of the present epoch, the newest first."""
    found = await find_document(transaction, document)
    rows = await transaction.fetch(
        "SELECT seq, author, at, length(data) FROM history WHERE document = $1 AND epoch = $2 AND seq < $3 "
        "ORDER BY seq DESC LIMIT $4",
        document,
        found.epoch,
        2**62 if before is None else before,
        limit,
    )
    return [RowInfo(*row) for row in rows]


async def load_at(transaction: Transaction, document: str, seq: int) -> Loaded:
    """Return the newest snapshot that is not later than a row, and the rows from there through it."""
    found = await find_document(transaction, document)
    row = await transaction.fetchrow(
        "SELECT seq, state FROM snapshot WHERE document = $1 AND epoch = $2 AND seq <= $3 "
        "ORDER BY seq DESC LIMIT 1",
        document,
        found.epoch,
        seq,
    )
    begin, state = (0, None) if row is None else row
    tail = await transaction.fetch(
        f"SELECT {ROW_COLUMNS} FROM history WHERE document = $1 AND epoch = $2 AND seq > $3 AND seq <= $4 "
        "ORDER BY seq",
        document,
        found.epoch,
        begin,
        seq,
    )
    rows = [StoredUpdate(*entry) for entry in tail]
    return Loaded(found, state, begin, rows, await authors_of(transaction, document, found.epoch))


async def rows(transaction: Transaction, document: str, *, after: int, limit: int) -> list[StoredUpdate]:
    """Return rows after a row, the oldest first; what was compacted comes as one row."""
    found = await find_document(transaction, document)
    compacted = await transaction.fetch(
        "SELECT s.seq, s.document, s.epoch, s.state, '', s.at FROM snapshot s "
        "JOIN document d ON d.id = s.document "
        "WHERE s.document = $1 AND s.epoch = $2 AND s.seq = d.compacted_through AND s.seq > $3",
        document,
        found.epoch,
        after,
    )
    kept = await transaction.fetch(
        f"SELECT {ROW_COLUMNS} FROM history WHERE document = $1 AND epoch = $2 AND seq > $3 "
        "AND seq > (SELECT compacted_through FROM document WHERE id = $1) ORDER BY seq LIMIT $4",
        document,
        found.epoch,
        after,
        limit - len(compacted),
    )
    return [StoredUpdate(*row) for row in [*compacted, *kept]]


async def create_version(transaction: Transaction, version: Version, state: bytes) -> Version:
    """Keep a version with its state."""
    found = await find_document(transaction, version.document, "FOR NO KEY UPDATE OF d")
    at, by = version.at, version.by
    await transaction.execute(
        "INSERT INTO version (id, document, epoch, seq, name, by, at, state) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        version.id,
        found.id,
        found.epoch,
        version.seq,
        version.name,
        by,
        at,
        state,
    )
    payload = VersionCreated.of(found, version)
    await transaction.write_event(payload, room=found.room_id, by=by, at=at, document=found.id)
    return Version(version.id, found.id, found.epoch, version.seq, version.name, by, at)


async def versions(transaction: Transaction, document: str) -> list[Version]:
    """Return the versions of the present epoch, the newest first."""
    found = await find_document(transaction, document)
    rows = await transaction.fetch(
        f"SELECT {_VERSION} FROM version WHERE document = $1 AND epoch = $2 ORDER BY at DESC, id",
        document,
        found.epoch,
    )
    return [Version(*row) for row in rows]


async def version(transaction: Transaction, document: str, version_id: str) -> tuple[Version, bytes]:
    """Return a version and its state."""
    found = await find_document(transaction, document)
    row = await transaction.fetchrow(
        f"SELECT {_VERSION}, state FROM version WHERE document = $1 AND epoch = $2 AND id = $3",
        document,
        found.epoch,
        version_id,
    )
    if row is None:
        raise no_version()
    *version, state = row
    return Version(*version), state


async def compact_through(
    transaction: Transaction, document: str, through: int, state: bytes, *, limit: int
) -> bool:
    """Let a snapshot stand for the rows through ``through``, and remove some of them."""
    found = await find_document(transaction, document, "FOR NO KEY UPDATE OF d")
    key = (document, found.epoch)
    await transaction.execute(
        "INSERT INTO snapshot (document, epoch, seq, at, state) "
        "SELECT $1, $2, $3, max(at), $4 FROM history WHERE document = $1 AND epoch = $2 AND seq <= $3 "
        "HAVING count(*) > 0 ON CONFLICT DO NOTHING",
        *key,
        through,
        state,
    )
    await transaction.execute(
        "UPDATE document SET compacted_through = $3 WHERE id = $1 AND compacted_through < $3 AND EXISTS "
        "(SELECT 1 FROM snapshot WHERE document = $1 AND epoch = $2 AND seq = $3)",
        *key,
        through,
    )
    await transaction.execute(
        "DELETE FROM history WHERE seq IN (SELECT h.seq FROM history h JOIN document d ON d.id = h.document "
        "WHERE h.document = $1 AND h.epoch = $2 AND h.seq <= d.compacted_through ORDER BY h.seq LIMIT $3)",
        *key,
        limit,
    )
    await transaction.execute(
        "DELETE FROM snapshot WHERE document = $1 AND epoch = $2 AND seq < "
        "(SELECT compacted_through FROM document WHERE id = $1)",
        *key,
    )
    left = await transaction.fetchval(
        "SELECT true FROM history h JOIN document d ON d.id = h.document "
        "WHERE h.document = $1 AND h.epoch = $2 AND h.seq <= d.compacted_through LIMIT 1",
        *key,
    )
    return bool(left)


async def compactable(transaction: Transaction, at: int, limit: int) -> list[tuple[str, int]]:
    """Return documents with many rows from before a time, and the last such row of each."""
    rows = await transaction.fetch(
        "SELECT h.document, max(h.seq) FROM history h JOIN document d ON d.id = h.document "
        "JOIN room r ON r.id = d.room_id WHERE h.at < $1 AND h.epoch = d.epoch "
        "AND h.seq > d.compacted_through AND d.deleted_at IS NULL AND r.deleted_at IS NULL "
        "GROUP BY h.document HAVING count(*) >= $2 LIMIT $3",
        at,
        WORTH_COMPACTING,
        limit,
    )
    return [(row[0], row[1]) for row in rows]


async def purge(transaction: Transaction, document: str, action: Action) -> None:
    """Remove the content of a document for good that is deleted, or lies in a deleted room."""
    row = await transaction.fetchrow(
        f"SELECT {DOCUMENT_COLUMNS} FROM document d JOIN room r ON r.id = d.room_id WHERE d.id = $1 "
        "AND d.purged_at IS NULL AND (d.deleted_at IS NOT NULL OR r.deleted_at IS NOT NULL) "
        "FOR NO KEY UPDATE OF d",
        document,
    )
    if row is None:
        raise no_document(deleted=True)
    found = Document(*row)
    action.check(found)
    await clear_history(transaction, found, action)


async def purge_room(transaction: Transaction, ref: Ref, action: Action) -> None:
    """Remove a deleted room and the content of its documents for good."""
    found = await enter(transaction, ref, action)
    if found.deleted_at is None:
        raise no_room(deleted=True)
    action.check(found)
    for table in CONTENT:
        await transaction.execute(
            f"DELETE FROM {table} WHERE document IN (SELECT id FROM document WHERE room_id = $1)", found.id
        )
    await transaction.execute(
        "UPDATE document SET epoch = epoch + 1, purged_at = $2, deleted_at = coalesce(deleted_at, $2) "
        "WHERE room_id = $1 AND purged_at IS NULL",
        found.id,
        action.at,
    )
    await transaction.execute("UPDATE room SET purged_at = $2 WHERE id = $1", found.id, action.at)
    await transaction.write_event(RoomPurged.of(found), room=found.id, by=action.by, at=action.at)


async def deleted_before(transaction: Transaction, at: int, limit: int) -> tuple[list[str], list[str]]:
    """Return documents and rooms that were deleted before a time and not purged."""
    query = "SELECT id FROM {} WHERE deleted_at < $1 AND purged_at IS NULL ORDER BY deleted_at LIMIT $2"
    documents = await transaction.fetch(query.format("document"), at, limit)
    rooms = await transaction.fetch(query.format("room"), at, limit)
    return [row[0] for row in documents], [row[0] for row in rooms]


async def deleters(transaction: Transaction, rooms: Sequence[str]) -> dict[str, str]:
    """Return who deleted last each of these rooms, and each document in them."""
    found = await transaction.fetch(
        "SELECT coalesce(document, room), actor FROM event WHERE room = ANY($1) "
        "AND type = ANY($2) ORDER BY seq",
        rooms,
        [name_of(RoomDeleted), name_of(DocumentDeleted)],
    )
    return {row[0]: row[1] for row in found}

"""The SQL of looking back, and of forgetting: timeline, state at a row, versions, folding, purging."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from .answers import document_data, no_document, no_room, no_version, room_data, version_data
from .history_rows import KEPT_SNAPSHOTS, SPARSE_ROWS, WORTH_FOLDING
from .port import Action, Document, Loaded, Ref, RowInfo, StoredUpdate, Version
from .sqlite_history import DOCUMENT_COLUMNS, authors_of, find_document, write_event
from .sqlite_rooms import room

_ROW = "seq, document, epoch, data, author, at"
_VERSION = "id, document, epoch, seq, name, by, at"


def timeline(
    connection: sqlite3.Connection, document: str, *, before: int | None, limit: int
) -> list[RowInfo]:
    """Return rows of the present epoch, the newest first."""
    found = find_document(connection, document)
    rows = connection.execute(
        "SELECT seq, author, at, length(data) FROM history WHERE document = ? AND epoch = ? AND seq < ? "
        "ORDER BY seq DESC LIMIT ?",
        (document, found.epoch, 2**62 if before is None else before, limit),
    )
    return [RowInfo(*row) for row in rows]


def load_at(connection: sqlite3.Connection, document: str, seq: int) -> Loaded:
    """Return the newest snapshot that is not later than a row, and the rows from there through it."""
    found = find_document(connection, document)
    key = (document, found.epoch)
    row = connection.execute(
        "SELECT seq, state FROM snapshot WHERE document = ? AND epoch = ? AND seq <= ? "
        "ORDER BY seq DESC LIMIT 1",
        (*key, seq),
    ).fetchone()
    begin, state = (0, None) if row is None else row
    tail = connection.execute(
        f"SELECT {_ROW} FROM history WHERE document = ? AND epoch = ? AND seq > ? AND seq <= ? ORDER BY seq",
        (*key, begin, seq),
    )
    rows = [StoredUpdate(*entry) for entry in tail]
    return Loaded(found, state, begin, rows, authors_of(connection, document, found.epoch))


def rows(connection: sqlite3.Connection, document: str, *, after: int, limit: int) -> list[StoredUpdate]:
    """Return rows after a row, the oldest first; what was folded comes as one row."""
    found = find_document(connection, document)
    key = (document, found.epoch)
    folded = connection.execute(
        "SELECT s.seq, s.document, s.epoch, s.state, '', s.at FROM snapshot s "
        "JOIN document d ON d.id = s.document "
        "WHERE s.document = ? AND s.epoch = ? AND s.seq = d.folded_through AND s.seq > ?",
        (*key, after),
    ).fetchall()
    kept = connection.execute(
        f"SELECT {_ROW} FROM history WHERE document = ? AND epoch = ? AND seq > ? "
        "AND seq > (SELECT folded_through FROM document WHERE id = ?) ORDER BY seq LIMIT ?",
        (*key, after, document, limit - len(folded)),
    )
    return [StoredUpdate(*row) for row in [*folded, *kept]]


def create_version(connection: sqlite3.Connection, version: Version, state: bytes) -> Version:
    """Keep a version with its state."""
    found = find_document(connection, version.document)
    connection.execute(
        "INSERT INTO version (id, document, epoch, seq, name, by, at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (version.id, found.id, found.epoch, version.seq, version.name, version.by, version.at, state),
    )
    data = version_data(found, version)
    at, by = version.at, version.by
    write_event(connection, "version.created", data, room=found.room_id, by=by, at=at, document=found.id)
    return Version(version.id, found.id, found.epoch, version.seq, version.name, by, at)


def versions(connection: sqlite3.Connection, document: str) -> list[Version]:
    """Return the versions of the present epoch, the newest first."""
    found = find_document(connection, document)
    rows = connection.execute(
        f"SELECT {_VERSION} FROM version WHERE document = ? AND epoch = ? ORDER BY at DESC, id",
        (document, found.epoch),
    )
    return [Version(*row) for row in rows]


def version(connection: sqlite3.Connection, document: str, version_id: str) -> tuple[Version, bytes]:
    """Return a version and its state."""
    found = find_document(connection, document)
    row = connection.execute(
        f"SELECT {_VERSION}, state FROM version WHERE document = ? AND epoch = ? AND id = ?",
        (document, found.epoch, version_id),
    ).fetchone()
    if row is None:
        raise no_version()
    return Version(*row[:-1]), row[-1]


def thin_out(connection: sqlite3.Connection, document: str, epoch: int) -> None:
    """Drop the snapshot that is no longer among the newest, unless looking back would miss it."""
    key = (document, epoch)
    row = connection.execute(
        "SELECT seq, length(state) FROM snapshot WHERE document = ? AND epoch = ? ORDER BY seq DESC "
        "LIMIT 1 OFFSET ?",
        (*key, KEPT_SNAPSHOTS),
    ).fetchone()
    if row is None:
        return
    seq, size = row
    (before,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM snapshot WHERE document = ? AND epoch = ? AND seq < ?", (*key, seq)
    ).fetchone()
    count, typed = connection.execute(
        "SELECT count(*), coalesce(sum(length(data)), 0) FROM history WHERE document = ? AND epoch = ? "
        "AND seq > ? AND seq <= ?",
        (*key, before, seq),
    ).fetchone()
    (folded,) = connection.execute("SELECT folded_through FROM document WHERE id = ?", (document,)).fetchone()
    if seq != folded and (count < SPARSE_ROWS or typed < size):
        connection.execute("DELETE FROM snapshot WHERE document = ? AND epoch = ? AND seq = ?", (*key, seq))


def fold(connection: sqlite3.Connection, document: str, through: int, state: bytes, *, limit: int) -> bool:
    """Let a snapshot stand for the rows through ``through``, and remove some of them."""
    found = find_document(connection, document)
    key = (document, found.epoch)
    connection.execute(
        "INSERT INTO snapshot (document, epoch, seq, at, state) "
        "SELECT ?1, ?2, ?3, max(at), ?4 FROM history WHERE document = ?1 AND epoch = ?2 AND seq <= ?3 "
        "HAVING count(*) > 0 ON CONFLICT DO NOTHING",
        (*key, through, state),
    )
    connection.execute(
        "UPDATE document SET folded_through = ?3 WHERE id = ?1 AND folded_through < ?3 AND EXISTS "
        "(SELECT 1 FROM snapshot WHERE document = ?1 AND epoch = ?2 AND seq = ?3)",
        (*key, through),
    )
    connection.execute(
        "DELETE FROM history WHERE seq IN (SELECT h.seq FROM history h JOIN document d ON d.id = h.document "
        "WHERE h.document = ?1 AND h.epoch = ?2 AND h.seq <= d.folded_through ORDER BY h.seq LIMIT ?3)",
        (*key, limit),
    )
    connection.execute(
        "DELETE FROM snapshot WHERE document = ?1 AND epoch = ?2 AND seq < "
        "(SELECT folded_through FROM document WHERE id = ?1)",
        key,
    )
    left = connection.execute(
        "SELECT 1 FROM history h JOIN document d ON d.id = h.document "
        "WHERE h.document = ? AND h.epoch = ? AND h.seq <= d.folded_through LIMIT 1",
        key,
    ).fetchone()
    return left is not None


def foldable(connection: sqlite3.Connection, at: int, limit: int) -> list[tuple[str, int]]:
    """Return documents with many rows from before a time, and the last such row of each."""
    return connection.execute(
        "SELECT h.document, max(h.seq) FROM history h JOIN document d ON d.id = h.document "
        "JOIN room r ON r.id = d.room_id WHERE h.at < ? AND h.epoch = d.epoch AND h.seq > d.folded_through "
        "AND d.deleted_at IS NULL AND r.deleted_at IS NULL GROUP BY h.document HAVING count(*) >= ? LIMIT ?",
        (at, WORTH_FOLDING, limit),
    ).fetchall()


def purge(connection: sqlite3.Connection, document: str, action: Action) -> None:
    """Remove the content of a deleted document for good."""
    row = connection.execute(
        f"SELECT {DOCUMENT_COLUMNS} FROM document d JOIN room r ON r.id = d.room_id WHERE d.id = ? "
        "AND d.purged_at IS NULL AND (d.deleted_at IS NOT NULL OR r.deleted_at IS NOT NULL)",
        (document,),
    ).fetchone()
    if row is None:
        raise no_document(deleted=True)
    found = Document(*row)
    action.check(found)
    _forget(connection, "= ?", (found.id,))
    connection.execute(
        "UPDATE document SET epoch = epoch + 1, purged_at = ?1, deleted_at = coalesce(deleted_at, ?1) "
        "WHERE id = ?2",
        (action.at, found.id),
    )
    data = document_data(found)
    write_event(
        connection, "document.purged", data, room=found.room_id, by=action.by, at=action.at, document=found.id
    )


def purge_room(connection: sqlite3.Connection, ref: Ref, action: Action) -> None:
    """Remove a deleted room and the content of its documents for good."""
    found = room(connection, ref)
    if found.deleted_at is None:
        raise no_room(deleted=True)
    action.check(found)
    _forget(connection, "IN (SELECT id FROM document WHERE room_id = ?)", (found.id,))
    connection.execute(
        "UPDATE document SET epoch = epoch + 1, purged_at = ?1, deleted_at = coalesce(deleted_at, ?1) "
        "WHERE room_id = ?2 AND purged_at IS NULL",
        (action.at, found.id),
    )
    connection.execute("UPDATE room SET purged_at = ? WHERE id = ?", (action.at, found.id))
    write_event(connection, "room.purged", room_data(found), room=found.id, by=action.by, at=action.at)


def deleted_before(connection: sqlite3.Connection, at: int, limit: int) -> tuple[list[str], list[str]]:
    """Return documents and rooms that were deleted before a time and not purged."""
    documents = connection.execute(
        "SELECT id FROM document WHERE deleted_at < ? AND purged_at IS NULL ORDER BY deleted_at LIMIT ?",
        (at, limit),
    )
    rooms = connection.execute(
        "SELECT id FROM room WHERE deleted_at < ? AND purged_at IS NULL ORDER BY deleted_at LIMIT ?",
        (at, limit),
    )
    return [row[0] for row in documents], [row[0] for row in rooms]


def deleters(connection: sqlite3.Connection, rooms: Sequence[str]) -> dict[str, str]:
    """Return who deleted last each of these rooms, and each document in them."""
    marks = ", ".join("?" * len(rooms))
    found = connection.execute(
        f"SELECT coalesce(document, room), actor FROM event WHERE room IN ({marks}) "
        "AND type IN ('room.deleted', 'document.deleted') ORDER BY seq",
        rooms,
    )
    return dict(found.fetchall())


def _forget(connection: sqlite3.Connection, which: str, values: Sequence[Any]) -> None:
    for table in ("history", "snapshot", "version"):
        connection.execute(f"DELETE FROM {table} WHERE document {which}", values)

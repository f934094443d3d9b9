"""The SQL of a document's history: append, load, follow, snapshot, retire. Each runs in one transaction.

``seq`` comes from one counter row that only a write transaction touches, so numbers are given in commit
order and "everything after ``seq``" misses nothing, whichever process wrote it (PROTOCOL D1).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from ..updates import inspect
from .answers import no_document
from .history_rows import CHANGES_AT_MOST, cut, joined, now, runs
from .port import Appended, Changes, Document, Event, Loaded, StoredUpdate, Update

DOCUMENT_COLUMNS = (
    "d.id, d.room_id, r.name, d.name, d.epoch, d.created_by, d.created_at, d.updated_at, d.deleted_at"
)


def counter(connection: sqlite3.Connection) -> int:
    """Return the last sequence number given."""
    value: int = connection.execute("SELECT value FROM meta WHERE key = 'counter'").fetchone()[0]
    return value


def take(connection: sqlite3.Connection, count: int = 1) -> int:
    """Reserve ``count`` sequence numbers and return the first; inside a write transaction."""
    row = connection.execute(
        "UPDATE meta SET value = value + ? WHERE key = 'counter' RETURNING value", (count,)
    ).fetchone()
    first: int = row[0] - count + 1
    return first


def write_event(
    connection: sqlite3.Connection,
    kind: str,
    data: Mapping[str, Any],
    *,
    room: str,
    by: str,
    at: int,
    document: str | None = None,
) -> None:
    """Record what changed, in the transaction that changes it."""
    connection.execute(
        "INSERT INTO event (seq, room, type, at, actor, document, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (take(connection), room, kind, at, by, document, json.dumps(data, ensure_ascii=False)),
    )


def append(connection: sqlite3.Connection, updates: Sequence[Update], origin: int) -> Appended:
    """Append in order what is of a document's present epoch."""
    epochs: dict[str, int | None] = {}
    kept = []
    for row in (row for run in runs(updates) for row in joined(run)):
        if row.document not in epochs:
            found = connection.execute("SELECT epoch FROM document WHERE id = ?", (row.document,)).fetchone()
            epochs[row.document] = None if found is None else found[0]
        if epochs[row.document] == row.epoch:
            kept.append(row)
    refused = frozenset(update.document for update in updates if epochs[update.document] != update.epoch)
    if not kept:
        return Appended(counter(connection), refused)
    first = take(connection, len(kept))
    connection.executemany(
        "INSERT INTO history (seq, document, epoch, origin, author, at, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (first + index, row.document, row.epoch, origin, row.author, row.at, row.data)
            for index, row in enumerate(kept)
        ],
    )
    introduced = [(row.document, row.epoch, client, row.author) for row in kept for client in row.clients]
    if introduced:
        connection.executemany("INSERT OR IGNORE INTO client VALUES (?, ?, ?, ?)", introduced)
    latest = {row.document: row.at for row in kept}
    connection.executemany(
        "UPDATE document SET updated_at = max(updated_at, ?) WHERE id = ?",
        [(at, document) for document, at in latest.items()],
    )
    return Appended(first + len(kept) - 1, refused)


def find_document(connection: sqlite3.Connection, document: str) -> Document:
    """Return a document that is not deleted, nor its room; raise DocumentNotFound otherwise."""
    row = connection.execute(
        f"SELECT {DOCUMENT_COLUMNS} FROM document d JOIN room r ON r.id = d.room_id "
        "WHERE d.id = ? AND d.deleted_at IS NULL AND r.deleted_at IS NULL",
        (document,),
    ).fetchone()
    if row is None:
        raise no_document()
    return Document(*row)


def authors_of(connection: sqlite3.Connection, document: str, epoch: int) -> dict[int, str]:
    """Return who introduced each Yjs client id."""
    rows = connection.execute(
        "SELECT client, author FROM client WHERE document = ? AND epoch = ?", (document, epoch)
    )
    return dict(rows.fetchall())


def load(connection: sqlite3.Connection, document: str) -> Loaded:
    """Read the newest snapshot, what follows it, and who is who."""
    found = find_document(connection, document)
    key = (document, found.epoch)
    row = connection.execute(
        "SELECT seq, state FROM snapshot WHERE document = ? AND epoch = ? ORDER BY seq DESC LIMIT 1", key
    ).fetchone()
    seq, state = (0, None) if row is None else row
    tail = connection.execute(
        "SELECT seq, document, epoch, data, author, at FROM history "
        "WHERE document = ? AND epoch = ? AND seq > ? ORDER BY seq",
        (*key, seq),
    ).fetchall()
    authors = authors_of(connection, *key)
    retired = connection.execute("SELECT client FROM client WHERE document = ? AND epoch < ?", key)
    return Loaded(
        document=found,
        snapshot=state,
        snapshot_seq=seq,
        tail=[StoredUpdate(*entry) for entry in tail],
        clients=authors,
        # An id that lives on in the new epoch's own history is not a stranger there.
        retired=frozenset(client for (client,) in retired) - authors.keys(),
    )


def changes(connection: sqlite3.Connection, cursor: int, origin: int) -> Changes:
    """Return other processes' updates and everyone's events after ``cursor``."""
    end = counter(connection)
    updates = connection.execute(
        "SELECT seq, document, epoch, data, author, at FROM history "
        "WHERE seq > ? AND origin <> ? ORDER BY seq LIMIT ?",
        (cursor, origin, CHANGES_AT_MOST),
    ).fetchall()
    events = connection.execute(
        "SELECT seq, room, type, at, actor, document, data FROM event WHERE seq > ? AND seq <= ? "
        "ORDER BY seq LIMIT ?",
        (cursor, end, CHANGES_AT_MOST),
    ).fetchall()
    return cut(
        end,
        [StoredUpdate(*row) for row in updates],
        [
            Event(seq, room, kind, at, by, document, json.loads(data))
            for seq, room, kind, at, by, document, data in events
        ],
    )


def save_snapshot(
    connection: sqlite3.Connection, document: str, state: bytes, *, epoch: int, through: int, expected: int
) -> bool:
    """Store a snapshot if the newest is still ``expected`` and the epoch is the present one."""
    row = connection.execute(
        "SELECT epoch, (SELECT coalesce(max(seq), 0) FROM snapshot s WHERE s.document = d.id "
        "AND s.epoch = d.epoch) FROM document d WHERE id = ?",
        (document,),
    ).fetchone()
    if row != (epoch, expected) or not expected < through <= counter(connection):
        return False
    row = (document, epoch, through, now(), state)
    connection.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)", row)
    return True


def retire(
    connection: sqlite3.Connection,
    document: str,
    state: bytes,
    clients: Sequence[int],
    *,
    by: str,
    origin: int,
) -> int:
    """Replace the history by ``state`` under the next epoch and return that epoch."""
    found = find_document(connection, document)
    at, epoch = now(), found.epoch + 1
    connection.executemany(
        "INSERT OR IGNORE INTO client VALUES (?, ?, ?, '')",
        [(document, found.epoch, client) for client in clients],
    )
    connection.execute(
        "UPDATE document SET epoch = ?, folded_through = 0, updated_at = max(updated_at, ?) WHERE id = ?",
        (epoch, at, document),
    )
    for table in ("snapshot", "history", "version"):
        connection.execute(f"DELETE FROM {table} WHERE document = ?", (document,))
    append(connection, [Update(document, epoch, state, by, at, tuple(inspect(state).structs))], origin)
    write_event(
        connection, "document.reset", {"epoch": epoch}, room=found.room_id, by=by, at=at, document=document
    )
    return epoch

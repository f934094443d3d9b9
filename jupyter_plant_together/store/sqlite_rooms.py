"""The SQL of rooms and documents. Each function runs in one transaction and writes its event there.

Deleting is soft: a row with ``deleted_at`` keeps its history, and its name is free for another. A partial
unique index over the key of the name is what makes two people creating one name at once impossible.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from ..limits import Limits
from .answers import check_count, document_data, former_name, name_taken, no_document, no_room, room_data
from .port import Action, Document, Member, Named, Page, Ref, Room, RoomPatch, Update, Who
from .sqlite_history import DOCUMENT_COLUMNS, append, find_document, write_event
from .sqlite_roles import put_member, set_private, with_roles

_ROOM_COLUMNS = (
    "r.id, r.name, r.private, r.description, r.created_by, r.created_at, r.updated_at, r.deleted_at, "
    "(SELECT count(*) FROM document d WHERE d.room_id = r.id AND d.deleted_at IS NULL)"
)
_DOCUMENTS = f"SELECT {DOCUMENT_COLUMNS} FROM document d JOIN room r ON r.id = d.room_id"


def _room(row: Sequence[Any]) -> Room:
    return Room(row[0], row[1], bool(row[2]), *row[3:])


def _where(ref: Ref, table: str) -> tuple[str, str | None]:
    column, value = ("id", ref.id) if ref.id is not None else ("folded", ref.key)
    deleted = f"NOT NULL AND {table}.purged_at IS NULL ORDER BY {table}.deleted_at DESC LIMIT 1"
    state = deleted if ref.deleted else "NULL"
    return f"{table}.{column} = ? AND {table}.deleted_at IS {state}", value


def room(connection: sqlite3.Connection, ref: Ref) -> Room:
    """Return the room that is meant."""
    where, value = _where(ref, "r")
    row = connection.execute(f"SELECT {_ROOM_COLUMNS} FROM room r WHERE {where}", (value,)).fetchone()
    if row is None:
        raise no_room(deleted=ref.deleted)
    return with_roles(connection, [_room(row)], ref.who)[0]


def rooms(connection: sqlite3.Connection, page: Page) -> list[Room]:
    """Return a page of all rooms."""
    state = "NOT NULL AND r.purged_at IS NULL" if page.deleted else "NULL"
    rows = connection.execute(
        f"SELECT {_ROOM_COLUMNS} FROM room r WHERE r.deleted_at IS {state} AND (r.folded, r.id) > (?, ?) "
        "ORDER BY r.folded, r.id LIMIT ?",
        (*(page.after or ("", "")), page.limit),
    )
    return with_roles(connection, [_room(row) for row in rows], page.who)


def _room_event(connection: sqlite3.Connection, kind: str, found: Room, action: Action, **more: str) -> None:
    write_event(connection, kind, room_data(found, **more), room=found.id, by=action.by, at=action.at)


def create_room(connection: sqlite3.Connection, new: Room, key: str) -> Room:
    """Keep a new room."""
    try:
        connection.execute(
            "INSERT INTO room (id, name, folded, private, description, created_by, created_at, updated_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.id,
                new.name,
                key,
                new.private,
                new.description,
                new.created_by,
                new.created_at,
                new.created_at,
            ),
        )
    except sqlite3.IntegrityError:
        raise name_taken("room", new.name) from None
    put_member(connection, new.id, Member("user", new.created_by, "owner", new.created_by, new.created_at))
    set_private(connection, new.id, private=new.private, by=new.created_by, at=new.created_at)
    _room_event(connection, "room.created", new, Action(new.created_by, new.created_at))
    return room(connection, Ref(id=new.id, who=Who(new.created_by)))


def change_room(connection: sqlite3.Connection, ref: Ref, patch: RoomPatch, action: Action) -> Room:
    """Rename a room or change its settings."""
    before = room(connection, ref)
    action.check(before)
    name, key = before.name, None
    if patch.name is not None:
        name, key = patch.name.name, patch.name.key
    try:
        connection.execute(
            "UPDATE room SET name = ?, folded = coalesce(?, folded), "
            "description = coalesce(?, description), updated_at = max(updated_at, ?) WHERE id = ?",
            (name, key, patch.description, action.at, before.id),
        )
    except sqlite3.IntegrityError:
        raise name_taken("room", name) from None
    if patch.private is not None:
        set_private(connection, before.id, private=patch.private, by=action.by, at=action.at)
    after = room(connection, Ref(id=before.id, who=ref.who))
    _room_event(connection, "room.changed", after, action, **former_name(before, after))
    return after


def delete_room(connection: sqlite3.Connection, ref: Ref, action: Action) -> Room:
    """Mark a room as deleted."""
    found = room(connection, ref)
    action.check(found)
    connection.execute(
        "UPDATE room SET deleted_at = ?1, updated_at = max(updated_at, ?1) WHERE id = ?2",
        (action.at, found.id),
    )
    _room_event(connection, "room.deleted", found, action)
    return room(connection, Ref(id=found.id, deleted=True, who=ref.who))


def restore_room(connection: sqlite3.Connection, ref: Ref, name: Named | None, action: Action) -> Room:
    """Undo a deletion."""
    found = room(connection, ref)
    action.check(found)
    wanted = found.name if name is None else name.name
    try:
        connection.execute(
            "UPDATE room SET deleted_at = NULL, name = ?, folded = coalesce(?, folded), "
            "updated_at = max(updated_at, ?) WHERE id = ?",
            (wanted, None if name is None else name.key, action.at, found.id),
        )
    except sqlite3.IntegrityError:
        raise name_taken("room", wanted) from None
    restored = room(connection, Ref(id=found.id, who=ref.who))
    _room_event(connection, "room.restored", restored, action)
    return restored


def document(connection: sqlite3.Connection, room_ref: Ref, ref: Ref) -> Document:
    """Return the document that is meant, in a room that is not deleted."""
    place = room(connection, room_ref)
    where, value = _where(ref, "d")
    row = connection.execute(f"{_DOCUMENTS} WHERE d.room_id = ? AND {where}", (place.id, value)).fetchone()
    if row is None:
        raise no_document(deleted=ref.deleted)
    return Document(*row)


def locate(connection: sqlite3.Connection, document_id: str, who: Who | None = None) -> tuple[Room, Document]:
    """Return the document with this id and its room, both not deleted."""
    found = find_document(connection, document_id)
    return room(connection, Ref(id=found.room_id, who=who)), found


def documents(connection: sqlite3.Connection, room_ref: Ref, page: Page) -> list[Document]:
    """Return a page of a room's documents."""
    place = room(connection, room_ref)
    state = "NOT NULL AND d.purged_at IS NULL" if page.deleted else "NULL"
    rows = connection.execute(
        f"{_DOCUMENTS} WHERE d.room_id = ? AND d.deleted_at IS {state} AND (d.folded, d.id) > (?, ?) "
        "ORDER BY d.folded, d.id LIMIT ?",
        (place.id, *(page.after or ("", "")), page.limit),
    )
    return [Document(*row) for row in rows]


def _document_event(
    connection: sqlite3.Connection, kind: str, found: Document, action: Action, **more: str
) -> None:
    data = document_data(found, **more)
    write_event(connection, kind, data, room=found.room_id, by=action.by, at=action.at, document=found.id)


def create_document(
    connection: sqlite3.Connection,
    new: Document,
    key: str,
    content: Update | None,
    *,
    origin: int,
    limits: Limits,
) -> Document:
    """Keep a new document and its first update."""
    place = room(connection, Ref(id=new.room_id))
    check_count(place, limits)
    try:
        connection.execute(
            "INSERT INTO document (id, room_id, name, folded, epoch, created_by, created_at, updated_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (new.id, place.id, new.name, key, new.epoch, new.created_by, new.created_at, new.created_at),
        )
    except sqlite3.IntegrityError:
        raise name_taken("document", new.name) from None
    if content is not None:
        append(connection, [content], origin)
    created = document(connection, Ref(id=place.id), Ref(id=new.id))
    _document_event(connection, "document.created", created, Action(new.created_by, new.created_at))
    return created


def rename_document(
    connection: sqlite3.Connection, room_ref: Ref, ref: Ref, name: Named, action: Action
) -> Document:
    """Give a document another name."""
    before = document(connection, room_ref, ref)
    action.check(before)
    if name.name == before.name:
        return before
    try:
        connection.execute(
            "UPDATE document SET name = ?, folded = ?, updated_at = max(updated_at, ?) WHERE id = ?",
            (name.name, name.key, action.at, before.id),
        )
    except sqlite3.IntegrityError:
        raise name_taken("document", name.name) from None
    after = document(connection, Ref(id=before.room_id), Ref(id=before.id))
    _document_event(connection, "document.renamed", after, action, **former_name(before, after))
    return after


def delete_document(connection: sqlite3.Connection, room_ref: Ref, ref: Ref, action: Action) -> Document:
    """Mark a document as deleted."""
    found = document(connection, room_ref, ref)
    action.check(found)
    connection.execute(
        "UPDATE document SET deleted_at = ?1, updated_at = max(updated_at, ?1) WHERE id = ?2",
        (action.at, found.id),
    )
    _document_event(connection, "document.deleted", found, action)
    return document(connection, Ref(id=found.room_id), Ref(id=found.id, deleted=True))


def restore_document(
    connection: sqlite3.Connection,
    room_ref: Ref,
    ref: Ref,
    name: Named | None,
    action: Action,
    *,
    limits: Limits,
) -> Document:
    """Undo a deletion."""
    found = document(connection, room_ref, ref)
    action.check(found)
    check_count(room(connection, Ref(id=found.room_id)), limits)
    wanted = found.name if name is None else name.name
    try:
        connection.execute(
            "UPDATE document SET deleted_at = NULL, name = ?, folded = coalesce(?, folded), "
            "updated_at = max(updated_at, ?) WHERE id = ?",
            (wanted, None if name is None else name.key, action.at, found.id),
        )
    except sqlite3.IntegrityError:
        raise name_taken("document", wanted) from None
    restored = document(connection, Ref(id=found.room_id), Ref(id=found.id))
    _document_event(connection, "document.restored", restored, action)
    return restored


def bootstrap(
    connection: sqlite3.Connection,
    new: Room,
    key: str,
    contents: Sequence[tuple[Document, str, Update]],
    origin: int,
) -> bool:
    """Make the first room unless that was done before or there are rooms already."""
    if connection.execute("SELECT 1 FROM meta WHERE key = 'example'").fetchone():
        return False
    connection.execute("INSERT INTO meta VALUES ('example', 1)")
    if connection.execute("SELECT 1 FROM room LIMIT 1").fetchone():
        return False
    create_room(connection, new, key)
    for one, document_key, content in contents:
        create_document(connection, one, document_key, content, origin=origin, limits=Limits())
    return True

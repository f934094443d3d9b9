"""The SQL of rooms and documents. Each function that changes something writes its event.

Deleting is soft: a row with ``deleted_at`` keeps its history, and its name is free for another. A partial
unique index over the key of the name is what makes two people creating one name at once impossible. What is
about to change is locked first and read after, so that a check sees what it decides about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...limits import Limits
from ..events import (
    DocumentCreated,
    DocumentDeleted,
    DocumentPurged,
    DocumentRenamed,
    DocumentRestored,
    Payload,
    RoomChanged,
    RoomCreated,
    RoomDeleted,
    RoomRestored,
)
from ..records import Action, Document, Identity, KeyedName, Member, NewDocument, Page, Ref, Room, RoomPatch
from .history import DOCUMENT_COLUMNS, find_document
from .names import unique, where
from .refusals import check_count, no_document, no_room
from .roles import put_member, set_private, with_roles
from .transaction import Row, Transaction

_ROOM_COLUMNS = (
    "r.id, r.name, r.private, r.description, r.created_by, r.created_at, r.updated_at, r.deleted_at, "
    "(SELECT count(*) FROM document d WHERE d.room_id = r.id AND d.deleted_at IS NULL)"
)
# Where the content of a document is.
CONTENT = ("history", "snapshot", "version")
_DOCUMENTS = f"SELECT {DOCUMENT_COLUMNS} FROM document d JOIN room r ON r.id = d.room_id"


def _room(row: Row) -> Room:
    return Room(row[0], row[1], bool(row[2]), *row[3:])


async def room(transaction: Transaction, ref: Ref) -> Room:
    """Return the room that is meant."""
    condition, value = where(ref, "r", "$1")
    row = await transaction.fetchrow(f"SELECT {_ROOM_COLUMNS} FROM room r WHERE {condition}", value)
    if row is None:
        raise no_room(deleted=ref.deleted)
    return (await with_roles(transaction, [_room(row)], ref.who))[0]


async def locked_room(transaction: Transaction, ref: Ref, lock: str = "FOR UPDATE") -> Room:
    """Return the room that is meant, locked until the end of the transaction."""
    condition, value = where(ref, "r", "$1")
    # Two statements: what one statement counts was counted before it waited for the lock.
    found = await transaction.fetchval(f"SELECT r.id FROM room r WHERE {condition} {lock}", value)
    if found is None:
        raise no_room(deleted=ref.deleted)
    return await room(transaction, Ref(id=found, deleted=ref.deleted, who=ref.who))


async def enter(transaction: Transaction, ref: Ref, action: Action, lock: str = "FOR UPDATE") -> Room:
    """Return the room in which something is done, locked, if ``action`` is allowed there.

    Every change of a room's members locks the room as a whole: whoever may act when it is asked may act until
    the commit. ``FOR SHARE`` lets others act in the room at once.
    """
    place = await locked_room(transaction, ref, lock)
    action.authorize(place)
    return place


async def rooms(transaction: Transaction, page: Page) -> list[Room]:
    """Return a page of all rooms."""
    state = "NOT NULL AND r.purged_at IS NULL" if page.deleted else "NULL"
    rows = await transaction.fetch(
        f"SELECT {_ROOM_COLUMNS} FROM room r WHERE r.deleted_at IS {state} AND (r.name_key, r.id) > ($1, $2) "
        "ORDER BY r.name_key, r.id LIMIT $3",
        *(page.after or ("", "")),
        page.limit,
    )
    return await with_roles(transaction, [_room(row) for row in rows], page.who)


async def _room_event(transaction: Transaction, payload: Payload, room_id: str, action: Action) -> None:
    await transaction.write_event(payload, room=room_id, by=action.by, at=action.at)


async def create_room(transaction: Transaction, new: Room, key: str) -> Room:
    """Keep a new room."""
    with unique("room", new.name):
        await transaction.execute(
            "INSERT INTO room (id, name, name_key, private, description, created_by, created_at, updated_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            new.id,
            new.name,
            key,
            new.private,
            new.description,
            new.created_by,
            new.created_at,
        )
    by, at = new.created_by, new.created_at
    await put_member(transaction, new.id, Member("user", by, "owner", by, at))
    await set_private(transaction, new.id, private=new.private, by=by, at=at)
    await _room_event(transaction, RoomCreated.of(new), new.id, Action(by, at))
    return await room(transaction, Ref(id=new.id, who=Identity(by)))


async def change_room(transaction: Transaction, ref: Ref, patch: RoomPatch, action: Action) -> Room:
    """Rename a room or change its settings."""
    before = await enter(transaction, ref, action)
    action.check(before)
    name, key = (before.name, None) if patch.name is None else (patch.name.name, patch.name.key)
    with unique("room", name):
        await transaction.execute(
            "UPDATE room SET name = $2, name_key = coalesce($3, name_key), "
            "description = coalesce($4, description), updated_at = greatest(updated_at, $5) WHERE id = $1",
            before.id,
            name,
            key,
            patch.description,
            action.at,
        )
    if patch.private is not None:
        await set_private(transaction, before.id, private=patch.private, by=action.by, at=action.at)
    after = await room(transaction, Ref(id=before.id, who=ref.who))
    await _room_event(transaction, RoomChanged.between(before, after), after.id, action)
    return after


async def delete_room(transaction: Transaction, ref: Ref, action: Action) -> Room:
    """Mark a room as deleted."""
    found = await enter(transaction, ref, action)
    action.check(found)
    await transaction.execute(
        "UPDATE room SET deleted_at = $2, updated_at = greatest(updated_at, $2) WHERE id = $1",
        found.id,
        action.at,
    )
    await _room_event(transaction, RoomDeleted.of(found), found.id, action)
    return await room(transaction, Ref(id=found.id, deleted=True, who=ref.who))


async def restore_room(transaction: Transaction, ref: Ref, name: KeyedName | None, action: Action) -> Room:
    """Undo a deletion."""
    found = await enter(transaction, ref, action)
    action.check(found)
    await _restore(transaction, "room", found, name, action)
    restored = await room(transaction, Ref(id=found.id, who=ref.who))
    await _room_event(transaction, RoomRestored.of(restored), restored.id, action)
    return restored


async def _restore(
    transaction: Transaction, what: str, found: Room | Document, name: KeyedName | None, action: Action
) -> None:
    wanted = found.name if name is None else name.name
    with unique(what, wanted):
        await transaction.execute(
            f"UPDATE {what} SET deleted_at = NULL, name = $2, name_key = coalesce($3, name_key), "
            "updated_at = greatest(updated_at, $4) WHERE id = $1",
            found.id,
            wanted,
            None if name is None else name.key,
            action.at,
        )


async def document(transaction: Transaction, room_ref: Ref, ref: Ref) -> Document:
    """Return the document that is meant, in a room that is not deleted."""
    place = await room(transaction, room_ref)
    return await _document(transaction, place, ref)


async def _document(transaction: Transaction, place: Room, ref: Ref) -> Document:
    condition, value = where(ref, "d", "$2")
    row = await transaction.fetchrow(f"{_DOCUMENTS} WHERE d.room_id = $1 AND {condition}", place.id, value)
    if row is None:
        raise no_document(deleted=ref.deleted)
    return Document(*row)


async def locked_document(transaction: Transaction, place: Room, ref: Ref) -> Document:
    """Return the document that is meant, locked until the end of the transaction."""
    condition, value = where(ref, "d", "$2")
    found = await transaction.fetchval(
        f"SELECT d.id FROM document d WHERE d.room_id = $1 AND {condition} FOR NO KEY UPDATE", place.id, value
    )
    if found is None:
        raise no_document(deleted=ref.deleted)
    return await _document(transaction, place, Ref(id=found, deleted=ref.deleted))


async def locate(
    transaction: Transaction, document_id: str, who: Identity | None = None
) -> tuple[Room, Document]:
    """Return the document with this id and its room, both not deleted."""
    found = await find_document(transaction, document_id)
    return await room(transaction, Ref(id=found.room_id, who=who)), found


async def documents(transaction: Transaction, room_ref: Ref, page: Page) -> list[Document]:
    """Return a page of a room's documents."""
    place = await room(transaction, room_ref)
    state = "NOT NULL AND d.purged_at IS NULL" if page.deleted else "NULL"
    rows = await transaction.fetch(
        f"{_DOCUMENTS} WHERE d.room_id = $1 AND d.deleted_at IS {state} AND (d.name_key, d.id) > ($2, $3) "
        "ORDER BY d.name_key, d.id LIMIT $4",
        place.id,
        *(page.after or ("", "")),
        page.limit,
    )
    return [Document(*row) for row in rows]


async def _document_event(
    transaction: Transaction, payload: Payload, about: Document, action: Action
) -> None:
    await transaction.write_event(payload, room=about.room_id, by=action.by, at=action.at, document=about.id)


async def create_document(
    transaction: Transaction, room_ref: Ref, new: NewDocument, action: Action, *, limits: Limits
) -> Document:
    """Keep a new document and its first update."""
    (created,) = await create_documents(transaction, room_ref, [new], action, limits=limits)
    return created


async def create_documents(
    transaction: Transaction, room_ref: Ref, new: Sequence[NewDocument], action: Action, *, limits: Limits
) -> list[Document]:
    """Keep new documents and their first updates: all of them or none."""
    place = await enter(transaction, room_ref, action)
    check_count(place, limits, len(new))
    return [await _create(transaction, place, one, action) for one in new]


async def _create(transaction: Transaction, place: Room, new: NewDocument, action: Action) -> Document:
    with unique("document", new.named.name):
        await transaction.execute(
            "INSERT INTO document (id, room_id, name, name_key, epoch, created_by, created_at, updated_at) "
            "VALUES ($1, $2, $3, $4, 1, $5, $6, $6)",
            new.id,
            place.id,
            new.named.name,
            new.named.key,
            action.by,
            action.at,
        )
    if new.content is not None:
        await transaction.append([new.content])
    created = await _document(transaction, place, Ref(id=new.id))
    await _document_event(transaction, DocumentCreated.of(created), created, action)
    return created


async def rename_document(
    transaction: Transaction, room_ref: Ref, ref: Ref, name: KeyedName, action: Action
) -> Document:
    """Give a document another name."""
    place = await enter(transaction, room_ref, action, "FOR SHARE")
    before = await locked_document(transaction, place, ref)
    action.check(before)
    if name.name == before.name:
        return before
    with unique("document", name.name):
        await transaction.execute(
            "UPDATE document SET name = $2, name_key = $3, updated_at = greatest(updated_at, $4) "
            "WHERE id = $1",
            before.id,
            name.name,
            name.key,
            action.at,
        )
    after = await _document(transaction, place, Ref(id=before.id))
    await _document_event(transaction, DocumentRenamed.between(before, after), after, action)
    return after


async def delete_document(transaction: Transaction, room_ref: Ref, ref: Ref, action: Action) -> Document:
    """Mark a document as deleted."""
    place = await enter(transaction, room_ref, action, "FOR SHARE")
    found = await locked_document(transaction, place, ref)
    action.check(found)
    await transaction.execute(
        "UPDATE document SET deleted_at = $2, updated_at = greatest(updated_at, $2) WHERE id = $1",
        found.id,
        action.at,
    )
    await _document_event(transaction, DocumentDeleted.of(found), found, action)
    return await _document(transaction, place, Ref(id=found.id, deleted=True))


async def restore_document(
    transaction: Transaction,
    room_ref: Ref,
    ref: Ref,
    name: KeyedName | None,
    action: Action,
    *,
    limits: Limits,
) -> Document:
    """Undo a deletion."""
    place = await enter(transaction, room_ref, action)
    found = await locked_document(transaction, place, ref)
    action.check(found)
    check_count(place, limits, 1)
    await _restore(transaction, "document", found, name, action)
    restored = await _document(transaction, place, Ref(id=found.id))
    await _document_event(transaction, DocumentRestored.of(restored), restored, action)
    return restored


async def purge_document(transaction: Transaction, room_ref: Ref, ref: Ref, action: Action) -> None:
    """Remove the content of a deleted document for good."""
    place = await enter(transaction, room_ref, action, "FOR SHARE")
    found = await locked_document(transaction, place, replace(ref, deleted=True))
    action.check(found)
    await clear_history(transaction, found, action)


async def clear_history(transaction: Transaction, found: Document, action: Action) -> None:
    """Remove the content of a document that is locked, for good."""
    for table in CONTENT:
        await transaction.execute(f"DELETE FROM {table} WHERE document = $1", found.id)
    await transaction.execute(
        "UPDATE document SET epoch = epoch + 1, purged_at = $2, deleted_at = coalesce(deleted_at, $2) "
        "WHERE id = $1",
        found.id,
        action.at,
    )
    await _document_event(transaction, DocumentPurged.of(found), found, action)


async def bootstrap(transaction: Transaction, new: Room, key: str, contents: Sequence[NewDocument]) -> bool:
    """Make the first room unless that was done before or there are rooms already."""
    first = await transaction.fetchval(
        "INSERT INTO meta (key, value) VALUES ('example', 1) ON CONFLICT DO NOTHING RETURNING true"
    )
    if not first or await transaction.fetchval("SELECT true FROM room LIMIT 1"):
        return False
    made = await create_room(transaction, new, key)
    action = Action(made.created_by, made.created_at)
    await create_documents(transaction, Ref(id=made.id), contents, action, limits=Limits())
    return True

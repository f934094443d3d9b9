"""The SQL of rooms and documents. Each function that changes something writes its event.

Deleting is soft: a row with ``deleted_at`` keeps its history, and its name is free for another. A partial
unique index over the key of the name is what makes two people creating one name at once impossible. What is
about to change is locked first and read after, so that a check sees what it decides about.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...limits import Limits
from ..records import Action, Document, Member, Named, Page, Ref, Room, RoomPatch, Update, Who
from .event_payloads import document_data, former_name, room_data
from .history import DOCUMENT_COLUMNS, find_document
from .names import unique, where
from .refusals import check_count, no_document, no_room
from .roles import put_member, set_private, with_roles
from .transaction import Row, Transaction

_ROOM_COLUMNS = (
    "r.id, r.name, r.private, r.description, r.created_by, r.created_at, r.updated_at, r.deleted_at, "
    "(SELECT count(*) FROM document d WHERE d.room_id = r.id AND d.deleted_at IS NULL)"
)
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


async def locked_room(transaction: Transaction, ref: Ref) -> Room:
    """Return the room that is meant, locked until the end of the transaction."""
    condition, value = where(ref, "r", "$1")
    # Two statements: what one statement counts was counted before it waited for the lock.
    found = await transaction.fetchval(f"SELECT r.id FROM room r WHERE {condition} FOR UPDATE", value)
    if found is None:
        raise no_room(deleted=ref.deleted)
    return await room(transaction, Ref(id=found, deleted=ref.deleted, who=ref.who))


async def rooms(transaction: Transaction, page: Page) -> list[Room]:
    """Return a page of all rooms."""
    state = "NOT NULL AND r.purged_at IS NULL" if page.deleted else "NULL"
    rows = await transaction.fetch(
        f"SELECT {_ROOM_COLUMNS} FROM room r WHERE r.deleted_at IS {state} AND (r.folded, r.id) > ($1, $2) "
        "ORDER BY r.folded, r.id LIMIT $3",
        *(page.after or ("", "")),
        page.limit,
    )
    return await with_roles(transaction, [_room(row) for row in rows], page.who)


async def _room_event(transaction: Transaction, kind: str, found: Room, action: Action, **more: str) -> None:
    await transaction.write_event(kind, room_data(found, **more), room=found.id, by=action.by, at=action.at)


async def create_room(transaction: Transaction, new: Room, key: str) -> Room:
    """Keep a new room."""
    with unique("room", new.name):
        await transaction.execute(
            "INSERT INTO room (id, name, folded, private, description, created_by, created_at, updated_at) "
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
    await _room_event(transaction, "room.created", new, Action(by, at))
    return await room(transaction, Ref(id=new.id, who=Who(by)))


async def change_room(transaction: Transaction, ref: Ref, patch: RoomPatch, action: Action) -> Room:
    """Rename a room or change its settings."""
    before = await locked_room(transaction, ref)
    action.check(before)
    name, key = (before.name, None) if patch.name is None else (patch.name.name, patch.name.key)
    with unique("room", name):
        await transaction.execute(
            "UPDATE room SET name = $2, folded = coalesce($3, folded), "
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
    await _room_event(transaction, "room.changed", after, action, **former_name(before, after))
    return after


async def delete_room(transaction: Transaction, ref: Ref, action: Action) -> Room:
    """Mark a room as deleted."""
    found = await locked_room(transaction, ref)
    action.check(found)
    await transaction.execute(
        "UPDATE room SET deleted_at = $2, updated_at = greatest(updated_at, $2) WHERE id = $1",
        found.id,
        action.at,
    )
    await _room_event(transaction, "room.deleted", found, action)
    return await room(transaction, Ref(id=found.id, deleted=True, who=ref.who))


async def restore_room(transaction: Transaction, ref: Ref, name: Named | None, action: Action) -> Room:
    """Undo a deletion."""
    found = await locked_room(transaction, ref)
    action.check(found)
    await _restore(transaction, "room", found, name, action)
    restored = await room(transaction, Ref(id=found.id, who=ref.who))
    await _room_event(transaction, "room.restored", restored, action)
    return restored


async def _restore(
    transaction: Transaction, what: str, found: Room | Document, name: Named | None, action: Action
) -> None:
    wanted = found.name if name is None else name.name
    with unique(what, wanted):
        await transaction.execute(
            f"UPDATE {what} SET deleted_at = NULL, name = $2, folded = coalesce($3, folded), "
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


async def _locked_document(transaction: Transaction, place: Room, ref: Ref) -> Document:
    condition, value = where(ref, "d", "$2")
    found = await transaction.fetchval(
        f"SELECT d.id FROM document d WHERE d.room_id = $1 AND {condition} FOR NO KEY UPDATE", place.id, value
    )
    if found is None:
        raise no_document(deleted=ref.deleted)
    return await _document(transaction, place, Ref(id=found, deleted=ref.deleted))


async def locate(transaction: Transaction, document_id: str, who: Who | None = None) -> tuple[Room, Document]:
    """Return the document with this id and its room, both not deleted."""
    found = await find_document(transaction, document_id)
    return await room(transaction, Ref(id=found.room_id, who=who)), found


async def documents(transaction: Transaction, room_ref: Ref, page: Page) -> list[Document]:
    """Return a page of a room's documents."""
    place = await room(transaction, room_ref)
    state = "NOT NULL AND d.purged_at IS NULL" if page.deleted else "NULL"
    rows = await transaction.fetch(
        f"{_DOCUMENTS} WHERE d.room_id = $1 AND d.deleted_at IS {state} AND (d.folded, d.id) > ($2, $3) "
        "ORDER BY d.folded, d.id LIMIT $4",
        place.id,
        *(page.after or ("", "")),
        page.limit,
    )
    return [Document(*row) for row in rows]


async def _document_event(
    transaction: Transaction, kind: str, found: Document, action: Action, **more: str
) -> None:
    data = document_data(found, **more)
    await transaction.write_event(
        kind, data, room=found.room_id, by=action.by, at=action.at, document=found.id
    )


async def create_document(
    transaction: Transaction, new: Document, key: str, content: Update | None, *, limits: Limits
) -> Document:
    """Keep a new document and its first update."""
    place = await locked_room(transaction, Ref(id=new.room_id))
    check_count(place, limits)
    with unique("document", new.name):
        await transaction.execute(
            "INSERT INTO document (id, room_id, name, folded, epoch, created_by, created_at, updated_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            new.id,
            place.id,
            new.name,
            key,
            new.epoch,
            new.created_by,
            new.created_at,
        )
    if content is not None:
        await transaction.append([content])
    created = await _document(transaction, place, Ref(id=new.id))
    await _document_event(transaction, "document.created", created, Action(new.created_by, new.created_at))
    return created


async def create_documents(
    transaction: Transaction, documents: Sequence[tuple[Document, str, Update | None]], *, limits: Limits
) -> list[Document]:
    """Keep new documents with their keys and first updates: all of them or none."""
    return [
        await create_document(transaction, new, key, content, limits=limits)
        for new, key, content in documents
    ]


async def rename_document(
    transaction: Transaction, room_ref: Ref, ref: Ref, name: Named, action: Action
) -> Document:
    """Give a document another name."""
    place = await room(transaction, room_ref)
    before = await _locked_document(transaction, place, ref)
    action.check(before)
    if name.name == before.name:
        return before
    with unique("document", name.name):
        await transaction.execute(
            "UPDATE document SET name = $2, folded = $3, updated_at = greatest(updated_at, $4) WHERE id = $1",
            before.id,
            name.name,
            name.key,
            action.at,
        )
    after = await _document(transaction, place, Ref(id=before.id))
    await _document_event(transaction, "document.renamed", after, action, **former_name(before, after))
    return after


async def delete_document(transaction: Transaction, room_ref: Ref, ref: Ref, action: Action) -> Document:
    """Mark a document as deleted."""
    place = await room(transaction, room_ref)
    found = await _locked_document(transaction, place, ref)
    action.check(found)
    await transaction.execute(
        "UPDATE document SET deleted_at = $2, updated_at = greatest(updated_at, $2) WHERE id = $1",
        found.id,
        action.at,
    )
    await _document_event(transaction, "document.deleted", found, action)
    return await _document(transaction, place, Ref(id=found.id, deleted=True))


async def restore_document(
    transaction: Transaction, room_ref: Ref, ref: Ref, name: Named | None, action: Action, *, limits: Limits
) -> Document:
    """Undo a deletion."""
    place = await locked_room(transaction, room_ref)
    found = await _locked_document(transaction, place, ref)
    action.check(found)
    check_count(place, limits)
    await _restore(transaction, "document", found, name, action)
    restored = await _document(transaction, place, Ref(id=found.id))
    await _document_event(transaction, "document.restored", restored, action)
    return restored


async def bootstrap(
    transaction: Transaction, new: Room, key: str, contents: Sequence[tuple[Document, str, Update]]
) -> bool:
    """Make the first room unless that was done before or there are rooms already."""
    first = await transaction.fetchval(
        "INSERT INTO meta (key, value) VALUES ('example', 1) ON CONFLICT DO NOTHING RETURNING true"
    )
    if not first or await transaction.fetchval("SELECT true FROM room LIMIT 1"):
        return False
    await create_room(transaction, new, key)
    for one, document_key, content in contents:
        await create_document(transaction, one, document_key, content, limits=Limits())
    return True

"""The store of the cluster mode: a Postgres database that any number of replicas share.

This class only ties the parts together: :mod:`.postgres_database` has the pool and the time-outs,
:mod:`.postgres_history` and :mod:`.postgres_rooms` the SQL. ``origin`` is a random number of this instance;
it marks the rows it writes, so that :meth:`PostgresStore.changes` gives back what the others wrote.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from ..limits import Limits
from . import postgres_archive as archive
from . import postgres_history as history
from . import postgres_members as members
from . import postgres_rooms as rooms
from .port import (
    Action,
    Appended,
    Changes,
    Document,
    Event,
    Invitation,
    Loaded,
    Mark,
    Member,
    Named,
    Page,
    Progress,
    Ref,
    Room,
    RoomPatch,
    RowInfo,
    StoredUpdate,
    Update,
    Version,
    Who,
)
from .postgres_database import Database
from .postgres_schema import Connection


class PostgresStore:
    """Rooms, documents and history in Postgres; see :class:`~.port.ClusterStore` for the calls.

    Parameters
    ----------
    dsn
        The URL of the database. Raises Misconfigured if it is none.
    migrate
        Whether an older schema is brought up to date at the first use.
    pool_size
        The number of connections at most.
    timeout
        Seconds after which a call has failed.
    """

    def __init__(self, dsn: str, *, migrate: bool = True, pool_size: int = 8, timeout: float = 15.0) -> None:
        self.database = Database(dsn, migrate=migrate, pool_size=pool_size, timeout=timeout)
        self.origin = secrets.randbits(62)

    def open(self) -> None:
        """Connect, check and migrate now, blocking: for the start, before the event loop runs."""
        self.database.open()

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        await self.database.close()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "error", …}`` with reason and message where not ok."""
        return await self.database.health()

    async def load(self, document: str) -> Loaded:
        """Read one document's history and its mark; raises DocumentNotFound."""
        return await self.database.read(lambda c: history.load(c, document))

    async def append(self, updates: Sequence[Update]) -> Appended:
        """Append in order, all or nothing; durable on return."""
        return await self.database.write(lambda c: history.append(c, updates, self.origin))

    async def progress(self, documents: Sequence[str]) -> Mapping[str, Progress]:
        """Return how far the store is; documents that it does not know are left out."""
        return await self.database.query(lambda c: history.progress(c, documents))

    async def compact(
        self, document: str, epoch: int, rows: Sequence[Update], *, expected: Mark | None, mark: Mark
    ) -> bool:
        """Append ``rows`` and move the mark from ``expected`` to ``mark`` in one transaction."""
        return await self.database.write(
            lambda c: history.compact(
                c, document, epoch, rows, expected=expected, mark=mark, origin=self.origin
            )
        )

    async def cursor(self) -> int:
        """Return the present end of the store, as a cursor for :meth:`changes`."""
        return await self.database.query(history.counter)

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor``; one small statement if nothing was."""
        return await self.database.query(lambda c: history.changes(c, cursor, self.origin))

    async def events(self, cursor: int) -> Changes:
        """Return the events after ``cursor`` and no updates."""
        return await self.database.query(lambda c: history.changes(c, cursor, None))

    async def save_snapshot(
        self, document: str, epoch: int, through: int, state: bytes, expected: int
    ) -> bool:
        """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``."""

        async def save(c: Connection) -> bool:
            saved = await history.save_snapshot(
                c, document, state, epoch=epoch, through=through, expected=expected
            )
            if saved:
                await archive.thin_out(c, document, epoch)
            return saved

        return await self.database.write(save)

    async def retire(self, document: str, state: bytes, clients: Sequence[int], by: str) -> int:
        """Replace a document's history by ``state`` under a new epoch; returns the epoch."""
        return await self.database.write(
            lambda c: history.retire(c, document, state, clients, by=by, origin=self.origin)
        )

    async def create_room(self, room: Room, key: str) -> Room:
        """Keep a new room."""
        return await self.database.write(lambda c: rooms.create_room(c, room, key))

    async def room(self, ref: Ref) -> Room:
        """Return one room."""
        return await self.database.read(lambda c: rooms.room(c, ref))

    async def rooms(self, page: Page) -> list[Room]:
        """Return a page of all rooms."""
        return await self.database.read(lambda c: rooms.rooms(c, page))

    async def change_room(self, ref: Ref, patch: RoomPatch, action: Action) -> Room:
        """Rename a room or change its settings."""
        return await self.database.write(lambda c: rooms.change_room(c, ref, patch, action))

    async def delete_room(self, ref: Ref, action: Action) -> Room:
        """Mark a room as deleted."""
        return await self.database.write(lambda c: rooms.delete_room(c, ref, action))

    async def restore_room(self, ref: Ref, name: Named | None, action: Action) -> Room:
        """Undo a deletion, under another name if the old one is taken."""
        return await self.database.write(lambda c: rooms.restore_room(c, ref, name, action))

    async def create_document(
        self, document: Document, key: str, content: Update | None, *, limits: Limits
    ) -> Document:
        """Keep a new document and its first update, if any, in one transaction."""
        return await self.database.write(
            lambda c: rooms.create_document(c, document, key, content, origin=self.origin, limits=limits)
        )

    async def create_documents(
        self, documents: Sequence[tuple[Document, str, Update | None]], *, limits: Limits
    ) -> list[Document]:
        """Keep new documents with their keys and first updates: all of them or none."""

        async def create(c: Connection) -> list[Document]:
            return [
                await rooms.create_document(c, new, key, content, origin=self.origin, limits=limits)
                for new, key, content in documents
            ]

        return await self.database.write(create)

    async def document(self, room: Ref, ref: Ref) -> Document:
        """Return one document of a room."""
        return await self.database.read(lambda c: rooms.document(c, room, ref))

    async def documents(self, room: Ref, page: Page) -> list[Document]:
        """Return a page of a room's documents."""
        return await self.database.read(lambda c: rooms.documents(c, room, page))

    async def locate(self, document: str, who: Who | None = None) -> tuple[Room, Document]:
        """Return the document with this id and its room; DocumentNotFound if either is deleted."""
        return await self.database.read(lambda c: rooms.locate(c, document, who))

    async def rename_document(self, room: Ref, ref: Ref, name: Named, action: Action) -> Document:
        """Give a document another name."""
        return await self.database.write(lambda c: rooms.rename_document(c, room, ref, name, action))

    async def delete_document(self, room: Ref, ref: Ref, action: Action) -> Document:
        """Mark a document as deleted."""
        return await self.database.write(lambda c: rooms.delete_document(c, room, ref, action))

    async def restore_document(
        self, room: Ref, ref: Ref, name: Named | None, action: Action, *, limits: Limits
    ) -> Document:
        """Undo a deletion, under another name if the old one is taken."""
        return await self.database.write(
            lambda c: rooms.restore_document(c, room, ref, name, action, limits=limits)
        )

    async def bootstrap(
        self, room: Room, key: str, documents: Sequence[tuple[Document, str, Update]]
    ) -> bool:
        """Make the first room, once in the life of a store and only in an empty one."""
        return await self.database.write(lambda c: rooms.bootstrap(c, room, key, documents, self.origin))

    async def roles(self, room: str, people: Sequence[Who]) -> list[str | None]:
        """Return the highest role of each in a room."""
        return await self.database.read(lambda c: members.roles(c, room, people))

    async def members(self, room: Ref) -> list[Member]:
        """Return the members of a room."""
        return await self.database.read(lambda c: members.members(c, room))

    async def set_member(self, room: Ref, member: Member, action: Action) -> None:
        """Add a member or change its role."""
        await self.database.write(lambda c: members.set_member(c, room, member, action))

    async def remove_member(self, room: Ref, kind: str, subject: str, action: Action) -> None:
        """Remove a member, and remember when."""
        await self.database.write(lambda c: members.remove_member(c, room, kind, subject, action))

    async def invitations(self, room: Ref) -> list[Invitation]:
        """Return the invitations of a room, the newest first."""
        return await self.database.read(lambda c: members.invitations(c, room))

    async def create_invitation(self, room: Ref, invitation: Invitation, action: Action) -> Invitation:
        """Keep an invitation."""
        return await self.database.write(lambda c: members.create_invitation(c, room, invitation, action))

    async def revoke_invitation(self, room: Ref, invitation: str, action: Action) -> None:
        """End an invitation; those who accepted it stay."""
        await self.database.write(lambda c: members.revoke_invitation(c, room, invitation, action))

    async def accept_invitation(self, invitation: str, digest: str, who: Who, at: int) -> Room:
        """Make ``who`` a member with at least the invitation's role."""
        return await self.database.write(lambda c: members.accept_invitation(c, invitation, digest, who, at))

    async def room_events(self, room: Ref, *, after: int, limit: int) -> list[Event]:
        """Return a room's events after ``after``, the oldest first."""
        return await self.database.read(lambda c: members.room_events(c, room, after=after, limit=limit))

    async def timeline(self, document: str, *, before: int | None, limit: int) -> list[RowInfo]:
        """Return rows of the present epoch, the newest first."""
        return await self.database.read(lambda c: archive.timeline(c, document, before=before, limit=limit))

    async def load_at(self, document: str, seq: int) -> Loaded:
        """Return what makes the state after row ``seq``."""
        return await self.database.read(lambda c: archive.load_at(c, document, seq))

    async def rows(self, document: str, *, after: int, limit: int) -> list[StoredUpdate]:
        """Return the rows after ``after``, the oldest first."""
        return await self.database.read(lambda c: archive.rows(c, document, after=after, limit=limit))

    async def create_version(self, version: Version, state: bytes) -> Version:
        """Keep a version with its state."""
        return await self.database.write(lambda c: archive.create_version(c, version, state))

    async def versions(self, document: str) -> list[Version]:
        """Return the versions of the present epoch, the newest first."""
        return await self.database.read(lambda c: archive.versions(c, document))

    async def version(self, document: str, version: str) -> tuple[Version, bytes]:
        """Return a version and its state."""
        return await self.database.read(lambda c: archive.version(c, document, version))

    async def fold(self, document: str, through: int, state: bytes, *, limit: int) -> bool:
        """Remove at most ``limit`` rows through ``through``; returns whether more are left."""
        return await self.database.write(lambda c: archive.fold(c, document, through, state, limit=limit))

    async def foldable(self, at: int, limit: int) -> list[tuple[str, int]]:
        """Return documents with many rows from before ``at``, and the last such row of each."""
        return await self.database.read(lambda c: archive.foldable(c, at, limit))

    async def purge(self, document: str, action: Action) -> None:
        """Remove a deleted document's content for good."""
        await self.database.write(lambda c: archive.purge(c, document, action))

    async def purge_room(self, room: Ref, action: Action) -> None:
        """Remove a deleted room for good, with the content of all its documents."""
        await self.database.write(lambda c: archive.purge_room(c, room, action))

    async def deleted_before(self, at: int, limit: int) -> tuple[list[str], list[str]]:
        """Return documents and rooms that were deleted before ``at`` and not purged."""
        return await self.database.read(lambda c: archive.deleted_before(c, at, limit))

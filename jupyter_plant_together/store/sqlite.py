"""The store of the embedded mode: one SQLite file that any number of a person's servers may share.

This class only ties the parts together: :mod:`.sqlite_database` has the connections and threads,
:mod:`.sqlite_history` and :mod:`.sqlite_rooms` the SQL. ``origin`` is a random number of this instance; it
marks the rows it writes, so that :meth:`SQLiteStore.changes` gives back what the others wrote.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from ..limits import Limits
from . import sqlite_archive as archive
from . import sqlite_history as history
from . import sqlite_members as members
from . import sqlite_rooms as rooms
from .port import (
    Action,
    Appended,
    Changes,
    Document,
    Event,
    Invitation,
    Loaded,
    Member,
    Named,
    Page,
    Ref,
    Room,
    RoomPatch,
    RowInfo,
    StoredUpdate,
    Update,
    Version,
    Who,
)
from .sqlite_database import Database


class SQLiteStore:
    """Rooms, documents and history in one SQLite file; see :class:`~.port.Store` for the calls.

    Parameters
    ----------
    path
        The database file; it and its folder are made at the first use.
    migrate
        Whether an older schema is brought up to date when the file is opened.
    busy_timeout
        Seconds to wait for another program that holds the lock.
    """

    def __init__(self, path: Path, *, migrate: bool = True, busy_timeout: float = 5.0) -> None:
        self.database = Database(path, migrate=migrate, busy_timeout=busy_timeout)
        self.origin = secrets.randbits(62)
        # The reader's data_version and the store's end at the last look: nothing new while both hold.
        self._seen: tuple[sqlite3.Connection, int, int] | None = None

    def open(self) -> None:
        """Open and migrate now, blocking: for the start, before the event loop runs."""
        self.database.open()

    async def close(self) -> None:
        """Close the file and end the threads; safe to call twice."""
        await self.database.close()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "warning" | "error", …}`` with reason and message where not ok."""
        return await self.database.health()

    async def load(self, document: str) -> Loaded:
        """Read one document's history; raises DocumentNotFound."""
        return await self.database.read(lambda connection: history.load(connection, document))

    async def append(self, updates: Sequence[Update]) -> Appended:
        """Append in order, all or nothing; durable on return."""
        return await self.database.write(lambda connection: history.append(connection, updates, self.origin))

    async def cursor(self) -> int:
        """Return the present end of the store, as a cursor for :meth:`changes`."""
        return await self.database.read(history.counter)

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor``, without a query if nothing was."""
        return await self.database.read(lambda connection: self._changes(connection, cursor))

    async def save_snapshot(
        self, document: str, epoch: int, through: int, state: bytes, expected: int
    ) -> bool:
        """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``."""

        def save(connection: sqlite3.Connection) -> bool:
            saved = history.save_snapshot(
                connection, document, state, epoch=epoch, through=through, expected=expected
            )
            if saved:
                archive.thin_out(connection, document, epoch)
            return saved

        return await self.database.write(save)

    async def retire(self, document: str, state: bytes, clients: Sequence[int], by: str) -> int:
        """Replace a document's history by ``state`` under a new epoch; returns the epoch."""
        return await self.database.write(
            lambda connection: history.retire(connection, document, state, clients, by=by, origin=self.origin)
        )

    def _changes(self, connection: sqlite3.Connection, cursor: int) -> Changes:
        # data_version changes when any other connection commits, our own writer's included.
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if self._seen is not None:
            seen_by, seen_version, end = self._seen
            if seen_by is connection and seen_version == version and cursor >= end:
                return Changes(cursor, (), ())
        answer = history.changes(connection, cursor, self.origin)
        self._seen = (connection, version, history.counter(connection))
        return answer

    async def create_room(self, room: Room, key: str) -> Room:
        """Keep a new room."""
        return await self.database.write(lambda connection: rooms.create_room(connection, room, key))

    async def room(self, ref: Ref) -> Room:
        """Return one room."""
        return await self.database.read(lambda connection: rooms.room(connection, ref))

    async def rooms(self, page: Page) -> list[Room]:
        """Return a page of all rooms."""
        return await self.database.read(lambda connection: rooms.rooms(connection, page))

    async def change_room(self, ref: Ref, patch: RoomPatch, action: Action) -> Room:
        """Rename a room or change its settings."""
        return await self.database.write(lambda connection: rooms.change_room(connection, ref, patch, action))

    async def delete_room(self, ref: Ref, action: Action) -> Room:
        """Mark a room as deleted."""
        return await self.database.write(lambda connection: rooms.delete_room(connection, ref, action))

    async def restore_room(self, ref: Ref, name: Named | None, action: Action) -> Room:
        """Undo a deletion, under another name if the old one is taken."""
        return await self.database.write(lambda connection: rooms.restore_room(connection, ref, name, action))

    async def create_document(
        self, document: Document, key: str, content: Update | None, *, limits: Limits
    ) -> Document:
        """Keep a new document and its first update, if any, in one transaction."""
        return await self.database.write(
            lambda connection: rooms.create_document(
                connection, document, key, content, origin=self.origin, limits=limits
            )
        )

    async def create_documents(
        self, documents: Sequence[tuple[Document, str, Update | None]], *, limits: Limits
    ) -> list[Document]:
        """Keep new documents with their keys and first updates: all of them or none."""
        return await self.database.write(
            lambda c: [
                rooms.create_document(c, new, key, content, origin=self.origin, limits=limits)
                for new, key, content in documents
            ]
        )

    async def document(self, room: Ref, ref: Ref) -> Document:
        """Return one document of a room."""
        return await self.database.read(lambda connection: rooms.document(connection, room, ref))

    async def documents(self, room: Ref, page: Page) -> list[Document]:
        """Return a page of a room's documents."""
        return await self.database.read(lambda connection: rooms.documents(connection, room, page))

    async def locate(self, document: str, who: Who | None = None) -> tuple[Room, Document]:
        """Return the document with this id and its room; DocumentNotFound if either is deleted."""
        return await self.database.read(lambda connection: rooms.locate(connection, document, who))

    async def rename_document(self, room: Ref, ref: Ref, name: Named, action: Action) -> Document:
        """Give a document another name."""
        return await self.database.write(
            lambda connection: rooms.rename_document(connection, room, ref, name, action)
        )

    async def delete_document(self, room: Ref, ref: Ref, action: Action) -> Document:
        """Mark a document as deleted."""
        return await self.database.write(
            lambda connection: rooms.delete_document(connection, room, ref, action)
        )

    async def restore_document(
        self, room: Ref, ref: Ref, name: Named | None, action: Action, *, limits: Limits
    ) -> Document:
        """Undo a deletion, under another name if the old one is taken."""
        return await self.database.write(
            lambda connection: rooms.restore_document(connection, room, ref, name, action, limits=limits)
        )

    async def bootstrap(
        self, room: Room, key: str, documents: Sequence[tuple[Document, str, Update]]
    ) -> bool:
        """Make the first room, once in the life of a store and only in an empty one."""
        return await self.database.write(
            lambda connection: rooms.bootstrap(connection, room, key, documents, self.origin)
        )

    async def roles(self, room: str, people: Sequence[Who]) -> list[str | None]:
        """Return the highest role of each in a room."""
        return await self.database.read(lambda connection: members.roles(connection, room, people))

    async def members(self, room: Ref) -> list[Member]:
        """Return the members of a room."""
        return await self.database.read(lambda connection: members.members(connection, room))

    async def set_member(self, room: Ref, member: Member, action: Action) -> None:
        """Add a member or change its role."""
        await self.database.write(lambda connection: members.set_member(connection, room, member, action))

    async def remove_member(self, room: Ref, kind: str, subject: str, action: Action) -> None:
        """Remove a member, and remember when."""
        await self.database.write(
            lambda connection: members.remove_member(connection, room, kind, subject, action)
        )

    async def invitations(self, room: Ref) -> list[Invitation]:
        """Return the invitations of a room, the newest first."""
        return await self.database.read(lambda connection: members.invitations(connection, room))

    async def create_invitation(self, room: Ref, invitation: Invitation, action: Action) -> Invitation:
        """Keep an invitation."""
        return await self.database.write(
            lambda connection: members.create_invitation(connection, room, invitation, action)
        )

    async def revoke_invitation(self, room: Ref, invitation: str, action: Action) -> None:
        """End an invitation; those who accepted it stay."""
        await self.database.write(
            lambda connection: members.revoke_invitation(connection, room, invitation, action)
        )

    async def accept_invitation(self, invitation: str, digest: str, who: Who, at: int) -> Room:
        """Make ``who`` a member with at least the invitation's role."""
        return await self.database.write(
            lambda connection: members.accept_invitation(connection, invitation, digest, who, at)
        )

    async def room_events(self, room: Ref, *, after: int, limit: int) -> list[Event]:
        """Return a room's events after ``after``, the oldest first."""
        return await self.database.read(
            lambda connection: members.room_events(connection, room, after=after, limit=limit)
        )

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

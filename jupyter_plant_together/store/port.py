"""What a store does, as ``Protocol``s: rooms, documents and each document's append-only history.

``seq`` is one counter for the whole store, given in commit order, so that "everything after ``seq``" is
one question however many documents there are. Every change of a room or document writes its event in the
same transaction; followers read updates of other processes and events by their cursor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..limits import Limits
from .events import Changes, Event
from .records import (
    Action,
    Appended,
    Document,
    Identity,
    Invitation,
    KeyedName,
    Loaded,
    Mark,
    Member,
    NewDocument,
    Page,
    Progress,
    Ref,
    Room,
    RoomPatch,
    RowInfo,
    StoredUpdate,
    Update,
    Version,
)

__all__ = [
    "Action",
    "Appended",
    "ArchiveStore",
    "ClusterStore",
    "CompactionStore",
    "Document",
    "HistoryStore",
    "Identity",
    "Invitation",
    "KeyedName",
    "Loaded",
    "Mark",
    "Member",
    "MemberStore",
    "NewDocument",
    "Page",
    "Progress",
    "Ref",
    "Room",
    "RoomPatch",
    "RoomStore",
    "RowInfo",
    "Store",
    "StoredUpdate",
    "Update",
    "Version",
]


class HistoryStore(Protocol):
    """The part of a store that the journal needs. Raises ``errors.Unavailable`` when it cannot answer."""

    async def load(self, document: str) -> Loaded:
        """Read one document's history in one transaction; raises DocumentNotFound (also if deleted)."""
        ...

    async def append(self, updates: Sequence[Update]) -> Appended:
        """Append in order, all or nothing; durable on return.

        Updates of a replaced epoch or an unknown document are left out, and said to be (E1); those of a
        deleted document are kept (C3). ``clients`` are recorded for the first author who introduces them.
        """
        ...

    async def append_at(self, update: Update, cursor: int) -> Appended | None:
        """Append as :meth:`append` does, if no other store wrote a row of the document after ``cursor``.

        Else nothing is changed, and the answer is None (PROTOCOL A8).
        """
        ...

    async def cursor(self) -> int:
        """Return the present end of the store, as a cursor for :meth:`changes`."""
        ...

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor`` (own updates are left out, own events are not)."""
        ...

    async def save_snapshot(
        self, document: str, epoch: int, through: int, state: bytes, *, expected: int
    ) -> bool:
        """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``.

        ``expected`` is 0 where there was none.
        """
        ...

    async def replace_history(self, document: str, state: bytes, clients: Sequence[int], by: str) -> int:
        """Replace a document's history by ``state`` under a new epoch; returns the epoch (PROTOCOL E1, E2).

        ``clients`` are the client ids of the replaced history. Writes a ``document.reset`` event.
        """
        ...


class RoomStore(Protocol):
    """The part of a store that the rooms service needs. Every change asks its action and writes its event.

    Raises RoomNotFound, DocumentNotFound, NameTaken, LimitExceeded and ``errors.Unavailable``.
    """

    async def create_room(self, room: Room, key: str) -> Room:
        """Keep a new room."""
        ...

    async def room(self, ref: Ref) -> Room:
        """Return one room."""
        ...

    async def rooms(self, page: Page) -> list[Room]:
        """Return a page of all rooms."""
        ...

    async def change_room(self, ref: Ref, patch: RoomPatch, action: Action) -> Room:
        """Rename a room or change its settings."""
        ...

    async def delete_room(self, ref: Ref, action: Action) -> Room:
        """Mark a room as deleted; its documents cannot be reached until it is restored."""
        ...

    async def restore_room(self, ref: Ref, name: KeyedName | None, action: Action) -> Room:
        """Undo a deletion, under another name if the old one is taken (C3)."""
        ...

    async def create_document(
        self, room: Ref, new: NewDocument, action: Action, *, limits: Limits
    ) -> Document:
        """Keep a new document and its first update, if any."""
        ...

    async def create_documents(
        self, room: Ref, new: Sequence[NewDocument], action: Action, *, limits: Limits
    ) -> list[Document]:
        """Keep new documents and their first updates: all of them or none."""
        ...

    async def document(self, room: Ref, ref: Ref) -> Document:
        """Return one document of a room."""
        ...

    async def documents(self, room: Ref, page: Page) -> list[Document]:
        """Return a page of a room's documents."""
        ...

    async def locate(self, document: str, who: Identity | None = None) -> tuple[Room, Document]:
        """Return the document with this id and its room; DocumentNotFound if either is deleted."""
        ...

    async def rename_document(self, room: Ref, ref: Ref, name: KeyedName, action: Action) -> Document:
        """Give a document another name."""
        ...

    async def delete_document(self, room: Ref, ref: Ref, action: Action) -> Document:
        """Mark a document as deleted."""
        ...

    async def restore_document(
        self, room: Ref, ref: Ref, name: KeyedName | None, action: Action, *, limits: Limits
    ) -> Document:
        """Undo a deletion, under another name if the old one is taken (C3)."""
        ...

    async def purge_document(self, room: Ref, ref: Ref, action: Action) -> None:
        """Remove a deleted document's content for good, its versions too (C3); its id is never used again."""
        ...

    async def bootstrap(self, room: Room, key: str, documents: Sequence[NewDocument]) -> bool:
        """Make the first room, once in the life of a store and only in an empty one."""
        ...


class MemberStore(Protocol):
    """The part of a store that knows who belongs to a room. Every change writes its event.

    Raises RoomNotFound, NotFound, LastOwner and ``errors.Unavailable``.
    """

    async def roles(self, room: str, people: Sequence[Identity]) -> list[str | None]:
        """Return the highest role of each in the room with this id; None for all if it is deleted."""
        ...

    async def members(self, room: Ref) -> list[Member]:
        """Return the members of a room: everyone first, then groups, then users, by name."""
        ...

    async def set_member(self, room: Ref, member: Member, action: Action) -> None:
        """Add a member or change its role."""
        ...

    async def remove_member(self, room: Ref, kind: str, subject: str, action: Action) -> None:
        """Remove a member, and remember when (PROTOCOL I5)."""
        ...

    async def invitations(self, room: Ref) -> list[Invitation]:
        """Return the invitations of a room, the newest first."""
        ...

    async def create_invitation(self, room: Ref, invitation: Invitation, action: Action) -> Invitation:
        """Keep an invitation."""
        ...

    async def revoke_invitation(self, room: Ref, invitation: str, action: Action) -> None:
        """End an invitation; those who accepted it stay."""
        ...

    async def accept_invitation(self, invitation: str, digest: str, who: Identity, at: int) -> Room:
        """Make ``who`` a member with at least the invitation's role (PROTOCOL I5); harmless if repeated."""
        ...

    async def room_events(self, room: Ref, *, after: int, limit: int) -> list[Event]:
        """Return a room's events after ``after``, the oldest first."""
        ...


class ArchiveStore(Protocol):
    """The part of a store that looks back. Raises DocumentNotFound, NotFound and ``errors.Unavailable``."""

    async def timeline(self, document: str, *, before: int | None, limit: int) -> list[RowInfo]:
        """Return the rows of the present epoch with a lower seq than ``before``, the newest first."""
        ...

    async def load_at(self, document: str, seq: int) -> Loaded:
        """Return what makes the state after row ``seq``: a snapshot, if one helps, and the rows behind it."""
        ...

    async def rows(self, document: str, *, after: int, limit: int) -> list[StoredUpdate]:
        """Return the rows after ``after``, the oldest first; what was compacted comes first, as one row."""
        ...

    async def create_version(self, version: Version, state: bytes) -> Version:
        """Keep a version with its state. Writes a ``version.created`` event."""
        ...

    async def versions(self, document: str) -> list[Version]:
        """Return the versions of the present epoch, the newest first."""
        ...

    async def version(self, document: str, version: str) -> tuple[Version, bytes]:
        """Return a version and its state."""
        ...

    async def compact_through(self, document: str, through: int, state: bytes, *, limit: int) -> bool:
        """Remove at most ``limit`` rows through ``through``, whose merged ``state`` stays.

        Returns whether rows are left to be removed. Versions are not touched.
        """
        ...

    async def compactable(self, at: int, limit: int) -> list[tuple[str, int]]:
        """Return documents with many rows from before ``at``, and the last such row of each."""
        ...

    async def purge(self, document: str, action: Action) -> None:
        """Do as :meth:`~RoomStore.purge_document` does, for documents of deleted rooms, too."""
        ...

    async def purge_room(self, room: Ref, action: Action) -> None:
        """Remove a deleted room for good, with the content of all its documents."""
        ...

    async def deleted_before(self, at: int, limit: int) -> tuple[list[str], list[str]]:
        """Return the ids of documents and of rooms that were deleted before ``at`` and not purged."""
        ...

    async def deleters(self, rooms: Sequence[str]) -> Mapping[str, str]:
        """Return who deleted last each of these rooms, and each document in them, by its id."""
        ...


class Store(HistoryStore, RoomStore, MemberStore, ArchiveStore, Protocol):
    """All of a store, as app.py makes and ends it."""

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "warning" | "error", …}`` with reason and message where not ok."""
        ...

    async def close(self) -> None:
        """Release everything; safe to call twice."""
        ...


class CompactionStore(Protocol):
    """The part of a store that moves the entries of a stream into history (PROTOCOL C1)."""

    async def progress(self, documents: Sequence[str]) -> Mapping[str, Progress]:
        """Return how far the store is; documents that it does not know are left out."""
        ...

    async def progress_in(self, room: str) -> Mapping[str, Progress]:
        """Return how far the store is with each document of a room, deleted and purged ones included."""
        ...

    async def compact(
        self, document: str, epoch: int, rows: Sequence[Update], *, expected: Mark | None, mark: Mark
    ) -> bool:
        """Append ``rows`` and move the mark from ``expected`` to ``mark`` in one transaction.

        Changes nothing and returns False if the mark or the epoch is another by now. ``rows`` may be
        empty. Those of a deleted document are kept (C3).
        """
        ...


class ClusterStore(Store, CompactionStore, Protocol):
    """All that the cluster mode needs of a store."""

    async def events(self, cursor: int) -> Changes:
        """Return the events after ``cursor`` and no updates: those come by the documents' streams."""
        ...

"""What a store keeps, as a ``Protocol``: rooms, documents and each document's append-only history.

``seq`` is one counter for the whole store, given in commit order, so that "everything after ``seq``" is
one question however many documents there are. Every change of a room or document writes its event in the
same transaction; followers read updates of other processes and events by their cursor.
Times are integer milliseconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..limits import Limits


@dataclass(frozen=True, slots=True)
class Room:
    """A named place with members and documents."""

    id: str
    name: str
    private: bool
    description: str
    created_by: str
    created_at: int
    updated_at: int
    deleted_at: int | None
    documents: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One PlantUML text in a room; ``room`` is the room's present name."""

    id: str
    room_id: str
    room: str
    name: str
    epoch: int
    created_by: str
    created_at: int
    updated_at: int
    deleted_at: int | None


@dataclass(frozen=True, slots=True)
class Update:
    """An update to append. ``clients`` are the Yjs client ids that ``author`` introduces with it (S3)."""

    document: str
    epoch: int
    data: bytes
    author: str
    at: int
    clients: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """A row of history."""

    seq: int
    document: str
    epoch: int
    data: bytes
    author: str
    at: int


@dataclass(frozen=True, slots=True)
class Event:
    """A change of a room or document: ``type`` as in INTERFACE.md, plus ``document.reset`` (new epoch)."""

    seq: int
    room: str
    type: str
    at: int
    by: str
    document: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What followed a cursor: updates by other processes, events by anyone, and the new cursor."""

    cursor: int
    updates: Sequence[StoredUpdate]
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document's history as it stands: apply ``snapshot``, then ``tail`` in order.

    ``clients`` maps a Yjs client id to the user who introduced it; ``retired`` are the client ids of
    earlier epochs (PROTOCOL E2).
    """

    document: Document
    snapshot: bytes | None
    snapshot_seq: int
    tail: Sequence[StoredUpdate]
    clients: Mapping[int, str] = field(default_factory=dict)
    retired: frozenset[int] = frozenset()


class HistoryStore(Protocol):
    """The part of a store that the journal needs. Raises ``errors.Unavailable`` when it cannot answer."""

    async def load(self, document: str) -> Loaded:
        """Read one document's history in one transaction; raises DocumentNotFound (also if deleted)."""
        ...

    async def append(self, updates: Sequence[Update]) -> int:
        """Append in order, all or nothing; durable on return. Returns the last seq.

        Updates of a replaced epoch or an unknown document are left out (E1); those of a deleted
        document are kept (C3). ``clients`` are recorded for the first author who introduces them.
        """
        ...

    async def cursor(self) -> int:
        """Return the present end of the store, as a cursor for :meth:`changes`."""
        ...

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor`` (own updates are left out, own events are not)."""
        ...

    async def save_snapshot(
        self, document: str, epoch: int, through: int, state: bytes, expected: int
    ) -> bool:
        """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``.

        ``expected`` is 0 where there was none.
        """
        ...

    async def retire(self, document: str, state: bytes, clients: Sequence[int], by: str) -> int:
        """Replace a document's history by ``state`` under a new epoch; returns the epoch (PROTOCOL E1, E2).

        ``clients`` are the client ids of the replaced history. Writes a ``document.reset`` event.
        """
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """A name and its key: what must be unique among its neighbours that are not deleted."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class RoomPatch:
    """What changes of a room; None leaves as it is."""

    name: Named | None = None
    private: bool | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """Which room or document is meant: by id or by the key of its name.

    With ``deleted`` it is one that was deleted (of several with this name the last), else one that was not.
    """

    id: str | None = None
    key: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list in the order of (key, id): at most ``limit`` entries after ``after``."""

    limit: int = 50
    after: tuple[str, str] | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """Who does something and when; ``check`` sees what is about to change, inside the transaction.

    What ``check`` raises cancels the change and reaches the caller.
    """

    by: str
    at: int
    check: Callable[[Any], None] = lambda found: None


class RoomStore(Protocol):
    """The part of a store that the rooms service needs. Every change writes its event.

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

    async def restore_room(self, ref: Ref, name: Named | None, action: Action) -> Room:
        """Undo a deletion, under another name if the old one is taken (C3)."""
        ...

    async def create_document(
        self, document: Document, key: str, content: Update | None, *, limits: Limits
    ) -> Document:
        """Keep a new document and its first update, if any, in one transaction."""
        ...

    async def document(self, room: Ref, ref: Ref) -> Document:
        """Return one document of a room."""
        ...

    async def documents(self, room: Ref, page: Page) -> list[Document]:
        """Return a page of a room's documents."""
        ...

    async def locate(self, document: str) -> tuple[Room, Document]:
        """Return the document with this id and its room; DocumentNotFound if either is deleted."""
        ...

    async def rename_document(self, room: Ref, ref: Ref, name: Named, action: Action) -> Document:
        """Give a document another name."""
        ...

    async def delete_document(self, room: Ref, ref: Ref, action: Action) -> Document:
        """Mark a document as deleted."""
        ...

    async def restore_document(
        self, room: Ref, ref: Ref, name: Named | None, action: Action, *, limits: Limits
    ) -> Document:
        """Undo a deletion, under another name if the old one is taken (C3)."""
        ...

    async def bootstrap(
        self, room: Room, key: str, documents: Sequence[tuple[Document, str, Update]]
    ) -> bool:
        """Make the first room, once in the life of a store and only in an empty one."""
        ...


class Store(HistoryStore, RoomStore, Protocol):
    """All of a store, as app.py makes and ends it."""

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "warning" | "error", …}`` with reason and message where not ok."""
        ...

    async def close(self) -> None:
        """Release everything; safe to call twice."""
        ...

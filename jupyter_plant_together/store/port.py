"""What a store keeps, as a ``Protocol``: rooms, documents and each document's append-only history.

``seq`` is one counter for the whole store, given in commit order, so that "everything after ``seq``" is
one question however many documents there are. Every change of a room or document writes its event in the
same transaction; followers read updates of other processes and events by their cursor.
Times are integer milliseconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


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

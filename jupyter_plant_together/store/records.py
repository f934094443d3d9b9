"""What a store gives and takes: rooms, documents, rows of history, and how changes are asked for.

Times are integer milliseconds since 1970 (UTC). ``seq`` is explained in :mod:`.port`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the store knows them: a user and the groups that count for members."""

    subject: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A user, a group or everyone (whose subject is empty) with a role in a room."""

    kind: str
    subject: str
    role: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that grants a role; ``digest`` is the hex SHA-256 of its secret."""

    id: str
    room_id: str
    digest: str
    role: str
    created_by: str
    created_at: int
    expires_at: int | None = None
    max_uses: int | None = None
    uses: int = 0
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A named place with members and documents; ``role`` is that of whoever asked for it."""

    id: str
    name: str
    private: bool
    description: str
    created_by: str
    created_at: int
    updated_at: int
    deleted_at: int | None
    documents: int = 0
    role: str | None = None


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
class Appended:
    """What became of appended updates: the last seq, and whose updates were left out (E1).

    ``refused`` holds (document, epoch): a batch may hold updates of a replaced history and of the next.
    """

    seq: int
    refused: frozenset[tuple[str, int]] = frozenset()


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
class RowInfo:
    """A row of history without its content; ``size`` in bytes."""

    seq: int
    author: str
    at: int
    size: int


@dataclass(frozen=True, slots=True)
class Version:
    """A named point of a document's history."""

    id: str
    document: str
    epoch: int
    seq: int
    name: str
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a stream is in the store: all of ``generation`` up to the entry ``through`` (PROTOCOL C1)."""

    generation: str
    through: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document's history as it stands: apply ``snapshot``, then ``tail`` in order.

    ``clients`` maps a Yjs client id to the user who introduced it; ``retired`` are the client ids of
    earlier epochs (PROTOCOL E2); ``mark`` is where the document's stream goes on, where there is a stream;
    ``secret`` is the store's, for the client ids of edits that a server computes (A8).
    """

    document: Document
    snapshot: bytes | None
    snapshot_seq: int
    tail: Sequence[StoredUpdate]
    clients: Mapping[int, str] = field(default_factory=dict)
    retired: frozenset[int] = frozenset()
    mark: Mark | None = None
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class KeyedName:
    """A name and its key: what must be unique among its neighbours that are not deleted."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be made, and its first update, if any."""

    id: str
    named: KeyedName
    content: Update | None = None


@dataclass(frozen=True, slots=True)
class RoomPatch:
    """What changes of a room; None leaves as it is."""

    name: KeyedName | None = None
    private: bool | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """Which room or document is meant, by id or by the key of its name, and who asks.

    With ``deleted`` it is one that was deleted (of several with this name the last), else one that was not.
    """

    id: str | None = None
    key: str | None = None
    deleted: bool = False
    who: Identity | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list in the order of (key, id): at most ``limit`` entries after ``after``."""

    limit: int = 50
    after: tuple[str, str] | None = None
    deleted: bool = False
    who: Identity | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Who does something and when; both questions are asked inside the transaction, of what it finds.

    ``authorize`` sees the room in which it is done, with the role there of whoever asks (see :class:`Ref`),
    before anything is told of what else there is; ``check`` sees what is about to change. What either raises
    cancels the change and reaches the caller.
    """

    by: str
    at: int
    check: Callable[[Any], None] = lambda found: None
    authorize: Callable[[Room], None] = lambda room: None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the store is with one document, deleted ones included."""

    epoch: int
    mark: Mark | None

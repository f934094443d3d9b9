"""What happens to rooms: one dataclass for each type of event, and the one table that names them.

A store writes an event in the transaction of the change; what it tells is its *payload*, as JSON beside the
columns that every event has. Followers ``match`` the payload and end with ``assert_never``, so that the type
checker names each follower that says nothing of a new type. The payloads lie here and not with the rooms'
services, because a store stands below those.

A field with a default is left out of the JSON where it has it; all others are always there. What a newer
server wrote, during an upgrade one replica at a time, is read as :class:`UnknownPayload` and handed on as
it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Final, Self

from .records import Document, Invitation, Member, Room, StoredUpdate, Version


@dataclass(frozen=True, slots=True)
class RoomPayload:
    """Tells of a room as it is after the change."""

    name: str
    private: bool
    description: str

    @classmethod
    def of(cls, room: Room) -> Self:
        """Return what is told of ``room``."""
        return cls(room.name, room.private, room.description)


@dataclass(frozen=True, slots=True)
class RoomCreated(RoomPayload):
    """A room was made."""


@dataclass(frozen=True, slots=True)
class RoomChanged(RoomPayload):
    """A room was renamed (``was`` is its former name) or its settings changed."""

    was: str | None = None

    @classmethod
    def between(cls, before: Room, after: Room) -> Self:
        """Return what is told of the change from ``before`` to ``after``."""
        return replace(cls.of(after), was=None if after.name == before.name else before.name)


@dataclass(frozen=True, slots=True)
class RoomDeleted(RoomPayload):
    """A room was put into the trash."""


@dataclass(frozen=True, slots=True)
class RoomRestored(RoomPayload):
    """A room was taken out of the trash."""


@dataclass(frozen=True, slots=True)
class RoomPurged(RoomPayload):
    """A deleted room is gone for good, and the content of all its documents."""


@dataclass(frozen=True, slots=True)
class DocumentPayload:
    """Tells of a document as it is after the change; ``room`` is the room's name."""

    document: str
    name: str
    room: str

    @classmethod
    def of(cls, document: Document) -> Self:
        """Return what is told of ``document``."""
        return cls(document.id, document.name, document.room)


@dataclass(frozen=True, slots=True)
class DocumentCreated(DocumentPayload):
    """A document was made."""


@dataclass(frozen=True, slots=True)
class DocumentRenamed(DocumentPayload):
    """A document has another name; ``was`` is the former."""

    was: str

    @classmethod
    def between(cls, before: Document, after: Document) -> Self:
        """Return what is told of the change from ``before`` to ``after``."""
        return cls(after.id, after.name, after.room, before.name)


@dataclass(frozen=True, slots=True)
class DocumentDeleted(DocumentPayload):
    """A document was put into the trash."""


@dataclass(frozen=True, slots=True)
class DocumentRestored(DocumentPayload):
    """A document was taken out of the trash."""


@dataclass(frozen=True, slots=True)
class DocumentPurged(DocumentPayload):
    """The content of a deleted document is gone for good."""


@dataclass(frozen=True, slots=True)
class DocumentReset:
    """A document's history was replaced and has another epoch (PROTOCOL E1)."""

    epoch: int


@dataclass(frozen=True, slots=True)
class VersionCreated:
    """A point of a document's history was given a name."""

    document: str
    name: str
    room: str
    version: str
    version_name: str

    @classmethod
    def of(cls, document: Document, version: Version) -> Self:
        """Return what is told of a document's ``version``."""
        return cls(document.id, document.name, document.room, version.id, version.name)


@dataclass(frozen=True, slots=True)
class MemberPayload:
    """Tells of a member and the role after the change (before it, of who was removed)."""

    kind: str
    subject: str
    role: str

    @classmethod
    def of(cls, member: Member) -> Self:
        """Return what is told of ``member``."""
        return cls(member.kind, member.subject, member.role)


@dataclass(frozen=True, slots=True)
class MemberAdded(MemberPayload):
    """Somebody became a member, perhaps by an invitation."""

    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class MemberChanged(MemberPayload):
    """A member's role changed: ``was`` is the former where an owner did it, else it was by an invitation."""

    was: str | None = None
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRemoved(MemberPayload):
    """Somebody is no member any more."""


@dataclass(frozen=True, slots=True)
class InvitationPayload:
    """Tells of an invitation all but its digest."""

    invitation: str
    role: str
    expires_at: int | None
    max_uses: int | None

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """Return what is told of ``invitation``."""
        return cls(invitation.id, invitation.role, invitation.expires_at, invitation.max_uses)


@dataclass(frozen=True, slots=True)
class InvitationCreated(InvitationPayload):
    """An owner made an invitation."""


@dataclass(frozen=True, slots=True)
class InvitationRevoked(InvitationPayload):
    """An owner ended an invitation."""


@dataclass(frozen=True, slots=True)
class UnknownPayload:
    """Something that this version has no word for: a newer one wrote it."""

    type: str
    data: Mapping[str, Any]


KnownPayload = (
    RoomCreated
    | RoomChanged
    | RoomDeleted
    | RoomRestored
    | RoomPurged
    | DocumentCreated
    | DocumentRenamed
    | DocumentDeleted
    | DocumentRestored
    | DocumentPurged
    | DocumentReset
    | VersionCreated
    | MemberAdded
    | MemberChanged
    | MemberRemoved
    | InvitationCreated
    | InvitationRevoked
)
Payload = KnownPayload | UnknownPayload

TYPES: Final[Mapping[str, type[KnownPayload]]] = MappingProxyType(
    {
        "room.created": RoomCreated,
        "room.changed": RoomChanged,
        "room.deleted": RoomDeleted,
        "room.restored": RoomRestored,
        "room.purged": RoomPurged,
        "document.created": DocumentCreated,
        "document.renamed": DocumentRenamed,
        "document.deleted": DocumentDeleted,
        "document.restored": DocumentRestored,
        "document.purged": DocumentPurged,
        "document.reset": DocumentReset,
        "version.created": VersionCreated,
        "member.added": MemberAdded,
        "member.changed": MemberChanged,
        "member.removed": MemberRemoved,
        "invitation.created": InvitationCreated,
        "invitation.revoked": InvitationRevoked,
    }
)
_NAMES: Final[Mapping[type[KnownPayload], str]] = MappingProxyType(
    {payload: name for name, payload in TYPES.items()}
)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a room or to one of its documents; ``room`` and ``document`` are ids."""

    seq: int
    room: str
    at: int
    by: str
    document: str | None
    payload: Payload

    @property
    def type(self) -> str:
        """The name of what happened."""
        return name_of(self.payload)

    @property
    def data(self) -> Mapping[str, Any]:
        """What is told of it, as JSON."""
        return to_data(self.payload)


@dataclass(frozen=True, slots=True)
class Changes:
    """What followed a cursor: updates by other processes, events by anyone, and the new cursor."""

    cursor: int
    updates: Sequence[StoredUpdate]
    events: Sequence[Event]


def name_of(payload: Payload | type[KnownPayload]) -> str:
    """Return the name of a payload's type, or of a type."""
    if isinstance(payload, UnknownPayload):
        return payload.type
    return _NAMES[payload if isinstance(payload, type) else type(payload)]


def to_data(payload: Payload) -> Mapping[str, Any]:
    """Return the JSON of a payload: what clients are told, and what a store keeps."""
    if isinstance(payload, UnknownPayload):
        return payload.data
    told = {field.name: (getattr(payload, field.name), field.default) for field in fields(payload)}
    return {name: value for name, (value, default) in told.items() if default is MISSING or value != default}


def from_data(name: str, data: Mapping[str, Any]) -> Payload:
    """Return the payload that a store has kept; never fails.

    What a newer version says in addition of a type that is known here is left out; what lacks a field that
    this version needs is as unknown as a type that it does not know.
    """
    kind = TYPES.get(name)
    if kind is None:
        return UnknownPayload(name, data)
    wanted = fields(kind)
    if any(field.default is MISSING and field.name not in data for field in wanted):
        return UnknownPayload(name, data)
    return kind(**{field.name: data[field.name] for field in wanted if field.name in data})


def to_row(payload: Payload) -> tuple[str, str]:
    """Return the columns of a payload: type and data."""
    return name_of(payload), json.dumps(to_data(payload), ensure_ascii=False)


def from_row(row: Iterable[Any]) -> Event:
    """Return the event in a row: seq, room, type, at, actor, document, data."""
    seq, room, name, at, by, document, text = row
    return Event(seq, room, at, by, document, from_data(name, json.loads(text)))

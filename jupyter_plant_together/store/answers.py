"""What every store says in the same words, whatever its database: refusals, and what an event tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import DocumentNotFound, NameTaken, RoomNotFound
from ..limits import Limits
from .records import Document, Room


def name_taken(what: str, name: str) -> NameTaken:
    """Return the error for a name that a neighbour has; ``what`` is "room" or "document"."""
    return NameTaken(f"There is already a {what} called “{name}”; choose another name.", name=name)


def no_room(*, deleted: bool) -> RoomNotFound:
    """Return the error for a room that is not there."""
    return RoomNotFound("There is no such deleted room." if deleted else "There is no such room.")


def no_document(*, deleted: bool = False) -> DocumentNotFound:
    """Return the error for a document that is not there."""
    return DocumentNotFound("There is no such deleted document." if deleted else "There is no such document.")


def check_count(place: Room, limits: Limits) -> None:
    """Raise LimitExceeded if the room takes no further document."""
    if place.documents >= limits.max_documents_per_room:
        raise limits.exceeded("max_documents_per_room", f"The number of documents in room “{place.name}”")


def room_data(found: Room, **more: str) -> Mapping[str, Any]:
    """Return the data of an event about a room."""
    return {"name": found.name, "private": found.private, "description": found.description, **more}


def document_data(found: Document, **more: str) -> Mapping[str, Any]:
    """Return the data of an event about a document."""
    return {"document": found.id, "name": found.name, "room": found.room, **more}


def former_name(before: Room | Document, after: Room | Document) -> dict[str, str]:
    """Return what an event adds where the name changed."""
    return {} if after.name == before.name else {"was": before.name}

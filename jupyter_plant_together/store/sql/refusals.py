"""Why a store refuses: the sentences, and the rules that need no database to be decided."""

from __future__ import annotations

from ...errors import (
    AccessDenied,
    DocumentNotFound,
    InvitationNotFound,
    LastOwner,
    NameTaken,
    NotFound,
    RoomNotFound,
)
from ...limits import Limits
from ..records import Invitation, Room


def name_taken(what: str, name: str) -> NameTaken:
    """Return the error for a name that a neighbour has; ``what`` is "room" or "document"."""
    return NameTaken(f"There is already a {what} called “{name}”; choose another name.", name=name)


def no_room(*, deleted: bool) -> RoomNotFound:
    """Return the error for a room that is not there."""
    return RoomNotFound("There is no such deleted room." if deleted else "There is no such room.")


def no_document(*, deleted: bool = False) -> DocumentNotFound:
    """Return the error for a document that is not there."""
    return DocumentNotFound("There is no such deleted document." if deleted else "There is no such document.")


def check_count(place: Room, limits: Limits, more: int) -> None:
    """Raise LimitExceeded if the room does not take so many more documents."""
    if place.documents + more > limits.max_documents_per_room:
        raise limits.exceeded("max_documents_per_room", f"The number of documents in room “{place.name}”")


def last_owner(place: Room) -> LastOwner:
    """Return the error for a change that would leave a room without an owner."""
    return LastOwner(f"Room “{place.name}” would have no owner; make somebody else an owner first.")


def no_member(place: Room) -> NotFound:
    """Return the error for a member that is not there."""
    return NotFound(f"Room “{place.name}” has no such member.")


def no_version() -> NotFound:
    """Return the error for a version that is not there."""
    return NotFound("There is no such version.")


def no_invitation() -> InvitationNotFound:
    """Return the error for an invitation that is not there."""
    return InvitationNotFound("There is no such invitation.")


def used_up() -> InvitationNotFound:
    """Return the error for an invitation that has been used as often as it may be."""
    return InvitationNotFound("This invitation has been used up; ask for a new one.")


def check_usable(invitation: Invitation, removed_at: int | None, at: int) -> None:
    """Raise for an invitation that was revoked, has expired, or is older than the person's removal (I5)."""
    if invitation.revoked_at is not None:
        raise InvitationNotFound("This invitation was revoked; ask for a new one.")
    if invitation.expires_at is not None and invitation.expires_at <= at:
        raise InvitationNotFound("This invitation has expired; ask for a new one.")
    if removed_at is not None and removed_at >= invitation.created_at:
        raise AccessDenied("You were removed from this room after this invitation was made.")

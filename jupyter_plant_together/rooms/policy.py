"""The one policy: who may do what. REST, sync, events and rendering all ask here.

For now everyone who is signed in to the server owns all of its rooms; rooms carry already who made them and
whether they are private, so that members and roles change this file and no caller.
"""

from __future__ import annotations

from enum import StrEnum

from ..errors import AccessDenied, ReadOnly
from ..store.port import Room
from .identity import Principal


class Role(StrEnum):
    """What a member is in a room."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class Right(StrEnum):
    """What can be done in a room; each needs at least one of the roles in the policy's table."""

    VIEW = "view"
    EDIT = "edit"
    MANAGE = "manage"


_NEEDED = {
    Right.VIEW: {Role.OWNER, Role.EDITOR, Role.VIEWER},
    Right.EDIT: {Role.OWNER, Role.EDITOR},
    Right.MANAGE: {Role.OWNER},
}


class Policy:
    """Decides by room and principal; pure, so it can be asked inside a transaction and per message."""

    def role(self, principal: Principal, room: Room) -> Role | None:
        """Return the role in a room, None where the room must stay unknown."""
        return Role.OWNER

    def may_create_rooms(self, principal: Principal) -> bool:
        """Return whether the principal may make rooms."""
        return True

    def may(self, principal: Principal, room: Room, right: Right) -> bool:
        """Return whether the principal has ``right`` in the room."""
        return self.role(principal, room) in _NEEDED[right]

    def require(self, principal: Principal, room: Room, right: Right) -> None:
        """Raise AccessDenied or ReadOnly where the principal lacks ``right``."""
        if self.may(principal, room, right):
            return
        if right is Right.EDIT:
            raise ReadOnly(f"You may look at room “{room.name}” but not change it.")
        raise AccessDenied(f"Only an owner of room “{room.name}” may do this.")

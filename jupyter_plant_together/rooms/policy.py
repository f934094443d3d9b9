"""The one policy: who may do what. REST, sync, events and rendering all ask here.

A member's effective role is the highest that they have by name, by group or as anyone; the store answers with
it. Where the sign-in invents users (PROTOCOL I1) nobody can be told from anybody: *roles are off*, and
everyone who is signed in owns every room. What is unknown is refused.
"""

from __future__ import annotations

from enum import StrEnum

from ..errors import AccessDenied, ReadOnly, RolesOff
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


ROLES_OFF = (
    "Everyone signs in to this server with the same token or password, so nobody can be told from anybody: "
    "whoever may use it owns all rooms. Roles need a sign-in that names people."
)
_RANK = {None: 0, Role.VIEWER: 1, Role.EDITOR: 2, Role.OWNER: 3}
_NEEDED = {Right.VIEW: 1, Right.EDIT: 2, Right.MANAGE: 3}


class Policy:
    """Decides by room and principal; pure, so it can be asked inside a transaction and per message.

    Parameters
    ----------
    roles
        Whether the sign-in names people, so that roles mean something.
    kernel_role
        What a kernel may at most be that cannot prove whose it is (PROTOCOL I2); in open rooms only.
    """

    def __init__(self, *, roles: bool = False, kernel_role: Role = Role.VIEWER) -> None:
        self.roles = roles
        self._kernel_role = kernel_role

    def role(self, principal: Principal, room: Room) -> Role | None:
        """Return the role in a room that was read for ``principal``, None where it must stay unknown."""
        return self.effective(principal, room.role)

    def effective(self, principal: Principal, role: str | None) -> Role | None:
        """Return what ``principal`` is whose highest role as a member is ``role``."""
        if not self.roles:
            return Role.OWNER
        held = None if role is None else Role(role)
        if principal.unproven and _RANK[held] > _RANK[self._kernel_role]:
            return self._kernel_role
        return held

    def may_create_rooms(self, principal: Principal) -> bool:
        """Return whether the principal may make rooms."""
        return not self.roles or not principal.unproven

    def may(self, principal: Principal, room: Room, right: Right) -> bool:
        """Return whether the principal has ``right`` in the room."""
        return _RANK[self.role(principal, room)] >= _NEEDED[right]

    def require(self, principal: Principal, room: Room, right: Right) -> None:
        """Raise AccessDenied or ReadOnly where the principal lacks ``right``."""
        if self.may(principal, room, right):
            return
        if right is Right.EDIT:
            raise ReadOnly(f"You may look at room “{room.name}” but not change it.")
        raise AccessDenied(f"Only an owner of room “{room.name}” may do this.")

    def require_roles(self) -> None:
        """Raise RolesOff where roles mean nothing."""
        if not self.roles:
            raise RolesOff(ROLES_OFF)

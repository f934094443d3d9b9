"""Failures of membership and invitations, which only the server meets."""

from __future__ import annotations

from .errors import NotFound, PlantTogetherError


class LastOwner(PlantTogetherError):
    """A room must keep an owner."""

    code = "last-owner"
    status = 409


class RolesOff(PlantTogetherError):
    """The server's sign-in does not name people, so there are no roles (PROTOCOL I1)."""

    code = "roles-off"
    status = 409


class InvitationNotFound(NotFound):
    """There is no such invitation, or it has ended; the message says which."""

    code = "invitation-not-found"

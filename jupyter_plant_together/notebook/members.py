"""Who belongs to a room, as the server's list of members tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .client.room_client import RoomClient


@dataclass(frozen=True, slots=True)
class Member:
    """A user, a group of a hub, or everyone who is signed in, with a role in a room.

    Attributes
    ----------
    kind
        ``user``, ``group`` or ``everyone``.
    subject
        The name of the user or group; None for everyone.
    role
        ``owner``, ``editor`` or ``viewer``.
    by, at
        Who gave the role, and when.

    Examples
    --------
    >>> [str(member) for member in room.members if member.kind == "everyone"]
    ['everyone (editor)']
    """

    kind: str
    subject: str | None
    role: str
    by: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.subject or self.kind} ({self.role})"


async def members_of(client: RoomClient) -> list[Member]:
    """Return the members of a room."""
    return [
        Member(
            found["kind"], found["subject"], found["role"], found["by"], datetime.fromisoformat(found["at"])
        )
        for found in await client.server.items("rooms", "~" + client.id, "members")
    ]

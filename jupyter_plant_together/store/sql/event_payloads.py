"""What an event tells: the data of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..records import Document, Invitation, Member, Room, Version


def room_data(found: Room, **more: str) -> Mapping[str, Any]:
    """Return the data of an event about a room."""
    return {"name": found.name, "private": found.private, "description": found.description, **more}


def document_data(found: Document, **more: str) -> Mapping[str, Any]:
    """Return the data of an event about a document."""
    return {"document": found.id, "name": found.name, "room": found.room, **more}


def former_name(before: Room | Document, after: Room | Document) -> dict[str, str]:
    """Return what an event adds where the name changed."""
    return {} if after.name == before.name else {"was": before.name}


def member_data(member: Member, **more: str) -> Mapping[str, Any]:
    """Return the data of an event about a member."""
    return {"kind": member.kind, "subject": member.subject, "role": member.role, **more}


def invitation_data(invitation: Invitation) -> Mapping[str, Any]:
    """Return the data of an event about an invitation: all but its digest."""
    return {
        "invitation": invitation.id,
        "role": invitation.role,
        "expires_at": invitation.expires_at,
        "max_uses": invitation.max_uses,
    }


def version_data(document: Document, version: Version) -> Mapping[str, Any]:
    """Return the data of an event about a version."""
    return {**document_data(document), "version": version.id, "version_name": version.name}

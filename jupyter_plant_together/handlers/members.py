"""REST for members and invitations: who belongs to a room, who may come in, and who changed what."""

from __future__ import annotations

from typing import Any

from tornado import web

from ..errors import BadRequest
from ..rooms.policy import Right
from ..store.events import Event
from ..store.port import Invitation, Member
from ..util.rfc3339 import rfc3339
from .base import PlantHandler, is_number


def member_json(member: Member) -> dict[str, Any]:
    """Return the JSON of a member; everyone's subject is null."""
    return {
        "kind": member.kind,
        "subject": member.subject or None,
        "role": member.role,
        "by": member.by,
        "at": rfc3339(member.at),
    }


def invitation_json(invitation: Invitation) -> dict[str, Any]:
    """Return the JSON of an invitation, without anything that opens it."""
    return {
        "id": invitation.id,
        "role": invitation.role,
        "created_by": invitation.created_by,
        "created_at": rfc3339(invitation.created_at),
        "expires_at": rfc3339(invitation.expires_at),
        "max_uses": invitation.max_uses,
        "uses": invitation.uses,
        "revoked_at": rfc3339(invitation.revoked_at),
    }


def event_json(event: Event) -> dict[str, Any]:
    """Return the JSON of an event."""
    return {
        "seq": event.seq,
        "type": event.type,
        "room": event.room,
        "at": rfc3339(event.at),
        "by": event.by,
        "data": dict(event.data),
    }


class MembersHandler(PlantHandler):
    """``rooms/{room}/members``."""

    @web.authenticated
    async def get(self, room: str) -> None:
        """List the members of a room I can see."""
        place = await self.services.rooms.room(self.principal, room)
        members = await self.services.members.members(self.principal, place)
        self.answer({"items": [member_json(member) for member in members], "next": None})


class MemberHandler(PlantHandler):
    """``rooms/{room}/members/{user|group|everyone}/{subject}``."""

    @web.authenticated
    async def put(self, room: str, kind: str, subject: str | None) -> None:
        """Add a member or change its role."""
        body = self.json_body(role=str)
        await self.services.members.set_member(
            self.principal, room, kind=kind, subject=subject or "", role=body.get("role")
        )
        self.set_status(204)

    @web.authenticated
    async def delete(self, room: str, kind: str, subject: str | None) -> None:
        """Remove a member, or leave."""
        await self.services.members.remove_member(self.principal, room, kind=kind, subject=subject or "")
        self.set_status(204)


class InvitationsHandler(PlantHandler):
    """``rooms/{room}/invitations``."""

    @web.authenticated
    async def get(self, room: str) -> None:
        """List a room's invitations."""
        place = await self.services.rooms.room(self.principal, room)
        found = await self.services.members.invitations(self.principal, place)
        self.answer({"items": [invitation_json(invitation) for invitation in found], "next": None})

    @web.authenticated
    async def post(self, room: str) -> None:
        """Make an invitation; its token is in this answer and never again."""
        body = self.json_body(role=str, expires_in=int, max_uses=int)
        if "role" not in body:
            raise BadRequest("The field “role” is missing.")
        made, token = await self.services.members.invite(self.principal, room, **body)
        self.answer({**invitation_json(made), "token": token}, 201)


class InvitationHandler(PlantHandler):
    """``rooms/{room}/invitations/{id}``."""

    @web.authenticated
    async def delete(self, room: str, invitation: str) -> None:
        """Revoke an invitation."""
        await self.services.members.revoke(self.principal, room, invitation)
        self.set_status(204)


class AcceptHandler(PlantHandler):
    """``invitations/accept``."""

    @web.authenticated
    async def post(self) -> None:
        """Become a member; the token is in the body, for addresses are logged."""
        body = self.json_body(token=str)
        if "token" not in body:
            raise BadRequest("The field “token” is missing.")
        room = await self.services.members.accept(self.principal, body["token"])
        self.answer({"room": room.name, "room_id": room.id, "role": room.role})


class AuditHandler(PlantHandler):
    """``rooms/{room}/audit``."""

    @web.authenticated
    async def get(self, room: str) -> None:
        """List who changed what in a room, the oldest first."""
        place = await self.services.rooms.room(self.principal, room)
        self.services.rooms.policy.require(self.principal, place, Right.MANAGE)
        arguments = self.page_arguments()
        cursor = arguments["cursor"] or "0"
        if not is_number(cursor):
            raise BadRequest("The cursor is not one that a list gave.")
        limit = arguments["limit"]
        found = await self.services.members.audit(self.principal, place, after=int(cursor), limit=limit + 1)
        following = str(found[limit - 1].seq) if len(found) > limit else None
        self.answer({"items": [event_json(event) for event in found[:limit]], "next": following})

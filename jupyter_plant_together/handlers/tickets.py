"""REST for tickets: what a page opens a WebSocket with (PROTOCOL I4; see rooms.tickets)."""

from __future__ import annotations

from tornado import web

from ..errors import BadRequest, RoomNotFound
from ..util.rfc3339 import rfc3339
from .base import PlantHandler


class TicketsHandler(PlantHandler):
    """``tickets``."""

    @web.authenticated
    async def post(self) -> None:
        """Give a ticket for a document I can see, or for a room's events."""
        body = self.json_body(document=str, room=str)
        if len(body) != 1:
            raise BadRequest("A ticket is for a “document” or for a “room”, by its id.")
        rooms = self.services.rooms
        if "document" in body:
            place = body["document"]
            role = await rooms.role_in_document(self.principal, place)
        else:
            room = await rooms.room(self.principal, "~" + body["room"])
            place = room.id
            found = rooms.policy.role(self.principal, room)
            if found is None:
                raise RoomNotFound("There is no such room.")
            role = found
        ticket, expires = await self.services.tickets.issue(
            self.principal, place, role, share=self.bounded_as
        )
        self.answer({"ticket": ticket, "expires_at": rfc3339(expires)}, 201)

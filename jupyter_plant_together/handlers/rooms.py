"""REST for rooms: list, make, look, change, delete, restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tornado import web

from ..errors import BadRequest
from ..rooms.guard import etag
from ..store.port import Room
from ..util.rfc3339 import rfc3339
from .base import PlantHandler


class _RoomsBase(PlantHandler):
    def room_json(self, room: Room) -> dict[str, Any]:
        """Return the JSON of a room."""
        return {
            "id": room.id,
            "name": room.name,
            "private": room.private,
            "description": room.description,
            "role": self.services.rooms.policy.role(self.principal, room),
            "created_by": room.created_by,
            "created_at": rfc3339(room.created_at),
            "updated_at": rfc3339(room.updated_at),
            "deleted_at": rfc3339(room.deleted_at),
            "documents": room.documents,
        }

    def answer_room(self, room: Room, status: int = 200) -> None:
        """Answer with a room and its entity tag."""
        self.answer(self.room_json(room), status, etag=etag(room))


class RoomsHandler(_RoomsBase):
    """``rooms``."""

    @web.authenticated
    async def get(self) -> None:
        """List the rooms I can see."""
        arguments = self.page_arguments()
        rooms, following = await self.services.rooms.rooms(self.principal, **arguments)
        items: Sequence[Mapping[str, Any]] = [self.room_json(room) for room in rooms]
        if arguments["deleted"]:
            items = await self.with_deleters(items, {room.id for room in rooms})
        self.answer({"items": items, "next": following})

    @web.authenticated
    async def post(self) -> None:
        """Make a room."""
        body = self.json_body(name=str, private=bool, description=str)
        if "name" not in body:
            raise BadRequest("The field “name” is missing.")
        room = await self.services.rooms.create_room(self.principal, body.pop("name"), **body)
        self.set_header("Location", f"{self.request.path.rstrip('/')}/~{room.id}")
        self.answer_room(room, 201)


class RoomHandler(_RoomsBase):
    """``rooms/{room}``."""

    @web.authenticated
    async def get(self, room: str) -> None:
        """Look at a room."""
        self.answer_room(await self.services.rooms.room(self.principal, room))

    @web.authenticated
    async def patch(self, room: str) -> None:
        """Rename a room or change its settings."""
        body = self.json_body(name=str, private=bool, description=str)
        changed = await self.services.rooms.change_room(
            self.principal, room, **body, if_match=self.if_match()
        )
        self.answer_room(changed)

    @web.authenticated
    async def delete(self, room: str) -> None:
        """Delete a room; it can be restored."""
        await self.services.rooms.delete_room(self.principal, room, if_match=self.if_match())
        self.set_status(204)


class RoomRestoreHandler(_RoomsBase):
    """``rooms/{room}/restore``."""

    @web.authenticated
    async def post(self, room: str) -> None:
        """Undo a deletion, under another name if the body gives one."""
        body = self.json_body(name=str)
        self.answer_room(await self.services.rooms.restore_room(self.principal, room, **body))

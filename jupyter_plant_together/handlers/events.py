"""``rooms/{room}/events``: a WebSocket of JSON texts that tells what happens in a room.

First ``{"type": "hello", "room", "seq"}``, then one text per event. With ``?cursor=`` (the last ``seq``
heard) it begins with what was missed, or says ``{"type": "resync", "seq"}`` where that is too much or is not
known here; whoever hears that reads the lists again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import BadRequest, PlantTogetherError, Unavailable
from ..rooms.event_feed import EventListener
from ..store.events import Event
from .base import is_number
from .members import event_json
from .socket import PlantSocket

_UNREAD_AT_MOST = 1_000_000  # bytes that a client may leave unread before it is sent away to come back


class EventsHandler(PlantSocket):
    """The events WebSocket (see the module's text)."""

    _listener: EventListener | None = None

    async def open(self, room: str) -> None:
        """Let the user in, or close with the reason."""
        feed = self.services.feed
        try:
            self.take_share()
            cursor = self._cursor()
            place = await self.services.rooms.room(self.principal, room)
            role = self.services.rooms.policy.role(self.principal, place)
            if self.ws_connection is None or role is None:
                return
            self.require_role_of_ticket(role)
            listener = self._listener = EventListener(
                self.principal, place.id, role=role, tell=self._tell, presence=self._presence, end=self.end
            )
            end, unknown = await feed.join(listener, cursor)
            self._write({"type": "hello", "room": place.id, "seq": end})
            past: list[Event] | None = []
            if cursor is not None:
                past = None if unknown else await feed.past(listener, cursor)
            if past is None:
                self._write({"type": "resync", "seq": end})
            listener.begin(past or [], end if cursor is None or past is None else cursor)
            self.recheck_later()
        except PlantTogetherError as error:
            self.end(error)

    def ticket_place(self, room: str) -> str:
        """Return the id of the room; a name alone needs the store, which comes after the ticket."""
        return room.removeprefix("~")

    def identified(self) -> None:
        """Look at the role again as who the user is now."""
        if self._listener is not None:
            self._listener.who = self.principal
            self.services.feed.look_again(self._listener)

    def on_message(self, message: str | bytes) -> None:
        """Ignore what a client says: there is nothing to ask."""

    def on_close(self) -> None:
        """Listen no more."""
        super().on_close()
        if self._listener is not None:
            self.services.feed.leave(self._listener)
            self._listener = None

    def _cursor(self) -> int | None:
        text = self.get_query_argument("cursor", "")
        if not text:
            return None
        if not is_number(text):
            raise BadRequest("The cursor is the seq of the last event heard.")
        return int(text)

    def _tell(self, event: Event) -> None:
        self._write(event_json(event))

    def _presence(self, present: Mapping[str, Any]) -> None:
        assert self._listener is not None
        self._write({"type": "presence", "room": self._listener.room, "data": present})

    def _write(self, body: Mapping[str, Any]) -> None:
        connection = self.ws_connection
        if connection is None or connection.is_closing():
            return
        stream: Any = connection.stream
        if len(stream._write_buffer) > _UNREAD_AT_MOST:  # Tornado tells it nowhere else
            self.end(Unavailable("The connection is too slow; it starts again."))
            return
        self.write_message(json.dumps(body, ensure_ascii=False))

"""The room's events WebSocket on the background thread, kept open as long as somebody listens.

The server numbers its events. After a lost connection the last number heard goes along, so that what
happened meanwhile comes first; ``resync`` says that this was too much to tell. Tells listeners in order.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ...errors import AccessDenied, PlantTogetherError, RoomNotFound
from .connection import dial
from .rest import API, Server
from .waiting import Backoff
from .worker import closed

_log = logging.getLogger("jupyter_plant_together")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a room.

    Attributes
    ----------
    type
        ``document.created``, ``document.renamed``, ``document.deleted``, ``document.restored``,
        ``document.purged``, ``document.reset``, ``version.created``, ``room.changed``, ``room.deleted``,
        ``member.added``, ``member.changed``, ``member.removed``, ``invitation.created``,
        ``invitation.revoked`` (owners only), ``presence`` (who is in which document now), or ``resync``
        (too much was missed to be told: read the lists again).
    data
        What it is about, as docs/api.md has it: names, ids, roles.
    by, at
        Who did it, and when; empty for ``presence`` and ``resync``.
    seq
        Its number on the server.

    Examples
    --------
    >>> events = iter(room.events)
    >>> room.create("errors").close()
    >>> next(event for event in events if event.type == "document.created").data["name"]
    'errors.puml'
    """

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    at: datetime | None = None
    seq: int = 0

    def __str__(self) -> str:
        about = self.data.get("name") or self.data.get("subject")
        return self.type + (f" by {self.by}" if self.by else "") + (f": {about}" if about else "")


Listener = Callable[[Event | PlantTogetherError], None]
"""Takes events, and as the last thing the reason why there will be no more."""


class EventSubscription:
    """See the module's text; all of it runs on the loop thread."""

    def __init__(self, server: Server, room: str) -> None:
        self._server = server
        self._room = room
        self._listeners: list[Listener] = []
        self._cursor: int | None = None
        self._task: asyncio.Task[None] | None = None
        self._greeted: asyncio.Future[None]
        self._closed = False

    async def add(self, listener: Listener) -> None:
        """Tell ``listener`` what happens from now on; returns when the server listens to us.

        Raises Disconnected, AccessDenied or RoomNotFound if it does not.
        """
        if self._closed:
            raise closed()
        self._listeners.append(listener)
        if self._task is None:
            self._greeted = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(), name=f"plant-together events {self._room}")
        try:
            await asyncio.shield(self._greeted)
        except BaseException:
            self.remove(listener)
            raise

    def remove(self, listener: Listener) -> bool:
        """Tell it no more; returns whether it was told."""
        known = listener in self._listeners
        if known:
            self._listeners.remove(listener)
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task, self._cursor = None, None
        return known

    def close(self) -> None:
        """End, because the room is closed here."""
        self._closed = True
        self._end(closed())

    def _end(self, reason: PlantTogetherError) -> None:
        if self._task is not None and not self._greeted.done():
            self._greeted.set_exception(reason)
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(reason)
        task, self._task, self._cursor = self._task, None, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def _run(self) -> None:
        pauses = Backoff()
        while True:
            try:
                if await self._hear():
                    return
                pauses.reset()
            except PlantTogetherError as error:
                if not self._greeted.done():
                    self._end(error)
                    return
                _log.debug("The events of %s are not heard: %s", self._room, error.message)
            await pauses.wait()
            try:
                await self._server.look_again()
            except PlantTogetherError:
                pass  # the next try says so

    async def _hear(self) -> bool:
        """Tell what comes until the connection ends; returns whether that is the end of all."""
        cursor = "" if self._cursor is None else f"?cursor={self._cursor}"
        socket = await dial(self._server, f"{API}rooms/{quote('~' + self._room, safe='~')}/events{cursor}")
        try:
            while (text := await socket.read_message()) is not None:
                self._tell(json.loads(text))
        finally:
            socket.close()
        ends = {AccessDenied.close: AccessDenied, RoomNotFound.close: RoomNotFound}
        error = ends.get(socket.close_code or 0)
        if error is None:
            return False
        self._end(error(socket.close_reason or "The room is not there for you any more."))
        return True

    def _tell(self, body: dict[str, Any]) -> None:
        kind = body["type"]
        self._cursor = body.get("seq", self._cursor)
        if kind == "hello":
            if not self._greeted.done():
                self._greeted.set_result(None)
            return
        at = datetime.fromisoformat(body["at"]) if body.get("at") else None
        event = Event(kind, body.get("data") or {}, body.get("by") or "", at, self._cursor or 0)
        for listener in list(self._listeners):
            listener(event)

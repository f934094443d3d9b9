"""A room's part on the background thread: the server, the room's place there, the open documents."""

from __future__ import annotations

import asyncio
import atexit
import logging
import unicodedata
from typing import Any

from ...errors import BadName, DocumentNotFound, NameTaken, PlantTogetherError, RoomNotFound
from ..presence import Participant
from .event_subscription import EventSubscription
from .link import Link
from .rest import Server
from .session import Session
from .worker import Worker

_log = logging.getLogger("jupyter_plant_together")

OPEN_TIMEOUT = 30.0
FLUSH_TIMEOUT = 5.0
EXIT_FLUSH_TIMEOUT = 2.0


class RoomClient:
    """See the module's text; made by :meth:`connect`."""

    def __init__(self, worker: Worker, url: str | None, token: str | None) -> None:
        self.worker = worker
        self.server = Server(url, token)
        self.id = ""
        self.name = ""
        self._sessions: dict[str, Session] = {}
        self.subscription: EventSubscription
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    async def connect(
        cls, worker: Worker, room: str, url: str | None, token: str | None, create: bool
    ) -> RoomClient:
        """Find the server and the room; makes the room if it is not there and ``create`` says so."""
        client = cls(worker, url, token)
        name = as_name(room)
        try:
            info = await client.server.request("GET", "rooms", name)
        except RoomNotFound:
            if not create or name.startswith("~"):
                raise
            try:
                info = await client.server.request("POST", "rooms", body={"name": name})
            except NameTaken:  # somebody was faster
                info = await client.server.request("GET", "rooms", name)
        client.id, client.name = info["id"], info["name"]
        client.server.room_id = client.id
        client.subscription = EventSubscription(client.server, client.id)
        atexit.register(client.at_exit)
        return client

    @property
    def path(self) -> tuple[str, str, str]:
        """The place of the documents."""
        return ("rooms", "~" + self.id, "documents")  # by id, which survives a rename

    async def names(self) -> list[str]:
        """Return the names of the documents."""
        return [item["name"] for item in await self.server.items(*self.path)]

    async def find(self, name: str) -> dict[str, Any]:
        """Return the document called ``name``, or ``name.puml`` if none is."""
        name = as_name(name)
        candidates = [name] if name.startswith("~") or name.endswith(".puml") else [name, name + ".puml"]
        for candidate in candidates:
            try:
                return dict(await self.server.request("GET", *self.path, candidate))
            except DocumentNotFound:
                pass  # the next, or the error below
        raise DocumentNotFound(
            f"There is no document {name!r} in the room {self.name!r}; create() makes one."
        )

    async def open(self, name: str) -> Session:
        """Open a document; returns when its content is there. The caller releases it."""
        return await self._open(await self.find(name))

    async def create(self, name: str, source: str) -> Session:
        """Create a document and open it. The caller releases it."""
        body = {"name": as_name(name), "source": source}
        return await self._open(await self.server.request("POST", *self.path, body=body))

    async def _open(self, info: dict[str, Any]) -> Session:
        session = self._sessions.get(info["id"])
        if session is None or session.ended is not None:
            session = self._sessions[info["id"]] = Session(
                self.worker, info, lambda session: Link(session, self.server)
            )
        session.holders += 1
        try:
            await session.opened(OPEN_TIMEOUT)
        except BaseException:
            await self.release(session)
            raise
        return session

    async def release(self, session: Session) -> None:
        """Give a session back; the last to do so closes it."""
        session.holders -= 1
        if session.holders > 0:
            return
        if self._sessions.get(session.id) is session:
            del self._sessions[session.id]
        try:
            await session.close(FLUSH_TIMEOUT)
        except PlantTogetherError as error:
            _log.warning("%s was left with edits that are not saved: %s", session.where, error.message)

    async def delete(self, name: str) -> None:
        """Delete a document."""
        info = await self.find(name)
        await self.server.request("DELETE", *self.path, "~" + info["id"])

    async def rename(self, name: str, to: str) -> None:
        """Rename a document."""
        info = await self.find(name)
        await self.server.request("PATCH", *self.path, "~" + info["id"], body={"name": as_name(to)})

    def participants(self) -> list[Participant]:
        """Return who is in the documents that are open here, each once."""
        found = [person for session in self._sessions.values() for person in session.presence.participants]
        return list(dict.fromkeys(found))

    # --- the end -----------------------------------------------------------------------------------

    async def close(self, timeout: float) -> None:
        """Close every document; raises the first failure when all are closed. Twice is once."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(timeout))
        await asyncio.shield(self._closing)

    async def _close(self, timeout: float) -> None:
        atexit.unregister(self.at_exit)
        self.subscription.close()
        sessions, self._sessions = list(self._sessions.values()), {}
        results = await asyncio.gather(*(each.close(timeout) for each in sessions), return_exceptions=True)
        self.server.close()
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def dispose(self, timeout: float) -> None:
        """Close everything and end the background thread: nobody holds the room any more."""
        try:
            await self.close(timeout)
        except PlantTogetherError as error:
            _log.warning("The room %s was left with edits that are not saved: %s", self.name, error.message)
        finally:
            self.worker.stop()

    def at_exit(self) -> None:
        """Flush once more, briefly, before the interpreter ends."""
        if not self.worker.usable:
            return
        try:
            self.worker.run(self.dispose(EXIT_FLUSH_TIMEOUT), EXIT_FLUSH_TIMEOUT + 1.0)
        except (PlantTogetherError, TimeoutError) as error:
            _log.warning("The room %s was not closed in time: %s", self.name, error)
        self.worker.join(1.0)


def as_name(value: object) -> str:
    """Return a name as it is sent; raises TypeError or BadName for what is none."""
    if not isinstance(value, str):
        raise TypeError(f"A name must be a str, not {type(value).__name__}.")
    if not value:
        raise BadName("A name must not be empty.")
    return unicodedata.normalize("NFC", value)

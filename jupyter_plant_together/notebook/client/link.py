"""The talking: connect, greet, answer, count, and connect again with growing pauses, for ever.

After the greeting each side asks the other what it lacks. Edits travel alone only once the server's
question is answered, because the answer carries all that were made before. What comes in goes to the
session; close codes decide whether to come back (docs/protocol.md, *Refusals*).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from ...errors import (
    AccessDenied,
    DocumentNotFound,
    EpochMismatch,
    LimitExceeded,
    PlantTogetherError,
    ReadOnly,
)
from ...yjs.sync import STEP1, STEP2, UPDATE, Awareness, Control, Message, Sync, awareness, sync
from .connection import Connection
from .error_codes import from_code
from .rest import Server
from .session import Session
from .waiting import Backoff, Throttle

_log = logging.getLogger("jupyter_plant_together")

_EDITS = 0.01  # seconds between two frames, so that a flood of edits shares them
_CURSOR = 0.1
_RENEW = 15.0  # y-protocols forgets who is silent for 30 s


class Link:
    """Keeps a session connected (see the module's text)."""

    def __init__(self, session: Session, server: Server) -> None:
        self._session = session
        self._server = server
        self._connection: Connection | None = None
        self._answered = False
        self._problem = ""
        self.send_edits = Throttle(_EDITS, self._send_edits)
        self.send_presence = Throttle(_CURSOR, self._send_presence)
        self._renewal: asyncio.TimerHandle | None = None
        self._hurry = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"plant-together {session.id}")

    @property
    def online(self) -> bool:
        """Whether both sides have told each other what they have."""
        return self._connection is not None and self._answered and self._session.synced

    @property
    def problem(self) -> str:
        """What is wrong, as a sentence."""
        return self._problem or f"{self._server.url} has not answered."

    def hurry(self) -> None:
        """Try to connect now if there is no connection."""
        self._hurry.set()

    # --- connecting --------------------------------------------------------------------------------

    async def _run(self) -> None:
        pauses = Backoff()
        while self._session.ended is None:
            try:
                await self._serve(await Connection.open(self._server, self._session.id))
                pauses.reset()
            except PlantTogetherError as error:
                self._problem = error.message
            except Exception as error:  # noqa: BLE001 - a fault in one connection must not end the session
                _log.exception("The connection to %s failed; it is tried again.", self._session.where)
                self._problem = f"The connection failed: {error}."
            if self._session.ended is None:
                self._session.changed.fire()
                await pauses.wait(self._hurry)
                await self._look_again()

    async def _look_again(self) -> None:
        try:
            await self._server.look_again()
        except PlantTogetherError as error:
            self._problem = error.message

    async def _serve(self, connection: Connection) -> None:
        self._connection = connection
        try:
            async for message in connection.messages():
                self._receive(message)
        finally:
            self._connection = None
            self._answered = False
            self._session.outbox.disconnected()
            self._session.presence.clear()
            if self._renewal is not None:
                self._renewal.cancel()
            connection.close()
        self._closed(connection.close_code, connection.close_reason)

    def _closed(self, code: int, reason: str) -> None:
        session = self._session
        self._problem = reason or f"{self._server.url} closed the connection (code {code})."
        if code == EpochMismatch.close:
            session.epoch = None
            session.set_aside(EpochMismatch(reason or f"The history of {session.where} was replaced."))
        elif code == LimitExceeded.close:
            session.set_aside(
                LimitExceeded(reason or f"A limit of the server was passed in {session.where}.")
            )
        elif code == DocumentNotFound.close:
            session.end(DocumentNotFound(reason or f"{session.where} was deleted."))
        elif code == AccessDenied.close:
            session.end(AccessDenied(reason or f"You no longer have access to {session.where}."))

    def abort(self) -> None:
        """End at once."""
        self.send_edits.cancel()
        self.send_presence.cancel()
        self._task.cancel()

    async def close(self) -> None:
        """Say farewell and end."""
        connection = self._connection
        if connection is not None:
            self._send(awareness([self._session.presence.announce(None)]))
        self.abort()
        await asyncio.wait([self._task])
        if connection is not None:
            await connection.closed()

    # --- hearing -----------------------------------------------------------------------------------

    def _receive(self, message: Message) -> None:
        session = self._session
        if isinstance(message, Control):
            self._receive_control(message.body)
        elif isinstance(message, Awareness):
            if session.presence.hear(message.entries):
                session.observers.people_changed()
        elif isinstance(message, Sync):
            if message.step == STEP1:
                self._answer(message.payload)
            else:
                session.receive(message.payload)
                if message.step == STEP2:
                    self._problem = ""
                    session.on_synced()
        session.changed.fire()

    def _receive_control(self, body: dict[str, Any]) -> None:
        session = self._session
        kind = body.get("type")
        if kind == "hello":
            self._greeted(body)
        elif kind == "ack":
            session.outbox.acknowledged(body["count"])
        elif kind == "role":
            promoted = session.role == "viewer" and body["role"] != "viewer"
            session.role = body["role"]
            if promoted:
                self._reconnect()
        elif kind == "denied":
            reason = str(body.get("reason") or "The server refused an edit.")
            session.set_aside(from_code(str(body.get("error") or ReadOnly.code), reason))
            self._reconnect()
        elif kind == "renamed":
            session.room, session.name = body["room"], body["name"]
        elif kind == "trouble":
            session.outage = body.get("message")

    def _greeted(self, hello: dict[str, Any]) -> None:
        session = self._session
        if session.epoch not in (None, hello["epoch"]):
            session.set_aside(EpochMismatch(f"The history of {session.where} was replaced."))
        session.epoch, session.role = hello["epoch"], hello["role"]
        session.room, session.name = hello.get("room", session.room), hello.get("name", session.name)
        session.outage = None
        if isinstance(hello.get("user"), dict):
            session.presence.greeted(hello["user"])
        self._send(sync(STEP1, session.replica.state_vector))
        self._send_presence()

    def _reconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()

    # --- telling -----------------------------------------------------------------------------------

    def _answer(self, state_vector: bytes) -> None:
        outbox = self._session.outbox
        outbox.covered()
        self._send(sync(STEP2, self._session.replica.difference(state_vector)))
        self._answered = True
        if self._connection is not None:
            outbox.sent(self._connection.sent)

    def _send_edits(self) -> None:
        if self._connection is None or not self._answered:
            return
        update = self._session.outbox.take()
        if update is not None:
            self._send(sync(UPDATE, update))
            self._session.outbox.sent(self._connection.sent)

    def _send_presence(self) -> None:
        if self._connection is None:
            return
        cursor = self._session.replica.cursor
        state = {} if cursor is None else {"cursor": cursor}
        self._send(awareness([self._session.presence.announce(state)]))
        if self._renewal is not None:
            self._renewal.cancel()
        self._renewal = asyncio.get_running_loop().call_later(_RENEW, self._send_presence)

    def _send(self, frame: bytes) -> None:
        if self._connection is not None:
            self._connection.send(frame)

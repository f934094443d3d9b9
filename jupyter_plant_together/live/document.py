"""A live document: its sessions, its state, its place in the journal, and the broadcast between them.

An accepted update goes three ways at once: to the journal's queue, to the frames of this loop tick, and to
the state's backlog. At the end of the tick the frames are joined and written once per connection; only
then, in slices of two milliseconds, is the backlog applied (*relay bytes, merge late*). One rule keeps
every peer complete: **the Doc is never ahead of the broadcast** - it is drained only after a flush - so a
state vector taken from it is always one that each peer has.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any

from ..errors import DocumentNotFound, EpochMismatch, Malformed, PlantTogetherError
from ..journal.port import Stream
from ..limits import Limits
from ..protocol import (
    EMPTY_UPDATE,
    STEP1,
    STEP2,
    UPDATE,
    parse_state_vector,
    sync,
    websocket_frame,
)
from ..store.port import Document, Loaded
from ..updates import Shape, inspect
from . import textedit
from .port import Connection, Person
from .presence import Presence
from .session import Session
from .state import DocumentState

_SLICE = 0.002  # seconds of applying per loop tick (PROTOCOL S5)
_LONG_BACKLOG = 2_000


class LiveDocument:
    """One open document on this replica."""

    def __init__(self, limits: Limits, thread: Executor) -> None:
        self.limits = limits
        self.thread = thread
        self.sessions: set[Session] = set()
        self.state = DocumentState(self._quarantine)
        self.presence = Presence(limits, lambda: len(self.sessions), self._publish_presence)
        self.info: Document
        self.durable_ticket = 0
        self.last_ticket = 0
        self.idle_since = time.monotonic()
        self.frames_sent = 0
        self._stream: Stream
        self._clients: dict[int, str] = {}
        self._retired: frozenset[int] = frozenset()
        self._out: list[tuple[bytes, Session | None]] = []
        self._soon: dict[Callable[[], None], None] = {}
        self._tick_due = False
        self._slice_due = False
        self._size = 0
        self._text_size = 0
        self._whole_frame: tuple[bytes, bytes] | None = None
        self._unacknowledged: set[Session] = set()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._log = logging.getLogger("jupyter_plant_together.live")

    async def load(self, loaded: Loaded, stream: Stream) -> None:
        """Take a document's history, in slices that let others run."""
        self.info = loaded.document
        self._stream = stream
        self._clients = dict(loaded.clients)
        self._retired = loaded.retired
        rows = [] if loaded.snapshot is None else [loaded.snapshot]
        rows += [row.data for row in loaded.tail]
        for row in rows:
            shape = (
                inspect(row)
                if len(row) < 20_000
                else await asyncio.get_running_loop().run_in_executor(self.thread, inspect, row)
            )
            self.state.push(row, shape)
            self._size += len(row)
        while not self.state.drain(_SLICE):  # noqa: ASYNC110 - a yield, not a wait
            await asyncio.sleep(0)
        self._text_size = self.state.text_size()

    # --- sessions ------------------------------------------------------------------------------------

    def join(self, connection: Connection, person: Person, *, role: str, wants_control: bool) -> Session:
        """Add a session and greet it: ``hello``, who is here, and the question what it has."""
        if len(self.sessions) >= self.limits.max_sessions_per_document:
            raise self.limits.exceeded("max_sessions_per_document", "The number of people in this document")
        session = Session(
            self,
            connection,
            person,
            role=role,
            wants_control=wants_control,
            thread=self.thread,
            limits=self.limits,
        )
        self.flush()  # what is on its way to the others reaches the newcomer by its step 1
        self.sessions.add(session)
        session.tell(
            {
                "type": "hello",
                "document": self.info.id,
                "epoch": self.info.epoch,
                "role": role,
                "session": session.id,
                "room": self.info.room,
                "room_id": self.info.room_id,
                "name": self.info.name,
                "user": dict(person.stamp()),
            }
        )
        session.send(sync(STEP1, self.state.vector_bytes()))
        session.send_presence()
        return session

    def leave(self, session: Session) -> None:
        """Remove a session; it may have left already."""
        session.closed = True
        self.sessions.discard(session)
        self._unacknowledged.discard(session)
        self.presence.leave(session)
        if not self.sessions:
            self.idle_since = time.monotonic()

    def answer(self, session: Session, vector: bytes) -> Awaitable[None] | None:
        """Answer a sync step 1 with exactly the difference; wait first if much must be applied (S5)."""
        known = parse_state_vector(vector)
        self._refuse_retired(known)
        if self.state.behind > _LONG_BACKLOG:
            return self._answer_later(session, vector)
        self._answer_now(session, vector)
        return None

    async def _answer_later(self, session: Session, vector: bytes) -> None:
        todo = self.state.behind
        while todo > 0 and self.state.behind:
            before = self.state.behind
            self.flush()
            self.state.drain(_SLICE)
            todo -= max(before - self.state.behind, 1)
            await asyncio.sleep(0)
        if not session.closed:
            self._answer_now(session, vector)

    def _answer_now(self, session: Session, vector: bytes) -> None:
        self.flush()
        if session.behind:  # one answer is enough however often a peer asks that does not read
            session.owed = vector
            return
        try:
            state = self.state.encode(vector)
        except ValueError:
            raise Malformed("A state vector cannot be read.") from None
        session.send(sync(STEP2, state))

    # --- updates -------------------------------------------------------------------------------------

    def accept(self, session: Session | None, update: bytes, shape: Shape, author: str = "") -> int:
        """Relay and journal an update that has passed the door; returns its ticket.

        Every reason to refuse is found before anybody sees it (PROTOCOL A3).
        """
        self._check_size(update)
        if session is not None:
            author = session.person.subject
        clients = self._introduced(shape)
        self._tick()  # asked for before the journal's turn: others see an edit before the disk does
        ticket = self.last_ticket = self._stream.append(update, author, clients)
        self._clients.update(dict.fromkeys(clients, author))
        self._size += len(update)
        self._text_size += len(update)
        self._out.append((websocket_frame(sync(UPDATE, update)), session))
        self.state.push(update, shape)
        return ticket

    def merge(self, session: Session, update: bytes, shape: Shape) -> int | None:
        """Take a sync step 2: only what brings something is journalled and relayed (PROTOCOL S3)."""
        self._refuse_retired(shape.structs)
        self._check_size(update)
        if not self.brings_anything(update, shape):
            return None
        return self.accept(session, update, shape)

    def brings_anything(self, update: bytes, shape: Shape) -> bool:
        """Whether ``update`` would change the document or leave something pending."""
        self.flush()
        return self.state.brings_anything(update, shape)

    def received(self, update: bytes, author: str) -> None:
        """Feed: another process appended ``update``."""
        try:
            shape = inspect(update)
        except Malformed as error:
            self._quarantine(update, error)
            return
        for client in shape.structs:
            self._clients.setdefault(client, author)
        self._size += len(update)
        self._text_size += len(update)
        self._out.append((websocket_frame(sync(UPDATE, update)), None))
        self.state.push(update, shape)
        self._tick()

    def durable(self, ticket: int) -> None:
        """Feed: all appends up to ``ticket`` are durable."""
        self.durable_ticket = ticket
        for session in list(self._unacknowledged):
            session.acknowledge()
        while self._waiters and self._waiters[0][0] <= ticket:
            _, waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)

    async def edit_text(self, text: str, author: str) -> None:
        """Turn the text into ``text`` by its least difference; returns when that is durable."""
        if len(text.encode()) > self.limits.max_source_size:
            raise self.limits.exceeded("max_source_size", "The text")
        self.flush()
        update = await asyncio.get_running_loop().run_in_executor(
            self.thread, textedit.update_to, self.state.encode(b"\x00"), text
        )
        if update != EMPTY_UPDATE:
            self.accept(None, update, inspect(update), author)
        if self.last_ticket > self.durable_ticket:  # also where another's edit made the text this one
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((self.last_ticket, waiter))
            await waiter

    def text(self) -> str:
        """Return the text now."""
        self.flush()
        return self.state.text()

    def _introduced(self, shape: Shape) -> tuple[int, ...]:
        """Return the client ids that nobody has introduced before (S3)."""
        clients = self._clients
        new = tuple(client for client in shape.structs if client not in clients)
        if new:
            self._refuse_retired(dict.fromkeys(new, 0))
        return new

    def _refuse_retired(self, clients: dict[int, int] | Any) -> None:
        if self._retired and not self._retired.isdisjoint(clients):
            raise EpochMismatch("The history of this document was replaced.", epoch=self.info.epoch)

    def _check_size(self, update: bytes) -> None:
        """Refuse what would pass a size limit; the exact sizes are taken only near it."""
        more = len(update)
        if self._text_size + more > self.limits.max_source_size:
            self.flush()
            self._text_size = self.state.text_size()
            limit = self.limits.max_source_size
            # what replaces much of the text may leave it short enough
            if self._text_size + more > limit and self.state.text_size_with(update) > limit:
                raise self.limits.exceeded("max_source_size", "The text")
        if self._size + more > self.limits.max_document_size:
            self.flush()
            self._size = len(self.state.encode(b"\x00"))
            if self._size + more > self.limits.max_document_size:
                raise self.limits.exceeded("max_document_size", "The document with its history")

    # --- broadcast -----------------------------------------------------------------------------------

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back once at the end of this loop tick, however often it is asked for."""
        self._soon[callback] = None
        self._tick()

    def owes(self, session: Session, *, owed: bool) -> None:
        """Remember whether a session waits for an acknowledgement."""
        (self._unacknowledged.add if owed else self._unacknowledged.discard)(session)

    def _tick(self) -> None:
        if not self._tick_due:
            self._tick_due = True
            asyncio.get_running_loop().call_soon(self._end_of_tick)

    def _end_of_tick(self) -> None:
        self._tick_due = False
        self.flush()
        soon, self._soon = self._soon, {}
        for callback in soon:
            callback()
        if self.state.behind and not self._slice_due:
            self._slice_due = True
            asyncio.get_running_loop().call_soon(self._apply_slice)

    def _apply_slice(self) -> None:
        self._slice_due = False
        if self._out:  # never ahead of the broadcast; the tick that is due comes back here
            return
        if not self.state.drain(_SLICE):
            self._slice_due = True
            asyncio.get_running_loop().call_soon(self._apply_slice)

    def flush(self) -> None:
        """Write the frames of this tick, joined into one piece per connection, without echo."""
        if not self._out:
            return
        out, self._out = self._out, []
        self.frames_sent += len(out)
        whole = out[0][0] if len(out) == 1 else b"".join([frame for frame, _ in out])
        senders = {sender for _, sender in out}
        for session in list(self.sessions):
            if session not in senders:
                session.deliver(whole)
            elif len(senders) > 1:
                session.deliver(b"".join([frame for frame, sender in out if sender is not session]))

    def _publish_presence(self, message: bytes) -> None:
        frame = websocket_frame(message)
        for session in list(self.sessions):
            session.deliver_presence(frame)

    # --- what befalls it -----------------------------------------------------------------------------

    def renamed(self, info: Document) -> None:
        """Tell everybody the new name of the document or its room."""
        self.info = info
        for session in list(self.sessions):
            session.tell({"type": "renamed", "room": info.room, "name": info.name})

    def trouble(self, sentence: str | None) -> None:
        """Tell everybody why nothing is saved just now, or that it is again."""
        for session in list(self.sessions):
            session.tell({"type": "trouble", "message": sentence})

    def end(self, error: PlantTogetherError) -> None:
        """Close all sessions."""
        self.flush()
        for session in list(self.sessions):
            session.end(error)

    def deleted(self) -> None:
        """Close all sessions of a deleted document."""
        self.end(DocumentNotFound("This document was deleted."))

    def reset(self, epoch: int) -> None:
        """Close all sessions: the history was replaced (PROTOCOL E1)."""
        self.end(EpochMismatch("The history of this document was replaced.", epoch=epoch))

    @property
    def settled(self) -> bool:
        """Whether all is durable."""
        return self._stream.settled

    async def close(self) -> None:
        """End the presence timer and leave the journal."""
        self.presence.close()
        await self._stream.close()

    def log_malformed(self, session: Session, error: Malformed) -> None:
        """Log a malformed frame with room and user."""
        self._log.warning(
            "A malformed frame from %s in %s/%s: %s",
            session.person.subject,
            self.info.room,
            self.info.name,
            error.message,
        )

    def _quarantine(self, update: bytes, error: Exception | None) -> None:
        self._log.error(
            "An update of %d bytes cannot be applied to %s and is set aside: %s",
            len(update),
            self.info.id,
            error or "yrs panicked",
        )

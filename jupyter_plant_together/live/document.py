"""A live document: its sessions, its state and its place in the journal.

An accepted update goes three ways at once: to the journal's queue, to the broadcast of this loop tick, and
to the state's backlog, which is applied after the broadcast (see :mod:`.broadcast`). Whatever is refused is
refused before that. What the journal says of durability goes to :mod:`.durability`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Executor
from typing import Any

from ..errors import (
    ClientIdTaken,
    DocumentNotFound,
    EpochMismatch,
    LimitExceeded,
    Malformed,
    PlantTogetherError,
)
from ..journal.attempt import Attempt
from ..journal.port import Stream
from ..limits import Limits
from ..store.port import Document, Loaded
from ..yjs.sync import EMPTY_STATE_VECTOR
from ..yjs.textedit import EditPlace
from ..yjs.update import UpdateMeta, decode_meta
from .authors import Authors
from .broadcast import Broadcast
from .counts import LiveCounts
from .durability import Durability
from .edit_maker import EditMaker
from .edits import WITHIN, Edits, Wanted
from .port import Connection, Participant
from .presence import Presence
from .seen import SeenUpdates
from .session import Session
from .size import SizeGuard
from .state import DocumentState
from .writers import Writers

_LONG_BACKLOG = 2_000  # updates
_HEAVY_BACKLOG = 20_000  # structs
_PENDING_SIZE = 1_000_000  # bytes of one user that wait for something missing (PROTOCOL S7)
_PENDING_STRUCTS = 20_000
_WALK_ON_THREAD = 20_000  # bytes


class LiveDocument:
    """One open document on this replica."""

    def __init__(
        self, limits: Limits, thread: Executor, edit_maker: EditMaker, counts: LiveCounts | None = None
    ) -> None:
        self.limits = limits
        self.thread = thread
        self.sessions: set[Session] = set()
        self._state = DocumentState(self._quarantine, self._flush, self._repaired)
        self._broadcast = Broadcast(self.sessions, self._state)
        self.counts = counts or LiveCounts()
        self.durability = Durability(self.counts)
        self.presence = Presence(limits, lambda: len(self.sessions), self._broadcast.presence, self._announce)
        self.info: Document
        self.idle_since = time.monotonic()
        self._size = SizeGuard(self._state, limits)
        self._seen = SeenUpdates()
        self._writers = Writers()
        self._stream: Stream
        self.authors = Authors()
        self.edits = Edits(self)
        self.taken = 0  # updates
        self._edit_maker = edit_maker
        self._secret = b""
        self._reloads: set[asyncio.Task[None]] = set()
        self._outage: str | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = logging.getLogger("jupyter_plant_together.live")

    async def load(self, loaded: Loaded, stream: Stream) -> None:
        """Take a document's history, in slices that let others run."""
        self.info = loaded.document
        self._stream = stream
        self._secret = loaded.secret
        self.authors.load(loaded)
        rows = [] if loaded.snapshot is None else [loaded.snapshot]
        rows += [row.data for row in loaded.tail]
        for row in rows:
            meta = await self._meta(row)
            self._state.push(row, meta)
            self._size.add(row)
            self._seen.add(meta, loaded=True)
        await self._broadcast.catch_up()
        self._size.loaded()
        self.presence.ask()

    async def _meta(self, row: bytes) -> UpdateMeta:
        if len(row) < _WALK_ON_THREAD:
            return decode_meta(row)
        return await asyncio.get_running_loop().run_in_executor(self.thread, decode_meta, row)

    # --- sessions ------------------------------------------------------------------------------------

    def join(
        self,
        connection: Connection,
        participant: Participant,
        *,
        role: str,
        wants_control: bool,
        wants_receipts: bool = False,
    ) -> Session:
        """Add a session and greet it: ``hello``, who is here, and the question what it has."""
        if len(self.sessions) >= self.limits.max_sessions_per_document:
            raise self.limits.busy("max_sessions_per_document", "The number of people in this document")
        session = Session(
            self,
            connection,
            participant,
            role=role,
            wants_control=wants_control,
            wants_receipts=wants_receipts,
            thread=self.thread,
            limits=self.limits,
        )
        self._flush()  # what is on its way to the others reaches the newcomer by its step 1
        self.sessions.add(session)
        session.greet()
        if self._outage is not None:
            session.tell({"type": "trouble", "message": self._outage})
        return session

    def leave(self, session: Session) -> None:
        """Remove a session; it may have left already."""
        session.closed = session.outbox.closed = True
        self.sessions.discard(session)
        self.durability.remove_waiter(session.acknowledge)
        self._writers.left(session)
        self.presence.leave(session)
        if not self.sessions:
            self.idle_since = time.monotonic()

    @property
    def far_behind(self) -> bool:
        """Whether so much waits to be applied that nobody should be made to wait for it in one piece (S5)."""
        return self._state.behind > _LONG_BACKLOG or self._state.behind_structs > _HEAVY_BACKLOG

    async def catch_up(self) -> None:
        """Apply all that waits by now, in slices between which others have their turn."""
        await self._broadcast.catch_up()

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back once at the end of this loop tick, after everybody was written what is queued."""
        self._broadcast.soon(callback)

    def refuse_retired(self, clients: Iterable[int]) -> None:
        """Raise EpochMismatch if one of the client ids is of a replaced history."""
        self.authors.refuse_retired(clients)

    # --- what there is -------------------------------------------------------------------------------

    def snapshot(self, vector: bytes = EMPTY_STATE_VECTOR) -> bytes:
        """Return all that a peer at ``vector`` lacks, of this loop tick, too; raises ValueError.

        It holds what cannot be integrated yet as well, and nothing that is not written to the peers.
        """
        return self._state.snapshot(vector)

    def vector(self) -> bytes:
        """Return a state vector up to which each peer has been written everything."""
        return self._state.vector_bytes()

    def text(self) -> str:
        """Return the text now."""
        return self._state.text()

    # --- updates -------------------------------------------------------------------------------------

    def accept(self, session: Session, update: bytes, meta: UpdateMeta) -> int:
        """Relay and journal an update that has passed the door; returns its ticket.

        Every reason to refuse is found before anybody sees it (PROTOCOL A3).
        """
        self._size.check(update)
        author = session.participant.subject
        clients = self.authors.introduced(meta)
        self._broadcast.tick()  # asked for before the journal's turn: others see an edit before the disk does
        ticket = self._stream.append(update, author, clients)
        self.durability.begin(ticket)
        self.authors.note(clients, author)
        if session is not None:
            self._writers.wrote(session, meta)
        self._take(update, meta, session)
        return ticket

    def merge(self, session: Session, update: bytes, meta: UpdateMeta) -> int | None:
        """Take what may bring nothing: only what brings something is journalled and relayed (S3)."""
        self.authors.refuse_retired(meta.structs)
        self._size.check(update)
        self._check_fork(update, meta)
        if not self.brings_anything(meta):
            return None
        self._check_pending(session.participant.subject, update, meta)
        return self.accept(session, update, meta)

    def maybe_duplicate(self, meta: UpdateMeta) -> bool:
        """Whether an update looks like a repetition of what was taken, and :meth:`merge` must decide."""
        return self._seen.maybe_duplicate(meta)

    def may_lack(self, meta: UpdateMeta) -> bool:
        """Whether something that an update stands on may be missing, and :meth:`merge` must decide."""
        return self._state.may_lack(meta)

    def brings_anything(self, meta: UpdateMeta) -> bool:
        """Whether an update would change the document or leave something pending."""
        return self._state.brings_anything(meta)

    def question(self, session: Session, vector: Mapping[int, int]) -> bytes | None:
        """Return the vector that a newcomer at ``vector`` is asked with about ids that others have (A11)."""
        doubtful = self._writers.doubtful(session, vector)
        return self._state.vector_with(doubtful) if doubtful else None

    def _check_fork(self, update: bytes, meta: UpdateMeta) -> None:
        """Raise ClientIdTaken if other edits are known under the same ids (PROTOCOL A11)."""
        if self._seen.echo(update):
            return
        if self._state.conflicting(update, meta) is not None:
            raise ClientIdTaken("These edits have the client id of others; they need one of their own.")

    def _check_pending(self, user: str, update: bytes, meta: UpdateMeta) -> None:
        """Raise LimitExceeded if too much of what a user sent would wait for something missing (S7)."""
        if not self._state.lacks(meta):
            return
        held = self._state.held(user)
        if held.size + len(update) > _PENDING_SIZE or held.structs + meta.weight > _PENDING_STRUCTS:
            raise LimitExceeded(
                "These edits continue others that never came, and more of them cannot be kept.",
                limit="pending",
            )

    def _take(self, update: bytes, meta: UpdateMeta, sender: Session | None) -> None:
        self.taken += 1
        self._size.add(update)
        self._seen.add(meta)
        self._seen.note(update)
        self._broadcast.add(update, sender)
        self._state.push(update, meta, "" if sender is None else sender.participant.subject)

    def received(self, update: bytes, author: str) -> None:
        """Journal: another process appended ``update``."""
        try:
            meta = decode_meta(update)
        except Malformed as error:
            self._quarantine(update, error)
            return
        self.authors.note(meta.structs, author)
        self._take(update, meta, None)

    def reloaded(self, loaded: Loaded) -> None:
        """Journal: take from the history what was never received."""
        task = self.run(self._take_what_is_new(loaded))
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _take_what_is_new(self, loaded: Loaded) -> None:
        rows = [] if loaded.snapshot is None else [loaded.snapshot]
        for row in [*rows, *(row.data for row in loaded.tail)]:
            meta = await self._meta(row)
            if not self.maybe_duplicate(meta) or self.brings_anything(meta):
                self._take(row, meta, None)

    def announced(self, origin: str, payload: bytes) -> None:
        """Journal: another replica says who is there."""
        self.presence.announced(origin, payload)

    def _announce(self, payload: bytes) -> None:
        self._stream.announce(payload)

    def durable(self, ticket: int) -> None:
        """Journal: all appends up to ``ticket`` are durable."""
        self.durability.reach(ticket)

    # --- the server's own edits (see edits.py) ---------------------------------------------------------

    async def edit(self, wanted: Wanted, author: str, *, within: float = WITHIN) -> bool:
        """Make the text what ``wanted`` says of the state that it is given, by the least difference.

        Returns whether that is durable; else it is sent, and not known to be. What takes longer than
        ``within`` seconds and is not sent is given up (PROTOCOL A8).
        """
        return await self.edits.make(wanted, author, within)

    async def edit_text(self, text: str, author: str) -> bool:
        """Make the text ``text``; see :meth:`edit`."""

        async def wanted(_state: bytes) -> str:
            return text

        return await self.edit(wanted, author)

    async def check_edit(self, text: str) -> None:
        """Raise LimitExceeded if an edit to ``text`` would be refused now."""
        self._size.check(await self.update_from(self.snapshot(), text))

    async def update_from(self, state: bytes, text: str) -> bytes:
        """Return the update that turns the text of ``state`` into ``text``; nothing is changed."""
        if len(text.encode()) > self.limits.max_source_size:
            raise self.limits.exceeded("max_source_size", "The text")
        place = EditPlace(self.info.id, self.info.epoch, self._secret)
        return await self._edit_maker.update_to(state, text, place)

    @property
    def trouble(self) -> str | None:
        """Why nothing is saved just now, or None."""
        return self._outage

    async def settled(self) -> bytes:
        """Return the place in the journal up to which the document has everything (PROTOCOL A8)."""
        while True:
            place = await self._stream.settled()
            if self.far_behind:
                await self.catch_up()
            elif self._reloads:
                await asyncio.wait(self._reloads)
            else:
                return place

    def attempt(self, place: bytes, update: bytes, author: str) -> Attempt:
        """Append an update if the history still ends at ``place``; it is received when it is durable."""
        self._size.check(update)
        return self._stream.append_at(place, update, author, self.authors.introduced(decode_meta(update)))

    # --- what befalls it -----------------------------------------------------------------------------

    def renamed(self, info: Document) -> None:
        """Tell everybody the new name of the document or its room."""
        self.info = info
        for session in list(self.sessions):
            session.tell({"type": "renamed", "room": info.room, "name": info.name})

    def outage(self, sentence: str | None) -> None:
        """Tell everybody, and who comes later, why nothing is saved just now, or that it is again."""
        self._outage = sentence
        for session in list(self.sessions):
            session.tell({"type": "trouble", "message": sentence})

    def end(self, error: PlantTogetherError) -> None:
        """Close all sessions, and tell edits that wait why."""
        self._broadcast.flush()
        self.edits.end(error)
        self.durability.fail(error)
        for session in list(self.sessions):
            session.end(error)

    def deleted(self) -> None:
        """Close all sessions of a deleted document."""
        self.end(DocumentNotFound("This document was deleted."))

    def reset(self, epoch: int) -> None:
        """Close all sessions: the history was replaced (PROTOCOL E1)."""
        self.end(EpochMismatch("The history of this document was replaced.", epoch=epoch))

    @property
    def all_saved(self) -> bool:
        """Whether all is durable, and no edit is under way."""
        return self._stream.all_saved and not self.edits.under_way

    async def close(self) -> None:
        """End the timer and all tasks, and leave the journal."""
        self.presence.close()
        await self.edits.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stream.close()

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something for a session that nobody awaits; it ends with the document at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _flush(self) -> None:
        self._broadcast.flush()

    def _repaired(self, update: bytes) -> None:
        """Tell everybody who is here: wherever the edits are applied it follows from them (PROTOCOL A10)."""
        self._broadcast.add(update, None)

    def _quarantine(self, update: bytes, error: Exception | None) -> None:
        self._log.error(
            "An update of %d bytes cannot be applied to %s and is set aside: %s",
            len(update),
            self.info.id,
            error or "yrs panicked",
        )

"""One document's place in the Redis journal: its queue of appends, its cursor, its memory.

Appends queue here in order; the head of the queue leaves it when Redis has answered (PROTOCOL A2). The cursor
is the last entry that was read or heard of. A notification whose ``prev`` is not the cursor, or that is of
another generation, asks for :mod:`.recovery`. What is heard while that reads is held back and taken after it;
what was heard before is in what is read, or is nothing of this stream and dropped (PROTOCOL J8).
"""

from __future__ import annotations

import logging
import math
import secrets
from collections import deque
from dataclasses import replace
from typing import Protocol

from ...errors import EpochMismatch, Malformed, Unavailable
from ...store.port import Loaded, Mark
from ..attempt import Attempt, Settling
from ..port import DocumentListener
from .entries import ZERO, Entry, order
from .unpersisted import Place, UnpersistedEntries


class Writer(Protocol):
    """What a stream needs of its journal."""

    def enqueue(
        self,
        stream: RedisStream,
        update: bytes,
        author: str,
        clients: tuple[int, ...],
        condition: bytes = b"",
    ) -> None:
        """Queue an update; raises Unavailable if too much waits, or one with a condition cannot be sent."""
        ...

    def announce(self, stream: RedisStream, payload: bytes) -> None:
        """Tell the other replicas that have the document open."""
        ...

    def recover(self, stream: RedisStream) -> None:
        """Compare the stream with Redis and the store, soon."""
        ...

    def detach(self, stream: RedisStream) -> None:
        """Tell its listener no more."""
        ...

    def drained(self, stream: RedisStream) -> None:
        """Look whether a closed stream has nothing left to do."""
        ...


class RedisStream:
    """One document's stream (port.Stream)."""

    def __init__(
        self, writer: Writer, room: str, document: str, listener: DocumentListener, origin: bytes
    ) -> None:
        self._writer = writer
        self.room = room
        self.document = document
        self.listener = listener
        self.origin = origin
        self.epoch = 0
        self.queue: deque[Entry] = deque()
        self.head: tuple[bytes, ...] = ()  # how each append's command begins
        self._random = secrets.token_hex(8).encode()
        self._calls = 0
        self.sent = 0  # entries at the head of the queue that are under way
        self.appended = 0
        self.durable = 0
        self.rows = 0
        self.unpersisted = UnpersistedEntries()
        self.generation: bytes | None = None
        self.cursor = ZERO
        self.seen = ZERO  # the highest id of this generation that is known here
        self.held: list[Entry] | None = None  # what is heard while the stream is read; None while it is not
        self.whole = False  # whether the cursor came along the chain, as far as is known here
        self.mark: Mark | None = None  # how far the store is, as far as is known here
        self.pause = 0.0  # before the next recovery that follows another, seconds
        self.recovered_at = -math.inf
        self._heard_first: set[Place] = set()  # own entries that were heard of before Redis answered
        self._attempt: tuple[Attempt, Entry] | None = None
        self._settling = Settling()
        self._end: tuple[bytes | None, bytes] = (None, ZERO)  # up to there the document has everything
        self.closed = False
        self.replaced = False  # the history has another epoch by now; nothing more becomes durable
        self._log = logging.getLogger("jupyter_plant_together.journal")

    @property
    def all_saved(self) -> bool:
        """Whether everything appended is durable, and the store has all that is remembered here (J4)."""
        return not self.queue and not self.unpersisted and (self.whole or self.closed)

    def append(self, update: bytes, author: str, clients: tuple[int, ...]) -> int:
        """Queue an update; returns its ticket."""
        self._writer.enqueue(self, update, author, clients)
        self.appended += 1
        return self.appended

    async def settled(self) -> bytes:
        """Return where the stream ends, once all that was appended here is answered and nothing is held."""
        return await self._settling.at(self._place)

    def _place(self) -> bytes | None:
        if self.queue or not self.whole:
            return None
        generation, last = self._end
        return b"%b %b" % (generation or b"-", last)

    def append_at(self, place: bytes, update: bytes, author: str, clients: tuple[int, ...]) -> Attempt:
        """Send an update that is appended if the stream still ends at ``place`` (PROTOCOL A8)."""
        self._writer.enqueue(self, update, author, clients, place)
        self.appended += 1
        attempt = Attempt(place)
        attempt.sent = True
        self._attempt = (attempt, self.queue[-1])
        return attempt

    def announce(self, payload: bytes) -> None:
        """Tell the other replicas."""
        self._writer.announce(self, payload)

    async def close(self) -> None:
        """Stop telling; what was appended is still written."""
        self.closed = True
        self._writer.detach(self)

    # --- from Redis ----------------------------------------------------------------------------------

    def begin(self, loaded: Loaded, generation: bytes | None, last: bytes, entries: list[Entry]) -> Loaded:
        """Take the stream as it was read, then the store as it was read after it (J3)."""
        self.epoch = loaded.document.epoch
        self.resume_at(generation, last)
        for entry in entries:
            self._reach(entry)
        self._cover(loaded.mark)
        clients: dict[int, str] = {}
        tail = []
        for entry in self.unpersisted.chain:
            try:
                tail.append(entry.stored(self.document))
            except Malformed:
                self._log.error("An entry of %s is not an update and is left out.", self.document)
                continue
            for client in entry.clients:
                clients.setdefault(client, entry.author)
        self.rows = len(loaded.tail)
        return replace(loaded, tail=[*loaded.tail, *tail], clients={**clients, **loaded.clients})

    def resume_at(self, generation: bytes | None, last: bytes) -> None:
        """Go on from ``last``, which is where the stream ends."""
        if generation != self.generation:
            self.seen = ZERO
        self.generation, self.cursor = generation, last
        self._end = (generation, last)
        self._see(last)

    def _see(self, id_: bytes) -> None:
        if order(id_) > order(self.seen):
            self.seen = id_

    def heard(self, entry: Entry) -> None:
        """Take a notification (J2)."""
        if self.held is not None:
            self.held.append(entry)
        elif entry.prev == self.cursor and entry.generation == (self.generation or entry.generation):
            self.generation = entry.generation
            self.cursor = entry.id
            self._see(entry.id)
            self._go_on(entry.generation, entry.id)
            self.take(entry)
        elif entry.generation != self.generation or order(entry.id) > order(self.cursor):
            if entry.generation == self.generation:
                self._see(entry.id)
            self._writer.recover(self)

    def hold(self) -> None:
        """Hold back what is heard from now on: the stream is read."""
        self.held = []

    def release(self, *, whole: bool) -> None:
        """Take what was held back; may find that the stream must be read again."""
        held, self.held = self.held, None
        self.whole = whole
        self.covered(self.mark)
        for entry in held or ():
            self.heard(entry)
        self._settling.moved()

    def _go_on(self, generation: bytes, id_: bytes) -> None:
        """Let what the document has end at an entry, unless it does behind it."""
        if generation != self._end[0] or order(id_) > order(self._end[1]):
            self._end = (generation, id_)
        self._settling.moved()

    def take(self, entry: Entry) -> None:
        """Let the cursor come to an entry: remember it, and hand it to the document if that is news there."""
        known = entry.origin == self.origin or self.unpersisted.holds(entry.message)
        if entry.origin == self.origin and self._attempt and self._attempt[1].message == entry.message:
            self._made()  # it is there, whatever becomes of the answer
        if self._reach(entry) and not known:
            self._hand_over(entry)

    def _hand_over(self, entry: Entry) -> None:
        if self.closed:
            return
        try:
            self.listener.received(entry.update, entry.author)
        except Malformed:
            self._log.error("An entry of %s is not an update and is left out.", self.document)
        except Exception:  # noqa: BLE001 - a fault of one document must not end hearing for all
            self._log.exception("%s failed at an entry.", self.document)

    def _reach(self, entry: Entry) -> bool:
        if entry.epoch != self.epoch:
            return False
        if entry.origin == self.origin and self.queue and entry.place not in self.unpersisted.loose:
            self._heard_first.add(entry.place)
        self.unpersisted.reach(entry)
        if self.whole and self.mark is not None and entry.id == self.mark.through.encode():
            self.unpersisted.cover(self.mark)
        return True

    def read_again(
        self, generation: bytes | None, last: bytes, entries: list[Entry], mark: Mark | None
    ) -> None:
        """Take a stream that is not the one that was followed, or not whole any more."""
        self.resume_at(generation, last)
        self.unpersisted.break_chain()
        for entry in entries:
            self.take(entry)
        self._cover(mark)

    def reloaded(self, loaded: Loaded) -> None:
        """Hand the history as the store has it to the document."""
        try:
            self.listener.reloaded(loaded)
        except Exception:  # noqa: BLE001 - see above
            self._log.exception("%s failed at its history.", self.document)

    def new_generation(self) -> bytes:
        """Return what the generation is to be, should the next append begin a stream (J1)."""
        self._calls += 1
        return b"%b-%d" % (self._random, self._calls)

    def written(self, generation: bytes, prev: bytes, id_: bytes) -> None:
        """Remember the head of the queue, which is in the stream now."""
        conditional = bool(self.queue[0].condition)
        entry = self.queue.popleft()._replace(generation=generation, prev=prev, id=id_, condition=b"")
        self.sent -= 1
        self.durable += 1
        if generation == self.generation:
            self._see(id_)
        if entry.place not in self._heard_first:
            self.unpersisted.add(entry)
        self._heard_first.discard(entry.place)
        self._forget_heard()
        if self._end in ((generation, prev), (None, prev)):
            self._go_on(generation, id_)
        if conditional:
            self._made()
        self._settling.moved()

    def _forget_heard(self) -> None:
        if not self.queue:
            self._heard_first.clear()  # of what was repeated, Redis answers for the last alone

    def missed(self) -> None:
        """Drop the head of the queue: the stream does not end where its condition says (A8)."""
        self._settling.missed(self.queue[0].condition)
        attempt = self._drop_attempt()
        if attempt is not None:
            attempt.settle(written=False)

    def refused(self, reason: str) -> None:
        """Drop the head of the queue, an attempt that Redis refuses: whoever asked for it is told."""
        attempt = self._drop_attempt()
        if attempt is not None:
            attempt.fail(Unavailable(reason))

    def _drop_attempt(self) -> Attempt | None:
        self.queue.popleft()
        self.sent -= 1
        self.durable += 1  # no ticket was given for it
        self._forget_heard()
        made, self._attempt = self._attempt, None
        self._settling.moved()
        return None if made is None else made[0]

    def _made(self) -> None:
        """Hand the attempt, which is in the stream now, to the document; it may be handed over already."""
        if self._attempt is not None:
            (attempt, entry), self._attempt = self._attempt, None
            self._hand_over(entry)
            attempt.settle(written=True)

    def discarded(self) -> None:
        """Drop the head of the queue: its history was replaced (E1), and it is never durable."""
        self.queue.popleft()
        self.sent -= 1
        self.replaced = True
        if self._attempt is not None:
            self._attempt[0].fail(EpochMismatch("The history of this document was replaced."))
            self._attempt = None
        self._settling.moved()

    def covered(self, mark: Mark | None) -> None:
        """Forget what the store has; nothing while the chain may be broken (J8)."""
        self.mark = mark
        if self.whole:
            self._cover(mark)
        if self.closed:
            self._writer.drained(self)

    def _cover(self, mark: Mark | None) -> None:
        self.mark = mark
        if mark is not None and mark.generation.encode() == self.generation:
            self._see(mark.through.encode())
        self.unpersisted.cover(mark)

    def outdated(self) -> None:
        """Forget everything: the history was purged or replaced, and there is nothing to keep."""
        self.unpersisted.clear()
        if self.closed:
            self._writer.drained(self)

    def mark_unsent(self) -> None:
        """Mark what was under way when the connection went: it may be in the stream or not."""
        for index in range(self.sent):
            self.queue[index] = self.queue[index]._replace(again=True)
        self.sent = 0

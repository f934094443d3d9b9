"""The way of an edit into Redis: one script call each, what one loop tick appends in one write.

Each stream queues its own appends; with a connection they are under way at once, in order. The first thing
that goes wrong - no answer, no memory, a read-only server, an unknown script - ends the connection; the next
one is prepared first (PROTOCOL J6), then one entry is tried alone, or a write if none waits: a server that is
there and refuses writes is not well, and is not asked for more (J9). After that all that is unanswered is
repeated in order and marked as such, and nothing overtakes it (A2).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Any

import hiredis

from ...errors import Unavailable
from ..port import ENTRY_COST
from .client.address import RedisAddress
from .client.check import parse_info, refusal
from .client.link import RedisLink, Unusable
from .client.resp import Connection, command
from .entries import Entry, new_entry
from .keys import KeyNames
from .script import APPEND, PROBE
from .stream import RedisStream


class Appender:
    """Appends the entries of all streams.

    Parameters
    ----------
    address, names
        Where Redis is, and its names.
    compaction_delay
        After how many seconds an entry is due for compaction.
    max_pending_bytes
        What may wait before appends are refused, bytes of memory.
    streams
        Returns all streams.
    durable
        Told each stream of which something has become durable.
    up, down
        Told when there is a connection, and when there is none: a sentence why.
    """

    def __init__(
        self,
        address: RedisAddress,
        names: KeyNames,
        *,
        compaction_delay: float,
        max_pending_bytes: int,
        streams: Callable[[], Iterable[RedisStream]],
        durable: Callable[[RedisStream], None],
        up: Callable[[], None],
        down: Callable[[str], None],
    ) -> None:
        self.pending_bytes = 0
        self.link = RedisLink(
            address, prepare=self._prepare, up=self._up, down=self._down, read=self._tell_durable
        )
        self._names = names
        self._delay = b"%d" % int(compaction_delay * 1000)
        self._max_pending_bytes = max_pending_bytes
        self._streams = streams
        self._durable = durable
        self._tell_up = up
        self._tell_down = down
        self._outage = ""
        self._refused: RedisStream | None = None  # whose entry is tried first, of a new connection
        self._answered_for: dict[RedisStream, None] = {}

    def enqueue(
        self,
        stream: RedisStream,
        update: bytes,
        author: str,
        clients: tuple[int, ...],
        condition: bytes = b"",
    ) -> None:
        """Queue an update and send it if there is a connection; raises Unavailable if too much waits.

        With a ``condition`` (A8) it is sent now or refused.
        """
        if condition and self.link.connection is None:
            raise Unavailable(self._outage or "There is no connection to Redis just now.")
        if self.pending_bytes > self._max_pending_bytes:
            raise Unavailable(self._outage or "Redis cannot keep up; try again in a moment.")
        now = time.time_ns() // 1_000_000
        entry = new_entry(update, author, clients, origin=stream.origin, epoch=stream.epoch, at=now)
        self.pending_bytes += len(entry.message) + ENTRY_COST
        stream.queue.append(entry._replace(condition=condition) if condition else entry)
        self._send(stream)

    async def again(self, stream: RedisStream, entry: Entry) -> None:
        """Append an entry that Redis has lost; raises ConnectionError."""
        connection = self.link.connection
        if connection is None:
            raise ConnectionError("There is no connection to Redis.")
        try:
            await connection.ask(self._command(stream, entry))
        except hiredis.ReplyError as error:
            self.link.fail(f"Redis says: {error}.")
            raise ConnectionError(str(error)) from None

    def publish(self, channel: bytes, payload: bytes) -> None:
        """Tell the other replicas something that may get lost."""
        if self.link.connection is not None:
            self.link.connection.send(command(b"PUBLISH", channel, payload), None)

    def _send(self, stream: RedisStream) -> None:
        connection = self.link.connection
        if connection is None:
            return
        queue, sent = stream.queue, stream.sent
        waiting = (queue[-1],) if sent == len(queue) - 1 else tuple(islice(queue, sent, None))
        for entry in waiting:
            connection.send(self._command(stream, entry), partial(self._answered, stream))
        stream.sent = len(queue)

    def _command(self, stream: RedisStream, entry: Entry) -> bytes:
        if not stream.head:
            names, document = self._names, stream.document
            stream.head = (
                b"EVALSHA",
                APPEND.digest,
                b"3",
                names.stream(stream.room, document),
                names.state(document),
                names.marked,
                names.channel(document),
                f"{stream.room}:{document}".encode(),
                self._delay,
            )
        known = stream.generation or b""
        return command(*stream.head, stream.new_generation(), known, stream.seen, *entry.arguments())

    def _answered(self, stream: RedisStream, answer: Any) -> None:
        if isinstance(answer, hiredis.ReplyError):
            self._refused = stream
            if stream.queue[0].condition and not stream.queue[0].again:
                self.pending_bytes -= len(stream.queue[0].message) + ENTRY_COST
                stream.refused(f"Redis says: {answer}.")
            self.link.fail(f"Redis says: {answer}.")
            return
        self.pending_bytes -= len(stream.queue[0].message) + ENTRY_COST
        if len(answer) == 3:
            stream.written(*answer)
        elif answer:
            stream.missed()
        else:
            stream.discarded()
        self._answered_for[stream] = None

    def _tell_durable(self) -> None:
        streams, self._answered_for = self._answered_for, {}
        for stream in streams:
            self._durable(stream)

    async def _prepare(self, connection: Connection) -> None:
        reason = refusal(parse_info(await connection.call(b"INFO")))
        if reason is not None:
            raise Unusable(reason)
        await connection.call(b"SCRIPT", b"LOAD", APPEND.source)
        await self._try(connection)

    async def _try(self, connection: Connection) -> None:
        refused = self._refused
        stream = refused if refused and refused.queue else next((s for s in self._streams() if s.queue), None)
        if stream is None:
            await connection.call(b"EVAL", PROBE.source, b"1", self._names.probe)
            return
        self._refused = stream
        stream.sent = 1  # without an answer it may be in the stream or not
        self._answered(stream, await connection.ask(self._command(stream, stream.queue[0])))

    def _up(self) -> None:
        self._outage = ""
        self._refused = None
        self._tell_durable()
        for stream in self._streams():
            self._send(stream)
        self._tell_up()

    def _down(self, reason: str) -> None:
        self._outage = reason
        for stream in self._streams():
            stream.mark_unsent()
        self._tell_down(reason)

"""The journal of the cluster mode: Redis Streams, with the store behind them.

An append is one Lua call that appends, marks the document for compaction and publishes (PROTOCOL J1); what
one loop tick appends leaves in one write. It is durable when Redis has answered. A replica hears of the
others' entries by one subscription per open document (:mod:`.subscriber`), keeps a cursor and a memory
for each (:mod:`.stream`), and finds and mends what was missed or lost (:mod:`.recovery`).
Room events come from the store, every 500 ms and at once when any replica says so.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from redis.exceptions import RedisError

from ...errors import Unavailable
from ...store.events import Event
from ...store.port import ClusterStore, Loaded, Mark
from ...util.tasks import end_tasks
from ..merger import Merger
from ..port import DocumentListener
from ..snapshots import Snapshots
from ..subscribers import Subscribers
from .appender import Appender
from .client.address import RedisAddress
from .client.check import health
from .entries import from_notification
from .keys import KeyNames
from .recovery import Recovery, read_stream
from .resets import StreamResets
from .stream import RedisStream
from .subscriber import Subscriber

_LOOK = 0.5  # seconds between looks at the store's events
_ROOMS_KEPT = 10_000


class RedisJournal:
    """The journal of the cluster mode (port.Journal).

    Parameters
    ----------
    store
        Where documents' history and rooms are kept.
    address
        Where Redis is.
    merger
        Who looks into what the store has.
    prefix
        What all names in Redis begin with.
    compaction_delay
        For how long an entry may stay in Redis alone before it is due for compaction, seconds.
    snapshots
        Keeps the tail of each document short.
    max_pending_bytes
        What may wait to be written before appends are refused, bytes.
    """

    def __init__(
        self,
        store: ClusterStore,
        address: RedisAddress,
        merger: Merger,
        *,
        prefix: str = "y",
        compaction_delay: float = 10.0,
        snapshots: Snapshots | None = None,
        max_pending_bytes: int = 64_000_000,
    ) -> None:
        self.names = KeyNames(prefix, address.database)
        self.client = address.client()
        self._address = address
        self._store = store
        self._snapshots = snapshots
        self._origin = secrets.token_hex(8)
        self._numbers = count(1)
        self._streams: dict[bytes, list[RedisStream]] = {}
        self._rooms: dict[str, str] = {}
        self._appender = Appender(
            address,
            self.names,
            compaction_delay=compaction_delay,
            max_pending_bytes=max_pending_bytes,
            streams=self._all_streams,
            durable=self._durable,
            up=self._up,
            down=self._set_outage,
        )
        self._subscriber = Subscriber(
            address,
            always=[self.names.notifications],
            message=self._message,
            up=self._hears,
            down=self._deaf,
        )
        self.recovery = Recovery(
            self.client, self.names, store, merger, streams=self._all_streams, append=self._appender.again
        )
        self._subscribers = Subscribers()
        self._resets = StreamResets(self.client, self.names, store)
        self._subscribers.add(self._resets.event, lambda outage: None)
        self._outage: str | None = None
        self._deaf_because: str | None = None
        self._look_now = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._log = logging.getLogger("jupyter_plant_together.journal")

    # --- start and end -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect, and begin to follow events; Redis may be away."""
        cursor = await self._store.cursor()
        self._appender.link.start()
        self._subscriber.link.start()
        self.recovery.start()
        self._watching = asyncio.get_running_loop().create_task(
            self._subscribers.watch(self._store.events, cursor, self._look_now, _LOOK)
        )

    async def stop(self) -> None:
        """Write what waits (for at most 5 s) and end."""
        end = time.monotonic() + 5
        while self._watching is not None and self._appender.pending_bytes and time.monotonic() < end:  # noqa: ASYNC110 - bounded by time
            await asyncio.sleep(0.01)
        if self._appender.pending_bytes:
            self._log.error("Edits of %d bytes are not in Redis at the stop.", self._appender.pending_bytes)
        await end_tasks([self._watching])
        await self._resets.stop()
        if self._snapshots is not None:
            await self._snapshots.stop()
        await self.recovery.stop()
        await self._appender.link.stop()
        await self._subscriber.link.stop()
        await self.client.aclose()

    @property
    def outage(self) -> str | None:
        """The sentence that says why nothing becomes durable just now, or None."""
        return self._outage

    @property
    def unread_for(self) -> float:
        """For how many seconds the store's events could not be read; 0 if they can."""
        return self._subscribers.unread_for

    async def attach(self, document: str, listener: DocumentListener) -> tuple[Loaded, RedisStream]:
        """Subscribe, read the stream, then the store (PROTOCOL J3)."""
        if self._outage is not None:
            raise Unavailable(self._outage)
        room = self._rooms.get(document) or await self._locate(document)
        origin = f"{self._origin}-{next(self._numbers)}".encode()
        stream = RedisStream(self, room, document, listener, origin)
        channel = self.names.channel(document)
        earlier = list(self._streams.get(channel, ()))
        self._streams.setdefault(channel, []).append(stream)
        try:
            await self._subscriber.subscribe(channel)
            stream.hold()
            found = await read_stream(self.client, self.names, room, document)
            loaded = stream.begin(await self._store.load(document), *found)
        except (RedisError, OSError) as error:
            self._drop(stream)
            raise Unavailable("Redis does not answer; try again in a moment.") from error
        except BaseException:
            self._drop(stream)
            raise
        # What an earlier stream of this process still has to write is neither in Redis nor news to us.
        waiting = [
            entry.stored(document) for before in earlier for entry in before.queue if not entry.condition
        ]
        stream.release(whole=True)
        return replace(loaded, tail=[*loaded.tail, *waiting]), stream

    async def _locate(self, document: str) -> str:
        room, _ = await self._store.locate(document)
        while len(self._rooms) >= _ROOMS_KEPT:
            del self._rooms[next(iter(self._rooms))]
        self._rooms[document] = room.id
        return room.id

    def follow(
        self, event: Callable[[Event], None], outage: Callable[[str | None], None]
    ) -> Callable[[], None]:
        """Call back for each room event and each change of outage; returns the undo."""
        return self._subscribers.add(event, outage)

    def listen(self) -> Callable[[], None]:
        """Do nothing more: this journal always looks for events."""
        return lambda: None

    async def health(self) -> dict[str, str]:
        """Say how Redis is, and how it keeps what it has (J5)."""
        if self._outage is not None:
            return {"state": "error", "message": self._outage}
        if self._deaf_because is not None:
            return {"state": "warning", "message": f"Other servers cannot be heard: {self._deaf_because}"}
        return await health(self.client, self._address)

    async def numbers(self) -> dict[str, float]:
        """Return what ``metrics`` tells of the streams; without Redis only what is known here."""
        return await self.recovery.numbers()

    def notify_now(self) -> None:
        """Look for events now, here and on every replica."""
        self._look_now.set()
        self._appender.publish(self.names.notifications, b"")

    def enqueue(
        self,
        stream: RedisStream,
        update: bytes,
        author: str,
        clients: tuple[int, ...],
        condition: bytes = b"",
    ) -> None:
        """Queue an update and send it if there is a connection; raises Unavailable if too much waits."""
        self._appender.enqueue(stream, update, author, clients, condition)

    def _up(self) -> None:
        self._set_outage(None)
        self.recovery.compare_now()

    def _hears(self) -> None:
        if self._deaf_because is not None:
            self._log.warning("Other servers can be heard again.")
        self._deaf_because = None
        self.recovery.compare_now()

    def _deaf(self, reason: str) -> None:
        if self._deaf_because is None:
            self._log.warning("Other servers cannot be heard: %s", reason)
        self._deaf_because = reason

    def _set_outage(self, outage: str | None) -> None:
        if outage == self._outage:
            return
        if outage is None:
            self._log.warning("Redis is well again.")
        elif self._outage is None:
            self._log.error("Redis cannot be written, edits wait: %s", outage)
        self._outage = outage
        self._subscribers.outage(outage)

    # --- hearing -------------------------------------------------------------------------------------

    def _message(self, channel: bytes, payload: bytes) -> None:
        if channel == self.names.notifications:
            self._look_now.set()
            return
        lines = payload.split(b"\n", 10)
        try:
            if lines[0] == b"u":
                entry = from_notification(lines)
                for stream in list(self._streams.get(channel, ())):
                    stream.heard(entry)
            elif lines[0] == b"p":
                _, origin, announcement = payload.split(b"\n", 2)
                for stream in list(self._streams.get(channel, ())):
                    if stream.origin != origin and not stream.closed:
                        self._subscribers.notify(stream.listener.announced, origin.decode(), announcement)
            elif lines[0] == b"c":
                _, generation, through, rows = lines
                mark = Mark(generation.decode(), through.decode())
                for stream in list(self._streams.get(channel, ())):
                    stream.covered(mark)
                    stream.rows += int(rows)
        except ValueError:  # somebody else publishes here
            self._log.warning("A message on %s is not understood.", channel.decode(errors="replace"))

    def announce(self, stream: RedisStream, payload: bytes) -> None:
        """Tell the other replicas that have the document open."""
        self._appender.publish(
            self.names.channel(stream.document), b"\n".join((b"p", stream.origin, payload))
        )

    def recover(self, stream: RedisStream) -> None:
        """Compare the stream with Redis and the store, soon."""
        self.recovery.request(stream)

    def detach(self, stream: RedisStream) -> None:
        """Tell the listener of ``stream`` no more; it stays until the store has what it remembers."""
        if self._snapshots is not None and self._snapshots.worthwhile(stream.rows, closing=True):
            self._snapshots.request(stream.document)
        self.drained(stream)

    def drained(self, stream: RedisStream) -> None:
        """Drop a closed stream that has nothing left to do."""
        if stream.closed and stream.all_saved:
            self._drop(stream)

    def _drop(self, stream: RedisStream) -> None:
        channel = self.names.channel(stream.document)
        streams = self._streams.get(channel, [])
        if stream in streams:
            streams.remove(stream)
            self._subscriber.unsubscribe(channel)
            if not streams:
                del self._streams[channel]

    def _durable(self, stream: RedisStream) -> None:
        if stream.closed:
            self.drained(stream)
        elif not stream.replaced:
            self._subscribers.notify(stream.listener.durable, stream.durable)

    def _all_streams(self) -> list[RedisStream]:
        return [stream for streams in self._streams.values() for stream in streams]

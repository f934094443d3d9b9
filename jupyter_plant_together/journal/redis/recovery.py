"""How a replica finds what it missed, and gives Redis back what Redis lost (PROTOCOL J2, J4).

A document's stream is read from the cursor. If the chain of entries goes on from there, the gap is closed
and that was all. If not, entries were trimmed or lost, or the stream is another: the whole of it is read,
then the store; what both lack and this replica remembers is appended again under a lock, so that of several
replicas one does it and the others find it done. What the store lacks is told by content, never by an id
(PROTOCOL J8). Every ten seconds, and after every new subscription, the last ids of all open documents are
compared in batches, which finds what no notification told of. Recoveries of one document that follow one
another back off, so that a message that belongs to nobody costs little.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from functools import partial

import redis.asyncio
from redis.exceptions import RedisError

from ...errors import DocumentNotFound, Malformed, Unavailable
from ...store.port import ClusterStore, Loaded
from ...util.tasks import end_tasks
from ..contained import contained
from ..merger import MergeFailed, Merger
from ..port import ENTRY_COST
from .client.leases import lease
from .entries import ZERO, Entry, from_stream, order, parse_state
from .keys import KeyNames
from .stream import RedisStream

_COMPARE = 10.0  # seconds
_CHUNK = 500
_AT_ONCE = 8
_LOCK = 10_000  # milliseconds
_RETRY_FIRST, _RETRY_LAST = 0.05, 2.0
_QUIET = 10.0  # seconds after which a recovery does not follow another any more


async def read_stream(
    client: redis.asyncio.Redis,
    names: KeyNames,
    room: str,
    document: str,
    *,
    start: bytes = b"-",
    limit: int | None = None,
) -> tuple[bytes | None, bytes, list[Entry]]:
    """Return generation, last id and the entries from ``start`` on, as they are at one moment."""
    async with client.pipeline(transaction=True) as pipe:
        pipe.get(names.state(document))
        pipe.xrange(names.stream(room, document), min=start, count=limit)
        state, rows = await pipe.execute()
    generation, last = parse_state(state)
    # What is left of an earlier generation comes first and is as valid (PROTOCOL J8).
    entries = [entry for id_, fields in rows if (entry := from_stream(id_, fields)) is not None]
    return generation, last, entries


class Recovery:
    """Keeps the streams of a journal whole.

    Parameters
    ----------
    client, names, store, merger
        Redis for all but appending, its names, the store, and who looks into what it has.
    streams
        Returns the streams of this replica.
    append
        Appends an entry and returns when it is in the stream; raises ConnectionError.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        names: KeyNames,
        store: ClusterStore,
        merger: Merger,
        *,
        streams: Callable[[], Collection[RedisStream]],
        append: Callable[[RedisStream, Entry], Awaitable[None]],
    ) -> None:
        self._client = client
        self._names = names
        self._store = store
        self._merger = merger
        self._streams = streams
        self._append = append
        self._running: dict[RedisStream, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._comparing: asyncio.Task[None] | None = None
        self._now = asyncio.Event()
        self.recovered = 0
        self.refilled = 0
        self._log = logging.getLogger("jupyter_plant_together.journal")

    def start(self) -> None:
        """Begin to compare."""
        self._comparing = asyncio.get_running_loop().create_task(self._compare_for_ever())

    async def stop(self) -> None:
        """End everything."""
        await end_tasks([self._comparing, *self._running.values()])

    def compare_now(self) -> None:
        """Compare all streams soon: something may have been missed."""
        self._now.set()

    def request(self, stream: RedisStream) -> None:
        """Make one stream whole."""
        stream.whole = False
        if stream not in self._running:
            task = asyncio.get_running_loop().create_task(self._recover(stream))
            self._running[stream] = task
            task.add_done_callback(partial(self._ended, stream))

    def _ended(self, stream: RedisStream, task: asyncio.Task[None]) -> None:
        if self._running.get(stream) is task:
            del self._running[stream]

    async def numbers(self) -> dict[str, float]:
        """Return what ``metrics`` tells of the streams; without Redis only what is known here."""
        streams = self._streams()
        numbers: dict[str, float] = {
            "remembered_entries": sum(len(stream.unpersisted) for stream in streams),
            "recoveries_total": self.recovered,
            "refilled_entries_total": self.refilled,
            "pending_bytes": sum(
                len(entry.message) + ENTRY_COST for stream in streams for entry in stream.queue
            ),
        }
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for stream in streams:
                    pipe.xlen(self._names.stream(stream.room, stream.document))
                lengths = await pipe.execute()
        except (RedisError, OSError):
            return numbers
        return {**numbers, "stream_entries": sum(lengths)}

    # --- comparing -----------------------------------------------------------------------------------

    async def _compare_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), _COMPARE)
            self._now.clear()
            try:
                await self._compare()
                await self._ask_the_store()
            except (RedisError, OSError, Unavailable) as error:  # said elsewhere; the next time may do
                self._log.debug("Comparing streams failed: %s", error)

    async def _compare(self) -> None:
        streams = [stream for stream in self._streams() if stream.whole]
        for first in range(0, len(streams), _CHUNK):
            chunk = streams[first : first + _CHUNK]
            states = await self._client.mget([self._names.state(stream.document) for stream in chunk])
            for stream, state in zip(chunk, states, strict=True):
                same = parse_state(state) == (stream.generation, stream.cursor)
                if stream.whole and (not same or stream.unpersisted.loose):
                    self.request(stream)

    async def _ask_the_store(self) -> None:
        waiting = [stream for stream in self._streams() if stream.unpersisted]
        for first in range(0, len(waiting), _CHUNK):
            chunk = waiting[first : first + _CHUNK]
            progress = await self._store.progress(list({stream.document for stream in chunk}))
            for stream in chunk:
                known = progress.get(stream.document)
                if known is None or known.epoch != stream.epoch:
                    stream.outdated()
                else:
                    stream.covered(known.mark)

    # --- one stream ----------------------------------------------------------------------------------

    async def _recover(self, stream: RedisStream) -> None:
        if time.monotonic() - stream.recovered_at > _QUIET:
            stream.pause = 0.0
        while True:
            await asyncio.sleep(stream.pause)
            stream.pause = min(max(2 * stream.pause, _RETRY_FIRST), _RETRY_LAST)
            try:
                async with self._slots:
                    if await self._close_the_gap(stream) or await self._read_again(stream):
                        break
            except Exception as error:  # noqa: BLE001 - until it is whole again a stream hears nothing
                if isinstance(error, (RedisError, OSError, Unavailable)):
                    self._log.debug("%s cannot be compared yet: %s", stream.document, error)
                else:
                    self._log.exception("Comparing %s failed.", stream.document)
            stream.release(whole=False)  # it failed, or somebody refills: look once more
        self.recovered += 1
        stream.recovered_at = time.monotonic()
        self._running.pop(stream, None)  # what is held may ask for it again
        stream.release(whole=True)

    async def _close_the_gap(self, stream: RedisStream) -> bool:
        stream.hold()
        written = frozenset(stream.unpersisted.loose)
        start = b"-" if stream.cursor == ZERO else stream.cursor
        generation, last, entries = await read_stream(
            self._client, self._names, stream.room, stream.document, start=start
        )
        if generation != stream.generation:
            return False
        least = order(stream.cursor)
        new = [entry for entry in entries if order(entry.id) > least]
        if new[0].prev != stream.cursor if new else last != stream.cursor:
            return False
        if written - {entry.place for entry in new}:
            return False
        for entry in new:
            stream.take(entry)
        stream.resume_at(generation, last)
        return True

    async def _read_again(self, stream: RedisStream) -> bool:
        stream.hold()
        written = stream.unpersisted.places  # all of it was in Redis before it is read
        found = await read_stream(self._client, self._names, stream.room, stream.document)
        known = (await self._store.progress([stream.document])).get(stream.document)
        loaded = await self._load(stream) if not stream.closed else None
        # Only now is anything changed: what failed before this begins again at the old place.
        if known is None or known.epoch != stream.epoch:
            stream.resume_at(*found[:2])
            stream.outdated()
            return True
        stream.read_again(*found, known.mark)
        if loaded is not None:
            stream.reloaded(loaded)
        lost = stream.unpersisted.lost(written)
        if lost:
            lost = await self._lacked(stream, lost, loaded or await self._load(stream))
        if not lost:
            return True
        await self._refill(stream, lost)
        return False

    async def _load(self, stream: RedisStream) -> Loaded | None:
        try:
            return await self._store.load(stream.document)
        except DocumentNotFound:  # deleted: nobody looks at it, but its entries are kept (C3)
            return None

    async def _lacked(self, stream: RedisStream, lost: list[Entry], loaded: Loaded | None) -> list[Entry]:
        """Return those of ``lost`` that the store lacks, and forget the others."""
        if loaded is None:
            return lost
        updates = {}
        for entry in lost:
            with suppress(Malformed):  # appended again as it is (S4)
                updates[entry.place] = entry.update
        try:
            there = await contained(self._merger, loaded, list(updates.values()))
        except MergeFailed as error:
            self._log.warning("Whether %s has an edit already cannot be told: %s", stream.document, error)
            return lost
        stream.unpersisted.forget([entry for entry in lost if updates.get(entry.place) in there])
        return [entry for entry in lost if updates.get(entry.place) not in there]

    async def _refill(self, stream: RedisStream, lost: list[Entry]) -> None:
        async with lease(self._client, self._names.refill(stream.document), _LOCK) as held:
            if not held:
                return
            # Another replica may have been here since the stream was read.
            _, _, entries = await read_stream(self._client, self._names, stream.room, stream.document)
            there = {entry.message for entry in entries}
            again = [entry for entry in lost if entry.message not in there]
            await asyncio.gather(
                *(self._append(stream, entry._replace(origin=stream.origin, again=True)) for entry in again)
            )
            self.refilled += len(again)
            if again:
                self._log.warning(
                    "Redis had lost %d edits of %s; they are back.", len(again), stream.document
                )

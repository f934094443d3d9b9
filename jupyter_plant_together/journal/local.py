"""The journal of one process over a store: group commit, and a watch for what other processes wrote.

Appends gather while a commit is in flight and go to the store together, in order, so that the rate of
commits follows the disk and not the typing; the first edit after a pause is written at once, under load a
commit begins every 20 ms. A batch that failed is repeated until it succeeds, and nothing
overtakes it (PROTOCOL A2). Two Jupyter servers may share one file (D1): every 200 ms, while documents are
open, the store is asked what else was committed; that question costs microseconds when nothing was.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from ..errors import EpochMismatch, Unavailable
from ..store.events import Event
from ..store.port import Appended, HistoryStore, Loaded, Update
from .attempt import Attempt, Settling
from .port import ENTRY_COST, DocumentListener
from .snapshots import Snapshots
from .subscribers import Subscribers

_BATCH_UPDATES = 2_000
_BATCH_BYTES = 4_000_000
_WATCH_INTERVAL = 0.2
_RETRY_FIRST, _RETRY_LAST = 0.1, 5.0


class LocalStream:
    """One document's stream (port.Stream)."""

    def __init__(self, journal: LocalJournal, document: str, listener: DocumentListener) -> None:
        self._journal = journal
        self.document = document
        self.listener = listener
        self.epoch = 0
        self.appended = 0
        self.durable = 0
        self.rows = 0
        self.closed = False
        self.lost = False
        self.settling = Settling()

    @property
    def all_saved(self) -> bool:
        """Whether everything appended is durable."""
        return self.lost or self.durable == self.appended

    def append(self, update: bytes, author: str, clients: tuple[int, ...]) -> int:
        """Queue an update; returns its ticket."""
        now = time.time_ns() // 1_000_000
        self._journal.enqueue(self, Update(self.document, self.epoch, update, author, now, clients))
        self.appended += 1
        return self.appended

    async def settled(self) -> bytes:
        """Return how far other processes' rows were read: what this one wrote, its document has."""
        return await self.settling.at(lambda: b"%d" % self._journal.cursor)

    def append_at(self, place: bytes, update: bytes, author: str, clients: tuple[int, ...]) -> Attempt:
        """Queue an update that is written if no other process wrote a row after ``place`` (PROTOCOL A8)."""
        now = time.time_ns() // 1_000_000
        attempt = Attempt(place)
        row = Update(self.document, self.epoch, update, author, now, clients)
        self._journal.enqueue(self, row, attempt)
        self.appended += 1
        return attempt

    def announce(self, payload: bytes) -> None:
        """Do nothing: there is no other replica."""

    async def close(self) -> None:
        """Stop telling; what was appended is still written."""
        self.closed = True
        self._journal.detach(self)


class Pending(NamedTuple):
    """What waits to be written; an attempt is written on its condition, in a transaction of its own."""

    stream: LocalStream
    update: Update
    attempt: Attempt | None


class LocalJournal:
    """The journal of the embedded mode (port.Journal).

    Parameters
    ----------
    store
        Where entries are kept; appended to by this process alone and by other processes of the user.
    snapshots
        Keeps the tail of each document short.
    max_pending_bytes
        What may wait to be written before appends are refused, bytes of memory.
    commit_interval
        How long after one commit the next begins at the earliest, seconds; a commit costs some 0.5 ms of
        CPU, as much as fifty deliveries.
    """

    def __init__(
        self,
        store: HistoryStore,
        snapshots: Snapshots,
        *,
        max_pending_bytes: int = 64_000_000,
        commit_interval: float = 0.02,
    ) -> None:
        self._store = store
        self._snapshots = snapshots
        self._max_pending_bytes = max_pending_bytes
        self._commit_interval = commit_interval
        self._streams: dict[str, list[LocalStream]] = {}
        self._pending: deque[Pending] = deque()
        self._pending_bytes = 0
        self._wake = asyncio.Event()
        self._watch_now = asyncio.Event()
        self._subscribers = Subscribers()
        self._cursor = 0
        self._outage: str | None = None
        self._unread_since: float | None = None
        self._listeners = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._log = logging.getLogger("jupyter_plant_together.journal")

    async def start(self) -> None:
        """Begin to write and to watch."""
        self._cursor = await self._store.cursor()
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._watch())]

    async def stop(self) -> None:
        """Write what waits (for at most 5 s) and end."""
        self._stopping = True
        self._wake.set()
        self._watch_now.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._snapshots.stop()
        if self._pending:
            self._log.error("%d updates could not be written before the stop.", len(self._pending))

    @property
    def cursor(self) -> int:
        """How far the store was read; each row of other processes up to there was told to its streams."""
        return self._cursor

    @property
    def outage(self) -> str | None:
        """The sentence that says why nothing becomes durable just now, or None."""
        return self._outage

    @property
    def unread_for(self) -> float:
        """For how many seconds the store's events could not be read; 0 if they can."""
        return 0.0 if self._unread_since is None else time.monotonic() - self._unread_since

    async def attach(self, document: str, listener: DocumentListener) -> tuple[Loaded, LocalStream]:
        """Listen first, then read."""
        stream = LocalStream(self, document, listener)
        self._streams.setdefault(document, []).append(stream)
        self._watch_now.set()  # with no document open the watch sleeps
        try:
            loaded = await self._store.load(document)
        except BaseException:
            self.detach(stream)
            raise
        stream.epoch = loaded.document.epoch
        stream.rows = len(loaded.tail)
        # What an earlier stream of this process still has to write is neither in the store nor news to us.
        for _, update, attempt in list(self._pending):
            if attempt is None and update.document == document and update.epoch == stream.epoch:
                listener.received(update.data, update.author)
        return loaded, stream

    def follow(
        self, event: Callable[[Event], None], outage: Callable[[str | None], None]
    ) -> Callable[[], None]:
        """Call back for each room event and each change of outage; returns the undo."""
        return self._subscribers.add(event, outage)

    def listen(self) -> Callable[[], None]:
        """Look for events also while no document is open, until the function returned is called."""
        self._listeners += 1
        self._watch_now.set()

        def end() -> None:
            self._listeners -= 1

        return end

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok"}``, or why nothing becomes durable just now."""
        return {"state": "ok"} if self._outage is None else {"state": "error", "message": self._outage}

    async def numbers(self) -> dict[str, float]:
        """Return how much waits to be written."""
        return {"pending_bytes": self._pending_bytes}

    def notify_now(self) -> None:
        """Look for events now."""
        self._watch_now.set()

    def detach(self, stream: LocalStream) -> None:
        """Tell its listener no more; snapshot the document if a worthwhile tail is left behind."""
        streams = self._streams.get(stream.document, [])
        if stream in streams:
            streams.remove(stream)
        if not streams:
            self._streams.pop(stream.document, None)
        if self._snapshots.worthwhile(stream.rows, closing=True):
            self._snapshots.request(stream.document)

    def enqueue(self, stream: LocalStream, update: Update, attempt: Attempt | None = None) -> None:
        """Add to the next batch; raises Unavailable if too much waits already, or no attempt can be made."""
        if attempt is not None and self._outage is not None:
            raise Unavailable(self._outage)
        if self._pending_bytes > self._max_pending_bytes:
            raise Unavailable(self._outage or "The disk cannot keep up; try again in a moment.")
        self._pending.append(Pending(stream, update, attempt))
        self._pending_bytes += len(update.data) + ENTRY_COST
        self._wake.set()

    async def _write(self) -> None:
        begun = 0.0
        while True:
            if not self._pending:
                if self._stopping:
                    return
                self._wake.clear()
                await self._wake.wait()
                continue
            pause = begun + self._commit_interval - time.monotonic()
            if pause > 0 and not self._stopping:
                await asyncio.sleep(pause)
            begun = time.monotonic()
            attempt = self._pending[0].attempt
            if attempt is not None:
                await self._try(self._pending[0], attempt)
                continue
            batch = self._take()
            refused = await self._append([item.update for item in batch])
            self._done(batch, refused)

    def _take(self) -> list[Pending]:
        batch: list[Pending] = []
        size = 0
        for item in self._pending:
            size += len(item.update.data)
            if batch and (size > _BATCH_BYTES or len(batch) >= _BATCH_UPDATES or item.attempt is not None):
                break
            batch.append(item)
        return batch

    async def _try(self, item: Pending, attempt: Attempt) -> None:
        """Make an attempt, once: where it fails nothing was changed, and whoever asked can ask again."""
        stream, update = item.stream, item.update
        appended: Appended | None = None
        attempt.sent = not attempt.outcome.done()
        if attempt.sent:
            try:
                appended = await self._store.append_at(update, int(attempt.place))
            except Unavailable as error:
                attempt.fail(error)
            except Exception:  # noqa: BLE001 - as in _append: whatever it is, it must not end the writing
                self._log.exception("The store failed.")
                attempt.fail(Unavailable("The store failed; the server's log says why."))
        if appended is not None and not appended.refused:
            # Also whoever opened the document while this was under way: what was read may not have it.
            for open_stream in self._streams.get(update.document, ()):
                self._subscribers.notify(open_stream.listener.received, update.data, update.author)
        elif appended is None and not attempt.outcome.done():
            stream.settling.missed(attempt.place)
            self._watch_now.set()
        self._done([item], frozenset() if appended is None else appended.refused)
        if stream.lost:
            attempt.fail(EpochMismatch("The history of this document was replaced."))
        attempt.settle(appended is not None)

    async def _append(self, updates: list[Update]) -> frozenset[tuple[str, int]]:
        delay = _RETRY_FIRST
        while True:
            try:
                appended = await self._store.append(updates)
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing may be called durable
                if not isinstance(error, Unavailable):
                    self._log.exception("The store failed.")
                self._set_outage(getattr(error, "message", "The store failed; the server's log says why."))
                await asyncio.sleep(delay)
                delay = min(2 * delay, _RETRY_LAST)
            else:
                self._set_outage(None)
                return appended.refused

    def _done(self, batch: list[Pending], refused: frozenset[tuple[str, int]]) -> None:
        counts: dict[LocalStream, int] = {}
        for stream, update, _ in batch:
            self._pending.popleft()
            self._pending_bytes -= len(update.data) + ENTRY_COST
            counts[stream] = counts.get(stream, 0) + 1
        for stream, count in counts.items():
            # What was of a replaced history is never called durable; the event that says so is on its way.
            stream.lost |= (stream.document, stream.epoch) in refused
            if stream.lost:
                continue
            stream.durable += count
            stream.rows += count
            if not stream.closed:
                self._subscribers.notify(stream.listener.durable, stream.durable)
            if self._snapshots.worthwhile(stream.rows, closing=False):
                stream.rows = 0
                self._snapshots.request(stream.document)

    def _set_outage(self, outage: str | None) -> None:
        if outage == self._outage:
            return
        self._outage = outage
        if outage is None:
            self._log.warning("The store is well again.")
        else:
            self._log.error("The store cannot be written, edits wait: %s", outage)
            for item in self._pending:
                if item.attempt is not None:  # not sent: it is behind what cannot be written
                    item.attempt.fail(Unavailable(outage))
        self._subscribers.outage(outage)

    async def _watch(self) -> None:
        while not self._stopping:
            awake = self._streams or self._listeners
            with suppress(TimeoutError):
                await asyncio.wait_for(self._watch_now.wait(), _WATCH_INTERVAL if awake else None)
            self._watch_now.clear()
            try:
                changes = await self._store.changes(self._cursor)
            except Unavailable as error:
                self._log.warning("The store cannot be read: %s", error.message)
                self._unread_since = self._unread_since or time.monotonic()
                await asyncio.sleep(1)
                continue
            self._unread_since = None
            self._cursor = changes.cursor
            for stored in changes.updates:
                for stream in list(self._streams.get(stored.document, [])):
                    if stream.epoch in (0, stored.epoch):
                        self._subscribers.notify(stream.listener.received, stored.data, stored.author)
            for event in changes.events:
                self._subscribers.event(event)
            for streams in self._streams.values():
                for stream in streams:
                    stream.settling.moved()

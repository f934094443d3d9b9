"""Moves the entries of streams into the store, and only then trims them.

Any number of compactors run, one in each replica and as ``jupyter plant-together compact``. What makes them
correct is the store's mark: rows and mark change in one transaction, and only if the mark is what it was when
the entries were read (PROTOCOL C1). A compactor may die between any two steps: what was committed is found
committed by the next pass, and trimmed. Where the first entry behind the mark does not name the mark as the
one before it, the stream has lost its end: all of it is read, and its content tells what the store has (J8).

A lease keeps two from doing the same work. A document is due ``compaction_delay`` after its first entry that
is not in the store; a sweeper finds streams that nobody marked (J6), and leaves alone those of documents that
the store does not know.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import redis.asyncio
from redis.exceptions import RedisError

from ...errors import Unavailable
from ...store.port import ClusterStore, Mark, Update
from ...util.tasks import end_tasks
from ..merger import MergeFailed, Merger
from ..redis.client.leases import lease
from ..redis.entries import Entry, behind, next_id
from ..redis.keys import KeyNames
from ..redis.recovery import read_stream
from ..redis.script import DUE, TRIM, WAITING
from ..snapshots import Snapshots
from .rows import RowMaker
from .sweeper import Sweeper

_ENTRIES = 5_000  # of one pass; what is left is due at once
_AT_ONCE = 4
_DOCUMENTS = 64
_PAUSE_AFTER_FAILURE = 2.0
_NO_PAUSE = 0.02  # while more is due than one round takes
_BUSY = 0.1
_COUNTED = 10_000  # documents whose rows are counted


@dataclass(slots=True)
class CompactionCounts:
    """What a compactor has done since it started."""

    passes: int = 0
    failures: int = 0
    entries: int = 0
    rows: int = 0
    bytes_read: int = 0
    bytes_written: int = 0


class LeaseTaken:
    """Another compactor works on this document just now."""


Outcome: TypeAlias = Exception | type[LeaseTaken] | None  # of one document


class Compactor:
    """Compacts whatever is due.

    Parameters
    ----------
    client, names
        Redis and its names.
    store, merger, snapshots
        Where entries go, and who merges.
    compaction_delay
        After how many seconds an entry is due.
    min_message_lifetime
        For how many seconds an entry stays in its stream although the store has it.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        names: KeyNames,
        store: ClusterStore,
        merger: Merger,
        snapshots: Snapshots,
        *,
        compaction_delay: float = 10.0,
        min_message_lifetime: float = 60.0,
    ) -> None:
        self.counts = CompactionCounts()
        self._client = client
        self._names = names
        self._store = store
        self._snapshots = snapshots
        self._delay = compaction_delay
        self._lifetime = min_message_lifetime
        self._rows = RowMaker(store, merger)
        self._sweeper = Sweeper(client, names, store)
        self._tails: dict[str, int] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waits_for: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._log = logging.getLogger("jupyter_plant_together.compactor")

    def start(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._work()), loop.create_task(self._sweeper.run())]

    async def stop(self) -> None:
        """End; a pass in progress ends where it is, which harms nothing."""
        await end_tasks(self._tasks)

    async def _work(self) -> None:
        busy = False
        while True:
            pause = _NO_PAUSE if busy else min(1.0, self._delay / 4)
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            try:
                busy = await self.run() >= _DOCUMENTS
                if self._waits_for is not None:
                    self._log.warning("Compaction goes on.")
                self._waits_for = None
            except (RedisError, OSError, Unavailable, MergeFailed) as error:
                self.counts.failures += 1
                if self._waits_for is None:
                    self._log.error("Compaction waits, nothing is trimmed: %s", error)
                self._waits_for = str(error)
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)

    async def run(self) -> int:
        """Compact what is due; returns how many documents were."""
        late, *due = await self._client.eval(DUE.text, 1, self._names.marked, _DOCUMENTS)
        random.shuffle(due)
        outcomes = await (self._hurry(due) if late > self._delay * 1000 else self._go_gently(due))
        failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failed:
            raise failed[0]
        return len(due)

    async def _go_gently(self, due: list[bytes]) -> list[Outcome]:
        # Documents that were opened together are due together. One after the other, resting in between, they
        # take at most half of the time from whoever types meanwhile.
        outcomes: list[Outcome] = []
        for member in due:
            began = time.monotonic()
            outcomes.append(await self._leased(member))
            if isinstance(outcomes[-1], (RedisError, OSError, Unavailable)):
                break
            await asyncio.sleep(time.monotonic() - began)
        return outcomes

    async def _hurry(self, due: list[bytes]) -> list[Outcome]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._leased(member)) for member in due]
        return [task.result() for task in tasks]

    async def sweep(self) -> int:
        """Mark streams that hold anything and are not marked; returns how many."""
        return await self._sweeper.sweep()

    async def compact_all(self) -> int:
        """Compact whatever there is, due or not; returns how many documents failed."""
        await self.sweep()
        failed = 0
        members = cast(list[bytes], await self._client.zrange(self._names.marked, 0, -1))
        for member in members:
            outcome = await self._leased(member)
            while outcome is LeaseTaken:
                await asyncio.sleep(_BUSY)
                outcome = await self._leased(member)
            failed += outcome is not None
        return failed

    async def numbers(self) -> dict[str, float]:
        """Return what ``metrics`` tells of compaction; without Redis only this process's own counts."""
        counts = self.counts
        own: dict[str, float] = {
            "compaction_passes_total": counts.passes,
            "compaction_failures_total": counts.failures,
            "compaction_entries_total": counts.entries,
            "compaction_rows_total": counts.rows,
            "compaction_read_bytes_total": counts.bytes_read,
            "compaction_written_bytes_total": counts.bytes_written,
        }
        try:
            marked, waits = await self._client.eval(WAITING.text, 1, self._names.marked)
        except (RedisError, OSError):
            return own
        return {**own, "compaction_marked": marked, "compaction_lag_seconds": waits / 1000}

    async def health(self) -> dict[str, str]:
        """Return ``ok``, or ``warning`` with a message while compaction waits for something."""
        if self._waits_for is None:
            return {"state": "ok"}
        return {"state": "warning", "message": f"Compaction waits, nothing is trimmed: {self._waits_for}"}

    async def _leased(self, member: bytes) -> Outcome:
        room, _, document = member.decode(errors="replace").partition(":")
        async with self._slots:
            try:
                async with lease(self._client, self._names.lease(document)) as held:
                    if not held:
                        return LeaseTaken
                    await self.compact(room, document)
            except (RedisError, OSError, Unavailable, MergeFailed) as error:
                return error
            except Exception as error:  # noqa: BLE001 - a fault of one document must not stop the others
                self._log.exception("Compaction of %s failed.", document)
                return MergeFailed(str(error))
        return None

    async def compact(self, room: str, document: str) -> None:
        """Move one document's entries into the store, and trim."""
        doubt: bool | None = False
        while doubt is not None:
            doubt = await self._pass(room, document, doubt)

    async def _pass(self, room: str, document: str, doubt: bool) -> bool | None:
        """Do at most ``_ENTRIES`` entries; None if that was all, else the ``doubt`` of the next pass.

        ``doubt`` says that what is behind the mark may be in the store all the same.
        """
        known = (await self._store.progress([document])).get(document)
        if known is None:  # not ours, or purged
            await self._client.zrem(self._names.marked, f"{room}:{document}")
            return None
        mark = known.mark
        start = b"-" if mark is None else mark.through.encode()
        generation, last, entries = await self._read(room, document, start)
        new = behind(mark, generation, last, entries)
        if new is None:
            generation, last, new = await self._read(room, document, b"-")
            doubt = True
        if generation is None or (doubt and not new):
            await self._client.zrem(self._names.marked, f"{room}:{document}")
            return None
        if not new:
            if mark is not None:
                await self._trim(room, document, mark, 0)
            return None
        ours = [entry for entry in new if entry.epoch == known.epoch]
        rows = await self._rows.make(document, ours, doubt=doubt)
        reached = Mark(new[-1].generation.decode(), new[-1].id.decode())
        if not await self._store.compact(document, known.epoch, rows, expected=mark, mark=reached):
            return None  # somebody else was faster
        self._count(document, new, rows)
        await self._trim(room, document, reached, len(rows))
        return None if reached.through.encode() == last else doubt

    async def _read(self, room: str, document: str, start: bytes) -> tuple[bytes | None, bytes, list[Entry]]:
        return await read_stream(self._client, self._names, room, document, start=start, limit=_ENTRIES)

    def _count(self, document: str, entries: Sequence[Entry], rows: Sequence[Update]) -> None:
        counts = self.counts
        counts.passes += 1
        counts.entries += len(entries)
        counts.rows += len(rows)
        counts.bytes_read += sum(len(entry.message) for entry in entries)
        counts.bytes_written += sum(len(row.data) for row in rows)
        total = self._tails.pop(document, 0) + len(rows)
        if self._snapshots.worthwhile(total, closing=False):
            self._snapshots.request(document)
            total = 0
        self._tails[document] = total
        if len(self._tails) > _COUNTED:
            del self._tails[next(iter(self._tails))]

    async def _trim(self, room: str, document: str, mark: Mark, rows: int) -> None:
        through = mark.through.encode()
        await self._client.eval(
            TRIM.text,
            3,
            self._names.stream(room, document),
            self._names.state(document),
            self._names.marked,
            self._names.channel(document),
            f"{room}:{document}",
            mark.generation,
            through,
            next_id(through),
            int(self._lifetime * 1000),
            int(self._delay * 1000),
            rows,
        )

"""Moves the entries of streams into the store, and only then trims them.

Any number of compactors run, one in each replica and as ``jupyter plant-together compact``. What makes them
correct is the store's mark: rows and mark change in one transaction, and only if the mark is what it was when
the entries were read (PROTOCOL C1). A compactor may die between any two steps: what was committed is found
committed by the next pass, and trimmed. A lease keeps two from doing the same work. A document is due
``compaction_delay`` after its first entry that is not in the store; a sweeper finds streams that nobody
marked (J6), and leaves alone those of documents that the store does not know.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import pycrdt
import redis.asyncio
from redis.exceptions import RedisError

from ..errors import DocumentNotFound, Malformed, Unavailable
from ..ids import DOCUMENT_ID, ROOM_ID
from ..protocol import parse_state_vector
from ..store.port import ClusterStore, Mark, Update
from ..updates import inspect
from .leases import lease
from .merger import MergeFailed, Merger
from .redis_entries import Entry, covers, next_id
from .redis_keys import DUE, TRIM, Names
from .redis_recovery import read_stream
from .snapshots import Snapshots
from .squash import squash
from .tasks import end_tasks

_ENTRIES = 5_000  # of one pass; what is left is due at once
_AT_ONCE = 4
_DOCUMENTS = 64
_SWEEP = 60.0  # seconds
_SCAN = 500
_PAUSE_AFTER_FAILURE = 2.0
_COUNTED = 10_000  # documents whose rows are counted


@dataclass(slots=True)
class Counts:
    """What a compactor has done since it started."""

    passes: int = 0
    failures: int = 0
    entries: int = 0
    rows: int = 0
    bytes_read: int = 0
    bytes_written: int = 0


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
        names: Names,
        store: ClusterStore,
        merger: Merger,
        snapshots: Snapshots,
        *,
        compaction_delay: float = 10.0,
        min_message_lifetime: float = 60.0,
    ) -> None:
        self.counts = Counts()
        self._client = client
        self._names = names
        self._store = store
        self._merger = merger
        self._snapshots = snapshots
        self._delay = compaction_delay
        self._lifetime = min_message_lifetime
        self._rows: dict[str, int] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []
        self._log = logging.getLogger("jupyter_plant_together.compactor")

    def start(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._work()), loop.create_task(self._sweep_for_ever())]

    async def stop(self) -> None:
        """End; a pass in progress ends where it is, which harms nothing."""
        await end_tasks(self._tasks)

    async def _work(self) -> None:
        well = True
        while True:
            await asyncio.sleep(min(1.0, self._delay / 4) * random.uniform(0.5, 1))
            try:
                await self.run()
                if not well:
                    self._log.warning("Compaction goes on.")
                well = True
            except (RedisError, OSError, Unavailable, MergeFailed) as error:
                self.counts.failures += 1
                if well:
                    self._log.error("Compaction waits, nothing is trimmed: %s", error)
                well = False
                await asyncio.sleep(_PAUSE_AFTER_FAILURE)

    async def run(self) -> int:
        """Compact what is due; returns how many documents were."""
        due = await self._client.eval(DUE.text, 1, self._names.marked, _DOCUMENTS)
        random.shuffle(due)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._leased(member)) for member in due]
        failed = [error for task in tasks if (error := task.result()) is not None]
        if failed:
            raise failed[0]
        return len(due)

    async def _leased(self, member: bytes) -> Exception | None:
        room, _, document = member.decode(errors="replace").partition(":")
        async with self._slots:
            try:
                async with lease(self._client, self._names.lease(document)) as held:
                    if held:
                        await self.compact(room, document)
            except (RedisError, OSError, Unavailable, MergeFailed) as error:
                return error
            except Exception as error:  # noqa: BLE001 - a fault of one document must not stop the others
                self._log.exception("Compaction of %s failed.", document)
                return MergeFailed(str(error))
        return None

    async def compact(self, room: str, document: str) -> None:
        """Move one document's entries into the store, and trim."""
        while await self._pass(room, document):
            pass

    async def _pass(self, room: str, document: str) -> bool:
        """Do at most ``_ENTRIES`` entries; returns whether there may be more."""
        known = (await self._store.progress([document])).get(document)
        if known is None:  # not ours, or purged
            await self._client.zrem(self._names.marked, f"{room}:{document}")
            return False
        mark = known.mark
        start = b"-" if mark is None else mark.through.encode()
        generation, last, entries = await self._read(room, document, start)
        if generation is None:
            await self._client.zrem(self._names.marked, f"{room}:{document}")
            return False
        if mark is not None and mark.generation.encode() != generation:
            generation, last, entries = await self._read(room, document, b"-")
        new = [entry for entry in entries if not covers(mark, entry)]
        if generation is None or not new:
            if mark is not None:
                await self._trim(room, document, mark, 0)
            return False
        rows = await self._rows_of(document, [entry for entry in new if entry.epoch == known.epoch])
        reached = Mark(generation.decode(), new[-1].id.decode())
        if not await self._store.compact(document, known.epoch, rows, expected=mark, mark=reached):
            return False  # somebody else was faster
        self._count(document, new, rows)
        await self._trim(room, document, reached, len(rows))
        return reached.through.encode() != last

    async def _read(self, room: str, document: str, start: bytes) -> tuple[bytes | None, bytes, list[Entry]]:
        return await read_stream(self._client, self._names, room, document, start=start, limit=_ENTRIES)

    async def _rows_of(self, document: str, entries: Sequence[Entry]) -> list[Update]:
        updates, doubtful = [], []
        for entry in entries:
            try:
                update = entry.row(document)
            except Malformed:
                self._log.error("An entry of %s is not an update and is left out.", document)
                continue
            updates.append(update)
            if entry.again:
                doubtful.append(update.data)
        if doubtful:
            contained = await self._contained(document, doubtful)
            updates = [update for update in updates if update.data not in contained]
        return await self._merger.run(squash, updates)

    async def _contained(self, document: str, updates: Sequence[bytes]) -> set[bytes]:
        """Return those of ``updates`` that bring nothing to what the store has."""
        try:
            loaded = await self._store.load(document)
        except DocumentNotFound:  # deleted: keep what there is (C3)
            return set()
        parts = [] if loaded.snapshot is None else [loaded.snapshot]
        state = await self._merger.merge([*parts, *(row.data for row in loaded.tail)])
        return await self._merger.run(_contained, state, updates)

    def _count(self, document: str, entries: Sequence[Entry], rows: Sequence[Update]) -> None:
        counts = self.counts
        counts.passes += 1
        counts.entries += len(entries)
        counts.rows += len(rows)
        counts.bytes_read += sum(len(entry.message) for entry in entries)
        counts.bytes_written += sum(len(row.data) for row in rows)
        total = self._rows.pop(document, 0) + len(rows)
        if self._snapshots.worthwhile(total, closing=False):
            self._snapshots.request(document)
            total = 0
        self._rows[document] = total
        if len(self._rows) > _COUNTED:
            del self._rows[next(iter(self._rows))]

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

    # --- streams that nobody marked ------------------------------------------------------------------

    async def _sweep_for_ever(self) -> None:
        while True:
            with suppress(RedisError, OSError, Unavailable):  # said by _work; the next sweep finds it too
                # One replica at a time: the key is left to expire.
                if await self._client.set(self._names.sweep, b"1", nx=True, px=int(_SWEEP * 900)):
                    await self.sweep()
            await asyncio.sleep(_SWEEP * random.uniform(0.9, 1.1))

    async def sweep(self) -> int:
        """Mark the streams of our documents that hold anything and are not marked; returns how many."""
        name = re.compile(
            re.escape(f"{self._names.prefix}:room:") + f"({ROOM_ID.pattern}:{DOCUMENT_ID.pattern})"
        )
        found = 0
        cursor = 0
        while True:
            cursor, keys = await self._client.scan(
                cursor, match=f"{_literal(self._names.prefix)}:room:*", count=_SCAN, _type="stream"
            )
            members = [m[1] for key in keys if (m := name.fullmatch(_text(key)))]
            found += await self._mark(members)
            if cursor == 0:
                return found

    async def _mark(self, members: Sequence[str]) -> int:
        if not members:
            return 0
        known = await self._store.progress([member.partition(":")[2] for member in members])
        ours = [member for member in members if member.partition(":")[2] in known]
        async with self._client.pipeline(transaction=False) as pipe:
            for member in ours:
                pipe.xlen(self._names.stream(*member.split(":")))
            lengths = await pipe.execute()
        held = {member: 0.0 for member, length in zip(ours, lengths, strict=True) if length}
        return int(await self._client.zadd(self._names.marked, held, nx=True) or 0) if held else 0


def _contained(state: bytes, updates: Sequence[bytes]) -> set[bytes]:
    vector = parse_state_vector(pycrdt.get_state(state))
    deleted = inspect(state).joined_deletions()
    shapes = ((update, inspect(update)) for update in updates)
    return {update for update, shape in shapes if shape.within(vector) and shape.deletes_only(deleted)}


def _text(key: bytes | str) -> str:
    return key if isinstance(key, str) else key.decode(errors="replace")


def _literal(text: str) -> str:
    """Return a pattern of Redis that matches ``text`` alone."""
    return re.sub(r"([*?\[\]\\^-])", r"\\\1", text)

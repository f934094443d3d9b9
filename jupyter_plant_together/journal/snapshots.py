"""Snapshots: now and then a document's snapshot and tail become one new snapshot, so that opening is cheap.

They are made from the store's rows alone, never from a live document, so that they need no agreement with
anybody: read, merge elsewhere, write if the newest snapshot is still the one that was read.
"""

from __future__ import annotations

import asyncio
import logging

from ..errors import DocumentNotFound, Unavailable
from ..store.port import HistoryStore
from .merger import MergeFailed, Merger

_TAIL_WHILE_OPEN = 500
_TAIL_AT_CLOSE = 50


class Snapshots:
    """Makes the snapshots that are asked for, one after the other."""

    def __init__(self, store: HistoryStore, merger: Merger) -> None:
        self._store = store
        self._merger = merger
        self._wanted: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._log = logging.getLogger("jupyter_plant_together.journal")

    @staticmethod
    def worthwhile(rows: int, *, closing: bool) -> bool:
        """Whether a tail of ``rows`` rows is long enough for a new snapshot."""
        return rows >= (_TAIL_AT_CLOSE if closing else _TAIL_WHILE_OPEN)

    def request(self, document: str) -> None:
        """Ask for a snapshot of ``document``; asking twice makes one."""
        self._wanted[document] = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Finish the snapshot in progress; forget the others (a later start makes them)."""
        self._wanted.clear()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._wanted:
            document = next(iter(self._wanted))
            del self._wanted[document]
            try:
                await self.make(document)
            except DocumentNotFound:
                self._log.debug("No snapshot of %s: it is gone.", document)
            except (Unavailable, MergeFailed) as error:  # nothing is lost: the tail stays as it is
                self._log.warning("No snapshot of %s: %s", document, error)

    async def make(self, document: str) -> bool:
        """Make a snapshot now; returns False if there was nothing to do or somebody else was first."""
        loaded = await self._store.load(document)
        if not loaded.tail:
            return False
        parts = [] if loaded.snapshot is None else [loaded.snapshot]
        parts += [row.data for row in loaded.tail]
        try:
            state = await self._merger.merge(parts)
        except MergeFailed:
            state = await self._merger.merge(await self._sound(document, parts))
        return await self._store.save_snapshot(
            document, loaded.document.epoch, loaded.tail[-1].seq, state, expected=loaded.snapshot_seq
        )

    async def _sound(self, document: str, parts: list[bytes]) -> list[bytes]:
        """Return the parts that can be merged at all; the others stay where they are, in history (S4)."""
        sound = []
        for part in parts:
            try:
                await self._merger.merge([part])
            except MergeFailed as error:
                self._log.error(
                    "A row of %s (%d bytes) is left out of snapshots: %s", document, len(part), error
                )
            else:
                sound.append(part)
        return sound

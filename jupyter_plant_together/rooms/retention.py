"""Forgetting what is older than ``history_retention``: purging the trash, compacting rows into a snapshot.

It runs hourly, in small steps between which everybody else has their turn; each step is a transaction that
changes nothing when it is done twice, so several replicas may run it at once. Named versions keep their own
state and are never touched; the text itself never changes.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from ..errors import NotFound, Unavailable
from ..store.port import Action, Ref, Store
from .guard import now_ms
from .history_worker import HistoryWorker

_EVERY = 3_600.0  # seconds
_AT_ONCE = 50
_ROWS_A_STEP = 500
_BETWEEN_STEPS = 0.02
BY = "retention"


class Retention:
    """Keeps the store as short as it is meant to be.

    Parameters
    ----------
    store
        What is shortened.
    history_worker
        Merges what is compacted.
    seconds
        How old a row, or something deleted, must be; 0 keeps everything.
    """

    def __init__(self, store: Store, history_worker: HistoryWorker, *, seconds: float) -> None:
        self._store = store
        self._history_worker = history_worker
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None
        self._log = logging.getLogger("jupyter_plant_together.rooms")

    def start(self) -> None:
        """Begin, if there is anything to forget ever."""
        if self._seconds > 0:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End after the step in progress."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def once(self, now: int | None = None) -> None:
        """Purge and compact all that is due now (milliseconds since 1970).

        Raises
        ------
        Unavailable
            If the store cannot be used; what was done stays done.
        """
        due = (now_ms() if now is None else now) - round(self._seconds * 1_000)
        while await self._purge(due) or await self._compact(due):  # noqa: ASYNC110 - a pause, not a wait
            await asyncio.sleep(_BETWEEN_STEPS)

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
            except Unavailable as error:
                self._log.warning("Old history is kept for now: %s", error.message)
            await asyncio.sleep(_EVERY)

    async def _purge(self, due: int) -> bool:
        documents, rooms = await self._store.deleted_before(due, _AT_ONCE)
        action = Action(BY, now_ms())
        for document in documents:
            with suppress(NotFound):  # restored, or purged by another replica, meanwhile
                await self._store.purge(document, action)
            await asyncio.sleep(_BETWEEN_STEPS)
        for room in rooms:
            with suppress(NotFound):
                await self._store.purge_room(Ref(id=room, deleted=True), action)
            await asyncio.sleep(_BETWEEN_STEPS)
        return len(documents) == _AT_ONCE or len(rooms) == _AT_ONCE

    async def _compact(self, due: int) -> bool:
        found = await self._store.compactable(due, _AT_ONCE)
        for document, through in found:
            with suppress(NotFound):
                await self._fold_one(document, through)
        return len(found) == _AT_ONCE

    async def _fold_one(self, document: str, through: int) -> None:
        loaded = await self._store.load_at(document, through)
        parts = [] if loaded.snapshot is None else [loaded.snapshot]
        state, _ = await self._history_worker.merged([*parts, *(row.data for row in loaded.tail)])
        while await self._store.compact_through(document, through, state, limit=_ROWS_A_STEP):  # noqa: ASYNC110
            await asyncio.sleep(_BETWEEN_STEPS)

"""How far a document is durable, and who waits to hear it: sessions with unacknowledged frames, and edits.

Tickets come from the journal's stream and become durable in order (PROTOCOL A2).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from ..errors import PlantTogetherError
from .counts import LiveCounts


class Durability:
    """The tickets of one document."""

    def __init__(self, counts: LiveCounts) -> None:
        self._counts = counts
        self._sample: tuple[int, float] | None = None  # a ticket and when it was given
        self.last = 0
        self.reached = 0
        self._waiters: set[Callable[[], None]] = set()
        self._edits: list[tuple[int, asyncio.Future[None]]] = []

    def begin(self, ticket: int) -> None:
        """Note that ``ticket`` was given."""
        self.last = ticket
        self._counts.updates += 1
        if self._sample is None:
            self._sample = (ticket, time.monotonic())

    def made(self, seconds: float) -> None:
        """Count an update that was durable, after ``seconds``, before anybody had it (PROTOCOL A8)."""
        self._counts.updates += 1
        self._counts.durable_after.observe(seconds)

    def reach(self, ticket: int) -> None:
        """All up to ``ticket`` is durable: tell whoever waits for that."""
        self.reached = ticket
        if self._sample is not None and self._sample[0] <= ticket:
            self._counts.durable_after.observe(time.monotonic() - self._sample[1])
            self._sample = None
        for waiter in list(self._waiters):
            waiter()
        while self._edits and self._edits[0][0] <= ticket:
            _, edit = self._edits.pop(0)
            if not edit.done():
                edit.set_result(None)

    def add_waiter(self, waiter: Callable[[], None]) -> None:
        """Call ``waiter`` whenever more is durable, until it is removed."""
        self._waiters.add(waiter)

    def remove_waiter(self, waiter: Callable[[], None]) -> None:
        """Call ``waiter`` no more; it may be gone already."""
        self._waiters.discard(waiter)

    async def wait_for_all(self) -> None:
        """Return when all appended so far is durable; raises what :meth:`fail` was told."""
        if self.last > self.reached:
            edit: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._edits.append((self.last, edit))
            await edit

    def fail(self, error: PlantTogetherError) -> None:
        """Tell edits that wait why the document ended."""
        edits, self._edits = self._edits, []
        for _, edit in edits:
            if not edit.done():
                edit.set_exception(error)

"""How far a document is durable, and who waits to hear it: sessions with unacknowledged frames, and edits.

Tickets come from the journal's stream and become durable in order (PROTOCOL A2).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ..errors import PlantTogetherError
from .counts import Counts

if TYPE_CHECKING:
    from .session import Session


class Durability:
    """The tickets of one document."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._sample: tuple[int, float] | None = None  # a ticket and when it was given
        self.last = 0
        self.reached = 0
        self._sessions: set[Session] = set()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []

    def begin(self, ticket: int) -> None:
        """Note that ``ticket`` was given."""
        self.last = ticket
        self._counts.updates += 1
        if self._sample is None:
            self._sample = (ticket, time.monotonic())

    def reach(self, ticket: int) -> None:
        """All up to ``ticket`` is durable: tell whoever waits for that."""
        self.reached = ticket
        if self._sample is not None and self._sample[0] <= ticket:
            self._counts.durable_after.observe(time.monotonic() - self._sample[1])
            self._sample = None
        for session in list(self._sessions):
            session.acknowledge()
        while self._waiters and self._waiters[0][0] <= ticket:
            _, waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)

    def owes(self, session: Session, *, owed: bool) -> None:
        """Remember whether a session waits for an acknowledgement."""
        (self._sessions.add if owed else self._sessions.discard)(session)

    async def all(self) -> None:
        """Return when all appended so far is durable; raises what :meth:`fail` was told."""
        if self.last > self.reached:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((self.last, waiter))
            await waiter

    def fail(self, error: PlantTogetherError) -> None:
        """Tell edits that wait why the document ended."""
        waiters, self._waiters = self._waiters, []
        for _, waiter in waiters:
            if not waiter.done():
                waiter.set_exception(error)

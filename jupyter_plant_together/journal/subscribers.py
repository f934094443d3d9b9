"""Who subscribes to a journal: told of room events and of outages, and kept from harming the others."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

from ..errors import Unavailable
from ..store.events import Changes, Event

_AGAIN = 1.0  # seconds, after the store could not be read


class Subscribers:
    """The subscribers of one journal."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._subscribers: dict[int, tuple[Callable[[Event], None], Callable[[str | None], None]]] = {}
        self._unread_since: float | None = None
        self._log = logging.getLogger("jupyter_plant_together.journal")

    @property
    def unread_for(self) -> float:
        """For how many seconds the events could not be read; 0 if they can."""
        return 0.0 if self._unread_since is None else time.monotonic() - self._unread_since

    def add(self, event: Callable[[Event], None], outage: Callable[[str | None], None]) -> Callable[[], None]:
        """Add a subscriber; returns the undo."""
        key = next(self._numbers)
        self._subscribers[key] = (event, outage)
        return lambda: self._subscribers.pop(key, None) and None

    def event(self, event: Event) -> None:
        """Tell everybody of a room event."""
        for callback, _ in list(self._subscribers.values()):
            self.notify(callback, event)

    def outage(self, sentence: str | None) -> None:
        """Tell everybody why nothing becomes durable, or that it does again."""
        for _, callback in list(self._subscribers.values()):
            self.notify(callback, sentence)

    def notify(self, callback: Callable[..., None], *arguments: object) -> None:
        """Call back; a fault there is logged and stays there."""
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 - a fault of one document must not end writing and hearing for all
            self._log.exception("A document failed at news of the journal.")

    async def watch(
        self, read: Callable[[int], Awaitable[Changes]], cursor: int, now: asyncio.Event, interval: float
    ) -> None:
        """Tell of events behind ``cursor`` for ever; look when ``now`` is set and every ``interval`` s."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(now.wait(), interval)
            now.clear()
            try:
                changes = await read(cursor)
            except Unavailable as error:
                self._log.warning("The store cannot be read: %s", error.message)
                self._unread_since = self._unread_since or time.monotonic()
                await asyncio.sleep(_AGAIN)
                continue
            self._unread_since = None
            cursor = changes.cursor
            for event in changes.events:
                self.event(event)

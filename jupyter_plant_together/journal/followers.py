"""Whoever follows a journal: told of room events and of trouble, and kept from harming the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

from ..errors import Unavailable
from ..store.port import Changes, Event

_AGAIN = 1.0  # seconds, after the store could not be read


class Followers:
    """The followers of one journal."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._followers: dict[int, tuple[Callable[[Event], None], Callable[[str | None], None]]] = {}
        self._log = logging.getLogger("jupyter_plant_together.journal")

    def add(
        self, event: Callable[[Event], None], trouble: Callable[[str | None], None]
    ) -> Callable[[], None]:
        """Add a follower; returns the undo."""
        key = next(self._numbers)
        self._followers[key] = (event, trouble)
        return lambda: self._followers.pop(key, None) and None

    def trouble(self, sentence: str | None) -> None:
        """Tell everybody that there is trouble, or that there is none any more."""
        for _, told in list(self._followers.values()):
            self.call(told, sentence)

    def call(self, told: Callable[..., None], *arguments: object) -> None:
        """Call back; a fault there is logged and stays there."""
        try:
            told(*arguments)
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
                await asyncio.sleep(_AGAIN)
                continue
            cursor = changes.cursor
            for event in changes.events:
                for told, _ in list(self._followers.values()):
                    self.call(told, event)

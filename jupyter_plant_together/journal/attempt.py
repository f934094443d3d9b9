"""Appending on a condition (PROTOCOL A8): only if a document's history still ends where an edit was computed.

A stream's *place* is where the history of what its document has taken ends; what it consists of is known
to the journal alone. An attempt is made at a place. It is written, or it misses because somebody else was
faster, or it fails with nothing changed; and after it was sent, it may be that nobody knows for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..errors import PlantTogetherError


class Attempt:
    """An append at ``place`` under way; ``outcome`` tells whether it is written, or raises."""

    def __init__(self, place: bytes) -> None:
        self.place = place
        self.sent = False  # from then on it cannot be withdrawn
        self.outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def settle(self, written: bool) -> None:
        """Say whether it is written; nobody may wait for that any more."""
        if not self.outcome.done():
            self.outcome.set_result(written)

    def fail(self, error: PlantTogetherError) -> None:
        """Say why it could not be made; nothing was changed by it."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class Settling:
    """Waits until a stream is at a place where an attempt may succeed."""

    def __init__(self) -> None:
        self._missed: bytes | None = None
        self._moved = asyncio.Event()

    def moved(self) -> None:
        """Note that the stream may be elsewhere by now."""
        self._moved.set()

    def missed(self, place: bytes) -> None:
        """Note that the history goes on behind ``place``: no attempt is worth making there."""
        self._missed = place

    async def at(self, place: Callable[[], bytes | None]) -> bytes:
        """Return the place once it is known, and no attempt has missed there."""
        while (here := place()) is None or here == self._missed:
            self._moved.clear()
            await self._moved.wait()
        return here

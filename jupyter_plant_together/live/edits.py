"""Edits that the server itself makes of a document's text (PROTOCOL A8): computed, appended, then shown.

An edit is computed from a state whose place the journal knows, and appended on condition that the history
still ends there; only what is durable is shown to anybody. Whoever is faster makes it miss, and it is
computed again, a few times. Edits of one document follow one another. What was sent and not answered in time
goes on by itself: whether it is written is not known, so nobody is told to try again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..errors import PlantTogetherError, Unavailable
from ..journal.attempt import Attempt
from ..store.port import Document
from ..yjs.sync import EMPTY_UPDATE
from .durability import Durability

ATTEMPTS = 5
WITHIN = 15.0  # seconds, from the question to the answer

Wanted = Callable[[bytes], Awaitable[str]]
"""What the text is to be, given the state from which that is computed; raises if nothing is to be done."""


class EditedDocument(Protocol):
    """A live document, seen from the edits of it."""

    taken: int
    """How many updates it has taken."""

    @property
    def info(self) -> Document:
        """Its ids, names and epoch."""
        ...

    @property
    def durability(self) -> Durability:
        """How far it is durable."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why nothing is saved just now, or None."""
        ...

    async def settled(self) -> bytes:
        """Return the place in the journal up to which it has everything."""
        ...

    def snapshot(self) -> bytes:
        """Return its state now."""
        ...

    async def update_from(self, state: bytes, text: str, /) -> bytes:
        """Return the update that turns the text of a state into another."""
        ...

    def attempt(self, place: bytes, update: bytes, author: str, /) -> Attempt:
        """Append an update if the history still ends at a place."""
        ...


class Edits:
    """The edits of one document."""

    def __init__(self, document: EditedDocument) -> None:
        self._document = document
        self._one_at_a_time = asyncio.Lock()
        self._running: dict[asyncio.Task[None], Attempt | None] = {}
        self._shown_by: set[asyncio.Task[None]] = set()
        self._ended: PlantTogetherError = Unavailable("The server is stopping.")
        self._log = logging.getLogger("jupyter_plant_together.live")

    @property
    def under_way(self) -> bool:
        """Whether there are any."""
        return bool(self._running)

    async def make(self, wanted: Wanted, author: str, within: float) -> bool:
        """Make an edit; returns True when it is durable, and False if it is sent and that is not known yet.

        Raises
        ------
        Unavailable
            If it could not be made, and nothing was changed.
        """
        task = asyncio.get_running_loop().create_task(self._make(wanted, author))
        self._running[task] = None
        task.add_done_callback(self._done)
        await asyncio.wait({task}, timeout=within)
        attempt = self._running.get(task)
        if attempt is not None and attempt.sent and not attempt.outcome.done():
            return False
        if not task.done():
            shown = task in self._shown_by
            if attempt is not None:
                attempt.outcome.cancel()
            task.cancel()
            await asyncio.wait({task})
            raise Unavailable(self._why(shown=shown))
        if task.cancelled():
            raise self._ended
        task.result()
        return True

    def end(self, error: PlantTogetherError) -> None:
        """Tell edits that wait why the document ended."""
        self._ended = error
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task)
        self._shown_by.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.debug("An edit of %s was not made: %s", self._document.info.id, error)

    def _why(self, *, shown: bool) -> str:
        reason = self._document.trouble or "the server is too busy"
        if shown:  # somebody else's edit made the text this one
            return f"The text is shown to everyone but is not saved yet: {reason}"
        return f"Nothing was changed: {reason}"

    async def _make(self, wanted: Wanted, author: str) -> None:
        document = self._document
        async with self._one_at_a_time:
            for _ in range(ATTEMPTS):
                if document.trouble is not None:
                    raise Unavailable(self._why(shown=False))
                place = await document.settled()
                taken, state = document.taken, document.snapshot()
                update = await document.update_from(state, await wanted(state))
                if update == EMPTY_UPDATE:
                    await self._wait_for_all()
                    return
                if document.taken == taken and await self._written(place, update, author):
                    return
        raise Unavailable(
            "Nothing was changed: others change this document faster than it can be edited; try again."
        )

    async def _wait_for_all(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._shown_by.add(task)
        await self._document.durability.wait_for_all()

    async def _written(self, place: bytes, update: bytes, author: str) -> bool:
        task = asyncio.current_task()
        assert task is not None
        begun = time.monotonic()
        attempt = self._running[task] = self._document.attempt(place, update, author)
        try:
            written = await attempt.outcome
        except Unavailable as error:
            raise Unavailable(f"Nothing was changed: {error.message}") from None
        finally:
            self._running[task] = None
        if written:
            self._document.durability.made(time.monotonic() - begun)
        return written

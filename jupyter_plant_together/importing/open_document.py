"""A document that exists already, added to through the journal, so that whoever has it open sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from ..errors import Unavailable
from ..journal.port import Journal, Stream
from ..store.port import Loaded

_TIMEOUT = 30.0  # seconds


class _Listener:
    """What the journal tells; only durability matters here (journal.port.DocumentListener)."""

    def __init__(self) -> None:
        self.ticket = 0
        self.changed = asyncio.Event()

    def durable(self, ticket: int) -> None:
        self.ticket = ticket
        self.changed.set()

    def received(self, update: bytes, author: str) -> None:
        """Leave to the open documents what others type meanwhile."""

    def announced(self, origin: str, payload: bytes) -> None:
        """Take no part in presence."""

    def reloaded(self, loaded: Loaded) -> None:
        """Do as in :meth:`received`."""


class OpenDocument:
    """An open document."""

    def __init__(self, loaded: Loaded, stream: Stream, listener: _Listener) -> None:
        self._loaded = loaded
        self._stream = stream
        self._listener = listener

    @property
    def updates(self) -> Sequence[bytes]:
        """Everything that it consisted of when it was opened."""
        snapshot = [] if self._loaded.snapshot is None else [self._loaded.snapshot]
        return [*snapshot, *(row.data for row in self._loaded.tail)]

    async def append(self, update: bytes, author: str, clients: tuple[int, ...]) -> None:
        """Add an update and wait until it is durable; raises Unavailable if that takes too long."""
        ticket = self._stream.append(update, author, clients)
        try:
            async with asyncio.timeout(_TIMEOUT):
                while self._listener.ticket < ticket:
                    self._listener.changed.clear()
                    await self._listener.changed.wait()
        except TimeoutError:
            raise Unavailable("What was imported last is not known to be saved; import again.") from None


@asynccontextmanager
async def open_document(journal: Journal, document: str) -> AsyncIterator[OpenDocument]:
    """Open a document; raises DocumentNotFound, Unavailable."""
    listener = _Listener()
    loaded, stream = await journal.attach(document, listener)
    try:
        yield OpenDocument(loaded, stream, listener)
    finally:
        await stream.close()

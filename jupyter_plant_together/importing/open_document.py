"""A document that exists already, added to through the journal, so that whoever has it open sees it.

What is added was computed from what it consisted of when it was opened, and is appended on that condition
(PROTOCOL A8).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from ..errors import Unavailable
from ..journal.port import Journal, Stream
from ..store.port import Loaded
from ..yjs.textedit import EditPlace

_TIMEOUT = 30.0  # seconds


class _Listener:
    """What the journal tells; nothing of it matters here (journal.port.DocumentListener)."""

    def durable(self, ticket: int) -> None:
        """Leave acknowledgements to the open documents."""

    def received(self, update: bytes, author: str) -> None:
        """Leave to the open documents what others type meanwhile."""

    def announced(self, origin: str, payload: bytes) -> None:
        """Take no part in presence."""

    def reloaded(self, loaded: Loaded) -> None:
        """Do as in :meth:`received`."""


class OpenDocument:
    """An open document."""

    def __init__(self, loaded: Loaded, stream: Stream, place: bytes) -> None:
        self._loaded = loaded
        self._stream = stream
        self._place = place

    @property
    def edit_place(self) -> EditPlace:
        """What the client ids of edits are computed with."""
        document = self._loaded.document
        return EditPlace(document.id, document.epoch, self._loaded.secret)

    @property
    def updates(self) -> Sequence[bytes]:
        """Everything that it consisted of when it was opened."""
        snapshot = [] if self._loaded.snapshot is None else [self._loaded.snapshot]
        return [*snapshot, *(row.data for row in self._loaded.tail)]

    async def append(self, update: bytes, author: str, clients: tuple[int, ...]) -> bool:
        """Add an update, if nobody else did meanwhile; returns whether, once it is durable.

        Raises
        ------
        Unavailable
            If that takes too long.
        """
        attempt = self._stream.append_at(self._place, update, author, clients)
        try:
            async with asyncio.timeout(_TIMEOUT):
                return await attempt.outcome
        except TimeoutError:
            raise Unavailable("What was imported last is not known to be saved; import again.") from None


@asynccontextmanager
async def open_document(journal: Journal, document: str) -> AsyncIterator[OpenDocument]:
    """Open a document; raises DocumentNotFound, Unavailable."""
    loaded, stream = await journal.attach(document, _Listener())
    try:
        yield OpenDocument(loaded, stream, await stream.settled())
    finally:
        await stream.close()

"""``plant.aio``: the same with ``async`` and ``await``, for code that runs in an event loop.

The work is done on the same background thread, so a document stays in step with the server even while the
caller's loop is busy. Reading and editing never wait for the network and are plain calls here, too.

Examples
--------
>>> import asyncio
>>> async def greet():
...     async with await plant.aio.connect("design") as room:
...         doc = await room.open("login")
...         doc.replace("hello", "good morning")
...         await doc.flush()
...         return await room.documents()
>>> asyncio.run(greet())
['login.puml']
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from ..errors import DocumentNotFound
from . import files
from .base_room import BaseRoom
from .cell_display import CellDisplay
from .client.room_client import FLUSH_TIMEOUT, RoomClient
from .client.worker import Worker
from .events import AsyncEvents
from .members import Member, members_of
from .observers import condition
from .pictures import AsyncPictures
from .versions import AsyncVersions

__all__ = ["Document", "Room", "connect"]

T = TypeVar("T")


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})


async def _on(worker: Worker, work: Coroutine[Any, Any, T]) -> T:
    return await asyncio.wrap_future(worker.submit(work))


class Document(AsyncPictures, AsyncVersions, CellDisplay):
    """A shared PlantUML document whose waiting methods are coroutines."""

    async def flush(self, timeout: float | None = FLUSH_TIMEOUT) -> None:
        """Return when every edit so far is durable; raises as the blocking twin does."""
        self._not_in_transaction("flush()")
        await _on(self._worker, self._session.flush(timeout))

    async def wait_for(self, predicate: Callable[[str], object] | str, timeout: float | None = None) -> str:
        """Wait until ``predicate(source)`` is true (or the text contains a string); returns the text."""
        self._not_in_transaction("wait_for()")
        test = condition(predicate)
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            text, version = self._worker.call(self._session.snapshot)
            if test(text):
                return text
            left = None if end is None else max(0.0, end - time.monotonic())
            if not await _on(self._worker, self._session.wait_for_change(version, left)):
                raise TimeoutError(f"{self.room}/{self.name} did not become so within {timeout} s.")

    async def close(self, timeout: float = FLUSH_TIMEOUT) -> None:
        """Flush and leave the document; reads go on."""
        self._not_in_transaction("close()")
        if self._worker.usable:
            await _on(self._worker, self._session.close(timeout))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Room(BaseRoom[Document]):
    """A room whose waiting methods are coroutines; ``await room.open("login")`` opens a document."""

    def __init__(self, client: RoomClient) -> None:
        super().__init__(client, Document)

    async def documents(self) -> list[str]:
        """Return the names of the room's documents."""
        return await _on(self._worker, self._client.names())

    async def open(self, name: str) -> Document:
        """Open a document (``login`` finds ``login.puml``); its content is there on return."""
        return self._hold(await _on(self._worker, self._client.open(name)))

    async def create(self, name: str, source: str = "") -> Document:
        """Create a document and open it; ``.puml`` is added to a name without extension."""
        return self._hold(await _on(self._worker, self._client.create(name, source)))

    async def delete(self, name: str) -> None:
        """Delete a document for everybody; the server keeps it for a restore."""
        await _on(self._worker, self._client.delete(name))

    async def rename(self, name: str, to: str) -> None:
        """Rename a document; whoever has it open keeps it."""
        await _on(self._worker, self._client.rename(name, to))

    async def deleted(self) -> list[str]:
        """Return the names of the deleted documents."""
        return await _on(self._worker, files.deleted(self._client))

    async def restore(self, name: str, to: str | None = None) -> Document:
        """Bring back a deleted document, by another name if ``to`` is given, and open it."""
        return await self.open(await _on(self._worker, files.restore(self._client, name, to)))

    async def export(
        self,
        path: str | os.PathLike[str],
        documents: Sequence[str] = (),
        kinds: Sequence[str] = ("puml",),
    ) -> Path:
        """Write the room, or some documents, into a zip file."""
        return await _on(self._worker, files.export(self._client, path, documents, kinds))

    async def import_files(self, *paths: str | os.PathLike[str]) -> files.Imported:
        """Bring zip and PlantUML files into the room; a repeated import changes only what differs."""
        return await _on(self._worker, files.import_files(self._client, paths))

    async def members(self) -> list[Member]:
        """Return who belongs to the room, and as what."""
        return await _on(self._worker, members_of(self._client))

    @property
    def events(self) -> AsyncEvents:
        """What happens in the room: ``async for event in room.events``."""
        return AsyncEvents(self)

    async def has(self, name: str) -> bool:
        """Whether there is such a document."""
        try:
            await _on(self._worker, self._client.find(name))
        except DocumentNotFound:
            return False
        return True

    async def close(self, timeout: float = FLUSH_TIMEOUT) -> None:
        """Flush and leave every document. Raises what ``flush`` raises, but all is closed then."""
        if not self._worker.usable:
            return
        try:
            await _on(self._worker, self._client.close(timeout))
        finally:
            self._worker.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def connect(
    room: str, *, url: str | None = None, token: str | None = None, create: bool = True
) -> Room:
    """Connect to a room; parameters and errors are those of the blocking ``connect``."""
    worker = Worker(f"plant-together {room}")
    try:
        client = await _on(worker, RoomClient.connect(worker, room, url, token, create))
    except BaseException:
        worker.stop()
        raise
    return Room(client)

"""A document's past, from Python: named versions, and going back to one.

Going back is an edit like any other: the least difference to the version's text, made here and flushed, so
other people's cursors stay and what is typed meanwhile is merged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from .base_document import BaseDocument
from .client.room_client import FLUSH_TIMEOUT

T = TypeVar("T")


@dataclass(frozen=True)
class Version:
    """A named point in a document's past.

    Attributes
    ----------
    id, name
        The version's id, and what it is called.
    by, at
        Who named it, and when.
    source
        The text then.

    Examples
    --------
    >>> version = doc.tag("before review")
    >>> version.source == doc.source
    True
    """

    id: str
    name: str
    by: str
    at: datetime
    source: str


class BaseVersions(BaseDocument):
    """The calls behind :class:`Versions` and its twin."""

    async def _versions(self) -> list[Version]:
        server = self._room._server
        return [
            _version(await server.request("GET", *self._place, "versions", item["id"]))
            for item in await server.items(*self._place, "versions")
        ]

    async def _tag(self, name: str) -> Version:
        await self._session.flush(FLUSH_TIMEOUT)  # what was typed here belongs to it
        made = await self._room._server.request("POST", *self._place, "versions", body={"name": name})
        return _version(await self._room._server.request("GET", *self._place, "versions", made["id"]))

    @property
    def _place(self) -> tuple[str, ...]:
        return ("rooms", "~" + self._room.id, "documents", "~" + self.id)


class Versions(BaseVersions):
    """What :class:`Document` has of its past."""

    @property
    def versions(self) -> list[Version]:
        """The named versions, the newest first.

        Examples
        --------
        >>> [version.name for version in doc.versions]
        ['before review']
        """
        return self._worker.run(self._versions())

    def tag(self, name: str) -> Version:
        """Give the document as it is now a name. It stays for good, also when older history is tidied away.

        Raises
        ------
        AccessDenied, ReadOnly
            If you may not edit the document.
        Disconnected
            If the server does not answer, or does not have the latest edits yet.

        Examples
        --------
        >>> doc.tag("before review").name
        'before review'
        """
        self._not_in_transaction("tag()")
        return self._worker.run(self._tag(name))

    def restore(self, version: Version | str, timeout: float | None = FLUSH_TIMEOUT) -> None:
        """Make the text what it was in a version; returns when that is durable.

        Parameters
        ----------
        version
            One of ``versions``, its name (of several, the newest) or its id.
        timeout
            Seconds to wait; None waits for ever.

        Raises
        ------
        KeyError
            If there is no such version.
        ReadOnly
            If you may not edit the document.
        Disconnected
            If it takes longer than ``timeout``; the edit is kept and sent later.

        Examples
        --------
        >>> doc.restore("before review")
        """
        self._not_in_transaction("restore()")
        self.source = _source(version, [] if isinstance(version, Version) else self.versions)
        self._worker.run(self._session.flush(timeout))


class AsyncVersions(BaseVersions):
    """The same for ``aio``: all are coroutines, ``versions()`` too."""

    async def versions(self) -> list[Version]:
        """Return the named versions, the newest first."""
        return await self._on(self._versions())

    async def tag(self, name: str) -> Version:
        """Give the document as it is now a name; raises as the blocking twin does."""
        self._not_in_transaction("tag()")
        return await self._on(self._tag(name))

    async def restore(self, version: Version | str, timeout: float | None = FLUSH_TIMEOUT) -> None:
        """Make the text what it was in a version; raises as the blocking twin does."""
        self._not_in_transaction("restore()")
        self.source = _source(version, [] if isinstance(version, Version) else await self.versions())
        await self._on(self._session.flush(timeout))

    async def _on(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(self._worker.submit(work))


def _version(found: dict[str, Any]) -> Version:
    at = datetime.fromisoformat(found["at"])
    return Version(found["id"], found["name"], found["by"], at, found["source"])


def _source(wanted: Version | str, known: list[Version]) -> str:
    if isinstance(wanted, Version):
        return wanted.source
    for version in known:
        if wanted in (version.name, version.id):
            return version.source
    raise KeyError(f"There is no version {wanted!r}; tag() makes one.")

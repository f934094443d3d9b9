"""The part of a store that looks back, and that forgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .records import Action, Loaded, Ref, RowInfo, StoredUpdate, Version


class Archive(Protocol):
    """The part of a store that looks back. Raises DocumentNotFound, NotFound and ``errors.Unavailable``."""

    async def timeline(self, document: str, *, before: int | None, limit: int) -> list[RowInfo]:
        """Return the rows of the present epoch with a lower seq than ``before``, the newest first."""
        ...

    async def load_at(self, document: str, seq: int) -> Loaded:
        """Return what makes the state after row ``seq``: a snapshot, if one helps, and the rows behind it."""
        ...

    async def rows(self, document: str, *, after: int, limit: int) -> list[StoredUpdate]:
        """Return the rows after ``after``, the oldest first; what was compacted comes first, as one row."""
        ...

    async def create_version(self, version: Version, state: bytes) -> Version:
        """Keep a version with its state. Writes a ``version.created`` event."""
        ...

    async def versions(self, document: str) -> list[Version]:
        """Return the versions of the present epoch, the newest first."""
        ...

    async def version(self, document: str, version: str) -> tuple[Version, bytes]:
        """Return a version and its state."""
        ...

    async def compact_through(self, document: str, through: int, state: bytes, *, limit: int) -> bool:
        """Remove at most ``limit`` rows through ``through``, whose merged ``state`` stays.

        Returns whether rows are left to be removed. Versions are not touched.
        """
        ...

    async def foldable(self, at: int, limit: int) -> list[tuple[str, int]]:
        """Return documents with many rows from before ``at``, and the last such row of each."""
        ...

    async def purge(self, document: str, action: Action) -> None:
        """Do as :meth:`~.port.RoomStore.purge_document` does, for documents of deleted rooms, too."""
        ...

    async def purge_room(self, room: Ref, action: Action) -> None:
        """Remove a deleted room for good, with the content of all its documents."""
        ...

    async def deleted_before(self, at: int, limit: int) -> tuple[list[str], list[str]]:
        """Return the ids of documents and of rooms that were deleted before ``at`` and not purged."""
        ...

    async def deleters(self, rooms: Sequence[str]) -> Mapping[str, str]:
        """Return who deleted last each of these rooms, and each document in them, by its id."""
        ...

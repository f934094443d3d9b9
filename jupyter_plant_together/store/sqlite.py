"""The store of the embedded mode: one SQLite file that any number of a person's servers may share.

This class only ties the parts together: :mod:`.sqlite_database` has the connections and threads,
:mod:`.sqlite_history`, ``_rooms``, ``_members`` and ``_archive`` the SQL, one function for each call of the
port, which :func:`_reads` and :func:`_writes` make a method of. ``origin`` is a random number of this
instance; it marks the rows it writes, so that :meth:`SQLiteStore.changes` gives back what the others wrote.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..limits import Limits
from . import sqlite_archive as archive_sql
from . import sqlite_history as history_sql
from . import sqlite_members as members_sql
from . import sqlite_rooms as rooms_sql
from .port import Appended, Changes, Document, Room, Update
from .sqlite_database import Database

P = ParamSpec("P")
T = TypeVar("T")
SQL = Callable[Concatenate[sqlite3.Connection, P], T]
Call = Callable[Concatenate["SQLiteStore", P], Coroutine[Any, Any, T]]


def _reads(work: SQL[P, T]) -> Call[P, T]:
    """Make a method of ``work``, which runs in one read transaction on the reader's thread."""

    @wraps(work)
    async def call(store: SQLiteStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.database.read(lambda c: work(c, *args, **kwargs))

    return call


def _writes(work: SQL[P, T]) -> Call[P, T]:
    """Make a method of ``work``, which runs in one write transaction and is durable on return."""

    @wraps(work)
    async def call(store: SQLiteStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.database.write(lambda c: work(c, *args, **kwargs))

    return call


class SQLiteStore:
    """Rooms, documents and history in one SQLite file; see :class:`~.port.Store` for the calls.

    Parameters
    ----------
    path
        The database file; it and its folder are made at the first use.
    migrate
        Whether an older schema is brought up to date when the file is opened.
    busy_timeout
        Seconds to wait for another program that holds the lock.
    """

    def __init__(self, path: Path, *, migrate: bool = True, busy_timeout: float = 5.0) -> None:
        self.database = Database(path, migrate=migrate, busy_timeout=busy_timeout)
        self.origin = secrets.randbits(62)
        # The reader's data_version and the store's end at the last look: nothing new while both hold.
        self._seen: tuple[sqlite3.Connection, int, int] | None = None

    def open(self) -> None:
        """Open and migrate now, blocking: for the start, before the event loop runs."""
        self.database.open()

    async def close(self) -> None:
        """Close the file and end the threads; safe to call twice."""
        await self.database.close()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "warning" | "error", …}`` with reason and message where not ok."""
        return await self.database.health()

    # --- history
    load = _reads(history_sql.load)
    cursor = _reads(history_sql.counter)
    # --- rooms and documents
    room = _reads(rooms_sql.room)
    rooms = _reads(rooms_sql.rooms)
    create_room = _writes(rooms_sql.create_room)
    change_room = _writes(rooms_sql.change_room)
    delete_room = _writes(rooms_sql.delete_room)
    restore_room = _writes(rooms_sql.restore_room)
    document = _reads(rooms_sql.document)
    documents = _reads(rooms_sql.documents)
    locate = _reads(rooms_sql.locate)
    rename_document = _writes(rooms_sql.rename_document)
    delete_document = _writes(rooms_sql.delete_document)
    restore_document = _writes(rooms_sql.restore_document)
    # --- members
    roles = _reads(members_sql.roles)
    members = _reads(members_sql.members)
    invitations = _reads(members_sql.invitations)
    room_events = _reads(members_sql.room_events)
    set_member = _writes(members_sql.set_member)
    remove_member = _writes(members_sql.remove_member)
    create_invitation = _writes(members_sql.create_invitation)
    revoke_invitation = _writes(members_sql.revoke_invitation)
    accept_invitation = _writes(members_sql.accept_invitation)
    # --- the past
    timeline = _reads(archive_sql.timeline)
    load_at = _reads(archive_sql.load_at)
    rows = _reads(archive_sql.rows)
    versions = _reads(archive_sql.versions)
    version = _reads(archive_sql.version)
    foldable = _reads(archive_sql.foldable)
    deleted_before = _reads(archive_sql.deleted_before)
    deleters = _reads(archive_sql.deleters)
    create_version = _writes(archive_sql.create_version)
    fold = _writes(archive_sql.fold)
    purge = _writes(archive_sql.purge)
    purge_room = _writes(archive_sql.purge_room)

    async def append(self, updates: Sequence[Update]) -> Appended:
        """Append in order, all or nothing; durable on return."""
        return await self.database.write(
            lambda connection: history_sql.append(connection, updates, self.origin)
        )

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor``, without a query if nothing was."""
        return await self.database.read(lambda connection: self._changes(connection, cursor))

    async def save_snapshot(
        self, document: str, epoch: int, through: int, state: bytes, expected: int
    ) -> bool:
        """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``."""

        def save(connection: sqlite3.Connection) -> bool:
            saved = history_sql.save_snapshot(
                connection, document, state, epoch=epoch, through=through, expected=expected
            )
            if saved:
                archive_sql.thin_out(connection, document, epoch)
            return saved

        return await self.database.write(save)

    async def retire(self, document: str, state: bytes, clients: Sequence[int], by: str) -> int:
        """Replace a document's history by ``state`` under a new epoch; returns the epoch."""
        return await self.database.write(
            lambda connection: history_sql.retire(
                connection, document, state, clients, by=by, origin=self.origin
            )
        )

    async def create_document(
        self, document: Document, key: str, content: Update | None, *, limits: Limits
    ) -> Document:
        """Keep a new document and its first update, if any, in one transaction."""
        return await self.database.write(
            lambda connection: rooms_sql.create_document(
                connection, document, key, content, origin=self.origin, limits=limits
            )
        )

    async def create_documents(
        self, documents: Sequence[tuple[Document, str, Update | None]], *, limits: Limits
    ) -> list[Document]:
        """Keep new documents with their keys and first updates: all of them or none."""
        return await self.database.write(
            lambda c: [
                rooms_sql.create_document(c, new, key, content, origin=self.origin, limits=limits)
                for new, key, content in documents
            ]
        )

    async def bootstrap(
        self, room: Room, key: str, documents: Sequence[tuple[Document, str, Update]]
    ) -> bool:
        """Make the first room, once in the life of a store and only in an empty one."""
        return await self.database.write(
            lambda connection: rooms_sql.bootstrap(connection, room, key, documents, self.origin)
        )

    def _changes(self, connection: sqlite3.Connection, cursor: int) -> Changes:
        # data_version changes when any other connection commits, our own writer's included.
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        if self._seen is not None:
            seen_by, seen_version, end = self._seen
            if seen_by is connection and seen_version == version and cursor >= end:
                return Changes(cursor, (), ())
        answer = history_sql.changes(connection, cursor, self.origin)
        self._seen = (connection, version, history_sql.counter(connection))
        return answer

"""The store of the cluster mode: a Postgres database that any number of replicas share.

This class only ties the parts together: :mod:`.postgres_database` has the pool and the time-outs,
:mod:`.postgres_history`, ``_rooms``, ``_members`` and ``_archive`` the SQL, one function for each call of the
port, which :func:`_reads` and :func:`_writes` make a method of. ``origin`` is a random number of this
instance; it marks the rows it writes, so that :meth:`PostgresStore.changes` gives back what the others wrote.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from ..limits import Limits
from . import postgres_archive as archive_sql
from . import postgres_history as history_sql
from . import postgres_members as members_sql
from . import postgres_rooms as rooms_sql
from .port import Appended, Changes, Document, Mark, Room, Update
from .postgres_database import Database
from .postgres_schema import Connection

P = ParamSpec("P")
T = TypeVar("T")
SQL = Callable[Concatenate[Connection, P], Awaitable[T]]
Call = Callable[Concatenate["PostgresStore", P], Coroutine[Any, Any, T]]


def _reads(work: SQL[P, T]) -> Call[P, T]:
    """Make a method of ``work``, which runs on one unchanging view of the database."""

    @wraps(work)
    async def call(store: PostgresStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.database.read(lambda c: work(c, *args, **kwargs))

    return call


def _queries(work: SQL[P, T]) -> Call[P, T]:
    """Make a method of ``work``, whose statements read and need no common view."""

    @wraps(work)
    async def call(store: PostgresStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.database.query(lambda c: work(c, *args, **kwargs))

    return call


def _writes(work: SQL[P, T]) -> Call[P, T]:
    """Make a method of ``work``, which runs in one transaction and is durable on return."""

    @wraps(work)
    async def call(store: PostgresStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store.database.write(lambda c: work(c, *args, **kwargs))

    return call


class PostgresStore:
    """Rooms, documents and history in Postgres; see :class:`~.port.ClusterStore` for the calls.

    Parameters
    ----------
    dsn
        The URL of the database. Raises Misconfigured if it is none.
    migrate
        Whether an older schema is brought up to date at the first use.
    pool_size
        The number of connections at most.
    timeout
        Seconds after which a call has failed.
    """

    def __init__(self, dsn: str, *, migrate: bool = True, pool_size: int = 8, timeout: float = 15.0) -> None:
        self.database = Database(dsn, migrate=migrate, pool_size=pool_size, timeout=timeout)
        self.origin = secrets.randbits(62)

    def open(self) -> None:
        """Connect, check and migrate now, blocking: for the start, before the event loop runs."""
        self.database.open()

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        await self.database.close()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "error", …}`` with reason and message where not ok."""
        return await self.database.health()

    # --- history
    load = _reads(history_sql.load)
    progress = _queries(history_sql.progress)
    cursor = _queries(history_sql.counter)
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
        return await self.database.write(lambda c: history_sql.append(c, updates, self.origin))

    async def compact(
        self, document: str, epoch: int, rows: Sequence[Update], *, expected: Mark | None, mark: Mark
    ) -> bool:
        """Append ``rows`` and move the mark from ``expected`` to ``mark`` in one transaction."""
        return await self.database.write(
            lambda c: history_sql.compact(
                c, document, epoch, rows, expected=expected, mark=mark, origin=self.origin
            )
        )

    async def changes(self, cursor: int) -> Changes:
        """Return what was committed after ``cursor``; one small statement if nothing was."""
        return await self.database.query(lambda c: history_sql.changes(c, cursor, self.origin))

    async def events(self, cursor: int) -> Changes:
        """Return the events after ``cursor`` and no updates."""
        return await self.database.query(lambda c: history_sql.changes(c, cursor, None))

    async def save_snapshot(
        self, document: str, epoch: int, through: int, state: bytes, expected: int
    ) -> bool:
        """Store the merged state through seq ``through`` if the newest snapshot is still ``expected``."""

        async def save(c: Connection) -> bool:
            saved = await history_sql.save_snapshot(
                c, document, state, epoch=epoch, through=through, expected=expected
            )
            if saved:
                await archive_sql.thin_out(c, document, epoch)
            return saved

        return await self.database.write(save)

    async def retire(self, document: str, state: bytes, clients: Sequence[int], by: str) -> int:
        """Replace a document's history by ``state`` under a new epoch; returns the epoch."""
        return await self.database.write(
            lambda c: history_sql.retire(c, document, state, clients, by=by, origin=self.origin)
        )

    async def create_document(
        self, document: Document, key: str, content: Update | None, *, limits: Limits
    ) -> Document:
        """Keep a new document and its first update, if any, in one transaction."""
        return await self.database.write(
            lambda c: rooms_sql.create_document(c, document, key, content, origin=self.origin, limits=limits)
        )

    async def create_documents(
        self, documents: Sequence[tuple[Document, str, Update | None]], *, limits: Limits
    ) -> list[Document]:
        """Keep new documents with their keys and first updates: all of them or none."""

        async def create(c: Connection) -> list[Document]:
            return [
                await rooms_sql.create_document(c, new, key, content, origin=self.origin, limits=limits)
                for new, key, content in documents
            ]

        return await self.database.write(create)

    async def bootstrap(
        self, room: Room, key: str, documents: Sequence[tuple[Document, str, Update]]
    ) -> bool:
        """Make the first room, once in the life of a store and only in an empty one."""
        return await self.database.write(lambda c: rooms_sql.bootstrap(c, room, key, documents, self.origin))

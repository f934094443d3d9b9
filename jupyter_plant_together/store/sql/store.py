"""The store over any database: each call of the port is one function of this folder in one transaction.

A database gives three ways to run such a function (:meth:`SqlStore._read` and its neighbours); :func:`_reads`
and its neighbours make a method of a function by one of them. ``origin`` is a random number of the instance;
it marks the rows it writes, so that :meth:`SqlStore.changes` gives back what the others wrote.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from . import archive as archive_sql
from . import history as history_sql
from . import members as members_sql
from . import rooms as rooms_sql
from .transaction import Transaction, Work

P = ParamSpec("P")
T = TypeVar("T")
Sql = Callable[Concatenate[Transaction, P], Coroutine[Any, Any, T]]
Call = Callable[Concatenate["SqlStore", P], Coroutine[Any, Any, T]]


def _reads(work: Sql[P, T]) -> Call[P, T]:
    """Make a method of ``work``, which runs on one unchanging view of the database."""

    @wraps(work)
    async def call(store: SqlStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store._read(lambda transaction: work(transaction, *args, **kwargs))

    return call


def _queries(work: Sql[P, T]) -> Call[P, T]:
    """Make a method of ``work``, whose statements read and need no common view."""

    @wraps(work)
    async def call(store: SqlStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store._query(lambda transaction: work(transaction, *args, **kwargs))

    return call


def _writes(work: Sql[P, T]) -> Call[P, T]:
    """Make a method of ``work``, which runs in one transaction and is durable on return."""

    @wraps(work)
    async def call(store: SqlStore, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await store._write(lambda transaction: work(transaction, *args, **kwargs))

    return call


class SqlStore(ABC):
    """Rooms, members, documents and history by SQL; see :class:`~..port.Store` for the calls."""

    def __init__(self) -> None:
        self.origin = secrets.randbits(62)

    @abstractmethod
    async def _read(self, work: Work[T]) -> T:
        """Run ``work`` on one unchanging view of the database."""

    @abstractmethod
    async def _query(self, work: Work[T]) -> T:
        """Run ``work``, whose statements read and need no common view."""

    @abstractmethod
    async def _write(self, work: Work[T]) -> T:
        """Run ``work`` in one transaction; durable on return."""

    # --- history
    load = _reads(history_sql.load)
    cursor = _queries(history_sql.counter)
    changes = _queries(history_sql.changes)
    append = _writes(history_sql.append)
    append_at = _writes(history_sql.append_at)
    save_snapshot = _writes(history_sql.save_snapshot)
    replace_history = _writes(history_sql.replace_history)
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
    create_document = _writes(rooms_sql.create_document)
    create_documents = _writes(rooms_sql.create_documents)
    rename_document = _writes(rooms_sql.rename_document)
    delete_document = _writes(rooms_sql.delete_document)
    restore_document = _writes(rooms_sql.restore_document)
    purge_document = _writes(rooms_sql.purge_document)
    bootstrap = _writes(rooms_sql.bootstrap)
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
    compactable = _reads(archive_sql.compactable)
    deleted_before = _reads(archive_sql.deleted_before)
    deleters = _reads(archive_sql.deleters)
    create_version = _writes(archive_sql.create_version)
    compact_through = _writes(archive_sql.compact_through)
    purge = _writes(archive_sql.purge)
    purge_room = _writes(archive_sql.purge_room)

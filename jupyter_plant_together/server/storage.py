"""What stands behind the rooms: store, journal, and what keeps them well; made, begun and ended as one.

Which parts these are depends on the mode. What the cluster mode needs is an extra, imported where it is made.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Misconfigured, Unavailable
from ..journal.local import LocalJournal
from ..journal.merger import Merger
from ..journal.snapshots import Snapshots
from ..rooms.tickets import MemoryOneTimeStore, OneTimeStore
from ..store.sqlite.store import SQLiteStore
from ..util.version import package_version
from .optional import not_installed, postgres_store, redis_address

if TYPE_CHECKING:
    from ..journal.compaction.compactor import Compactor
    from ..journal.redis.journal import RedisJournal
    from ..rendering.pool.shared_pictures import SharedPictures
    from ..store.postgres.store import PostgresStore


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """The traits of the same names that decide where things are kept; times in seconds."""

    mode: str
    database_path: str
    postgres_dsn: str
    redis_url: str
    redis_prefix: str
    compaction_delay: float
    min_message_lifetime: float
    migrate_on_start: bool


class Storage:
    """The parts of one mode.

    Parameters
    ----------
    store, journal, merger, one_time
        As the services know them.
    compactor, pictures
        Where there is one; where servers share pictures.
    """

    def __init__(
        self,
        store: SQLiteStore | PostgresStore,
        journal: LocalJournal | RedisJournal,
        merger: Merger,
        one_time: OneTimeStore,
        *,
        compactor: Compactor | None = None,
        pictures: SharedPictures | None = None,
    ) -> None:
        self.store = store
        self.journal = journal
        self.merger = merger
        self.one_time = one_time
        self.compactor = compactor
        self.pictures = pictures

    async def start(self) -> None:
        """Start what has tasks; raises Unavailable if that cannot be yet."""
        await self.journal.start()
        if self.compactor is not None:
            self.compactor.start()

    async def stop(self) -> None:
        """Write what waits and release everything."""
        if self.compactor is not None:
            await self.compactor.stop()
        await self.journal.stop()
        await self.merger.close()
        await self.store.close()


def make_storage(settings: StorageSettings, log: logging.Logger) -> Storage:
    """Make the parts and look whether they can be used; a database that is away for now is no error.

    Raises
    ------
    Misconfigured
        If a setting must be changed first; one sentence that names it.
    """
    if settings.mode == "cluster":
        return _cluster(settings, log)
    if settings.mode == "embedded":
        return _embedded(settings, log)
    raise Misconfigured(
        f"PlantTogether.mode = '{settings.mode}' has no rooms of its own; this needs 'embedded' or 'cluster'."
    )


def _embedded(settings: StorageSettings, log: logging.Logger) -> Storage:
    if not settings.database_path.strip():
        raise Misconfigured("PlantTogether.database_path is empty; name a file, or leave it out.")
    path = Path(settings.database_path).expanduser().absolute()
    if path.is_dir():
        raise Misconfigured(f"PlantTogether.database_path must name a file, but {path} is a folder.")
    store = SQLiteStore(path, migrate=settings.migrate_on_start)
    if store.database.network is not None:
        log.warning(
            "The database %s lies on a network file system (%s): slower, and safe only with one server; "
            "set PlantTogether.database_path to a local file.",
            path,
            store.database.network,
        )
    try:
        _open(store, log)
    except Misconfigured:
        store.database.close_blocking()
        raise
    merger = Merger()
    return Storage(store, LocalJournal(store, Snapshots(store, merger)), merger, MemoryOneTimeStore())


def _cluster(settings: StorageSettings, log: logging.Logger) -> Storage:
    store = postgres_store(settings.postgres_dsn, migrate=settings.migrate_on_start)
    address = redis_address(settings.redis_url)
    try:
        from ..journal.compaction.compactor import Compactor  # noqa: PLC0415 - an extra that may be absent
        from ..journal.redis.client.check import check  # noqa: PLC0415
        from ..journal.redis.journal import RedisJournal  # noqa: PLC0415
        from ..journal.redis.one_time_store import RedisOneTimeStore  # noqa: PLC0415
        from ..rendering.pool.shared_pictures import SharedPictures  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise not_installed("mode 'cluster'", error) from None
    _open(store, log)
    try:
        check(address, settings.redis_prefix)
    except Misconfigured:
        raise
    except Unavailable as error:
        log.warning("Documents cannot be opened for now: %s", error.message)
    merger = Merger()
    snapshots = Snapshots(store, merger)
    journal = RedisJournal(
        store,
        address,
        merger,
        prefix=settings.redis_prefix,
        compaction_delay=settings.compaction_delay,
        snapshots=snapshots,
    )
    compactor = Compactor(
        journal.client,
        journal.names,
        store,
        merger,
        snapshots,
        compaction_delay=settings.compaction_delay,
        min_message_lifetime=settings.min_message_lifetime,
    )
    one_time = RedisOneTimeStore(journal.client, settings.redis_prefix)
    pictures = SharedPictures(address.blocking_client, settings.redis_prefix, package_version())
    return Storage(store, journal, merger, one_time, compactor=compactor, pictures=pictures)


def _open(store: SQLiteStore | PostgresStore, log: logging.Logger) -> None:
    try:
        store.open()
    except Misconfigured:
        raise
    except Unavailable as error:
        log.warning("Rooms are unavailable for now: %s", error.message)

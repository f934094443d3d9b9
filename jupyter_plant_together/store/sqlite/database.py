"""One database file, two lanes: a connection that writes and one that reads, each on a thread of its own.

A lane opens its connection on its own thread at the first use and again after a failure that leaves the
connection in doubt, so a database that was locked or damaged for a while is used again without a restart.
Every write runs inside ``BEGIN IMMEDIATE`` and every read inside one transaction; a function given to
:meth:`Database.write` is therefore all or nothing, and what it returns is durable.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ...errors import Unavailable
from . import schema
from .errors import REOPEN_AFTER, translate, unavailable
from .filesystem import make_private_folder, network_filesystem

T = TypeVar("T")
# Below this a commit may fail at any moment; health says so before it happens.
LOW_SPACE = 20_000_000


class _Lane:
    """One connection that lives and dies on one thread."""

    def __init__(self, name: str, path: Path, opener: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._opener = opener
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"plant-together-{name}")
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    def _run(self, begin: str, function: Callable[[sqlite3.Connection], T]) -> T:
        connection: sqlite3.Connection | None = None
        try:
            connection = self._connection
            if connection is None:
                connection = self._connection = self._opener()
            connection.execute(begin)
            result = function(connection)
            connection.execute("COMMIT")
            return result
        except sqlite3.Error as error:
            failure = translate(error, self._path)
            if failure.details["reason"] in REOPEN_AFTER:
                self._drop()
            raise failure from error
        finally:
            # After a failure of the function or of COMMIT; SQLite may have rolled back by itself.
            if self._connection is not None and self._connection.in_transaction:
                try:
                    self._connection.execute("ROLLBACK")
                except sqlite3.Error:  # nothing was committed; a new connection has a clean state
                    self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # The last close folds the log into the file, which a full disk stops; the log keeps it.
            with suppress(sqlite3.Error):
                connection.close()

    async def run(self, begin: str, function: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise unavailable("closed", self._path)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._run, begin, function)

    def run_blocking(self, begin: str, function: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise unavailable("closed", self._path)
        return self._executor.submit(self._run, begin, function).result()

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._executor, self._drop)
            self._executor.shutdown()

    def close_blocking(self) -> None:
        if not self._closed:
            self._closed = True
            self._executor.submit(self._drop).result()
            self._executor.shutdown()


class Database:
    """A SQLite file with its two lanes.

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
        self.path = path
        self.network = network_filesystem(path)
        self._migrate = migrate
        self._busy_timeout = busy_timeout
        self._writer = _Lane("writer", path, self._open_writer)
        self._reader = _Lane("reader", path, self._open_reader)
        self._file: tuple[int, int] | None = None
        self._write_failure: Unavailable | None = None

    def open(self) -> None:
        """Open and migrate now, blocking: for the start, before the event loop runs."""
        self._writer.run_blocking("BEGIN", lambda connection: None)

    async def write(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``function`` in one write transaction on the writer's thread; durable on return."""
        try:
            result = await self._writer.run(
                "BEGIN IMMEDIATE", lambda connection: self._checked(function, connection)
            )
        except Unavailable as error:
            self._write_failure = error
            raise
        self._write_failure = None
        return result

    async def read(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``function`` in one read transaction on the reader's thread."""
        return await self._reader.run("BEGIN", function)

    async def close(self) -> None:
        """Close both connections and end both threads; safe to call twice."""
        await self._reader.close()
        await self._writer.close()

    def close_blocking(self) -> None:
        """Do as :meth:`close` does, where no event loop runs."""
        self._reader.close_blocking()
        self._writer.close_blocking()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "warning" | "error", …}``, with reason and message where not ok.

        It looks at the lock and at the file without writing; only after a failed write does it write one
        page, because nothing else tells that there is space again.
        """
        repeat = self._write_failure is not None
        try:
            await self.write(_touch if repeat else _nothing)
            await self.read(_nothing)
        except Unavailable as error:
            # A probe that works must not hide a write that failed, nor a failed probe become sticky.
            return {"state": "error", "reason": error.details["reason"], "message": error.message}
        if _free_space(self.path.parent) < LOW_SPACE:
            message = f"Less than {LOW_SPACE // 1_000_000} MB are left for the database file {self.path}."
            return {"state": "warning", "reason": "low-space", "message": message}
        if self.network is not None:
            message = (
                f"The database file {self.path} lies on a network file system ({self.network}); "
                "a local folder is faster and safer."
            )
            return {"state": "warning", "reason": "network", "message": message}
        return {"state": "ok"}

    def _checked(self, function: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
        # A removed file would take writes and keep nothing: what is acknowledged must be on the path.
        if _identity(self.path) != self._file:
            raise unavailable("missing", self.path)
        return function(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self._busy_timeout, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA secure_delete = ON")  # what is purged leaves the file too
        return connection

    def _open_writer(self) -> sqlite3.Connection:
        if self._file is not None and _identity(self.path) != self._file:
            raise unavailable("missing", self.path)
        try:
            make_private_folder(self.path.parent)
            # SQLite gives the log and the shared memory the permissions of the database file.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDONLY, 0o600))
        except OSError as error:
            raise unavailable("open", self.path) from error
        connection = self._connect()
        try:
            schema.check(connection, self.path)
            mode = "WAL" if self.network is None else "DELETE"
            connection.execute(f"PRAGMA journal_mode = {mode}")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 16000000")
            schema.migrate(connection, self.path, allowed=self._migrate)
        except BaseException:
            connection.close()
            raise
        self._file = _identity(self.path)
        return connection

    def _open_reader(self) -> sqlite3.Connection:
        # The writer makes and migrates the file; it never waits for the reader.
        self._writer.run_blocking("BEGIN", _nothing)
        return self._connect()


def _free_space(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:  # not every file system tells
        return LOW_SPACE


def _nothing(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT value FROM meta WHERE key = 'counter'").fetchone()


def _touch(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE meta SET value = value WHERE key = 'counter'")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino)

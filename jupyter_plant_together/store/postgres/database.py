"""A pool of connections to Postgres; each piece of work is one transaction with an end in sight.

Work is a coroutine function that gets a connection. It is bounded three times: Postgres ends a statement and
a transaction that waits too long, and this side gives up after ``timeout`` whatever Postgres does. What did
not end well is rolled back, or its connection is cut, so that a hung server holds nobody and a hung replica
holds no lock for long. Nothing is left on a session but the statements that the driver prepared, so sessions
are not reset between uses. The pool connects when it is asked to: after Postgres was away the next piece of
work simply finds it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeAlias, TypeVar

import asyncpg

from ...errors import PlantTogetherError, Unavailable
from . import schema
from .errors import FAILURES, LOST, Target, not_a_url, translate, unavailable
from .schema import Connection

T = TypeVar("T")
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Work: TypeAlias = Callable[[Connection], Awaitable[T]]

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_CLOSE_TIMEOUT = 5.0
_MIGRATE_TIMEOUT = 120.0
_HEALTH_TIMEOUT = 5.0
_SETTINGS = {"application_name": "plant-together"}
# In milliseconds. A replica that stands still in a transaction would hold the counter, and with it everyone.
_SESSION = (
    f"SET search_path = {schema.SCHEMA}; SET statement_timeout = 10000; SET lock_timeout = 5000; "
    "SET idle_in_transaction_session_timeout = 10000; SET jit = off; "
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)


class Database:
    """A Postgres database.

    Parameters
    ----------
    dsn
        Its URL. Raises Misconfigured if it is none.
    migrate
        Whether an older schema is brought up to date at the first use.
    pool_size
        The number of connections at most.
    timeout
        Seconds after which a piece of work has failed.
    connect_timeout
        Seconds after which an attempt to connect has failed.
    """

    def __init__(
        self,
        dsn: str,
        *,
        migrate: bool = True,
        pool_size: int = 8,
        timeout: float = 15.0,
        connect_timeout: float = 5.0,
    ) -> None:
        self.target = Target.parse(dsn)
        self._migrate = migrate
        self._pool_size = pool_size
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._prepared = False
        self._opening: asyncio.Task[Pool] | None = None
        self._closed = False
        self._write_failure: Unavailable | None = None

    def open(self) -> None:
        """Connect, check and migrate now, blocking: for the start, before the event loop runs."""
        # On a thread of its own, because some programs that hold a Jupyter server run a loop already.
        with ThreadPoolExecutor(1) as executor:
            executor.submit(asyncio.run, self._prepare()).result()

    async def read(self, work: Work[T]) -> T:
        """Run ``work`` on one unchanging view of the database."""
        return await self._run(_READ, work)

    async def query(self, work: Work[T]) -> T:
        """Run ``work``, whose statements read and need no common view, without a transaction around it."""
        return await self._run(None, work)

    async def write(self, work: Work[T]) -> T:
        """Run ``work`` in one transaction; durable on return."""
        try:
            result = await self._run(_WRITE, work)
        except Unavailable as error:
            self._write_failure = error
            raise
        self._write_failure = None
        return result

    async def close(self) -> None:
        """Let work in progress end, for some seconds, and disconnect; safe to call twice."""
        self._closed = True
        opening, self._opening = self._opening, None
        if opening is None:
            return
        if not opening.done():
            opening.cancel()
        with suppress(asyncio.CancelledError, PlantTogetherError):
            pool = await opening
            try:
                async with asyncio.timeout(_CLOSE_TIMEOUT):
                    await pool.close()
            except FAILURES:
                pool.terminate()

    async def health(self) -> dict[str, str]:
        """Return ``{"state": "ok" | "error", …}``, with reason and message where not ok.

        It writes only after a failed write, because nothing else tells that writing works again.
        """
        try:
            async with asyncio.timeout(_HEALTH_TIMEOUT):
                if self._write_failure is None:
                    await self.query(_look)
                else:
                    await self.write(_touch)
        except TimeoutError as error:
            failure = translate(error, self.target)
        except Unavailable as error:
            failure = error
        else:
            return {"state": "ok"}
        return {"state": "error", "reason": failure.details["reason"], "message": failure.message}

    # --- one piece of work ----------------------------------------------------------------------------

    async def _run(self, begin: str | None, work: Work[T]) -> T:
        try:
            async with asyncio.timeout(self._timeout):
                pool = await self._pool()
                try:
                    return await self._attempt(pool, begin, work)
                except _Repeatable:
                    # A connection that was lost while it lay idle; the next one is new.
                    return await self._attempt(pool, begin, work)
        except _Repeatable as error:
            raise translate(error.cause, self.target) from error.cause
        except FAILURES as error:
            raise translate(error, self.target) from error

    async def _attempt(self, pool: Pool, begin: str | None, work: Work[T]) -> T:
        connection = await pool.acquire()
        sound = writing = False
        try:
            if begin is not None:
                await connection.execute(begin)
            writing = begin == _WRITE
            result = await work(connection)
            if begin is not None:
                await connection.execute("COMMIT")
            sound = True
        except LOST as error:
            if writing:
                raise
            raise _Repeatable(error) from error
        except (PlantTogetherError, asyncpg.PostgresError):
            sound = begin is None or await _roll_back(connection)
            raise
        else:
            return result
        finally:
            if not sound:
                connection.terminate()
            await pool.release(connection)

    # --- connecting -----------------------------------------------------------------------------------

    async def _pool(self) -> Pool:
        if self._closed:
            raise unavailable("closed", self.target)
        if self._opening is None or (self._opening.done() and _failed(self._opening)):
            self._opening = asyncio.create_task(self._open_pool())
            self._opening.add_done_callback(_failed)  # who waited may have given up before it failed
        # All who wait share one attempt; the first who gives up must not end it for the others.
        return await asyncio.shield(self._opening)

    async def _open_pool(self) -> Pool:
        await self._prepare()
        pool: Pool = await asyncpg.create_pool(
            self.target.dsn,
            min_size=0,
            max_size=self._pool_size,
            max_inactive_connection_lifetime=60.0,
            timeout=self._connect_timeout,
            command_timeout=self._timeout,
            server_settings=_SETTINGS,
            init=_set_up,
            reset=_leave,
        )
        return pool

    async def _prepare(self) -> None:
        """Look at the server, its schema and our rights, once."""
        if not self._prepared:
            await once(
                self.target, self._check, connect_timeout=self._connect_timeout, timeout=_MIGRATE_TIMEOUT
            )
            self._prepared = True

    async def _check(self, connection: Connection) -> None:
        await schema.migrate(connection, self.target, allowed=self._migrate)
        await schema.check_rights(connection, self.target)


async def once(target: Target, work: Work[T], *, connect_timeout: float = 5.0, timeout: float = 15.0) -> T:
    """Run ``work`` on a connection of its own, outside a pool and a transaction."""
    try:
        connection = await _connect(target, connect_timeout)
        try:
            async with asyncio.timeout(timeout):
                return await work(connection)
        finally:
            connection.terminate()
    except FAILURES as error:
        raise translate(error, target) from error


async def _connect(target: Target, timeout: float) -> asyncpg.Connection[asyncpg.Record]:
    try:
        return await asyncpg.connect(target.dsn, timeout=timeout, server_settings=_SETTINGS)
    except (ValueError, OverflowError) as error:
        if isinstance(error, OSError):  # a certificate that is not trusted is a ValueError, too
            raise
        # What the driver dislikes of the URL; its text may quote the password.
        raise not_a_url(target.name) from None


class _Repeatable(Exception):
    """The connection was lost before anything was changed."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


async def _roll_back(connection: Connection) -> bool:
    try:
        await connection.execute("ROLLBACK")
    except FAILURES:  # the connection goes, and with it the transaction
        return False
    return True


def _failed(task: asyncio.Task[Pool]) -> bool:
    return task.cancelled() or task.exception() is not None


async def _set_up(connection: Connection) -> None:
    await connection.execute(_SESSION)


async def _leave(connection: Connection) -> None:
    """Leave the session as it is: nothing here changes one."""


async def _look(connection: Connection) -> None:
    await connection.fetchval("SELECT value FROM meta WHERE key = 'counter'")


async def _touch(connection: Connection) -> None:
    await connection.execute("UPDATE meta SET value = value WHERE key = 'counter'")

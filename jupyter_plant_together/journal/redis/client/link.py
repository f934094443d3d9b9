"""A connection to Redis that comes back: connect, sign in, prepare, watch, and all again after a failure.

A link belongs to one purpose (appending, or subscribing). Between ``up`` and ``down`` there is a connection;
whoever uses it repeats after ``up`` what was unanswered at ``down``. A server that hangs is noticed because
it does not even answer PING.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import hiredis

from ....util.tasks import end_tasks
from .address import RedisAddress
from .resp import PING, Connection

_CONNECT = 5.0  # seconds, for all until a connection is ready
_ASK_AFTER, _END_AFTER = 2.0, 6.0  # seconds of silence
_RETRY_FIRST, _RETRY_LAST = 0.05, 2.0


class Unusable(ConnectionError):
    """The server cannot be used as it is; the message goes on from its name."""


class RedisLink:
    """Keeps one connection alive.

    Parameters
    ----------
    address
        Where Redis is.
    prepare
        Makes a fresh connection ready and sees that it does what it is for; raises ReplyError or
        ConnectionError if it cannot be used. While that fails, the pauses between the attempts grow
        (PROTOCOL J9).
    up, down
        Told when the connection is ready, and when it has gone or could not be made: a sentence why.
    read
        See :class:`~.resp.Connection`.
    """

    def __init__(
        self,
        address: RedisAddress,
        *,
        prepare: Callable[[Connection], Awaitable[None]],
        up: Callable[[], None],
        down: Callable[[str], None],
        read: Callable[[], None] = lambda: None,
    ) -> None:
        self.connection: Connection | None = None
        self._address = address
        self._prepare = prepare
        self._up = up
        self._down = down
        self._read = read
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Close and come back no more."""
        await end_tasks([self._task])

    def fail(self, reason: str) -> None:
        """End the present connection; another is made."""
        if self.connection is not None:
            self.connection.end(reason)

    async def _run(self) -> None:
        delay = _RETRY_FIRST
        while True:
            connection = None
            try:
                async with asyncio.timeout(_CONNECT):
                    connection = await self._connect()
                    await self._prepare(connection)
                self.connection = connection
                delay = _RETRY_FIRST
                self._up()
                reason = await self._watch(connection)
            except TimeoutError:
                reason = f"Redis at {self._address} does not answer."
            except Unusable as error:
                reason = f"Redis at {self._address} {error}."
            except OSError as error:  # ConnectionError is one
                reason = f"Redis at {self._address} cannot be reached: {error.strerror or error}."
            except hiredis.ReplyError as error:
                reason = f"Redis at {self._address} says: {error}."
            finally:
                self.connection = None
                if connection is not None:
                    connection.end("The link was stopped.")
            self._down(reason)
            await asyncio.sleep(delay * random.uniform(0.5, 1))
            delay = min(2 * delay, _RETRY_LAST)

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        address = self._address

        def make() -> Connection:
            return Connection(read=self._read)

        if address.path is not None:
            _, connection = await loop.create_unix_connection(make, address.path)
        else:
            _, connection = await loop.create_connection(make, address.host, address.port, ssl=address.tls)
        try:
            await self._sign_in(connection)
        except BaseException:
            connection.end("Signing in failed.")
            raise
        return connection

    async def _sign_in(self, connection: Connection) -> None:
        address = self._address
        if address.password is not None:
            who = () if address.username is None else (address.username.encode(),)
            await connection.call(b"AUTH", *who, address.password.encode())
        if address.database:
            await connection.call(b"SELECT", b"%d" % address.database)
        await connection.call(b"PING")

    async def _watch(self, connection: Connection) -> str:
        while True:
            with suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(connection.ended), _ASK_AFTER / 2)
            silent = time.monotonic() - connection.heard_at
            if silent > _END_AFTER:
                connection.end(f"Redis at {self._address} does not answer.")
            elif silent > _ASK_AFTER:
                connection.send(PING, None)

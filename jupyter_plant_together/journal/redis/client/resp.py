"""One connection to Redis that pipelines: what one loop tick asks leaves in one write, answers come in order.

The protocol (RESP 2) is read and written by hiredis. A connection is simple on purpose: the first thing that
goes wrong ends it, whatever is unanswered then is *ambiguous*, and whoever asked decides what to do about it
(PROTOCOL A2). Connecting again is :mod:`.link`'s part.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis

Done = Callable[[Any], None]


def command(*parts: bytes) -> bytes:
    """Return a command as it goes over the wire."""
    packed: bytes = hiredis.pack_command(parts)  # type: ignore[arg-type]  # its stub forgot “…”
    return packed


PING = command(b"PING")


class Connection(asyncio.Protocol):
    """A pipelined connection (see the module's text).

    Parameters
    ----------
    read
        Called after the answers of one read have been handed out.
    """

    def __init__(self, *, read: Callable[[], None] = lambda: None) -> None:
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.heard_at = time.monotonic()
        self._push: Callable[[list[Any]], None] | None = None
        self._read = read
        self._reader = hiredis.Reader()
        self._waiting: deque[Done | None] = deque()
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None

    @property
    def alive(self) -> bool:
        """Whether it can still be written to."""
        return not self.ended.done()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End: the other side closed, or the network failed."""
        self.end("Redis closed the connection." if exc is None else f"The connection to Redis failed: {exc}.")

    def data_received(self, data: bytes) -> None:
        """Hand out the answers."""
        self.heard_at = time.monotonic()
        reader = self._reader
        reader.feed(data)
        try:
            if self._push is None:
                waiting = self._waiting
                while (answer := reader.gets()) is not False:
                    done = waiting.popleft()
                    if done is not None:
                        done(answer)
            else:
                while (answer := reader.gets()) is not False:
                    if isinstance(answer, hiredis.ReplyError):
                        self.end(f"Redis says: {answer}.")
                    else:
                        self._push(answer)
        except (hiredis.ProtocolError, IndexError):  # the second: an answer that nobody asked for
            self.end("Redis does not speak its protocol.")
        self._read()

    def listen(self, push: Callable[[list[Any]], None]) -> None:
        """From now on only subscribe: ``push`` gets each message, and there are no other answers."""
        self._push = push

    def send(self, data: bytes, done: Done | None) -> None:
        """Send a ready-made command at the end of this loop tick; ``done`` gets the answer.

        On a connection that ended nothing is sent and ``done`` is never called.
        """
        if self.ended.done():
            return
        if not self._out:
            asyncio.get_running_loop().call_soon(self._flush)
        self._out.append(data)
        if self._push is None:
            self._waiting.append(done)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if self._transport is not None and not self.ended.done():
            self._transport.write(b"".join(out))

    async def call(self, *parts: bytes) -> Any:
        """Send a command and return its answer; raises as :meth:`ask`."""
        return await self.ask(command(*parts))

    async def ask(self, data: bytes) -> Any:
        """Send a ready-made command and return its answer.

        Raises
        ------
        hiredis.ReplyError
            If Redis answers with an error.
        ConnectionError
            If the connection ends first.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.send(data, lambda value: None if answer.done() else answer.set_result(value))
        await asyncio.wait((answer, self.ended), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            raise ConnectionError(self.ended.result())
        value = answer.result()
        if isinstance(value, hiredis.ReplyError):
            raise value
        return value

    def end(self, reason: str) -> None:
        """Close at once; ``reason`` is a sentence and what :attr:`ended` becomes."""
        if not self.ended.done():
            self.ended.set_result(reason)
            self._waiting.clear()
            if self._transport is not None:
                self._transport.abort()

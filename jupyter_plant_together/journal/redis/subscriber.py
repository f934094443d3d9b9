"""The connection on which a replica hears: one subscription per open document, kept over reconnections.

What a message costs does not depend on how many documents are open. After a failure everything is
subscribed again before ``up`` is called, so that whoever then compares cursors misses nothing (PROTOCOL J2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from ...errors import Unavailable
from .client.address import RedisAddress
from .client.link import RedisLink
from .client.resp import Connection, command

_CONFIRMED_WITHIN = 5.0  # seconds


class Subscriber:
    """Keeps subscriptions.

    Parameters
    ----------
    address
        Where Redis is.
    always
        Channels to hear whatever else happens.
    message
        Called with channel and payload.
    up, down
        See :class:`~.client.link.RedisLink`.
    """

    def __init__(
        self,
        address: RedisAddress,
        *,
        always: Iterable[bytes],
        message: Callable[[bytes, bytes], None],
        up: Callable[[], None],
        down: Callable[[str], None],
    ) -> None:
        self._message = message
        self._channels = dict.fromkeys(always, 1)  # to how often each was asked for
        self._confirmed: set[bytes] = set()
        self._waiting: dict[bytes, list[asyncio.Future[None]]] = {}
        self.link = RedisLink(address, prepare=self._prepare, up=up, down=down)

    async def subscribe(self, channel: bytes) -> None:
        """Hear ``channel``; returns when that is certain.

        Raises
        ------
        Unavailable
            If Redis does not confirm it in time; it is asked for all the same until :meth:`unsubscribe`.
        """
        self._channels[channel] = self._channels.get(channel, 0) + 1
        if channel in self._confirmed:
            return
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(channel, [])
        waiting.append(confirmed)
        connection = self.link.connection
        if connection is not None:
            connection.send(command(b"SUBSCRIBE", channel), None)
        try:
            await asyncio.wait_for(confirmed, _CONFIRMED_WITHIN)
        except TimeoutError:
            raise Unavailable("Redis does not answer; try again in a moment.") from None
        finally:
            if confirmed in waiting:
                waiting.remove(confirmed)

    def unsubscribe(self, channel: bytes) -> None:
        """Hear ``channel`` no more, if nobody else asked for it."""
        self._channels[channel] -= 1
        if self._channels[channel]:
            return
        del self._channels[channel]
        self._confirmed.discard(channel)
        if self.link.connection is not None:
            self.link.connection.send(command(b"UNSUBSCRIBE", channel), None)

    async def _prepare(self, connection: Connection) -> None:
        self._confirmed.clear()
        connection.listen(self._pushed)
        asked: set[bytes] = set()
        while True:
            new = self._channels.keys() - asked
            if new:
                connection.send(command(b"SUBSCRIBE", *new), None)
                asked |= new
            elif self._confirmed >= asked & self._channels.keys():
                return
            if not connection.alive:
                raise ConnectionError(connection.ended.result())
            await asyncio.sleep(0.002)

    def _pushed(self, push: list[Any]) -> None:
        kind = push[0]
        if kind == b"message":
            self._message(push[1], push[2])
        elif kind == b"subscribe" and push[1] in self._channels:
            self._confirmed.add(push[1])
            for confirmed in self._waiting.pop(push[1], ()):
                if not confirmed.done():
                    confirmed.set_result(None)

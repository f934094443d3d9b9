"""Secrets that live for seconds, in Redis: any replica takes out what another has put in, and only once."""

from __future__ import annotations

from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from ...errors import Unavailable

_AWAY = "Tickets cannot be given or used just now, because Redis does not answer; try again."


class RedisOneTimeStore:
    """A one-time store that all replicas share (rooms.tickets.OneTimeStore).

    Parameters
    ----------
    client
        The connection, closed by its owner.
    prefix
        What all names in Redis begin with.
    """

    def __init__(self, client: redis.asyncio.Redis, prefix: str) -> None:
        self._client = client
        self._prefix = f"{prefix}:ticket:"

    async def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep ``value``; raises Unavailable."""
        try:
            await self._client.set(self._prefix + key, value, ex=seconds)
        except (RedisError, OSError) as error:
            raise Unavailable(_AWAY) from error

    async def take(self, key: str) -> bytes | None:
        """Remove and return a value; raises Unavailable."""
        try:
            found: Any = await self._client.getdel(self._prefix + key)
        except (RedisError, OSError) as error:
            raise Unavailable(_AWAY) from error
        return None if found is None else bytes(found)

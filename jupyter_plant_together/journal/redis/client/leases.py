"""Leases in Redis: at most one holder for most of the time, renewed while its work goes on.

A lease saves work and proves nothing (PROTOCOL C1): its holder may have been asleep for longer than it
lasts. What must not be done twice is guarded by the store.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import redis.asyncio
from redis.exceptions import RedisError

from ....util.tasks import end_tasks
from ..script import HOLD

_LASTS = 15_000  # milliseconds
_RENEW = 5.0  # seconds


@asynccontextmanager
async def lease(client: redis.asyncio.Redis, key: bytes, lasts: int = _LASTS) -> AsyncIterator[bool]:
    """Hold ``key`` meanwhile; yields False if somebody else does. Raises RedisError."""
    token = secrets.token_hex(8).encode()
    if not await client.set(key, token, nx=True, px=lasts):
        yield False
        return
    renewing = asyncio.get_running_loop().create_task(_renew(client, key, token, lasts))
    try:
        yield True
    finally:
        await end_tasks([renewing])
        with suppress(RedisError, OSError):  # it ends by itself
            await client.eval(HOLD.text, 1, key, token, 0)


async def _renew(client: redis.asyncio.Redis, key: bytes, token: bytes, lasts: int) -> None:
    while True:
        await asyncio.sleep(_RENEW)
        with suppress(RedisError, OSError):  # the next time, or it ends
            await client.eval(HOLD.text, 1, key, token, lasts)

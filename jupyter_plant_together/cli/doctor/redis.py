"""Looks at the Redis of a cluster: whether it can be used, and how it keeps what is not in Postgres yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

from ...errors import PlantTogetherError
from ...journal.redis.client.address import RedisAddress
from ...journal.redis.client.check import check, health
from .finding import Finding

_PART = "Redis"


def examine_redis(address: RedisAddress, prefix: str) -> Iterator[Finding]:
    """Examine the server; one key is written that vanishes within a second."""
    try:
        check(address, prefix)
        found = asyncio.run(_health(address))
    except PlantTogetherError as error:
        yield Finding(_PART, "error", error.message, "see the message")
        return
    if "server" in found:
        yield Finding(_PART, "ok", f"{address}, {found['server']}, persistence: {found['persistence']}")
    if found["state"] == "warning":
        yield Finding(_PART, "warning", found["message"], "set appendonly = yes in redis.conf")
    elif found["state"] == "error":
        yield Finding(_PART, "error", found["message"], "see the message")


async def _health(address: RedisAddress) -> dict[str, str]:
    async with aclosing(address.client()) as client:
        return await health(client, address)

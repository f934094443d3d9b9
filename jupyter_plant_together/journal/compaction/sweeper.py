"""Finds streams that nobody marked for compaction: after a mark was lost, or a script that was not ours (J6).

The prefix may be shared with a Y-Redis: streams of documents that the store does not know are left alone.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from contextlib import suppress

import redis.asyncio
from redis.exceptions import RedisError

from ...errors import Unavailable
from ...ids import DOCUMENT_ID, ROOM_ID
from ...store.port import CompactionStore
from ..redis.keys import KeyNames
from ..redis.script import DROP_EMPTY

_EVERY = 60.0  # seconds
_SCAN = 500
_FORGET_AFTER = 24 * 3_600_000  # milliseconds


class Sweeper:
    """Marks streams of our documents that hold anything and are not marked; forgets those long empty."""

    def __init__(self, client: redis.asyncio.Redis, names: KeyNames, store: CompactionStore) -> None:
        self._client = client
        self._names = names
        self._store = store

    async def run(self) -> None:
        """Sweep for ever, one server of the cluster at a time."""
        while True:
            with suppress(RedisError, OSError, Unavailable):  # said by _work; the next sweep finds it too
                # One replica at a time: the key is left to expire.
                if await self._client.set(self._names.sweep, b"1", nx=True, px=int(_EVERY * 900)):
                    await self.sweep()
            await asyncio.sleep(_EVERY * random.uniform(0.9, 1.1))

    async def sweep(self) -> int:
        """Sweep once; returns how many streams were marked."""
        name = re.compile(
            re.escape(f"{self._names.prefix}:room:") + f"({ROOM_ID.pattern}:{DOCUMENT_ID.pattern})"
        )
        found = 0
        cursor = 0
        while True:
            cursor, keys = await self._client.scan(
                cursor, match=f"{_literal(self._names.prefix)}:room:*", count=_SCAN, _type="stream"
            )
            members = [m[1] for key in keys if (m := name.fullmatch(_text(key)))]
            found += await self._mark(members)
            if cursor == 0:
                return found

    async def _mark(self, members: Sequence[str]) -> int:
        if not members:
            return 0
        known = await self._store.progress([member.partition(":")[2] for member in members])
        ours = [member for member in members if member.partition(":")[2] in known]
        async with self._client.pipeline(transaction=False) as pipe:
            for member in ours:
                pipe.xlen(self._names.stream(*member.split(":")))
            lengths = await pipe.execute()
            for member, length in zip(ours, lengths, strict=True):
                if not length:
                    pipe.eval(
                        DROP_EMPTY.text,
                        2,
                        self._names.stream(*member.split(":")),
                        self._names.state(member.partition(":")[2]),
                        _FORGET_AFTER,
                    )
            await pipe.execute()
        held = {member: 0.0 for member, length in zip(ours, lengths, strict=True) if length}
        return int(await self._client.zadd(self._names.marked, held, nx=True) or 0) if held else 0


def _text(key: bytes | str) -> str:
    return key if isinstance(key, str) else key.decode(errors="replace")


def _literal(text: str) -> str:
    """Return a pattern of Redis that matches ``text`` alone."""
    return re.sub(r"([*?\[\]\\^-])", r"\\\1", text)

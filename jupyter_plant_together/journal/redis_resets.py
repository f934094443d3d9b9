"""Deletes the streams of histories that were replaced or purged (PROTOCOL E1): what is forgotten is gone.

Every replica hears the event and does the same; the script deletes nothing that is of the new epoch already.
Should all fail, readers and compactors ignore entries of an old epoch anyway, and the compactor trims them.
"""

from __future__ import annotations

import asyncio
import logging
from typing import assert_never

import redis.asyncio
from redis.exceptions import RedisError

from ..errors import Unavailable
from ..store import events
from ..store.port import CompactionStore
from .redis_keys import RESET, Names
from .tasks import end_tasks


class Resets:
    """Follows a journal's events."""

    def __init__(self, client: redis.asyncio.Redis, names: Names, store: CompactionStore) -> None:
        self._client = client
        self._names = names
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = logging.getLogger("jupyter_plant_together.journal")

    def event(self, event: events.Event) -> None:
        """Take an event of the store."""
        match event.payload:
            case events.DocumentReset() | events.DocumentPurged():
                if event.document is not None:
                    task = asyncio.get_running_loop().create_task(self._reset(event.room, event.document))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            case events.RoomPurged() | events.RoomDeleted() | events.DocumentDeleted():
                pass
            case events.RoomCreated() | events.RoomChanged() | events.RoomRestored():
                pass
            case events.DocumentCreated() | events.DocumentRenamed() | events.DocumentRestored():
                pass
            case events.VersionCreated() | events.MemberPayload() | events.InvitationPayload():
                pass
            case events.Unknown():
                pass
            case never:
                assert_never(never)

    async def stop(self) -> None:
        """End what is under way."""
        await end_tasks(list(self._tasks))

    async def _reset(self, room: str, document: str) -> None:
        names = self._names
        keys = (names.stream(room, document), names.state(document), names.marked)
        try:
            known = (await self._store.progress([document])).get(document)
            if known is not None:
                await self._client.eval(RESET.text, 3, *keys, f"{room}:{document}", known.epoch)
        except (RedisError, OSError, Unavailable) as error:
            self._log.warning(
                "The stream of %s, whose history was replaced, stays for now: %s", document, error
            )

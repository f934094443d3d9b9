"""Empties the streams of histories that were replaced or purged (PROTOCOL E1): what is forgotten is gone.

Every replica hears the event and does the same; the script takes nothing that is of the new epoch already.
The state key stays as a tombstone of the new epoch: who has not heard of it yet appends nothing there. Should
all fail, readers and compactors ignore entries of an old epoch anyway, and the compactor trims them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from typing import assert_never

import redis.asyncio
from redis.exceptions import RedisError

from ...errors import Unavailable
from ...store import events
from ...store.port import CompactionStore, Progress
from ...util.tasks import end_tasks
from .keys import KeyNames
from .script import RESET

_CHUNK = 500


class StreamResets:
    """Follows a journal's events."""

    def __init__(self, client: redis.asyncio.Redis, names: KeyNames, store: CompactionStore) -> None:
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
                    self._start(event.room, self._store.progress([event.document]))
            case events.RoomPurged():
                self._start(event.room, self._store.progress_in(event.room))
            # What is only in the trash keeps its entries (C3).
            case events.RoomDeleted() | events.DocumentDeleted():
                pass
            case events.RoomCreated() | events.RoomChanged() | events.RoomRestored():
                pass
            case events.DocumentCreated() | events.DocumentRenamed() | events.DocumentRestored():
                pass
            case events.VersionCreated() | events.MemberPayload() | events.InvitationPayload():
                pass
            case events.UnknownPayload():
                pass
            case never:
                assert_never(never)

    async def stop(self) -> None:
        """End what is under way."""
        await end_tasks(list(self._tasks))

    def _start(self, room: str, asking: Awaitable[Mapping[str, Progress]]) -> None:
        task = asyncio.get_running_loop().create_task(self._reset(room, asking))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reset(self, room: str, asking: Awaitable[Mapping[str, Progress]]) -> None:
        try:
            known = list((await asking).items())
            for first in range(0, len(known), _CHUNK):
                async with self._client.pipeline(transaction=False) as pipe:
                    for document, progress in known[first : first + _CHUNK]:
                        keys = (self._names.stream(room, document), self._names.state(document))
                        member = f"{room}:{document}"
                        pipe.eval(RESET.text, 3, *keys, self._names.marked, member, progress.epoch)
                    await pipe.execute()
        except (RedisError, OSError, Unavailable) as error:
            self._log.warning("Streams of room %s, whose history was replaced, stay for now: %s", room, error)

"""Keeping the roles of open sessions true: who gains, loses or is cut off while connected (PROTOCOL I3).

Each event that concerns membership names a room; the roles of that room's sessions are then asked for in one
question and changed in place. A question that cannot be answered is repeated until it is; after
``policy_grace`` seconds without an answer known connections may look but no longer write.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, assert_never

from ..errors import Unavailable
from ..journal.port import Journal
from ..store import events
from .document import LiveDocument
from .session import Session

Roles = Callable[[str, Sequence[Any]], Awaitable[Sequence[str | None]]]
_RETRY = 0.5  # seconds
_WATCH = 1.0


class RoleWatcher:
    """Changes the roles of sessions when members change.

    Parameters
    ----------
    roles
        Answers what people are in the room with an id; None is nothing.
    documents
        Returns the open documents.
    journal
        Tells the events, and for how long they could not be read.
    grace
        For how many seconds known connections keep their roles meanwhile.
    """

    def __init__(
        self,
        roles: Roles,
        documents: Callable[[], Iterable[LiveDocument]],
        journal: Journal,
        *,
        grace: float,
    ) -> None:
        self._roles = roles
        self._documents = documents
        self._journal = journal
        self._grace = grace
        self._unfollow: Callable[[], None] = lambda: None
        self._watch: asyncio.Task[None] | None = None
        self._changed: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self.version = 0
        self._log = logging.getLogger("jupyter_plant_together.live")

    async def start(self) -> None:
        """Begin to listen to events."""
        self._unfollow = self._journal.follow(self._event, lambda outage: None)
        self._watch = asyncio.get_running_loop().create_task(self._keep_watch())

    def _event(self, event: events.Event) -> None:
        match event.payload:
            # What is unknown may be about roles.
            case events.MemberPayload() | events.RoomChanged() | events.UnknownPayload():
                self.version += 1
                self.look_at(event.room)
            case events.RoomDeleted() | events.RoomPurged():
                pass  # the registry ends these sessions and says why
            case events.RoomCreated() | events.RoomRestored() | events.InvitationPayload():
                pass  # nobody's role in an open session changes
            case events.DocumentPayload() | events.DocumentReset() | events.VersionCreated():
                pass  # roles are a room's
            case never:
                assert_never(never)

    def look_at(self, room: str) -> None:
        """Ask for the roles of all sessions in a room, now."""
        if room in self._changed:
            self._again.add(room)  # what is asked already may have been answered before this change
            return
        task = self._changed[room] = asyncio.get_running_loop().create_task(self._look(room))
        task.add_done_callback(lambda _: self._changed.pop(room, None))

    async def stop(self) -> None:
        """End listening and what is being asked."""
        self._unfollow()
        for task in [*self._changed.values(), *([] if self._watch is None else [self._watch])]:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _keep_watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH)
            frozen = self._journal.unread_for > self._grace
            for live in list(self._documents()):
                for session in list(live.sessions):
                    session.freeze(frozen=frozen)

    async def _look(self, room: str) -> None:
        while True:
            self._again.discard(room)
            sessions = self._sessions(room)
            try:
                roles = (
                    await self._roles(room, [session.participant for session in sessions]) if sessions else ()
                )
            except Unavailable as error:
                self._log.warning("The roles in a room cannot be read: %s", error.message)
                await asyncio.sleep(_RETRY)
                continue
            for session, role in zip(sessions, roles, strict=True):
                session.set_role(role)
            if room not in self._again:
                return

    def _sessions(self, room: str) -> list[Session]:
        return [
            session for live in self._documents() if live.info.room_id == room for session in live.sessions
        ]

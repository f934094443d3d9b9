"""The events of a room as they happen, in order and without a gap, also after a reconnect.

A listener is added first and reads the store after: what comes in between is held until the past is told, and
what the past told already is left out by its ``seq``. Who may not know of the room any more is told the end.
Presence is no event of the store: once a second, while somebody listens, who is in the room's documents is
compared with what was told last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from ..errors import AccessDenied, PlantTogetherError, RoomNotFound, Unavailable
from ..journal.port import Journal
from ..live.registry import Registry
from ..store import events
from ..store.port import Ref, Store
from .identity import Principal
from .policy import Role
from .service import RoomService

_PRESENCE = 1.0  # seconds
_PAST_AT_MOST = 1_000


class EventListener:
    """Somebody who hears a room's events; ``tell`` and ``end`` must not block."""

    def __init__(
        self,
        who: Principal,
        room: str,
        *,
        role: Role,
        tell: Callable[[events.Event], None],
        presence: Callable[[Mapping[str, Any]], None],
        end: Callable[[PlantTogetherError], None],
    ) -> None:
        self.who = who
        self.room = room
        self.role = role
        self.end = end
        self.seq = 0
        self.present: Mapping[str, Any] | None = None
        self._tell = tell
        self._presence = presence
        self._held: list[events.Event] | None = []

    def hear(self, event: events.Event) -> None:
        """Tell an event, in its turn."""
        if self._held is not None:
            self._held.append(event)
        elif event.seq > self.seq:
            self.seq = event.seq
            if self.role is Role.OWNER or not _for_owners(event.payload):
                self._tell(event)

    def see(self, present: Mapping[str, Any]) -> None:
        """Tell who is there, if that is news."""
        if self._held is None and present != self.present:
            self.present = present
            self._presence(present)

    def begin(self, past: list[events.Event], seq: int) -> None:
        """Tell the past, then what came meanwhile; from now on everything at once."""
        held, self._held = self._held or [], None
        for event in past:
            self.hear(event)
        self.seq = max(self.seq, seq)
        for event in held:
            self.hear(event)


class EventFeed:
    """Hands the journal's events to those who listen.

    Parameters
    ----------
    rooms
        Knows who may hear.
    store
        Where the past is.
    journal
        Tells what happens.
    live
        Knows who is present.
    """

    def __init__(self, rooms: RoomService, store: Store, journal: Journal, live: Registry) -> None:
        self._rooms = rooms
        self._store = store
        self._journal = journal
        self._live = live
        self._listeners: set[EventListener] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._unfollow: Callable[[], None] = lambda: None
        self._unlisten: Callable[[], None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._log = logging.getLogger("jupyter_plant_together.rooms")

    async def start(self) -> None:
        """Begin to follow the journal."""
        self._unfollow = self._journal.follow(self._event, lambda outage: None)

    async def stop(self) -> None:
        """Send all listeners away; they come back elsewhere."""
        self._unfollow()
        for listener in list(self._listeners):
            self.leave(listener)
            listener.end(Unavailable("The server is stopping."))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def join(self, listener: EventListener, cursor: int | None) -> tuple[int, bool]:
        """Add a listener; returns the present end, and whether the past could not be told from ``cursor``.

        The caller says so first, then calls :meth:`EventListener.begin` with what :meth:`past` gives.
        """
        self._listeners.add(listener)
        if self._unlisten is None:
            self._unlisten = self._journal.listen()
            self._watch = self._own(self._keep_watch())
        self._own(self._look_again(listener))  # members may have changed since the role was read
        end = await self._store.cursor()
        return end, cursor is not None and cursor > end

    async def past(self, listener: EventListener, cursor: int) -> list[events.Event] | None:
        """Return the events after ``cursor``, None if they are too many to be told one by one."""
        ref = Ref(id=listener.room)
        found = await self._store.room_events(ref, after=cursor, limit=_PAST_AT_MOST + 1)
        return None if len(found) > _PAST_AT_MOST else found

    def leave(self, listener: EventListener) -> None:
        """Remove a listener; safe to call twice."""
        self._listeners.discard(listener)
        if not self._listeners and self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
            if self._watch is not None:
                self._watch.cancel()

    def look_again(self, listener: EventListener) -> None:
        """Ask for a listener's role, because it is somebody else now."""
        self._own(self._look_again(listener))

    def _event(self, event: events.Event) -> None:
        for listener in list(self._listeners):
            if listener.room != event.room:
                continue
            listener.hear(event)
            match event.payload:
                case events.RoomDeleted() | events.RoomPurged():
                    self._send_away(listener, RoomNotFound("This room was deleted."))
                # What is unknown may be about roles.
                case events.MemberPayload() | events.RoomChanged() | events.UnknownPayload():
                    self._own(self._look_again(listener))
                case events.RoomCreated() | events.RoomRestored() | events.InvitationPayload():
                    pass  # no listener's role changes
                case events.DocumentPayload() | events.DocumentReset() | events.VersionCreated():
                    pass  # roles are a room's
                case never:
                    assert_never(never)

    async def _look_again(self, listener: EventListener) -> None:
        while listener in self._listeners:
            try:
                (role,) = await self._rooms.roles_in_room(listener.room, [listener.who])
            except Unavailable as error:
                self._log.warning("A role cannot be read: %s", error.message)
                await asyncio.sleep(_PRESENCE)
                continue
            if role is None:
                self._send_away(listener, AccessDenied("You are no longer a member of this room."))
            else:
                listener.role = role
            return

    def _send_away(self, listener: EventListener, error: PlantTogetherError) -> None:
        self.leave(listener)
        listener.end(error)

    async def _keep_watch(self) -> None:
        while True:
            await asyncio.sleep(_PRESENCE)
            present: dict[str, Mapping[str, Any]] = {}
            for listener in list(self._listeners):
                if listener.room not in present:
                    present[listener.room] = self._present(listener.room)
                listener.see(present[listener.room])

    def _present(self, room: str) -> Mapping[str, Any]:
        participants = [
            {"document": live.info.id, "name": live.info.name, "user": user}
            for live in self._live.documents()
            if live.info.room_id == room
            for user in live.presence.participants()
        ]
        return {"participants": participants}

    def _own(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _for_owners(payload: events.Payload) -> bool:
    """Return whether owners alone may know: of invitations, and of what nobody here can judge."""
    match payload:
        case events.InvitationPayload() | events.UnknownPayload():
            return True
        case events.RoomPayload() | events.MemberPayload():
            return False
        case events.DocumentPayload() | events.DocumentReset() | events.VersionCreated():
            return False
        case never:
            assert_never(never)

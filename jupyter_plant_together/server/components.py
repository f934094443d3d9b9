"""A server's parts put together, begun and ended as one: for the server extension and for the gateway.

A database that cannot be used at the start is tried again until it can, because one locked or full disk must
not cost the user their whole Jupyter.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ..errors import Unavailable
from ..handlers.services import Services
from ..limits import Limits
from ..live.registry import Registry
from ..live.role_watcher import RoleWatcher
from ..rendering.renderer import Renderer
from ..rendering.settings import RenderSettings
from ..rooms.event_feed import EventFeed
from ..rooms.history import HistoryService
from ..rooms.history_worker import HistoryWorker
from ..rooms.identity import IdentitySource
from ..rooms.include_resolver import IncludeResolver
from ..rooms.members import MemberService
from ..rooms.origins import UserOrigins
from ..rooms.pictures import Pictures
from ..rooms.policy import Policy
from ..rooms.retention import Retention
from ..rooms.service import RoomService
from ..rooms.shares import Shares
from ..rooms.tickets import Tickets
from ..rooms.transfer import TransferService
from ..util.version import package_version
from .storage import StorageSettings, make_storage

_RETRY = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs between kinds of servers; times in seconds.

    ``private``: rooms are private unless their maker says otherwise. ``tickets_required``: a WebSocket that
    only a cookie proves needs a ticket, too. ``user_origins``: where users' own pages come from, if not
    from here. ``render_settings``: what draws besides the built-in engine.
    """

    policy: Policy
    identity: IdentitySource
    connection_token: str
    identity_recheck: float
    policy_grace: float
    history_retention: float
    idle_timeout: float
    example_room: bool
    private: bool = False
    tickets_required: bool = False
    user_origins: UserOrigins | None = None
    render_settings: RenderSettings = field(default_factory=RenderSettings)


class Components:
    """All parts of a server with rooms.

    Parameters
    ----------
    settings, limits
        As the traits say.
    profile
        What kind of server this is.
    log
        Where it is told that something is away for now.

    Raises
    ------
    Misconfigured
        If a setting must be changed first.
    """

    def __init__(
        self, settings: StorageSettings, limits: Limits, profile: Profile, log: logging.Logger
    ) -> None:
        self.storage = make_storage(settings, log)
        store, journal = self.storage.store, self.storage.journal
        self.registry = Registry(journal, limits, idle_timeout=profile.idle_timeout)
        self.rooms = RoomService(
            store, profile.policy, limits, changed=journal.notify_now, private=profile.private
        )
        self._role_watcher = RoleWatcher(
            self.rooms.roles_in_room, self.registry.documents, journal, grace=profile.policy_grace
        )
        self._feed = EventFeed(self.rooms, store, journal, self.registry)
        self._history_worker = HistoryWorker()
        self._retention = Retention(store, self._history_worker, seconds=profile.history_retention)
        self._renderer = Renderer(
            replace(
                profile.render_settings,
                render_timeout=limits.render_timeout,
                render_memory=limits.render_memory,
                max_source_size=limits.max_source_size,
                configured=True,
            ),
            shared=self.storage.pictures,
        )
        self._example_room = profile.example_room
        self._log = log
        self._running = True
        self._started: asyncio.Task[None] | None = None
        include_resolver = IncludeResolver(self.rooms, self.registry, limits)
        pictures = Pictures(self._renderer, include_resolver)
        history = HistoryService(
            self.rooms, store, self.registry, self._history_worker, changed=journal.notify_now
        )
        self.services = Services(
            rooms=self.rooms,
            members=MemberService(store, profile.policy, changed=journal.notify_now),
            role_watcher=self._role_watcher,
            feed=self._feed,
            history=history,
            transfer=TransferService(self.rooms, self.registry, limits, pictures, history),
            tickets=Tickets(self.storage.one_time),
            connections=Shares(
                limits.max_connections_per_user,
                limits.busy("max_connections_per_user", "The number of your connections").message,
            ),
            renderer=self._renderer,
            include_resolver=include_resolver,
            live=self.registry,
            journal=journal,
            store=store,
            compactor=self.storage.compactor,
            limits=limits,
            identity=profile.identity,
            connection_token=profile.connection_token,
            identity_recheck=profile.identity_recheck,
            policy_grace=profile.policy_grace,
            history_retention=profile.history_retention,
            tickets_required=profile.tickets_required,
            user_origins=profile.user_origins,
            mode=settings.mode,
            version=package_version(),
        )

    async def start(self) -> None:
        """Begin; what is away is waited for behind the scenes."""
        await self.registry.start()
        await self._role_watcher.start()
        await self._feed.start()
        if not await self._try_to_start():
            self._started = asyncio.create_task(self._start_when_possible())

    async def _start_when_possible(self) -> None:
        while True:
            await asyncio.sleep(_RETRY)
            if await self._try_to_start():
                self._log.info("Rooms are available again.")
                return

    async def _try_to_start(self) -> bool:
        try:
            if self._example_room:
                await self.rooms.make_example()
            # Last, because it must be done only once: what follows a failure begins at the top again.
            await self.storage.start()
            self._retention.start()
        except Unavailable as error:
            self._log.debug("The database cannot be used yet: %s", error.message)
            return False
        return True

    async def stop(self, before: Callable[[], None] = lambda: None) -> None:
        """Send everybody away to come back, write what waits, end all tasks, connections and children; once.

        Parameters
        ----------
        before
            Called first, if there is anything to stop.
        """
        if not self._running:
            return
        self._running = False
        before()
        if self._started is not None:
            self._started.cancel()
            with suppress(asyncio.CancelledError):
                await self._started
        await asyncio.to_thread(self._renderer.close)
        await self._retention.stop()
        await self._feed.stop()
        await self._role_watcher.stop()
        await self.registry.stop()
        await self._history_worker.close()
        await self.storage.stop()

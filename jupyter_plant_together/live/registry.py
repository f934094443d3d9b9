"""All open documents of this replica: opened once however many ask, freed when nobody has been there.

The first who asks loads; the others wait for the same load (two clients that open a new document at the
same moment both sync). A failed load leaves nothing behind. A task of the registry's own looks every second
for documents to free and for peers that have not read for too long.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import assert_never

from ..errors import PlantTogetherError, Unavailable
from ..journal.port import Journal
from ..limits import Limits
from ..store import events
from .counts import LiveCounts
from .document import LiveDocument
from .edit_maker import EditMaker

_HOUSEKEEPING = 1.0
_BEHIND_LIMIT = 60.0


class Registry:
    """The open documents.

    Parameters
    ----------
    journal
        Where updates go and come from.
    limits
        The limits of each document.
    idle_timeout
        For how long a document without sessions stays open, seconds.
    """

    def __init__(self, journal: Journal, limits: Limits, *, idle_timeout: float) -> None:
        self.limits = limits
        self.counts = LiveCounts()
        self._journal = journal
        self._idle_timeout = idle_timeout
        self._open: dict[str, LiveDocument] = {}
        self._loading: dict[str, asyncio.Task[LiveDocument]] = {}
        self._missed: dict[str, list[events.Event]] = {}
        self._users: dict[str, int] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="plant-together-live")
        self.edit_maker = EditMaker()
        self._housekeeper: asyncio.Task[None] | None = None
        self._unfollow: Callable[[], None] = lambda: None
        self._log = logging.getLogger("jupyter_plant_together.live")

    async def start(self) -> None:
        """Begin to listen to events and to keep house."""
        self._unfollow = self._journal.follow(self._event, self._outage)
        self._housekeeper = asyncio.create_task(self._housekeep())

    async def stop(self) -> None:
        """Close every session (they come back elsewhere) and every document."""
        self._unfollow()
        if self._housekeeper is not None:
            self._housekeeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._housekeeper
        for task in list(self._loading.values()):
            task.cancel()
        for document in list(self._open):
            live = self._open.pop(document)
            live.end(Unavailable("The server is stopping."))
            await live.close()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self.edit_maker.close()
        self._thread.shutdown(wait=False)

    def documents(self) -> list[LiveDocument]:
        """Return the open documents."""
        return list(self._open.values())

    def get(self, document: str) -> LiveDocument | None:
        """Return a document if it is open."""
        return self._open.get(document)

    @asynccontextmanager
    async def use(self, document: str) -> AsyncIterator[LiveDocument]:
        """Open a document (if need be) and keep it open meanwhile.

        Raises
        ------
        DocumentNotFound
            If there is none, or it is deleted.
        Unavailable
            If the store cannot be read.
        """
        self._users[document] = self._users.get(document, 0) + 1
        try:
            yield await self._get(document)
        finally:
            self._users[document] -= 1
            if not self._users[document]:
                del self._users[document]

    async def _get(self, document: str) -> LiveDocument:
        live = self._open.get(document)
        if live is not None:
            return live
        task = self._loading.get(document)
        if task is None:
            task = self._loading[document] = asyncio.create_task(self._load(document))
            task.add_done_callback(lambda _: self._loading.pop(document, None))
        return await asyncio.shield(task)

    async def _load(self, document: str) -> LiveDocument:
        while True:
            live = LiveDocument(self.limits, self._thread, self.edit_maker, self.counts)
            missed = self._missed[document] = []
            try:
                loaded, stream = await self._journal.attach(document, live)
                try:
                    await live.load(loaded, stream)
                except BaseException:
                    await stream.close()
                    raise
            finally:
                del self._missed[document]
            self._open[document] = live
            live.outage(self._journal.outage)
            for event in missed:  # what befell it between the reading and now
                self._tell(event, live)
            if self._open.get(document) is live:
                return live

    def _event(self, event: events.Event) -> None:
        for missed in self._missed.values():
            missed.append(event)
        if event.document is None:
            for live in self.documents():
                self._tell(event, live)
        elif (live_or_none := self.get(event.document)) is not None:
            self._tell(event, live_or_none)

    def _tell(self, event: events.Event, live: LiveDocument) -> None:
        if event.room != live.info.room_id or event.document not in (None, live.info.id):
            return
        match event.payload:
            case events.RoomChanged(name=name):
                if live.info.room != name:
                    live.renamed(replace(live.info, room=name))
            case events.DocumentRenamed(name=name):
                live.renamed(replace(live.info, name=name))
            # Where it is dropped, what it holds is over: whoever comes next reads the store again.
            case events.RoomDeleted() | events.RoomPurged():
                live.deleted()
                self._drop(live)
            case events.DocumentDeleted() | events.DocumentPurged():
                live.deleted()
                self._drop(live)
            case events.DocumentReset(epoch=epoch):
                live.reset(epoch)
                self._drop(live)
            case events.RoomCreated() | events.RoomRestored():
                pass
            case events.DocumentCreated() | events.DocumentRestored() | events.VersionCreated():
                pass
            case events.MemberPayload() | events.InvitationPayload() | events.UnknownPayload():
                pass  # roles are kept true by RoleWatcher
            case never:
                assert_never(never)

    def _outage(self, sentence: str | None) -> None:
        for live in self.documents():
            live.outage(sentence)

    def _drop(self, live: LiveDocument) -> None:
        if self._open.get(live.info.id) is live:
            del self._open[live.info.id]
            task = asyncio.get_running_loop().create_task(live.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _housekeep(self) -> None:
        while True:
            await asyncio.sleep(_HOUSEKEEPING)
            now = time.monotonic()
            for document, live in list(self._open.items()):
                live.presence.housekeep(now)
                for session in list(live.sessions):
                    session.keep_alive(now)
                    if session.outbox.behind_for > _BEHIND_LIMIT:
                        session.end(Unavailable("The connection is too slow; it starts again."))
                if (
                    not live.sessions
                    and document not in self._users
                    and live.all_saved
                    and now - live.idle_since > self._idle_timeout
                ):
                    del self._open[document]
                    try:
                        await live.close()
                    except PlantTogetherError:  # one document's failure stays with it
                        self._log.exception("Closing %s failed.", document)

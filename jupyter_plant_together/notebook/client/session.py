"""One document on this side: its replica, what of it is not durable yet, and who wants to know.

The replica lives on while the server is away: reads go on, and edits are kept up to a limit. Where the
server must not or will not merge this client's edits (PROTOCOL A5, E1), their text is set aside in
``unsent`` and a fresh replica under a new client id takes over. An :class:`Uplink` does the talking;
everything here runs on the background thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from ...errors import Disconnected, DocumentNotFound, PlantTogetherError, ReadOnly
from ...yjs.sync import EMPTY_UPDATE
from ...yjs.textdiff import Edit
from ..observers import Observers
from ..presence import Presence
from .edits import Builder
from .outbox import Outbox
from .replica import Replica
from .waiting import Signal, Throttle
from .worker import Worker

_log = logging.getLogger("jupyter_plant_together")

MOST_KEPT = 800_000  # bytes of edits that are not durable; one sync step 2 has to carry them


class NotReady(Exception):
    """An edit has to wait: for the text, or until the server has taken more."""


class Uplink(Protocol):
    """What keeps a session connected."""

    send_edits: Throttle
    send_presence: Throttle

    @property
    def online(self) -> bool:
        """Whether both sides have told each other what they have."""
        ...

    @property
    def problem(self) -> str:
        """What is wrong, as a sentence."""
        ...

    def hurry(self) -> None:
        """Try to connect now if there is no connection."""
        ...

    def abort(self) -> None:
        """End at once."""
        ...

    async def close(self) -> None:
        """Say farewell and end."""
        ...


class Session:
    """A document's session (see the module's text).

    Parameters
    ----------
    worker
        The background thread.
    info
        The document as REST describes it.
    connect
        Makes the session's link, which begins to connect.
    """

    def __init__(self, worker: Worker, info: dict[str, Any], connect: Callable[[Session], Uplink]) -> None:
        self.id: str = info["id"]
        self.room: str = info["room"]
        self.name: str = info["name"]
        self.epoch: int | None = info["epoch"]
        self.role = ""
        self.unsent: str | None = None
        self.version = 0
        self.synced = False
        self.holders = 0
        self.ended: PlantTogetherError | None = None
        self.outage: str | None = None
        self.changed = Signal()
        self.outbox = Outbox()
        self.observers = Observers(worker, lambda: self.text)
        self.replica = Replica()
        self.presence = Presence(self.replica.client_id)
        self._shown = ""
        self._refusal: PlantTogetherError | None = None
        self._replaced: PlantTogetherError | None = None
        self._held: list[bytes] | None = None
        self.link = connect(self)

    # --- what there is -----------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The last known text."""
        return self.replica.text if self.synced else self._shown

    @property
    def last_text(self) -> str:
        """The text at the end, readable from any thread once the background thread is gone."""
        return self._shown

    def snapshot(self) -> tuple[str, int]:
        """Return the text and a number that grows with each change."""
        return self.text, self.version

    @property
    def where(self) -> str:
        """The document's name for people."""
        return f"{self.room}/{self.name}"

    @property
    def status(self) -> str:
        """The state of the connection in a few words."""
        kept = self.outbox.kept
        if self.ended is not None:
            return "closed"
        if not self.link.online:
            return f"offline, {_count(kept)} kept" if kept else "offline"
        if self.outage is not None:
            return f"not saved: {self.outage}"
        return "saving" if kept else "saved"

    # --- edits -------------------------------------------------------------------------------------

    def check_writable(self) -> None:
        """Raise unless an edit can be made now."""
        if self.ended is not None:
            raise self.ended
        if not self.synced:
            raise NotReady
        if self.role == "viewer":
            raise ReadOnly(f"You may look at {self.where} but not change it.")
        if self.outbox.size > MOST_KEPT:
            if self.link.online:
                raise NotReady
            raise Disconnected(
                f"{self.link.problem} {_count(self.outbox.kept)} kept for it; there is no room for more."
            )

    async def ready(self, timeout: float) -> None:
        """Wait until an edit can be made; raises what stands against it."""

        def done() -> bool:
            try:
                self.check_writable()
            except NotReady:
                return False
            return True

        self.link.hurry()
        if not await self.changed.wait_until(done, timeout):
            raise Disconnected(f"{self.link.problem} {self.where} cannot be edited just now.")

    def edit(self, build: Builder) -> None:
        """Make an edit: here at once, for others as soon as it can be sent."""
        self.check_writable()
        self._apply(list(build(self.text)))

    def begin(self) -> tuple[Replica, str]:
        """Begin a transaction: what others do is held back, so that its indices stay right."""
        self.check_writable()
        self._held = []
        return self.replica, self.text

    def commit(self, replica: Replica, edits: list[Edit], text: str) -> None:
        """End a transaction with its edits, which lead to ``text``."""
        try:
            if self.ended is not None or replica is not self.replica:
                self.unsent = text
                raise self.ended or self._replaced or Disconnected(f"{self.where} was opened anew.")
            if edits:
                self._apply(edits)
        finally:
            self.rollback()

    def rollback(self) -> None:
        """End a transaction; what was held back arrives."""
        held, self._held = self._held or [], None
        for update in held:
            self.receive(update)

    def _apply(self, edits: list[Edit]) -> None:
        update = self.replica.edit(edits)
        if update != EMPTY_UPDATE:
            self.outbox.add(update)
            self.link.send_edits.ask()
            self.link.send_presence.ask()
            self._touched(local=True)

    def receive(self, update: bytes) -> None:
        """Take the server's update."""
        if self._held is not None and self.synced:  # a fresh replica has no transaction to protect
            self._held.append(update)
        elif self.replica.apply(update) and self.synced:
            self._touched(local=False)

    def on_synced(self) -> None:
        """Note that the server's content is there."""
        if not self.synced:
            self.synced = True
            if self.replica.text != self._shown:
                self._touched(local=False)
        self.changed.fire()

    def _touched(self, *, local: bool) -> None:
        self.version += 1
        self.observers.notify(local)
        self.changed.fire()

    # --- waiting -----------------------------------------------------------------------------------

    async def flush(self, timeout: float | None) -> None:
        """Return when every edit so far is durable.

        Raises
        ------
        Disconnected
            If that takes longer than ``timeout``; the edits are kept and sent later.
        ReadOnly, LimitExceeded, EpochMismatch
            If the server refused an edit; the text is in ``unsent``.
        """
        target = self.outbox.edits
        self.link.hurry()
        done = await self.changed.wait_until(
            lambda: bool(self._refusal or self.ended) or self.outbox.durable >= target, timeout
        )
        if self._refusal is not None:
            refusal, self._refusal = self._refusal, None
            raise refusal
        if self.outbox.durable >= target:
            return
        if self.ended is not None:
            raise self.ended
        if not done:
            why = f"The server cannot save: {self.outage}" if self.outage else self.link.problem
            raise Disconnected(f"{why} Not saved yet: {_count(self.outbox.kept)}.")

    async def wait_for_change(self, version: int, timeout: float | None) -> bool:
        """Return whether the text changed after ``version`` within ``timeout``; raises if it never will."""
        changed = await self.changed.wait_until(
            lambda: self.version > version or self.ended is not None, timeout
        )
        if self.version <= version and self.ended is not None:
            raise self.ended
        return changed

    async def opened(self, timeout: float) -> None:
        """Wait for the content; raises what keeps it away."""
        if not await self.changed.wait_until(lambda: self.synced or self.ended is not None, timeout):
            raise Disconnected(f"{self.link.problem} {self.where} could not be opened.")
        if self.ended is not None:
            raise self.ended

    # --- ends --------------------------------------------------------------------------------------

    def set_aside(self, error: PlantTogetherError) -> None:
        """Part with a replica that the server will not merge, and go on with a fresh one."""
        shown = self.text
        if self.outbox.give_up():
            self.unsent, self._refusal = shown, error
            _log.warning("%s: %s Your text is kept in `unsent`.", self.where, error.message)
        self._shown, self.synced, self._replaced = shown, False, error
        self._fresh()

    def _fresh(self) -> None:
        if self._held is not None:
            self._held = []
        self.replica.close()
        self.replica = Replica()
        self.presence = Presence(self.replica.client_id)
        self.changed.fire()

    def end(self, error: PlantTogetherError) -> None:
        """End for good; reads go on, writes raise ``error``."""
        if self.ended is not None:
            return
        self._shown = self.text
        if self.outbox.kept:
            self.unsent = self._shown
            if isinstance(error, DocumentNotFound):
                _log.warning("%s: %s Your text is kept in `unsent`.", self.where, error.message)
        self.ended, self.synced, self._held = error, False, None
        self.replica.close()
        self.observers.clear()
        self.changed.fire()

    async def close(self, timeout: float) -> None:
        """Flush, say farewell, and end. Raises what flush raises, after everything is closed."""
        failure: PlantTogetherError | None = None
        if self.ended is None:
            try:
                await self.flush(timeout)
            except PlantTogetherError as error:
                failure = error
            except asyncio.CancelledError:
                self.end(Disconnected(f"{self.where} was closed here; open it again."))
                self.link.abort()
                raise
        self.end(Disconnected(f"{self.where} was closed here; open it again."))
        await self.link.close()
        if failure is not None:
            raise failure


def _count(edits: int) -> str:
    return "1 edit" if edits == 1 else f"{edits} edits"

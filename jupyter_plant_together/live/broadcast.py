"""The broadcast between a document's sessions: the frames of one loop tick, joined into one write each.

Updates gather until the end of the tick, are then written once per connection (without echo to whoever sent
them), and only after that is the state's backlog applied, in slices of two milliseconds (*relay bytes, merge
late*; PROTOCOL S5).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from ..yjs.sync import UPDATE, sync, websocket_frame
from .port import Receiver
from .state import DocumentState

_SLICE = 0.002  # seconds of applying per loop tick
_WORTH_A_SLICE = 100
_APPLY_WITHIN = 0.03  # seconds; a few updates wait for others, because each round of applying has its price


class Broadcast:
    """Sends what one document accepts to its sessions.

    Parameters
    ----------
    sessions
        The document's sessions, as they are at any moment.
    state
        The document's state, whose backlog is applied here.
    """

    def __init__(self, sessions: Collection[Receiver], state: DocumentState) -> None:
        self._sessions = sessions
        self._state = state
        self._out: list[tuple[bytes, Receiver | None]] = []
        self._soon: dict[Callable[[], None], None] = {}
        self._tick_due = False
        self._slice_due = False

    def add(self, update: bytes, sender: Receiver | None) -> None:
        """Queue an update for everybody but ``sender``, to be written at the end of this tick."""
        self._out.append((websocket_frame(sync(UPDATE, update)), sender))
        self.tick()

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back once at the end of this loop tick, however often it is asked for."""
        self._soon[callback] = None
        self.tick()

    def tick(self) -> None:
        """Ask for the end of this tick; whoever asks first has its turn first."""
        if not self._tick_due:
            self._tick_due = True
            asyncio.get_running_loop().call_soon(self._end_of_tick)

    def flush(self) -> None:
        """Write what is queued now."""
        if not self._out:
            return
        out, self._out = self._out, []
        whole = out[0][0] if len(out) == 1 else b"".join([frame for frame, _ in out])
        senders = {sender for _, sender in out}
        for session in list(self._sessions):
            if session not in senders:
                session.deliver(whole)
            elif len(senders) > 1:
                session.deliver(b"".join([frame for frame, sender in out if sender is not session]))

    def presence(self, message: bytes) -> None:
        """Write a presence message to everybody."""
        frame = websocket_frame(message)
        for session in list(self._sessions):
            session.deliver(frame)

    async def catch_up(self) -> None:
        """Apply all that waits by now, in slices between which others have their turn."""
        state, pushed = self._state, self._state.pushed
        while state.behind and state.pushed - state.behind < pushed:
            state.drain(_SLICE)
            await asyncio.sleep(0)

    def _end_of_tick(self) -> None:
        self._tick_due = False
        self.flush()
        soon, self._soon = self._soon, {}
        for callback in soon:
            callback()
        if self._state.behind and not self._slice_due:
            self._slice_due = True
            few = self._state.behind < _WORTH_A_SLICE
            asyncio.get_running_loop().call_later(_APPLY_WITHIN if few else 0, self._apply_slice)

    def _apply_slice(self) -> None:
        self._slice_due = False
        if self._out:  # the tick that is due writes it and comes back here
            return
        if not self._state.drain(_SLICE):
            self._slice_due = True
            asyncio.get_running_loop().call_soon(self._apply_slice)

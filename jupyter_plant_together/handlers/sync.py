"""``sync/{document id}``: the WebSocket on which a document is edited, plain y-websocket.

Whoever has nothing to see here is closed before anything is read or allocated. After that every frame goes to
the session; what it hands back is awaited, which is what stops Tornado from reading on (A4).
"""

from __future__ import annotations

from collections.abc import Awaitable

from ..errors import BadRequest, Malformed, PlantTogetherError
from ..live.session import Session
from .socket import PlantSocket
from .tornado_connection import TornadoConnection

_FRAME_OVERHEAD = 1_000_000


class SyncHandler(PlantSocket):
    """The sync WebSocket (see the module's text)."""

    _session: Session | None = None

    @property
    def max_message_size(self) -> int:
        """Above the protocol's own limits, which answer with a code that tells which (4413)."""
        return self.services.limits.max_document_size + _FRAME_OVERHEAD

    async def open(self, document: str) -> None:
        """Let the user in, or close with the reason."""
        self.set_nodelay(True)
        try:
            self.take_share()
            wants_control = self._flag("control", default="0")
            wants_receipts = self._flag("receipt", default="1")
            version = self.services.role_watcher.version
            role = await self.services.rooms.role_in_document(self.principal, document)
            self.require_role_of_ticket(role)
            async with self.services.live.use(document) as live:
                stream = None if self.ws_connection is None else self.ws_connection.stream
                if stream is None:  # gone while the document was loaded
                    return
                self._session = live.join(
                    TornadoConnection(self, stream),
                    self.principal,
                    role=role,
                    wants_control=wants_control,
                    wants_receipts=wants_receipts,
                )
                if self.services.role_watcher.version != version:  # members changed since the role was read
                    self.services.role_watcher.look_at(live.info.room_id)
                self.recheck_later()
        except PlantTogetherError as error:
            self.end(error)

    def _flag(self, name: str, *, default: str) -> bool:
        value = self.get_query_argument(name, default)
        if value not in ("0", "1"):
            raise BadRequest(f"The parameter “{name}” must be 0 or 1.")
        return value == "1"

    def identified(self) -> None:
        """Look at the role again as who the user is now."""
        if self._session is not None:
            self._session.participant = self.principal
            self.services.role_watcher.look_at(self._session.room)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame to the session."""
        session = self._session
        if session is None:
            return None
        if isinstance(message, str):
            session.end(Malformed("The protocol has binary frames only."))
            return None
        self.services.live.counts.frames += 1
        return session.receive(message)

    def on_close(self) -> None:
        """Leave the document."""
        super().on_close()
        if self._session is not None:
            self._session.leave()
            self._session = None

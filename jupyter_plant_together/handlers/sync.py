"""``sync/{document id}``: the WebSocket on which a document is edited, plain y-websocket.

Who is not signed in or comes from a foreign origin gets 403 before the upgrade. Whoever is signed in is
upgraded and then, if there is nothing to see, closed with a code that a client can read, before anything
is read or allocated (PROTOCOL.md, *Refusals*). After that every frame goes to the session; what it hands
back is awaited, which is what stops Tornado from reading on (A4). Whether the user is still signed in is
asked again every ``identity_recheck`` seconds, with the headers that opened the connection (4401).
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado import web
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketHandler

from ..errors import Malformed, NotSignedIn, PlantTogetherError
from ..live.session import Session
from .base import PlantHandler
from .wire import TornadoConnection

_PING = 20.0  # seconds
_FRAME_OVERHEAD = 1_000_000


class SyncHandler(WebSocketMixin, WebSocketHandler, PlantHandler):
    """The sync WebSocket (see the module's text)."""

    _session: Session | None = None
    _recheck: object | None = None

    @property
    def ping_interval(self) -> float:
        """Seconds between pings, Tornado's own."""
        return _PING

    @property
    def ping_timeout(self) -> float:
        """Seconds to wait for a pong."""
        return _PING

    @property
    def max_message_size(self) -> int:
        """Above the protocol's own limits, which answer with a code that tells which (4413)."""
        return self.services.limits.max_document_size + _FRAME_OVERHEAD

    async def get(self, document: str, *args: Any, **kwargs: Any) -> None:
        """Refuse before the upgrade who is not signed in, else upgrade."""
        if self.current_user is None:
            raise web.HTTPError(403)
        await WebSocketHandler.get(self, document, *args, **kwargs)

    async def open(self, document: str) -> None:
        """Let the user in, or close with the reason."""
        self.set_nodelay(True)
        try:
            version = self.services.access.version
            role = await self.services.rooms.role_in_document(self.principal, document)
            async with self.services.live.use(document) as live:
                stream = None if self.ws_connection is None else self.ws_connection.stream
                if stream is None:  # gone while the document was loaded
                    return
                self._session = live.join(
                    TornadoConnection(self, stream),
                    self.principal,
                    role=role,
                    wants_control=self.get_query_argument("control", "") == "1",
                )
                if self.services.access.version != version:  # members changed since the role was read
                    self.services.access.look_at(live.info.room_id)
                self._recheck_later()
        except PlantTogetherError as error:
            # a close frame holds 123 bytes of reason
            self.close(error.close, error.message.encode()[:123].decode(errors="ignore"))

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame to the session."""
        session = self._session
        if session is None:
            return None
        if isinstance(message, str):
            session.end(Malformed("The protocol has binary frames only."))
            return None
        return session.receive(message)

    def _recheck_later(self) -> None:
        self._recheck = IOLoop.current().call_later(self.services.identity_recheck, self._recheck_identity)

    async def _recheck_identity(self) -> None:
        signed_in = await self._still_signed_in()
        if self._session is None:  # closed meanwhile
            return
        if signed_in:
            self._recheck_later()
        else:
            self._session.end(NotSignedIn("Your sign-in has lapsed; sign in again."))

    async def _still_signed_in(self) -> bool:
        if self._by_connection_token:
            return True
        del self._jupyter_current_user  # what the identity provider would answer with
        # It may want to renew or clear the login cookie, for which it is too late on a WebSocket.
        self.set_cookie = lambda *args, **kwargs: None  # type: ignore[method-assign]
        user = await ensure_async(self.identity_provider.get_user(self))
        self._jupyter_current_user = user
        return user is not None

    def on_close(self) -> None:
        """Leave the document."""
        if self._recheck is not None:
            IOLoop.current().remove_timeout(self._recheck)
        if self._session is not None:
            self._session.leave()
            self._session = None

    def on_pong(self, data: bytes) -> None:
        """Ignore pongs: Tornado counts them."""

"""What the WebSockets share: the refusal before the upgrade, the reason after it, and who is still signed in.

Who is not signed in or comes from a foreign origin gets 403 before the upgrade. Whoever is signed in is
upgraded and then, if there is nothing to see, closed with a code that a client can read (PROTOCOL.md,
*Refusals*). Whether the user is still signed in is asked again every ``identity_recheck`` seconds, with the
headers that opened the connection (4401).
"""

from __future__ import annotations

from typing import Any

from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado import web
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketHandler

from ..errors import NotSignedIn, PlantTogetherError
from .base import PlantHandler

_PING = 20.0  # seconds
_MAX_REASON = 123  # bytes in a close frame (RFC 6455, 5.5)


class PlantSocket(WebSocketMixin, WebSocketHandler, PlantHandler):
    """A WebSocket of a signed-in user."""

    _recheck: object | None = None

    @property
    def ping_interval(self) -> float:
        """Seconds between pings, Tornado's own."""
        return _PING

    @property
    def ping_timeout(self) -> float:
        """Seconds to wait for a pong."""
        return _PING

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Refuse before the upgrade who is not signed in, else upgrade."""
        if self.current_user is None:
            raise web.HTTPError(403)
        await WebSocketHandler.get(self, *args, **kwargs)

    def end(self, error: PlantTogetherError) -> None:
        """Close with the error's code and sentence."""
        self.close(error.close, error.message.encode()[:_MAX_REASON].decode(errors="ignore"))

    def recheck_later(self) -> None:
        """Ask in a while whether the user is still signed in; call it once the socket is in use."""
        self._recheck = IOLoop.current().call_later(self.services.identity_recheck, self._recheck_identity)

    async def _recheck_identity(self) -> None:
        signed_in = await self._still_signed_in()
        if self.ws_connection is None:  # closed meanwhile
            return
        if signed_in:
            self.recheck_later()
        else:
            self.end(NotSignedIn("Your sign-in has lapsed; sign in again."))

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
        """Ask no more."""
        if self._recheck is not None:
            IOLoop.current().remove_timeout(self._recheck)
            self._recheck = None

    def on_pong(self, data: bytes) -> None:
        """Ignore pongs: Tornado counts them."""

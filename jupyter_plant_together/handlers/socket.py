"""What the WebSockets share: the refusal before the upgrade, the reason after it, and who is still signed in.

Who is not signed in, comes from a foreign origin or has no ticket where one is needed gets 403 before the
upgrade. Whoever is signed in is upgraded and then, if there is nothing to see, closed with a code that a
client can read (docs/protocol.md, *Refusals*). Who the user is and which groups they are in is asked again
every ``identity_recheck`` seconds, with the headers that opened the connection (4401); while it cannot be
asked, the connection stays for ``policy_grace`` seconds.
"""

from __future__ import annotations

import time
from typing import Any

from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado import web
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketHandler

from ..errors import NotSignedIn, PlantTogetherError, Unavailable
from ..rooms.tickets import Ticket
from .base import PlantHandler

_PING = 20.0  # seconds
_MAX_REASON = 123  # bytes in a close frame (RFC 6455, 5.5)
_ASK_AGAIN = 5.0  # seconds, while nobody can say who the user is


class PlantSocket(WebSocketMixin, WebSocketHandler, PlantHandler):
    """A WebSocket of a signed-in user."""

    _recheck: object | None = None
    _unknown_since: float | None = None
    _ticket: Ticket | None = None
    _share: str | None = None

    @property
    def ping_interval(self) -> float:
        """Seconds between pings, Tornado's own."""
        return _PING

    @property
    def ping_timeout(self) -> float:
        """Seconds to wait for a pong."""
        return _PING

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Refuse before the upgrade who is not signed in or has no valid ticket, else upgrade."""
        if self.current_user is None:
            raise web.HTTPError(403)
        token = self.get_query_argument("ticket", "")
        if token:
            self._ticket = await self.services.tickets.redeem(
                token, self.principal, self.ticket_place(args[0])
            )
        elif self.services.tickets_required and not self.token_authenticated:
            raise web.HTTPError(403, "A page needs a ticket to open a WebSocket.")
        await WebSocketHandler.get(self, *args, **kwargs)

    def ticket_place(self, place: str) -> str:
        """Return what a ticket must be for, from the path's argument."""
        return place

    def require_role_of_ticket(self, role: str) -> None:
        """Raise Unavailable if the role has changed since the ticket was given: a new one is needed."""
        if self._ticket is not None and self._ticket.role != role:
            raise Unavailable("Your role has just changed; take a new ticket.")

    def check_origin(self, origin: str | None = None) -> bool:
        """Whether a page of this origin may ask: this server's own, or of the user's own server."""
        return self.from_user_origin() or bool(super().check_origin(origin))

    def take_share(self) -> None:
        """Count this connection among those of its user; raises Unavailable if there are too many."""
        share = self.bounded_as
        self.services.connections.take(share)
        self._share = share

    def end(self, error: PlantTogetherError) -> None:
        """Close with the error's code and sentence."""
        self.close(error.close, error.message.encode()[:_MAX_REASON].decode(errors="ignore"))

    # --- who this still is ---------------------------------------------------------------------------

    def recheck_later(self, delay: float | None = None) -> None:
        """Ask in a while who the user is; call it once the socket is in use."""
        wait = self.services.identity_recheck if delay is None else delay
        self._recheck = IOLoop.current().call_later(wait, self._recheck_identity)

    async def _recheck_identity(self) -> None:
        delay = None
        try:
            await self._identify()
        except Unavailable as error:
            now = time.monotonic()
            self._unknown_since = self._unknown_since or now
            if now - self._unknown_since > self.services.policy_grace:
                self.end(error)
                return
            delay = min(_ASK_AGAIN, self.services.identity_recheck)
        except PlantTogetherError as error:
            self.end(error)
            return
        else:
            self._unknown_since = None
        if self.ws_connection is not None:  # else closed meanwhile
            self.recheck_later(delay)

    async def _identify(self) -> None:
        if self._by_connection_token:
            return
        del self._jupyter_current_user  # what the identity provider would answer with
        # It may want to renew or clear the login cookie, for which it is too late on a WebSocket.
        self.set_cookie = lambda *args, **kwargs: None  # type: ignore[method-assign]
        user = None
        try:
            user = await ensure_async(self.identity_provider.get_user(self))
        finally:
            self._jupyter_current_user = user
        known = None if user is None else self.services.identity.principal(user, self.principal.kind)
        if known is None or known.subject != self.principal.subject:
            raise NotSignedIn("Your sign-in has lapsed; sign in again.")
        if known != self.principal:
            self.principal = known
            self.identified()

    def identified(self) -> None:
        """Take note that the user's name or groups have changed."""

    def on_close(self) -> None:
        """Ask no more."""
        if self._share is not None:
            self.services.connections.give_back(self._share)
            self._share = None
        if self._recheck is not None:
            IOLoop.current().remove_timeout(self._recheck)
            self._recheck = None

    def on_pong(self, data: bytes) -> None:
        """Ignore pongs: Tornado counts them."""

"""What all handlers share: who is asking, reading a request, and one shape for every answer and error.

Signing in is Jupyter's: its identity provider, its XSRF and origin rules. One thing is added: the token of
the connection file that a server writes for its kernels; it comes in the ``Authorization`` header and opens
these handlers only (PROTOCOL I2).
"""

from __future__ import annotations

import hmac
import json
import re
import traceback
from collections.abc import Awaitable, Collection, Mapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, ClassVar

from jupyter_server.auth import User
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from tornado import web

from ..errors import AccessDenied, BadName, BadRequest, LimitExceeded, NotSignedIn, PlantTogetherError
from ..limits import Limits
from ..rooms.identity import Principal
from ..util.variables import KERNEL_HEADER
from .body import REFUSALS, SMALL, BodyHandler
from .services import SETTING, Services

_TOKEN = re.compile(r"(?:token|bearer)\s+(.+)", re.IGNORECASE)
_KERNEL = re.compile(r"[\w-]{1,64}", re.ASCII)
_TAG = re.compile(r'\s*(?:W/)?("[^"]*"|\*)\s*(?:,|$)')
_CODES = {
    400: "bad-request",
    401: "not-signed-in",
    403: "access-denied",
    404: "not-found",
    405: "method-not-allowed",
    413: "limit-exceeded",
}
_KINDS = {str: "a text", bool: "true or false", int: "a whole number"}
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_NUMBER_AT_MOST = 2**53 - 1  # what JavaScript counts to, and databases, too
_ESCAPED = 6  # bytes of JSON that a byte of a text may take


def is_number(text: str) -> bool:
    """Whether a text of a query is a whole number that is none too large."""
    return text.isascii() and text.isdigit() and len(text) <= 18 and int(text) <= _NUMBER_AT_MOST


def _is_unicode(text: str) -> bool:
    """Whether a text of JSON has no half of a character, which could neither be kept nor sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def json_with_text(limits: Limits) -> tuple[int, LimitExceeded]:
    """Return the limit of a JSON body that may hold a diagram's text."""
    most = _ESCAPED * limits.max_source_size + SMALL
    return most, limits.exceeded("max_source_size", "The body")


class PlantHandler(BodyHandler, JupyterHandler):
    """A handler that knows its services and its principal, and answers in JSON."""

    # What Jupyter's Authorizer is asked about.
    auth_resource: ClassVar[str] = "plant_together"
    principal: Principal

    @property
    def services(self) -> Services:
        """The parts of the running server."""
        services: Services = self.settings[SETTING]
        return services

    # --- who is asking -------------------------------------------------------------------------------

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Sign in, or answer 401 (403 to a WebSocket) before anything else happens or is read."""
        if self.request.method == "OPTIONS" and self.services.user_origins is not None:
            return
        try:
            await self._sign_in()
            self.expect_body(self.services.limits)
        except REFUSALS as error:
            self.refuse(error)

    async def _sign_in(self) -> None:
        if self._has_connection_token():
            if not self.check_host():
                raise web.HTTPError(403)
            self.principal = self.services.identity.server()
            user = User(username=self.principal.username, name=self.principal.name)
            self.current_user = self._jupyter_current_user = user
            self._by_connection_token = True
            self.set_cors_headers()
            return
        waiting: Awaitable[None] | None = await super().prepare(_redirect_to_login=False)
        if waiting is not None:
            await waiting
        user = self.current_user
        if user is None:
            if self.request.headers.get("Upgrade", "").lower() == "websocket":
                raise web.HTTPError(403)
            raise NotSignedIn("Sign in to this Jupyter server first, or send its token.")
        if not self.check_origin():
            raise AccessDenied("Requests from another site are not answered.")
        action = "read" if self.request.method in _READING else "write"
        if not await ensure_async(self.authorizer.is_authorized(self, user, action, self.auth_resource)):
            raise AccessDenied(f"This server does not let you {action} rooms.")
        by_header = self.token_authenticated and "Authorization" in self.request.headers
        self.principal = self.services.identity.principal(user, "notebook" if by_header else "browser")

    _by_connection_token = False

    @property
    def bounded_as(self) -> str:
        """Whose share of what is bounded per user this request takes (PROTOCOL I6).

        Where the sign-in invents users, one subject may be a whole class: there it is the browser that the
        session cookie names, or the kernel that says which one it is.
        """
        who = self.principal
        if not self.services.identity.invented:
            return who.subject
        if who.kind == "notebook":
            kernel = self.request.headers.get(KERNEL_HEADER, "")
            return f"{who.subject}/kernel/{kernel if _KERNEL.fullmatch(kernel) else ''}"
        # Without the cookie a name is invented anew for each request.
        cookie = self.get_signed_cookie(self.identity_provider.get_cookie_name(self))
        return f"{who.subject}/browser/{'' if cookie is None else who.username}"

    # --- pages of users' own hosts (rooms.origins) ---------------------------------------------------

    def from_user_origin(self) -> bool:
        """Whether a page of the signed-in user's own server asks."""
        user_origins, origin = self.services.user_origins, self.get_origin()
        user = getattr(self, "_jupyter_current_user", None)
        if user_origins is None or not origin or user is None:
            return False
        return origin.lower() == user_origins.origin(user.username)

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Whether a page of this origin may ask: this server's own, or of the user's own server."""
        return self.from_user_origin() or super().check_origin(origin_to_satisfy_tornado)

    def set_cors_headers(self) -> None:
        """Let the page read the answer if it may ask, and errors of who is not signed in."""
        if hasattr(self, "_jupyter_current_user"):  # else an error came before it was known who asks
            super().set_cors_headers()
        user_origins, origin = self.services.user_origins, self.get_origin()
        if user_origins is None or not origin:
            return
        self.set_header("Vary", "Origin")
        signed_out = getattr(self, "_jupyter_current_user", None) is None
        if user_origins.knows(origin) if signed_out else self.from_user_origin():
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Credentials", "true")
            self.set_header("Access-Control-Expose-Headers", "ETag, Location")

    def options(self, *args: str, **kwargs: str) -> None:
        """Tell a page of a user's own server what it may ask."""
        if self.services.user_origins is None:
            raise web.HTTPError(405)
        self.set_cors_headers()
        self.set_header("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
        self.set_header("Access-Control-Allow-Headers", "Content-Type, If-Match, If-None-Match, X-XSRFToken")
        self.set_header("Access-Control-Max-Age", "600")
        self.set_status(204)
        self.finish()

    def _has_connection_token(self) -> bool:
        match = _TOKEN.fullmatch(self.request.headers.get("Authorization", "").strip())
        if match is None:
            return False
        return hmac.compare_digest(match[1].encode(), self.services.connection_token.encode())

    @property
    def token_authenticated(self) -> bool:
        """Whether a token proves the request; such a request needs no XSRF token and no origin."""
        return self._by_connection_token or bool(super().token_authenticated)

    def skip_check_origin(self) -> bool:
        """Whether any origin may ask, because a token proves the request."""
        return self._by_connection_token or bool(super().skip_check_origin())

    # --- reading -------------------------------------------------------------------------------------

    def json_body(self, **fields: type) -> dict[str, Any]:
        """Return the JSON object of the body with the given fields, each optional and of its type."""
        if not self.body.strip():
            return {}
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):  # the second: nested beyond any use
            raise BadRequest("The body is not JSON.") from None
        if not isinstance(body, dict):
            raise BadRequest("The body must be a JSON object.")
        for name, value in body.items():
            if not _is_unicode(name) or name not in fields:
                known = ", ".join(fields)
                shown = name.encode(errors="replace").decode()
                raise BadRequest(f"The body has an unknown field “{shown}”; known are: {known}.")
            if value is not None and type(value) is not fields[name]:
                kind = _KINDS[fields[name]]
                raise BadRequest(f"The field “{name}” must be {kind}.")
            if isinstance(value, int) and not 0 <= value <= _NUMBER_AT_MOST:
                raise BadRequest(f"The field “{name}” must be a whole number from 0 to {_NUMBER_AT_MOST:,}.")
            if isinstance(value, str) and not _is_unicode(value):
                error = BadName if name == "name" else BadRequest
                raise error(f"The field “{name}” holds half of a surrogate pair.")
        return {name: value for name, value in body.items() if value is not None}

    def page_arguments(self) -> dict[str, Any]:
        """Return ``limit``, ``cursor`` and ``deleted`` of the query."""
        text = self.get_query_argument("limit", "50")
        if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= 200:
            raise BadRequest("The parameter “limit” must be a number from 1 to 200.")
        deleted = self.get_query_argument("deleted", "false")
        if deleted not in ("true", "false"):
            raise BadRequest("The parameter “deleted” must be true or false.")
        cursor = self.get_query_argument("cursor", "")
        return {"limit": int(text), "cursor": cursor, "deleted": deleted == "true"}

    def number(self, name: str) -> int | None:
        """Return a whole number of the query, None where it is not given."""
        text = self.get_query_argument(name, "")
        if not text:
            return None
        if not is_number(text):
            raise BadRequest(f"The parameter “{name}” must be a whole number from 0 to {_NUMBER_AT_MOST:,}.")
        return int(text)

    def if_match(self) -> frozenset[str] | None:
        """Return the entity tags of ``If-Match``, None without that header."""
        header = self.request.headers.get("If-Match")
        if header is None:
            return None
        tags = []
        at = 0
        while at < len(header):
            match = _TAG.match(header, at)
            if match is None:
                raise BadRequest("The header If-Match is not a list of quoted entity tags.")
            tags.append(match[1])
            at = match.end()
        return frozenset(tags)

    # --- answering -----------------------------------------------------------------------------------

    async def with_deleters(
        self, items: Sequence[Mapping[str, Any]], rooms: Collection[str]
    ) -> list[Mapping[str, Any]]:
        """Return the JSON of what was deleted, each with ``deleted_by``; ``rooms`` are the ids of theirs."""
        who = await self.services.rooms.deleters(rooms)
        return [{**item, "deleted_by": who.get(item["id"])} for item in items]

    def answer(self, body: Mapping[str, Any], status: int = 200, *, etag: str | None = None) -> None:
        """Write a JSON answer."""
        self.set_status(status)
        if etag is not None:
            self.set_header("Etag", etag)
        self._finish_json(body)

    def answer_edit(self, body: Mapping[str, Any] | None, *, saved: bool) -> None:
        """Answer an edit: 200 with ``body`` or 204; 202 where it is sent and not known to be saved (A8)."""
        if not saved:
            self.answer({**(body or {}), "message": "The edit is applied and being saved."}, 202)
        elif body is not None:
            self.answer(body)
        else:
            self.set_status(204)

    def _finish_json(self, body: Mapping[str, Any]) -> None:
        if self.services.user_origins is not None:
            self.set_cors_headers()  # Tornado forgets headers before an error
        self.set_header("Content-Type", "application/json")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(body, ensure_ascii=False))

    def compute_etag(self) -> str | None:
        """Send no tag but the ones set on purpose: Tornado's would be of the bytes."""
        return None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with ``{"error": code, "message": sentence, …}``."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, PlantTogetherError):
            self.set_status(error.status)
            self._finish_json(error.body())
            return
        message = ""
        if isinstance(error, web.HTTPError):
            message = error.log_message or error.reason or ""
        elif status_code >= 500:
            message = "The server failed; its log says why."
        code = _CODES.get(status_code, "error")
        message = message or HTTPStatus(status_code).phrase + "."
        self._finish_json({"error": code, "message": message})

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log a failure of the server with its trace, a refusal in one line."""
        if isinstance(value, PlantTogetherError) and value.status < 500:
            self.log.debug("%s %s: %s", self.request.method, self.request.path, value.message)
        elif isinstance(value, PlantTogetherError):
            self.log.warning("%s %s: %s", self.request.method, self.request.path, value.message)
        elif isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)
        else:
            trace = "".join(traceback.format_exception(value))
            self.log.error("%s %s failed:\n%s", self.request.method, self.request.path, trace)

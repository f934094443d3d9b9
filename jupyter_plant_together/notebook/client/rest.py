"""The server's REST interface, as seen by one room's connection: where it is, and calls that raise.

An error body becomes the exception of its ``code``. Whatever keeps a call from being answered becomes
:class:`~...errors.Disconnected` with a sentence that names the address.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import time
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from tornado.httpclient import HTTPError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from ...errors import AccessDenied, Disconnected, PlantTogetherError, Unavailable
from ...util.variables import KERNEL_HEADER
from .discovery import Discovery, Endpoint
from .download import AT_MOST, Download
from .error_codes import from_code
from .worker import DaemonResolver, closed

API = "plant-together/api/v1/"
_CONNECT_TIMEOUT = 5.0
_REQUEST_TIMEOUT = 30.0
_LARGEST = 10_000_000_000  # bytes of an export; other answers are far below
_LOOK_AGAIN = 1.0  # seconds between two searches, however many documents ask


class Server:
    """One Jupyter server (or its successor after a restart). Lives on the background thread."""

    def __init__(self, url: str | None, token: str | None) -> None:
        self._discovery = Discovery(url, token, self._probe)
        self.resolver = DaemonResolver()
        self._client = SimpleAsyncHTTPClient(
            force_instance=True, resolver=self.resolver, max_body_size=_LARGEST
        )
        self._endpoint: Endpoint | None = None
        self._looked = 0.0
        self._looking = asyncio.Lock()
        self._tls: ssl.SSLContext | None = None
        self._closed = False
        self.room_id: str | None = None

    @property
    def url(self) -> str:
        """The address in use, for people."""
        return "the server" if self._endpoint is None else self._endpoint.url

    async def endpoint(self) -> Endpoint:
        """Return the server's place, searching if it is not known."""
        if self._endpoint is None:
            self._endpoint = await self._discovery.locate()
        return self._endpoint

    async def look_again(self) -> None:
        """Search again, because the server did not answer or refused the token.

        A server at another address takes over only if it has our room: any other server would say that the
        documents are gone.
        """
        async with self._looking:
            if self._endpoint is None or time.monotonic() - self._looked < _LOOK_AGAIN:
                return
            self._looked = time.monotonic()
            found = await self._discovery.locate(self._endpoint)
            if found.url != self._endpoint.url and self.room_id is not None:
                await self._send(found, "GET", "rooms/~" + self.room_id)
            self._endpoint = found

    def tls(self) -> ssl.SSLContext:
        """Return the context for https and wss; OpenSSL itself reads ``SSL_CERT_FILE``."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    async def _probe(self, endpoint: Endpoint) -> str | None:
        try:
            await self._send(endpoint, "GET", "me")
        except PlantTogetherError as error:
            return error.message.rstrip(".")
        return None

    async def request(
        self,
        method: str,
        *segments: str,
        query: dict[str, Any] | None = None,
        body: Any = None,
        data: bytes | None = None,
    ) -> Any:
        """Call ``api/v1/{segments}`` and return the JSON answer (None if there is none).

        The call sends ``body`` as JSON, or ``data`` as it is.
        """
        return _json(await self._ask(method, segments, query, data if body is None else json.dumps(body)))

    async def download(self, file: BinaryIO, *segments: str, query: dict[str, Any] | None = None) -> None:
        """Write the answer of a GET into a file as it comes."""
        await self._ask("GET", segments, query, None, Download(file))

    async def _ask(
        self,
        method: str,
        segments: tuple[str, ...],
        query: dict[str, Any] | None,
        body: str | bytes | None,
        download: Download | None = None,
    ) -> HTTPResponse:
        path = "/".join(quote(segment, safe="~") for segment in segments)
        if query:
            path += "?" + urlencode(query, doseq=True)
        endpoint = await self.endpoint()
        try:
            return await self._send(endpoint, method, path, body, download)
        except (Disconnected, AccessDenied) as error:
            if isinstance(error, AccessDenied) and not error.details.get("token_refused"):
                raise
            first = error
        try:
            await self.look_again()
        except PlantTogetherError:
            raise first from None
        if self._endpoint in (None, endpoint):
            raise first
        return await self._send(await self.endpoint(), method, path, body, download)

    async def items(self, *segments: str, query: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return a whole list, page by page."""
        found: list[dict[str, Any]] = []
        query = {"limit": 200, **(query or {})}
        while True:
            page = await self.request("GET", *segments, query=query)
            found += page["items"]
            if not page.get("next"):
                return found
            query["cursor"] = page["next"]

    async def _send(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        body: str | bytes | None = None,
        download: Download | None = None,
    ) -> HTTPResponse:
        if self._closed:
            raise closed()
        request = HTTPRequest(
            endpoint.url + API + path,
            method=method,
            headers=authorization(endpoint.token) | {"Accept": "application/json"},
            body=body,
            allow_nonstandard_methods=True,  # a POST without a body
            connect_timeout=_CONNECT_TIMEOUT,
            request_timeout=_REQUEST_TIMEOUT if download is None else AT_MOST,
            follow_redirects=False,  # a redirect leads to the sign-in page
            ssl_options=self.tls() if endpoint.url.startswith("https:") else None,
        )
        try:
            if download is None:
                response = await self._client.fetch(request, raise_error=False)
            else:
                response = await download.fetch(self._client, request, endpoint.url)
        except (OSError, HTTPError) as error:
            raise unreachable(endpoint.url, error) from error
        if response.code == 599:
            raise unreachable(endpoint.url, response.error)
        _check(endpoint, response)
        return response

    def close(self) -> None:
        """Refuse calls from now on."""
        self._closed = True
        self._client.close()


def authorization(token: str) -> dict[str, str]:
    """Return the headers that carry a token, if there is one, and say which kernel this is."""
    return {KERNEL_HEADER: str(os.getpid()), **({"Authorization": f"token {token}"} if token else {})}


def unreachable(url: str, error: BaseException | None) -> Disconnected:
    """Return the error for a server that cannot be reached, with the reason."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Disconnected(
            f"The certificate of {url} is not trusted ({error.verify_message}); "
            "SSL_CERT_FILE can name a file with your own authority."
        )
    reason = getattr(error, "strerror", None) or str(error or "no answer")
    return Disconnected(f"{url} does not answer: {reason}.")


def refused(endpoint: Endpoint) -> AccessDenied:
    """Return the error for a token that Jupyter does not accept."""
    what = "the token" if endpoint.token else "a request without a token"
    # Jupyter itself said so, before Plant Together was asked: a newer token may help.
    return AccessDenied(f"{endpoint.url} refused {what} (from {endpoint.found}).", token_refused=True)


def _json(response: HTTPResponse) -> Any:
    try:
        return json.loads(response.body) if response.body else None
    except ValueError:
        return None


def _check(endpoint: Endpoint, response: HTTPResponse) -> None:
    if 200 <= response.code < 300:
        return
    content = _json(response)
    if response.code == 401:
        raise refused(endpoint)
    if isinstance(content, dict) and isinstance(content.get("error"), str):
        error = from_code(content.pop("error"), str(content.pop("message", "")))
        error.details.update(content)
        raise error
    if response.code == 403 or 300 <= response.code < 400:
        raise refused(endpoint)
    if response.code == 404:
        raise Disconnected(
            f"There is no Plant Together at {endpoint.url}; "
            "is the server extension enabled (jupyter server extension list)?"
        )
    if response.code in (502, 503, 504):
        raise Unavailable(f"{endpoint.url} is not available just now (HTTP {response.code}).")
    raise PlantTogetherError(f"{endpoint.url} answered HTTP {response.code} {response.reason}.")

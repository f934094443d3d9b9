"""One WebSocket to a document, from upgrade to close, with the count of what was sent (PROTOCOL A1)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ...errors import Disconnected, Malformed, PlantTogetherError
from ...yjs.sync import Message, is_counted, parse
from .discovery import Endpoint
from .rest import Server, authorization, refused, unreachable

_CONNECT_TIMEOUT = 5.0
_HANDSHAKE_TIMEOUT = 20.0
_PING = 20.0  # seconds: finds a server that vanished without a word
_MAX_MESSAGE = 256 * 1024 * 1024  # a whole document can come in one frame, whatever the server's limits
_CLOSING = 1.0


class Connection:
    """An open connection; it ends by itself when the server closes it or vanishes."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket
        self._open = True
        self.sent = 0

    @classmethod
    async def open(cls, server: Server, document: str) -> Connection:
        """Connect to ``document``.

        Raises
        ------
        Disconnected
            If the server cannot be reached.
        AccessDenied
            If it refuses the token.
        """
        socket = await dial(server, f"plant-together/sync/{document}?control=1")
        return cls(socket)

    def send(self, frame: bytes) -> None:
        """Send a frame; into the void if the connection is gone, which :meth:`messages` tells."""
        self.sent += is_counted(frame)
        try:
            self._socket.write_message(frame, binary=True).add_done_callback(_retrieve)
        except WebSocketClosedError:
            pass

    async def messages(self) -> AsyncIterator[Message]:
        """Yield the server's messages until either side closes the connection; raises Malformed."""
        while self._open and (frame := await self._socket.read_message()) is not None:
            if isinstance(frame, str):
                raise Malformed("The server sent a text frame.")
            message = parse(frame)
            if message is not None:
                yield message

    @property
    def close_code(self) -> int:
        """The server's close code; 1006 if it left without one."""
        return self._socket.close_code or 1006

    @property
    def close_reason(self) -> str:
        """The server's close reason, for people."""
        return self._socket.close_reason or ""

    def close(self) -> None:
        """Start the closing handshake; harmless when the connection is gone."""
        self._open = False
        self._socket.close(1000)

    async def closed(self) -> None:
        """Wait a moment for the end of the closing handshake."""
        try:
            async with asyncio.timeout(_CLOSING):
                while await self._socket.read_message() is not None:
                    pass
        except TimeoutError:
            pass  # the server is slow to answer; the socket is dropped


async def dial(server: Server, path: str) -> WebSocketClientConnection:
    """Open the WebSocket at ``path`` of the server; raises Disconnected or AccessDenied."""
    endpoint = await server.endpoint()
    request = HTTPRequest(
        f"ws{endpoint.url.removeprefix('http')}{path}",
        headers=authorization(endpoint.token),
        connect_timeout=_CONNECT_TIMEOUT,
        request_timeout=_HANDSHAKE_TIMEOUT,
        ssl_options=server.tls() if endpoint.url.startswith("https:") else None,
    )
    try:
        socket = await websocket_connect(
            request,
            ping_interval=_PING,
            ping_timeout=_PING,
            max_message_size=_MAX_MESSAGE,
            resolver=server.resolver,
        )
    except HTTPClientError as error:
        raise _refusal(endpoint, error) from error
    except (OSError, StreamClosedError) as error:
        raise unreachable(endpoint.url, error) from error
    if socket.protocol is not None:
        socket.protocol.set_nodelay(True)
    return socket


def _retrieve(written: asyncio.Future[None]) -> None:
    if not written.cancelled():
        written.exception()  # a broken connection is told once, by messages()


def _refusal(endpoint: Endpoint, error: HTTPClientError) -> PlantTogetherError:
    if error.code in (401, 403) or 300 <= error.code < 400:
        return refused(endpoint)
    if error.code == 599:
        return unreachable(endpoint.url, error)
    return Disconnected(f"{endpoint.url} does not accept the connection (HTTP {error.code}).")

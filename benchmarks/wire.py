"""A raw WebSocket client for load: frames in, frames out, nothing else in between.

Client frames carry a masking key of zeros (RFC 6455 asks for a mask, not for a good one), so that masking
costs nothing. Server frames are cut out of the stream without a copy of the rest.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
from collections.abc import Callable


class Client(asyncio.Protocol):
    """One connection; ``on_message`` is called with each binary message."""

    def __init__(self, host: str, path: str, token: str) -> None:
        self.on_message: Callable[[bytes], None] = lambda message: None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport
        self._buffer = bytearray()
        self._upgraded = False
        key = base64.b64encode(os.urandom(16)).decode()
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: token {token}\r\n\r\n"
        ).encode()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the upgrade request."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail whoever still waits for the upgrade."""
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("the server closed during the upgrade"))

    def data_received(self, data: bytes) -> None:
        """Cut messages out of the stream."""
        buffer = self._buffer
        buffer += data
        if not self._upgraded:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not buffer.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(bytes(buffer[:60]).decode(errors="replace")))
                return
            del buffer[: end + 4]
            self._upgraded = True
            self.opened.set_result(None)
        at = 0
        size = len(buffer)
        while size - at >= 2:
            length, start = buffer[at + 1], at + 2
            if length == 126:
                if size - at < 4:
                    break
                length, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                if size - at < 10:
                    break
                length, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if size - start < length:
                break
            kind = buffer[at] & 15
            if kind == 2:
                self.on_message(bytes(buffer[start : start + length]))
            elif kind == 9:
                self.transport.write(frame(bytes(buffer[start : start + length]), 0x8A))
            at = start + length
        del buffer[:at]

    def send(self, message: bytes) -> None:
        """Send one binary message."""
        self.transport.write(frame(message))

    def close(self) -> None:
        """Drop the connection."""
        self.transport.abort()


def frame(message: bytes, head: int = 0x82) -> bytes:
    """Return a client frame whose masking key is zero."""
    length = len(message)
    if length < 126:
        return bytes((head, 0x80 | length, 0, 0, 0, 0)) + message
    if length < 65_536:
        return bytes((head, 0xFE)) + length.to_bytes(2, "big") + b"\0\0\0\0" + message
    return bytes((head, 0xFF)) + length.to_bytes(8, "big") + b"\0\0\0\0" + message


async def connect(port: int, path: str, token: str) -> Client:
    """Open a connection to a server on this machine."""
    host = f"127.0.0.1:{port}"
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(host, path, token), "127.0.0.1", port)
    await client.opened
    return client

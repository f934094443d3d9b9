"""pycrdt-websocket as a server: ``peer_pycrdt.py PORT``, rooms in memory, over the websockets library."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from pycrdt import Channel
from pycrdt.websocket import WebsocketServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


class Connection(Channel):
    """What pycrdt-websocket wants of a connection."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    @property
    def path(self) -> str:
        """The room."""
        return self._connection.request.path if self._connection.request else "/"

    async def __anext__(self) -> bytes:
        try:
            return await self.recv()
        except ConnectionClosed:
            raise StopAsyncIteration from None

    async def send(self, message: bytes) -> None:
        """Send a message."""
        await self._connection.send(message)

    async def recv(self) -> bytes:
        """Receive a message."""
        data: Any = await self._connection.recv()
        return bytes(data)


async def main(port: int) -> None:
    """Serve until killed."""
    async with WebsocketServer(auto_clean_rooms=False) as server:

        async def handle(connection: ServerConnection) -> None:
            await server.serve(Connection(connection))

        async with serve(handle, "127.0.0.1", port, compression=None, max_size=2**28):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

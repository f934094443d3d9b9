"""An answer that goes into a file as it comes: only silence is limited, not how long it takes."""

from __future__ import annotations

import asyncio
import io
from typing import BinaryIO

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from ...errors import Disconnected

SILENCE = 600.0  # seconds; before a piece the server may try pictures that fail, each for a while
AT_MOST = 86_400.0
_ERROR_SIZE = 1_000_000


class Download:
    """One answer on its way.

    Parameters
    ----------
    file
        Where it goes; open for writing and reading.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = 0

    async def fetch(self, client: AsyncHTTPClient, request: HTTPRequest, url: str) -> HTTPResponse:
        """Ask, and return the answer; the body of an error is in the answer as always.

        Raises
        ------
        Disconnected
            If nothing comes for too long.
        """
        await asyncio.to_thread(self._file.truncate, 0)  # of an earlier try
        self._file.seek(0)
        request.streaming_callback = self._take
        pending = asyncio.ensure_future(client.fetch(request, raise_error=False))
        before = -1
        while not pending.done():
            if self._size == before:
                pending.cancel()
                raise Disconnected(f"{url} has stopped sending.")
            before = self._size
            await asyncio.wait({pending}, timeout=SILENCE)
        response = pending.result()
        if 200 <= response.code < 300 or response.code == 599:
            return response
        self._file.seek(0)
        body = await asyncio.to_thread(self._file.read, _ERROR_SIZE)
        return HTTPResponse(request, response.code, response.headers, io.BytesIO(body))

    async def _take(self, piece: bytes) -> None:
        self._size += len(piece)
        await asyncio.to_thread(self._file.write, piece)

"""How a request's body is read: not before it is known who asks, and no more of it than the call takes.

Tornado would keep a body of any sender whole before a handler sees it. Here handlers stream: ``prepare``
decides from the headers alone and sets the size and the time that this body may take (PROTOCOL I6). A refusal
answers at once and closes the connection; only where the body is small, the rest of it is let pass unkept
first: a connection that is closed with something unread is reset, and the answer may be lost with it.
"""

from __future__ import annotations

from typing import Any, NoReturn

from tornado import web
from tornado.httputil import HTTPFile, parse_body_arguments

from ..errors import LimitExceeded, PlantTogetherError
from ..limits import Limits

SMALL = 65_536  # bytes
_SECONDS, _BYTES_PER_SECOND = 30.0, 50_000  # how long a body may take, however slow the line


@web.stream_request_body
class BodyHandler(web.RequestHandler):
    """A handler that reads a body only where ``prepare`` has not refused the request."""

    _refusal: Exception | None = None

    def initialize(self, **kwargs: Any) -> None:
        """Begin with no body."""
        super().initialize(**kwargs)
        self._chunks: list[bytes] = []

    def body_limit(self, limits: Limits) -> tuple[int, LimitExceeded]:
        """Return how large a body this call takes, and what whoever sends a larger one is told."""
        return SMALL, LimitExceeded(f"The body of this call has at most {SMALL:,} bytes.")

    def expect_body(self, limits: Limits) -> None:
        """Set what this body may take; raises LimitExceeded if it says itself that it is larger."""
        most, error = self.body_limit(limits)
        declared = self._declared()
        if declared is not None and declared > most:
            raise error
        self._allow(most if declared is None else declared)

    def refuse(self, error: Exception) -> None:
        """Answer with ``error``: at once, or when the body has passed if it is small."""
        declared = self._declared()
        if declared is None or declared > SMALL:
            self.set_header("Connection", "close")
            raise error
        self._refusal = error
        self._allow(declared)
        setattr(self, str(self.request.method).lower(), self._refuse)

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body; of who is refused nothing."""
        if self._refusal is None:
            self._chunks.append(chunk)

    @property
    def body(self) -> bytes:
        """The whole body."""
        if len(self._chunks) > 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0] if self._chunks else b""

    def files(self) -> list[HTTPFile]:
        """Return the files of a form."""
        found: dict[str, list[HTTPFile]] = {}
        headers = self.request.headers
        parse_body_arguments(headers.get("Content-Type", ""), self.body, {}, found, headers)
        return [file for files in found.values() for file in files]

    def _refuse(self, *args: str, **kwargs: str) -> NoReturn:
        assert self._refusal is not None
        raise self._refusal

    def _declared(self) -> int | None:
        """Return the size that the headers promise, None if they promise none."""
        headers = self.request.headers
        text = headers.get("Content-Length", "0").strip()
        return int(text) if text.isascii() and text.isdigit() and "Transfer-Encoding" not in headers else None

    def _allow(self, size: int) -> None:
        connection: Any = self.request.connection
        connection.set_max_body_size(size)
        connection.set_body_timeout(_SECONDS + size / _BYTES_PER_SECOND)


#: What ``prepare`` may refuse with.
REFUSALS = (PlantTogetherError, web.HTTPError)

"""A Tornado WebSocket as a live document's connection: ready-made frames straight to the socket.

Frames are built once and are the same for every receiver, so they bypass ``write_message`` (which frames,
and makes a Future and a task, per client). When nothing is queued they go to the socket at once; what the
socket does not take is queued on Tornado's stream, whose buffer is what *congested* looks at. TLS always
goes through the stream.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketHandler

_MAX_REASON = 123  # bytes in a close frame (RFC 6455, 5.5)


class TornadoConnection:
    """live.port.Connection over an open WebSocketHandler."""

    def __init__(self, handler: WebSocketHandler, stream: IOStream) -> None:
        self._handler = handler
        self._stream = stream
        self._plain = type(stream) is IOStream
        self._last_write: Any = None

    def send(self, frames: bytes) -> None:
        """Write frames; a connection that has gone is noticed by its handler."""
        stream = self._stream
        if self._plain and not stream.writing() and stream.socket is not None:
            try:
                sent = stream.socket.send(frames)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError:
                return  # the stream sees the same error when it reads, and closes
            if sent == len(frames):
                return
            frames = frames[sent:]
        try:
            self._last_write = stream.write(frames)
        except StreamClosedError:
            return

    @property
    def congested(self) -> bool:
        """Whether the socket has not taken all that was written."""
        return self._stream.writing()

    def when_drained(self, callback: Callable[[], None]) -> None:
        """Call back when the last write has left; never if the connection closes before."""
        future = self._last_write

        def done(finished: Any) -> None:
            if finished.exception() is None:
                callback()

        if future is None:
            callback()
        else:
            future.add_done_callback(done)

    def close(self, code: int, reason: str) -> None:
        """Close with a code and a reason."""
        self._handler.close(code, reason.encode()[:_MAX_REASON].decode(errors="ignore"))

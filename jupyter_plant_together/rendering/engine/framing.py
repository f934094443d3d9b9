"""Messages between the renderer and its child: two lengths, a JSON object, and bytes.

Never pickles: the child runs what strangers wrote, and the parent must not believe it more than that.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

_LENGTHS = struct.Struct(">II")
_HEAD_AT_MOST, _BODY_AT_MOST = 10_000_000, 500_000_000


def write(pipe: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Write one message; raises OSError where nobody reads."""
    text = json.dumps(head).encode()
    pipe.write(_LENGTHS.pack(len(text), len(body)) + text + body)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one message; raises EOFError at the end and ValueError for what is no message."""
    head, body = _LENGTHS.unpack(_exactly(pipe, _LENGTHS.size))
    if head > _HEAD_AT_MOST or body > _BODY_AT_MOST:
        raise ValueError("the message is too long")
    value = json.loads(_exactly(pipe, head))
    if not isinstance(value, dict):
        raise ValueError("the message is no object")  # noqa: TRY004 - like every other bad message
    return value, _exactly(pipe, body)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data

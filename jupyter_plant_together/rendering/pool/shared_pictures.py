"""Pictures that all servers of a cluster share, in Redis: what one has drawn, the others need not.

Places are fixed in number. Each picture has one, by its hash, and takes it from whichever had it before: so
what all take together is bounded without any bookkeeping. Everything expires. A picture says which one it is.

What Redis answers is believed as little as an engine: an SVG that is not inert is drawn anew. Redis is asked
on the drawing threads, never on the event loop; when it fails, nothing is asked for a while, and a drawing is
the whole cost.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable

import redis
from redis.exceptions import RedisError

from ..svg.inert import is_inert

_PLACES = 512
_SIZE_AT_MOST = 128_000  # bytes of a picture: 64 MB for all
_EXPIRES = 86_400  # seconds
_TIMEOUT = 0.5  # seconds
_REST = 5.0  # seconds without a question after a failure
_DIGEST = 32  # bytes
_PNG = b"\x89PNG\r\n\x1a\n"


class SharedPictures:
    """See the module's text; any thread may ask.

    Parameters
    ----------
    connect
        Returns a client whose answers are bytes and take no longer than ``timeout`` seconds.
    prefix
        What all names in Redis begin with.
    made_with
        What draws: pictures of another version are other pictures.
    """

    def __init__(self, connect: Callable[[float], redis.Redis], prefix: str, made_with: str) -> None:
        self._client = connect(_TIMEOUT)
        self._prefix = f"{prefix}:render:"
        self._made_with = made_with
        self._lock = threading.Lock()
        self._asked_again_at = 0.0
        self.hits = 0

    def get(self, key: str, kind: str) -> bytes | None:
        """Return the picture of a kind (``svg``, ``png``) for ``key``, None where none can be used."""
        place, digest = self._place(key)
        found = self._ask(lambda: self._client.get(place))
        if not isinstance(found, bytes) or found[:_DIGEST] != digest:
            return None
        picture = found[_DIGEST:]
        if not usable(picture, kind):
            return None
        with self._lock:
            self.hits += 1
        return picture

    def put(self, key: str, kind: str, picture: bytes) -> None:
        """Share a picture, unless it is large or of a kind that is not shared."""
        if len(picture) > _SIZE_AT_MOST or not usable(picture, kind):
            return
        place, digest = self._place(key)
        self._ask(lambda: self._client.set(place, digest + picture, ex=_EXPIRES))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _place(self, key: str) -> tuple[str, bytes]:
        digest = hashlib.sha256(f"{self._made_with} {key}".encode()).digest()
        return f"{self._prefix}{int.from_bytes(digest[:4]) % _PLACES}", digest

    def _ask(self, question: Callable[[], object]) -> object:
        if time.monotonic() < self._asked_again_at:
            return None
        try:
            return question()
        except (RedisError, OSError) as error:
            logging.getLogger(__name__).warning("Pictures are not shared just now: %s", error)
            self._asked_again_at = time.monotonic() + _REST
            return None


def usable(picture: bytes, kind: str) -> bool:
    """Whether this is an inert SVG, or a PNG; a PDF can hold programs, so none is shared."""
    if kind != "svg":
        return kind == "png" and picture.startswith(_PNG)
    try:
        return is_inert(picture.decode())
    except UnicodeDecodeError:
        return False

"""Computing edits off the event loop: the update that turns a document's text into another (PROTOCOL A8).

pycrdt holds the interpreter's lock, and a difference is work for the processor; a small one is made on a
thread, a large one in a child process (see :mod:`..util.subprocess_rpc`), which is this very module. What one
document asks for is bounded by counted steps, and there are two threads with a child each: no document waits
long for another's. The deadline is for a child that hangs alone; it is ended then, and nothing is changed.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from ..errors import Unavailable
from ..util.subprocess_rpc import Child, ChildDied, serve
from ..yjs.textedit import EditPlace, update_to

_CHILDREN = 2
_LARGE_BYTES = 20_000
_TIMEOUT = 10.0  # seconds


class EditMaker:
    """Makes the updates of edits."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_CHILDREN, thread_name_prefix="plant-together-edits")
        self._idle = [Child(__name__) for _ in range(_CHILDREN)]  # one for each thread
        self._children = tuple(self._idle)
        self._closed = False

    async def update_to(self, state: bytes, text: str, place: EditPlace) -> bytes:
        """Return :func:`~..yjs.textedit.update_to` of the same; raises Unavailable if it cannot be done."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._make, state, text, place)

    async def close(self) -> None:
        """End the children and the threads."""
        self._closed = True
        for child in self._children:
            child.end()
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)

    def _make(self, state: bytes, text: str, place: EditPlace) -> bytes:
        if len(state) + len(text) < _LARGE_BYTES:
            try:
                return update_to(state, text, place)
            except ValueError:
                raise _unreadable() from None
        if self._closed:
            raise Unavailable("The server is stopping.")
        child = self._idle.pop()
        deadline = threading.Timer(_TIMEOUT, child.end)
        deadline.start()
        try:
            update: bytes | None = child.ask((state, text, place))
        except ChildDied:
            raise Unavailable("The edit could not be computed; nothing was changed.") from None
        finally:
            deadline.cancel()
            self._idle.append(child)
        if update is None:
            raise _unreadable()
        return update


def _unreadable() -> Unavailable:
    return Unavailable("This document's state cannot be read; nothing was changed.")


def _answer(question: tuple[bytes, str, EditPlace]) -> bytes | None:
    try:
        return update_to(*question)
    except ValueError:
        return None


if __name__ == "__main__":
    serve(_answer)

"""Looking back, off the event loop: the calls of a child process that replays and merges histories.

pycrdt and the replay hold the interpreter's lock, so a thread would stall everybody. The child is this very
module, ``python -m jupyter_plant_together.rooms.lookback``, started at the first question and spoken to
through its pipes with length-prefixed pickles: ``(name, arguments)`` out, ``(ok, result)`` back. Both ends
are this program; nothing from outside is ever unpickled.
"""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

import pycrdt

from ..errors import Unavailable
from ..live.state import SOURCE
from ..sequence import Sequence as History
from ..store.port import StoredUpdate
from ..updates import merge_state

_TIMEOUT = 60.0  # seconds; past it the child is ended and the question fails


def merged(parts: Sequence[bytes]) -> tuple[bytes, str]:
    """Return the merged state of updates, and its text."""
    state = merge_state(parts)
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get(SOURCE, type=pycrdt.Text)
    doc.apply_update(state)
    return state, str(text)


def authors(rows: Sequence[StoredUpdate], clients: Mapping[int, str]) -> tuple[str, list[tuple[str, int]]]:
    """Return the text after the last row, and who wrote it: authors and UTF-16 units, in its order."""
    history = _replayed(rows, clients)
    return history.text(), history.authors(len(rows))


def without(
    rows: Sequence[StoredUpdate], clients: Mapping[int, str], undone: Sequence[int]
) -> tuple[str, str]:
    """Return the text now, and the text without what the rows with the seqs ``undone`` did."""
    history = _replayed(rows, clients)
    numbers = {number for number, row in enumerate(rows) if row.seq in set(undone)}
    return history.text(), history.without(numbers.__contains__)


def _replayed(rows: Sequence[StoredUpdate], clients: Mapping[int, str]) -> History:
    history = History(clients)
    for number, row in enumerate(rows):
        history.replay(number, row.author, row.data)
    return history


_CALLS: dict[str, Callable[..., Any]] = {"merged": merged, "authors": authors, "without": without}


class Lookback:
    """Asks the child, one question at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="plant-together-lookback")
        self._child: subprocess.Popen[bytes] | None = None

    async def merged(self, parts: Sequence[bytes]) -> tuple[bytes, str]:
        """See :func:`merged`; raises Unavailable if it cannot be done."""
        result: tuple[bytes, str] = await self._ask("merged", parts)
        return result

    async def authors(
        self, rows: Sequence[StoredUpdate], clients: Mapping[int, str]
    ) -> tuple[str, list[tuple[str, int]]]:
        """See :func:`authors`; raises Unavailable if it cannot be done."""
        result: tuple[str, list[tuple[str, int]]] = await self._ask("authors", rows, clients)
        return result

    async def without(
        self, rows: Sequence[StoredUpdate], clients: Mapping[int, str], undone: Sequence[int]
    ) -> tuple[str, str]:
        """See :func:`without`; raises Unavailable if it cannot be done."""
        result: tuple[str, str] = await self._ask("without", rows, clients, undone)
        return result

    async def close(self) -> None:
        """End the child and the thread."""
        self._end_child()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)

    async def _ask(self, name: str, *arguments: Any) -> Any:
        asking = asyncio.get_running_loop().run_in_executor(self._thread, self._run, name, arguments)
        try:
            async with asyncio.timeout(_TIMEOUT):
                return await asyncio.shield(asking)
        except TimeoutError:
            self._end_child()  # the thread, which waits for it, sees its end
            raise Unavailable("This history takes too long to be read.") from None

    def _run(self, name: str, arguments: tuple[Any, ...]) -> Any:
        child = self._running_child()
        assert child.stdin is not None and child.stdout is not None
        try:
            _write(child.stdin, (name, arguments))
            ok, result = _read(child.stdout)
        except (OSError, EOFError, ValueError):  # it died, or was ended; the next question starts another
            self._end_child()
            raise Unavailable("Reading this history was interrupted; try again.") from None
        if not ok:
            raise Unavailable(f"This history cannot be read: {result}")
        return result

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _write(pipe: IO[bytes], message: Any) -> None:
    data = pickle.dumps(message)
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    length = int.from_bytes(_exactly(pipe, 8), "big")
    return pickle.loads(_exactly(pipe, length))


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


def main() -> None:
    """Answer on standard input and output until they close."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            name, arguments = _read(source)
        except EOFError:
            return
        try:
            answer = (True, _CALLS[name](*arguments))
        except ValueError as error:
            answer = (False, str(error))
        _write(target, answer)


if __name__ == "__main__":
    main()

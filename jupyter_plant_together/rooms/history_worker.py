"""Looking back, off the event loop: the calls of a child process that replays and merges histories.

pycrdt and the replay hold the interpreter's lock, so a thread would stall everybody. The child (see
:mod:`..util.subprocess_rpc`) is this very module; it is asked with a call's name and arguments and answers
whether it could be done, and its result or the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..errors import Unavailable
from ..store.port import StoredUpdate
from ..util.subprocess_rpc import Child, ChildDied, serve
from ..yjs.integrator import merged
from ..yjs.replay import AuthoredSpan, TextHistory

_PAUSE = 5 * 60_000  # milliseconds; what one person wrote with longer pauses is told apart
_TIMEOUT = 60.0  # seconds; past it the child is ended and the question fails


def authors(rows: Sequence[StoredUpdate], clients: Mapping[int, str]) -> tuple[str, list[AuthoredSpan]]:
    """Return the text after the last row, and who wrote it, in its order."""
    history = _replayed(rows, clients)
    found: list[AuthoredSpan] = []
    for author, units, number in history.authors(len(rows)):
        row = rows[number]
        # Older edits that were compacted have one time for all of them; the last row is of just now.
        at = row.at if row.author or row is rows[-1] else None
        last = found[-1] if found else None
        if last is not None and last.author == author and _near(last.at, at):
            found[-1] = AuthoredSpan(
                author, last.units + units, at if last.at is None else max(last.at, at or 0)
            )
        else:
            found.append(AuthoredSpan(author, units, at))
    return history.text(), found


def _near(one: int | None, other: int | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) <= _PAUSE


def without(
    rows: Sequence[StoredUpdate], clients: Mapping[int, str], undone: Sequence[int]
) -> tuple[str, str]:
    """Return the text now, and the text without what the rows with the seqs ``undone`` did."""
    history = _replayed(rows, clients)
    numbers = {number for number, row in enumerate(rows) if row.seq in set(undone)}
    return history.text(), history.without(numbers.__contains__)


def _replayed(rows: Sequence[StoredUpdate], clients: Mapping[int, str]) -> TextHistory:
    history = TextHistory(clients)
    for number, row in enumerate(rows):
        history.replay(number, row.author, row.data)
    return history


_CALLS: dict[str, Callable[..., Any]] = {"merged": merged, "authors": authors, "without": without}


class HistoryWorker:
    """Asks the child, one question at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="plant-together-history_worker")
        self._child = Child(__name__)

    async def merged(self, parts: Sequence[bytes]) -> tuple[bytes, str]:
        """See :func:`merged`; raises Unavailable if it cannot be done."""
        result: tuple[bytes, str] = await self._ask("merged", parts)
        return result

    async def authors(
        self, rows: Sequence[StoredUpdate], clients: Mapping[int, str]
    ) -> tuple[str, list[AuthoredSpan]]:
        """See :func:`authors`; raises Unavailable if it cannot be done."""
        result: tuple[str, list[AuthoredSpan]] = await self._ask("authors", rows, clients)
        return result

    async def without(
        self, rows: Sequence[StoredUpdate], clients: Mapping[int, str], undone: Sequence[int]
    ) -> tuple[str, str]:
        """See :func:`without`; raises Unavailable if it cannot be done."""
        result: tuple[str, str] = await self._ask("without", rows, clients, undone)
        return result

    async def close(self) -> None:
        """End the child and the thread."""
        self._child.end()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)

    async def _ask(self, name: str, *arguments: Any) -> Any:
        asking = asyncio.get_running_loop().run_in_executor(self._thread, self._run, name, arguments)
        try:
            async with asyncio.timeout(_TIMEOUT):
                return await asyncio.shield(asking)
        except TimeoutError:
            self._child.end()  # the thread, which waits for it, sees its end
            raise Unavailable("This history takes too long to be read.") from None

    def _run(self, name: str, arguments: tuple[Any, ...]) -> Any:
        try:
            ok, result = self._child.ask((name, arguments))
        except ChildDied:
            raise Unavailable("Reading this history was interrupted; try again.") from None
        if not ok:
            raise Unavailable(f"This history cannot be read: {result}")
        return result


def _answer(question: tuple[str, tuple[Any, ...]]) -> tuple[bool, Any]:
    name, arguments = question
    try:
        return True, _CALLS[name](*arguments)
    except ValueError as error:
        return False, str(error)


if __name__ == "__main__":
    serve(_answer)

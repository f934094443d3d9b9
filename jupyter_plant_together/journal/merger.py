"""Merging updates where it delays nobody: small work on a thread, large work in a child process.

pycrdt holds the interpreter's lock while it merges, so a thread alone would stall the
event loop. The child (see :mod:`..util.subprocess_rpc`) is this very module; it is asked with a list of
updates and answers with the merged update, or with None where they cannot be merged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..util.subprocess_rpc import Child, ChildDied, serve
from ..yjs.integrator import merge_state

T = TypeVar("T")
_LARGE_BYTES = 100_000
_LARGE_COUNT = 1_000


class MergeFailed(Exception):
    """The child process ended or could not merge."""


class Merger:
    """Merges updates without blocking the event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="plant-together-merge")
        self._child = Child(__name__)

    async def merge(self, updates: Sequence[bytes]) -> bytes:
        """Return :func:`~..yjs.integrator.merge_state` of ``updates``.

        Raises
        ------
        MergeFailed
            If the updates cannot be merged.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._merge, updates)

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Return what ``work`` returns on the merging thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def close(self) -> None:
        """End the child and the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._child.end)
        self._thread.shutdown()

    def _merge(self, updates: Sequence[bytes]) -> bytes:
        if len(updates) < _LARGE_COUNT and sum(map(len, updates)) < _LARGE_BYTES:
            try:
                return merge_state(updates)
            except ValueError as error:
                raise MergeFailed(str(error)) from error
            except BaseException as error:
                if isinstance(error, Exception) or type(error).__name__ != "PanicException":
                    raise
                raise MergeFailed("yrs panicked") from None  # a BaseException, which would end the caller
        try:
            answer: bytes | None = self._child.ask(list(updates))
        except ChildDied as error:
            raise MergeFailed("The merging process ended.") from error
        if answer is None:
            raise MergeFailed("The updates cannot be merged.")
        return answer


def _answer(updates: Sequence[bytes]) -> bytes | None:
    try:
        return merge_state(updates)
    except ValueError:
        return None


if __name__ == "__main__":
    serve(_answer)

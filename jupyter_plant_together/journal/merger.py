"""Merging updates where it delays nobody: small work on a thread, large work in a child process.

pycrdt holds the interpreter's lock while it merges (PERFORMANCE.md), so a thread alone would stall the
event loop. The child is this very module, ``python -m jupyter_plant_together.journal.merger``, started at
the first large merge and spoken to through its pipes: a count, then length-prefixed updates; one
length-prefixed answer (lengths are 8 bytes, big-endian; an empty answer means that the merge failed).
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TypeVar

from ..updates import merge_state

T = TypeVar("T")
_LARGE_BYTES = 100_000
_LARGE_COUNT = 1_000


class MergeFailed(Exception):
    """The child process ended or could not merge."""


class Merger:
    """Merges updates without blocking the event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="plant-together-merge")
        self._child: subprocess.Popen[bytes] | None = None

    async def merge(self, updates: Sequence[bytes]) -> bytes:
        """Return :func:`~..updates.merge_state` of ``updates``.

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
        await asyncio.get_running_loop().run_in_executor(self._thread, self._end_child)
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
        child = self._child = self._running_child()
        assert child.stdin is not None and child.stdout is not None
        try:
            _write(child.stdin, len(updates).to_bytes(8, "big"), *map(_prefixed, updates))
            answer = _read(child.stdout)
        except (OSError, EOFError) as error:  # the child died; the next merge starts another
            self._end_child()
            raise MergeFailed("The merging process ended.") from error
        if not answer:
            raise MergeFailed("The updates cannot be merged.")
        return answer

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        return subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(8, "big") + data


def _write(pipe: IO[bytes], *parts: bytes) -> None:
    pipe.write(b"".join(parts))
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes:
    return _exactly(pipe, int.from_bytes(_exactly(pipe, 8), "big"))


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


def main() -> None:
    """Serve merges on standard input until it closes."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            count = int.from_bytes(_exactly(source, 8), "big")
            updates = [_read(source) for _ in range(count)]
        except EOFError:
            return
        try:
            answer = merge_state(updates)
        except ValueError:
            answer = b""
        _write(target, _prefixed(answer))


if __name__ == "__main__":
    main()

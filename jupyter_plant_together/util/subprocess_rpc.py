"""A child process that answers questions through its pipes: work that would hold the interpreter's lock.

The child runs a module of this package, ``python -m MODULE``, which calls :func:`serve`. Each message is one
pickle behind its length (8 bytes, big-endian). Both ends are this program and its own child; nothing from
outside is ever unpickled. The child is started at the first question, and again when it has died.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import IO, Any


class ChildDied(Exception):
    """The child ended before it answered; the next question starts another."""


class Child:
    """The asking end; blocking, to be used by one thread at a time.

    Parameters
    ----------
    module
        The module that the child runs.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: Any) -> Any:
        """Return the answer; raises ChildDied."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            _write(process.stdin, question)
            return _read(process.stdout)
        except (OSError, EOFError, ValueError) as error:  # ValueError: another thread ended it and its pipes
            self.end()
            raise ChildDied from error

    def end(self) -> None:
        """End the child; a question under way fails. Any thread may call this, more than once."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            command = [sys.executable, "-m", self._module]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer questions on standard input and output until they close."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            question = _read(source)
        except EOFError:
            return
        _write(target, answer(question))


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

"""A background thread with an event loop, and a second one for the callbacks of users.

Both are daemons, so that they never keep an interpreter alive. The loop thread owns every connection and
CRDT and runs on while a notebook cell, or the caller's own event loop, is busy. Callbacks of users run on
the dispatcher: they may block, call back into the API, or fail, without harm to the connection.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import queue
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from tornado.netutil import Resolver

from ...errors import Disconnected

_log = logging.getLogger("jupyter_plant_together")

T = TypeVar("T")
P = ParamSpec("P")


def closed() -> Disconnected:
    """Return the error for a use after the end."""
    return Disconnected("This connection was closed; connect again.")


class Worker:
    """Runs functions and coroutines on its own event loop for threads that wait."""

    def __init__(self, name: str) -> None:
        self._pid = os.getpid()
        self._name = name
        self._ended = False
        self._callbacks: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._dispatcher: threading.Thread | None = None
        self._stopping: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name=name, daemon=True)
        self._thread.start()
        started.wait()

    def _run(self, started: threading.Event) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._stopping = asyncio.Event()
            started.set()
            await self._stopping.wait()
            self._ended = True  # what is submitted from now on would never run

        asyncio.run(main())

    @property
    def usable(self) -> bool:
        """Whether the loop thread runs and belongs to this process (not to the one that forked it)."""
        return not self._ended and self._pid == os.getpid()

    @property
    def stopped(self) -> bool:
        """Whether the loop thread has ended (or is about to) in this process."""
        return self._ended and self._pid == os.getpid()

    def _check(self) -> None:
        if self._pid != os.getpid():
            raise Disconnected(
                "This connection belongs to the process that was forked; connect again in this one."
            )
        if self._ended:
            raise closed()

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Start a coroutine on the loop."""
        try:
            self._check()
            return asyncio.run_coroutine_threadsafe(work, self._loop)
        except (Disconnected, RuntimeError) as error:  # RuntimeError: the loop closed just now
            work.close()
            raise error if isinstance(error, Disconnected) else closed() from None

    def run(self, work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
        """Run a coroutine on the loop and wait for it; an interrupt of the caller cancels it."""
        future = self.submit(work)
        try:
            return future.result(timeout)
        except concurrent.futures.CancelledError:
            raise closed() from None
        except BaseException:
            future.cancel()
            raise

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a short function on the loop thread and wait for it."""
        if threading.get_ident() == self._thread.ident:
            return function(*args, **kwargs)
        self._check()
        future: concurrent.futures.Future[T] = concurrent.futures.Future()

        def step() -> None:
            try:
                future.set_result(function(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - handed to the thread that waits
                future.set_exception(error)

        self.post(step)
        while True:
            try:
                return future.result(1.0)
            except concurrent.futures.TimeoutError:
                if future.done():
                    raise  # the function's own
                self._check()  # a loop that stopped will never answer

    def post(self, function: Callable[[], object]) -> None:
        """Run a short function on the loop thread, without waiting."""
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            raise closed() from None

    def dispatch(self, callback: Callable[[], object]) -> None:
        """Run ``callback`` on the dispatcher thread; callable from the loop thread only."""
        if self._dispatcher is None:
            self._dispatcher = threading.Thread(
                target=self._dispatch, name=f"{self._name} callbacks", daemon=True
            )
            self._dispatcher.start()
        self._callbacks.put(callback)

    def _dispatch(self) -> None:
        while (callback := self._callbacks.get()) is not None:
            try:
                callback()
            except Exception:  # noqa: BLE001 - a user's code may raise anything
                _log.exception("A callback failed; it stays registered.")

    def stop(self) -> None:
        """End both threads soon; callbacks that are due still run."""
        self._callbacks.put(None)
        if self.usable:
            self.post(self._stopping.set)

    def join(self, timeout: float) -> None:
        """Wait for the end of the loop thread, but not longer than ``timeout``."""
        if threading.current_thread() not in (self._thread, self._dispatcher):
            self._thread.join(timeout)


class DaemonResolver(Resolver):
    """Looks names up on daemon threads.

    asyncio's own look-up uses an executor, whose threads are joined when the interpreter ends (a slow name
    server would hold it up) and which refuses work from then on.
    """

    def initialize(self) -> None:
        """Tornado's constructor; there is nothing to configure."""

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[tuple[int, Any]]:
        """Return ``(family, address)`` pairs; raises OSError."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[tuple[int, Any]]] = loop.create_future()

        def resolve(found: list[tuple[int, Any]], error: OSError | None) -> None:
            if answer.done():
                return
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)

        def look_up() -> None:
            found: list[tuple[int, Any]] = []
            failure: OSError | None = None
            try:
                rows = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
                found = [(int(row[0]), row[4]) for row in rows]
            except OSError as error:
                failure = error
            try:
                loop.call_soon_threadsafe(resolve, found, failure)
            except RuntimeError:
                pass  # the loop was closed meanwhile; nobody waits

        threading.Thread(target=look_up, name="plant-together look-up", daemon=True).start()
        return await answer

"""A few processes that take requests from one queue; equal requests are made once.

What was made stays in a bounded cache, by the hash of what was asked. A request with a ``lane`` replaces an
earlier one of the same lane that still waits: of a preview only the latest text matters. Threads here wait
for pipes, so the interpreter's lock is free while the processes draw.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future

from ..errors import (
    LimitExceeded,
    PlantTogetherError,
    PlantUMLSyntaxError,
    RenderTimeout,
    Unavailable,
    UnsupportedDiagram,
)
from .process import Process, RenderFailed
from .settings import RenderSettings


class Superseded(PlantTogetherError):
    """A newer request of the same lane took this one's place."""

    code = "superseded"
    status = 409


# Equal texts fail equally: for a while the failure is remembered, so that a page that asks for a picture
# again and again does not cost a time-out each time.
_REMEMBERED = (PlantUMLSyntaxError, UnsupportedDiagram, RenderTimeout, LimitExceeded)
_FAILURES_AT_MOST = 256
_FAILURES_LAST = 30.0  # seconds
_WAITING_AT_MOST = 200  # so that nobody can make others wait for ever

Work = Callable[[Process], bytes]


class _Job:
    def __init__(self, key: str, work: Work, lane: str | None) -> None:
        self.key = key
        self.work = work
        self.lane = lane
        self.future: Future[bytes] = Future()
        self.future.set_running_or_notify_cancel()  # shared by several who ask: none cancels it for all


class Pool:
    """See the module's text; threads and processes begin with the first request."""

    def __init__(self, settings: RenderSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._changed = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._under_way: dict[str, _Job] = {}
        self._made: OrderedDict[str, bytes] = OrderedDict()
        self._made_size = 0
        self._failed: OrderedDict[str, tuple[float, PlantTogetherError]] = OrderedDict()
        self._idle = 0
        self._threads: list[threading.Thread] = []
        self._processes: list[Process] = []
        self._closed = False
        self.drawn = 0

    @property
    def processes(self) -> list[Process]:
        """The processes, for those who watch them."""
        return list(self._processes)

    def submit(self, key: str, work: Work, *, lane: str | None = None) -> Future[bytes]:
        """Return the result of ``work``, or of an equal request.

        Parameters
        ----------
        key
            Equal keys mean equal results.
        work
            What is done with a process; runs on a thread of the pool.
        lane
            A waiting request of the same lane fails with Superseded.

        Raises
        ------
        Unavailable
            If too many others wait.
        """
        with self._changed:
            if self._closed:
                raise RenderFailed("Drawing has ended.")
            answered = self._answered(key)
            if answered is not None:
                return answered
            job = self._under_way.get(key)
            if job is not None:
                job.lane = job.lane if job.lane == lane else None  # wanted by others, too
                return job.future
            if lane is not None:
                self._supersede(lane)
            if len(self._waiting) >= _WAITING_AT_MOST:
                raise Unavailable("Too many pictures are wanted just now; try again later.")
            job = self._under_way[key] = _Job(key, work, lane)
            self._waiting.append(job)
            if not self._idle and len(self._threads) < self._settings.process_count:
                self._add_thread()
            self._changed.notify()
            return job.future

    def _answered(self, key: str) -> Future[bytes] | None:
        done: Future[bytes] = Future()
        made = self._made.get(key)
        if made is not None:
            self._made.move_to_end(key)
            done.set_result(made)
            return done
        until, error = self._failed.get(key, (0.0, None))
        if error is None or time.monotonic() > until:
            return None
        done.set_exception(error.with_traceback(None))
        return done

    def known(self, key: str) -> bytes | None:
        """Return what was made for ``key``, None if that is not known."""
        with self._changed:
            return self._made.get(key)

    def keep(self, key: str, result: bytes) -> None:
        """Remember a result; the least used ones go when the cache is full."""
        with self._changed:
            self._made_size += len(result) - len(self._made.pop(key, b""))
            self._made[key] = result
            while self._made_size > self._settings.render_cache:
                self._made_size -= len(self._made.popitem(last=False)[1])

    def _supersede(self, lane: str) -> None:
        for earlier in [job for job in self._waiting if job.lane == lane]:
            self._waiting.remove(earlier)
            del self._under_way[earlier.key]
            earlier.future.set_exception(Superseded("A newer text took this one's place."))

    def _add_thread(self) -> None:
        process = Process(self._settings)
        self._processes.append(process)
        thread = threading.Thread(target=self._serve, args=(process,), name=self._name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, process: Process) -> None:
        while True:
            with self._changed:
                self._idle += 1
                while not self._waiting and not self._closed:
                    self._changed.wait()
                self._idle -= 1
                if self._closed:
                    return
                job = self._waiting.popleft()
            try:
                result = job.work(process)
            except BaseException as error:  # noqa: BLE001 - handed to those who wait
                with self._changed:
                    self._under_way.pop(job.key, None)
                    if isinstance(error, _REMEMBERED):
                        self._failed[job.key] = (time.monotonic() + _FAILURES_LAST, error)
                    while len(self._failed) > _FAILURES_AT_MOST:
                        self._failed.popitem(last=False)
                job.future.set_exception(error)
            else:
                self.keep(job.key, result)
                with self._changed:
                    self._under_way.pop(job.key, None)
                    self.drawn += 1
                job.future.set_result(result)

    def close(self) -> None:
        """End the processes and the threads; what waits fails."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            left = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for process in self._processes:
            process.close()
        for job in left:
            job.future.set_exception(RenderFailed("Drawing has ended."))
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5.0)

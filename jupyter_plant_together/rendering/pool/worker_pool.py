"""A few workers that take requests from one queue, fair between users; equal requests are made once.

A worker is what a thread draws with: a process of the built-in engine, or a backend of the user's own. What
was made stays in a bounded cache, by the hash of what was asked. A request with a ``lane`` replaces an
earlier one of the same lane that still waits: of a preview only the latest text matters. Threads here wait
for pipes, so the interpreter's lock is free while others draw. One worker of several is kept for users of
whom no drawing has timed out of late (PROTOCOL I6): slow texts hold up those who send them.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ...errors import (
    LimitExceeded,
    PlantTogetherError,
    PlantUMLSyntaxError,
    RenderTimeout,
    Unavailable,
    UnsupportedDiagram,
)
from ..engine.process import RenderFailed
from ..settings import RenderSettings
from .fair_queue import FairQueue


class Superseded(PlantTogetherError):
    """A newer request of the same lane took this one's place."""

    code = "superseded"
    status = 409


# Equal texts fail equally: for a while the failure is remembered, so that a page that asks for a picture
# again and again does not cost a time-out each time.
_REMEMBERED = (PlantUMLSyntaxError, UnsupportedDiagram, RenderTimeout, LimitExceeded)
_FAILURES_AT_MOST = 256
_FAILURES_LAST = 30.0  # seconds
_SLOW_LASTS = 60.0  # seconds for which whose drawing timed out may not have all workers
_WAITING_AT_MOST = 200  # of one user, so that nobody fills the memory; who is next is fair
_WAITING_OF_ALL = 1_000


class Worker(Protocol):
    """What a thread draws with."""

    def close(self) -> None:
        """End it, also while another thread waits for its answer."""


W = TypeVar("W", bound=Worker)


@dataclass(slots=True)
class Counts:
    """What a pool has done since it began."""

    drawn: int = 0
    failed: int = 0
    timed_out: int = 0  # of those that failed
    known: int = 0  # answered by what was made, or is being made, for an equal request
    seconds: float = 0.0  # spent on drawing


class _Job(Generic[W]):
    def __init__(self, key: str, work: Callable[[W], bytes], lane: str | None) -> None:
        self.key = key
        self.work = work
        self.lane = lane
        self.users: set[str] = set()
        self.future: Future[bytes] = Future()
        self.future.set_running_or_notify_cancel()  # shared by several who ask: none cancels it for all


class WorkerPool(Generic[W]):
    """See the module's text; threads and workers begin with the first request.

    Parameters
    ----------
    settings
        Bound the cache.
    name
        What its threads are called.
    make
        Makes a worker; the same one again, if it can do several drawings at once.
    concurrency
        How many threads draw.
    """

    def __init__(self, settings: RenderSettings, name: str, make: Callable[[], W], concurrency: int) -> None:
        self._settings = settings
        self._name = name
        self._make = make
        self._concurrency = concurrency
        self._changed = threading.Condition()
        self._waiting: FairQueue[_Job[W]] = FairQueue()
        self._under_way: dict[str, _Job[W]] = {}
        self._made: OrderedDict[str, bytes] = OrderedDict()
        self._made_size = 0
        self._failed: OrderedDict[str, tuple[float, PlantTogetherError]] = OrderedDict()
        self._slow: dict[str, float] = {}  # until when, by user
        self._slow_ones = 0  # that are being drawn
        self._idle = 0
        self._threads: list[threading.Thread] = []
        self._workers: list[W] = []
        self._closed = False
        self.counts = Counts()

    @property
    def drawn(self) -> int:
        """How many requests were made."""
        return self.counts.drawn

    def numbers(self) -> dict[str, float]:
        """Return what was done since the start, for those who watch."""
        counts = self.counts
        return {
            "drawings_waiting": len(self._waiting),
            "drawings_total": counts.drawn,
            "drawings_known_total": counts.known,
            "drawing_failures_total": counts.failed,
            "drawing_timeouts_total": counts.timed_out,
            "drawing_seconds_total": counts.seconds,
        }

    @property
    def processes(self) -> list[W]:
        """The workers, for those who watch them."""
        return list(self._workers)

    def submit(
        self, key: str, work: Callable[[W], bytes], *, lane: str | None = None, user: str = ""
    ) -> Future[bytes]:
        """Return the result of ``work``, or of an equal request.

        Parameters
        ----------
        key
            Equal keys mean equal results.
        work
            What is done with a worker; runs on a thread of the pool.
        lane
            A waiting request of the same lane fails with Superseded.
        user
            Who asks: users who wait take turns.

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
                self.counts.known += 1
                return answered
            job = self._under_way.get(key)
            if job is not None:
                self.counts.known += 1
                job.lane = job.lane if job.lane == lane else None  # wanted by others, too
                self._waiting.join(job, user)
                job.users.add(user)
                return job.future
            if lane is not None:
                self._supersede(lane)
            if self._waiting.length(user) >= _WAITING_AT_MOST or len(self._waiting) >= _WAITING_OF_ALL:
                raise Unavailable("Too many pictures are wanted just now; try again later.")
            job = self._under_way[key] = _Job(key, work, lane)
            self._waiting.add(job, user)
            job.users.add(user)
            if not self._idle and len(self._threads) < self._concurrency:
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
        worker = self._make()
        self._workers.append(worker)
        thread = threading.Thread(target=self._serve, args=(worker,), name=self._name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _next(self) -> tuple[_Job[W], bool] | None:
        """Wait for a job; returns it and whether it is of somebody slow, None at the end."""
        with self._changed:
            self._idle += 1
            try:
                while not self._closed:
                    turn = self._waiting.take(self._may_draw)
                    if turn is not None:
                        slow = self._is_slow(turn[1])
                        self._slow_ones += slow
                        return turn[0], slow
                    self._changed.wait()
                return None
            finally:
                self._idle -= 1

    def _is_slow(self, user: str) -> bool:
        return self._slow.get(user, 0.0) > time.monotonic()

    def _may_draw(self, user: str) -> bool:
        return self._concurrency == 1 or self._slow_ones < self._concurrency - 1 or not self._is_slow(user)

    def _timed_out(self, job: _Job[W]) -> None:
        now = time.monotonic()
        self._slow = {user: until for user, until in self._slow.items() if until > now}
        self._slow |= dict.fromkeys(job.users, now + _SLOW_LASTS)

    def _serve(self, worker: W) -> None:
        while (turn := self._next()) is not None:
            job, slow = turn
            began = time.monotonic()
            try:
                result = job.work(worker)
            except BaseException as error:  # noqa: BLE001 - handed to those who wait
                with self._changed:
                    self._under_way.pop(job.key, None)
                    self._slow_ones -= slow
                    self.counts.failed += 1
                    if isinstance(error, RenderTimeout):
                        self.counts.timed_out += 1
                        self._timed_out(job)
                    self.counts.seconds += time.monotonic() - began
                    if isinstance(error, _REMEMBERED):
                        self._failed[job.key] = (time.monotonic() + _FAILURES_LAST, error)
                    while len(self._failed) > _FAILURES_AT_MOST:
                        self._failed.popitem(last=False)
                job.future.set_exception(error)
            else:
                self.keep(job.key, result)
                with self._changed:
                    self._under_way.pop(job.key, None)
                    self._slow_ones -= slow
                    self.counts.drawn += 1
                    self.counts.seconds += time.monotonic() - began
                job.future.set_result(result)

    def close(self) -> None:
        """End the workers and the threads; what waits fails."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            left = self._waiting.clear()
            self._changed.notify_all()
        for worker in self._workers:
            worker.close()
        for job in left:
            job.future.set_exception(RenderFailed("Drawing has ended."))
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5.0)

"""``room.events``: what happens in a room, for callbacks and for loops."""

from __future__ import annotations

import asyncio
import logging
import queue
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..errors import Disconnected, PlantTogetherError
from .client.event_subscription import Event, EventSubscription, Listener
from .client.worker import Worker

if TYPE_CHECKING:
    from .base_room import BaseRoom

_log = logging.getLogger("jupyter_plant_together")

F = TypeVar("F", bound=Callable[[Event], object])


class _Callback:
    """A registered callback; it holds its room, which stays connected as long as somebody listens."""

    def __init__(self, room: BaseRoom[Any], callback: Callable[[Event], object]) -> None:
        self.room = room
        self.callback = callback

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Callback) and other.callback == self.callback

    __hash__ = None  # type: ignore[assignment]  # found by comparing

    def __call__(self, told: Event | PlantTogetherError) -> None:
        if isinstance(told, PlantTogetherError):
            if not isinstance(told, Disconnected):  # else we closed the room ourselves
                _log.warning("The events of %s end: %s", self.room.name, told.message)
            return
        self.room._worker.dispatch(lambda: self.callback(told))


class BaseEvents:
    """What both kinds of rooms do with events."""

    def __init__(self, room: BaseRoom[Any]) -> None:
        self._room = room

    def unobserve(self, callback: Callable[[Event], object]) -> None:
        """Call ``callback`` no more; raises ValueError if it was not registered."""
        worker = self._room._worker
        known = not worker.stopped and worker.call(
            self._room._subscription.remove, _Callback(self._room, callback)
        )
        if not known:
            raise ValueError("This callback is not registered.")


class Events(BaseEvents):
    """Tells callbacks and loops what happens in a room, from then on and in order.

    What happens while the connection is lost is told when it is back.

    Examples
    --------
    >>> @room.events.observe
    ... def tell(event):
    ...     print(event.type, event.by)
    """

    def observe(self, callback: F) -> F:
        """Call ``callback`` with an ``Event`` for each thing that happens from now on.

        Callbacks run one after the other on the same thread as a document's; an exception is logged. Returns
        the callback, so that it serves as a decorator.

        Raises
        ------
        TypeError
            If it cannot be called.
        Disconnected, AccessDenied, RoomNotFound
            If the server does not answer, or the room is not there for you.
        """
        self._room._worker.run(self._room._subscription.add(_callback(self._room, callback)))
        return callback

    def __iter__(self) -> Iterator[Event]:
        """Return what happens from now on; a loop over it waits for the next.

        It raises AccessDenied or RoomNotFound when the room is taken away, and ends when it is closed here.
        """
        return _EventIterator(self._room._worker, self._room._subscription)


class _EventIterator:
    """A loop over events; gives its place back when nobody holds it."""

    def __init__(self, worker: Worker, subscription: EventSubscription) -> None:
        self._told: queue.SimpleQueue[Event | PlantTogetherError] = queue.SimpleQueue()
        listener = self._told.put
        worker.run(subscription.add(listener))
        weakref.finalize(self, _leave, worker, subscription, listener).atexit = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        told = self._told.get()
        if isinstance(told, Event):
            return told
        self._told.put(told)  # also the answer to whoever asks again
        if isinstance(told, Disconnected):
            raise StopIteration
        raise told


class AsyncEvents(BaseEvents):
    """The same for ``aio``: ``observe`` is a coroutine, and loops are ``async for``."""

    async def observe(self, callback: F) -> F:
        """Call ``callback`` with an ``Event`` for each thing that happens from now on."""
        adding = self._room._subscription.add(_callback(self._room, callback))
        await asyncio.wrap_future(self._room._worker.submit(adding))
        return callback

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield what happens from now on, as the blocking loop does."""
        worker, subscription = self._room._worker, self._room._subscription
        told: asyncio.Queue[Event | PlantTogetherError] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def listener(one: Event | PlantTogetherError) -> None:
            try:
                loop.call_soon_threadsafe(told.put_nowait, one)
            except RuntimeError:
                pass  # the caller's loop has ended without ending this one

        await asyncio.wrap_future(worker.submit(subscription.add(listener)))
        try:
            while True:
                one = await told.get()
                if isinstance(one, Disconnected):
                    return
                if isinstance(one, PlantTogetherError):
                    raise one
                yield one
        finally:
            _leave(worker, subscription, listener)


def _callback(room: BaseRoom[Any], callback: Callable[[Event], object]) -> _Callback:
    if not callable(callback):
        raise TypeError(f"The callback must be callable, not {type(callback).__name__}.")
    return _Callback(room, callback)


def _leave(worker: Worker, subscription: EventSubscription, listener: Listener) -> None:
    try:
        worker.post(lambda: subscription.remove(listener))
    except Disconnected:
        pass  # everything is closed already

"""Small tools of the event loop: waiting for a condition, calling not too often, trying again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable


class Signal:
    """Wakes everybody who waits for a condition, to look at it again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def fire(self) -> None:
        """Wake everybody."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait_until(self, condition: Callable[[], bool], timeout: float | None) -> bool:
        """Return True when ``condition`` holds, False if it does not within ``timeout`` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    await self._event.wait()
        except TimeoutError:
            return condition()
        return True


class Throttle:
    """Calls a function soon after it is asked to, but once per ``pause`` however often it is asked.

    The first call after a quiet time comes in the next loop tick, so that a single edit is not delayed.
    """

    def __init__(self, pause: float, function: Callable[[], None]) -> None:
        self._pause = pause
        self._function = function
        self._not_before = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Ask for a call."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(self._not_before, self._call)

    def _call(self) -> None:
        self._timer = None
        self._not_before = asyncio.get_running_loop().time() + self._pause
        self._function()

    def cancel(self) -> None:
        """Drop a call that is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Backoff:
    """Pauses between tries that grow, each a little at random so that many clients do not come at once."""

    FIRST, LONGEST, GROWTH = 0.1, 5.0, 1.6  # seconds, seconds, a factor

    def __init__(self) -> None:
        self._pause = self.FIRST

    def reset(self) -> None:
        """Begin with the first pause again: a try went well."""
        self._pause = self.FIRST

    async def wait(self, hurry: asyncio.Event | None = None) -> None:
        """Wait for the next pause; ``hurry`` cuts it short, down to the first one."""
        hurry = hurry or asyncio.Event()
        hurry.clear()
        try:
            async with asyncio.timeout(self._pause * random.uniform(0.8, 1.2)):
                await hurry.wait()
        except TimeoutError:
            pass
        else:
            await asyncio.sleep(self.FIRST)
        self._pause = min(self._pause * self.GROWTH, self.LONGEST)

"""Ending tasks for certain.

``asyncio.wait_for`` of Python 3.11 swallows a cancellation that arrives when what it waits for is just done,
and redis-py calls it for each command: a task is cancelled until it has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

_AGAIN = 0.1  # seconds


async def end_tasks(tasks: Iterable[asyncio.Task[None] | None]) -> None:
    """Cancel tasks and return when all have ended; what they raise is dropped."""
    running = {task for task in tasks if task is not None}
    while running:
        for task in running:
            task.cancel()
        done, running = await asyncio.wait(running, timeout=_AGAIN)
        for task in done:
            if not task.cancelled():
                task.exception()  # seen, so that nobody warns of it

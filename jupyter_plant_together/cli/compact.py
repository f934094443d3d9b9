"""``jupyter plant-together compact``: a compactor alone, beside those in the servers of a cluster."""

from __future__ import annotations

import asyncio
import signal

from traitlets import Bool

from ..errors import Misconfigured, PlantTogetherError, Unavailable
from ..server.storage import Storage, make_storage
from .command import Command

_DONE_WITHIN = 600.0  # seconds


class Compact(Command):
    """Compacts."""

    name = "jupyter-plant-together compact"
    description = "Move what is in Redis to Postgres, and go on doing so until interrupted."
    examples = """
        jupyter plant-together compact --mode=cluster
        jupyter plant-together compact --mode=cluster --once
    """
    flags = {  # noqa: RUF012 - as traitlets has it
        "once": (
            {"Compact": {"once": True}},
            "Move everything that is in Redis now, whatever is due, and end.",
        )
    }

    once = Bool(help="Whether to end when everything is moved.").tag(config=True)

    async def run(self) -> int:
        """Compact until interrupted, or once."""
        return await compact(make_storage(self.settings, self.configured.log), once=self.once)


async def compact(storage: Storage, *, once: bool) -> int:
    """Compact and return the exit status; ends the storage.

    Raises
    ------
    Misconfigured
        If the mode has nothing to compact.
    """
    try:
        if storage.compactor is None:
            raise Misconfigured("Only the mode 'cluster' has something to compact (PlantTogether.mode).")
        if once:
            return await _once(storage)
        storage.compactor.start()
        print("Compacting; Ctrl-C ends it.", flush=True)
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, ended.set)
        await ended.wait()
        print(_report(storage))
        return 0
    finally:
        await storage.stop()


async def _once(storage: Storage) -> int:
    assert storage.compactor is not None
    try:
        async with asyncio.timeout(_DONE_WITHIN):
            left = await storage.compactor.compact_all()
    except TimeoutError:
        raise Unavailable("There is more to compact than could be moved in time; run it again.") from None
    print(_report(storage))
    if left:
        raise PlantTogetherError(f"{left} documents could not be compacted; the log says why.")
    return 0


def _report(storage: Storage) -> str:
    assert storage.compactor is not None
    counts = storage.compactor.counts
    return f"{counts.entries:,} entries became {counts.rows:,} rows of history."

"""``jupyter plant-together compact``: a compactor alone, beside those in the servers of a cluster."""

from __future__ import annotations

import argparse
import asyncio
import signal

from .errors import Misconfigured, PlantTogetherError, Unavailable
from .server.storage import Backend

_DONE_WITHIN = 600.0  # seconds


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``compact``."""
    command.add_argument(
        "--once",
        action="store_true",
        help="move everything that is in Redis now, whatever is due, and end; else go on until interrupted",
    )


async def compact(chosen: argparse.Namespace, backend: Backend) -> int:
    """Compact and return the exit status; ends the backend.

    Raises
    ------
    Misconfigured
        If the mode has nothing to compact.
    """
    try:
        if backend.compactor is None:
            raise Misconfigured("Only the mode 'cluster' has something to compact (PlantTogether.mode).")
        if chosen.once:
            return await _once(backend)
        backend.compactor.start()
        print("Compacting; Ctrl-C ends it.", flush=True)
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, ended.set)
        await ended.wait()
        print(_report(backend))
        return 0
    finally:
        await backend.end()


async def _once(backend: Backend) -> int:
    assert backend.compactor is not None
    try:
        async with asyncio.timeout(_DONE_WITHIN):
            left = await backend.compactor.everything()
    except TimeoutError:
        raise Unavailable("There is more to compact than could be moved in time; run it again.") from None
    print(_report(backend))
    if left:
        raise PlantTogetherError(f"{left} documents could not be compacted; the log says why.")
    return 0


def _report(backend: Backend) -> str:
    assert backend.compactor is not None
    counts = backend.compactor.counts
    return f"{counts.entries:,} entries became {counts.rows:,} rows of history."

"""How updates become rows of history, and how an answer of ``changes`` is cut: the same for every store."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pycrdt

from .events import Changes, Event
from .records import StoredUpdate, Update

# merge_updates is quadratic in their number; this is where its cost per update is lowest.
MERGE_AT_MOST = 64
# One answer of `changes` holds at most so many rows; the next call goes on from its cursor.
CHANGES_AT_MOST = 5_000
KEPT_SNAPSHOTS = 2
# Older snapshots stay so sparsely that looking back reads about so many rows, or as much as the state.
SPARSE_ROWS = 4_000
# Fewer old rows than this are not worth a snapshot of their own.
WORTH_COMPACTING = 100


def now() -> int:
    """Return the time as milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def split_runs(updates: Sequence[Update]) -> Iterator[list[Update]]:
    """Cut a batch into runs of one document, epoch and author."""
    run: list[Update] = []
    last: tuple[str, int, str] | None = None
    for update in updates:
        key = (update.document, update.epoch, update.author)
        if run and (len(run) == MERGE_AT_MOST or key != last):
            yield run
            run = []
        run.append(update)
        last = key
    if run:
        yield run


def merge_run(run: list[Update]) -> list[Update]:
    """Join a run into one row of history; a run that cannot be joined stays as it is."""
    last = run[-1]
    if len(run) == 1:
        return run
    clients = tuple(dict.fromkeys(client for update in run for client in update.clients))
    try:
        data = pycrdt.merge_updates(*(update.data for update in run))
    except BaseException:  # noqa: BLE001 - a panic of yrs is no Exception; one bad update stops nobody
        return run
    return [Update(last.document, last.epoch, data, last.author, last.at, clients)]


def changes_up_to(end: int, updates: Sequence[StoredUpdate], events: Sequence[Event]) -> Changes:
    """Return the changes up to ``end``, or up to where one of the two lists was cut off."""
    for rows in (updates, events):
        if len(rows) == CHANGES_AT_MOST:
            end = min(end, rows[-1].seq)
    return Changes(
        cursor=end,
        updates=[row for row in updates if row.seq <= end],
        events=[event for event in events if event.seq <= end],
    )

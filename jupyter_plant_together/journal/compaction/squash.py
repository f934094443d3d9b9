"""From entries to rows of history: consecutive edits of one author become one row, as small as can be.

Keystrokes that go on from one another are joined first (:mod:`...yjs.coalesce`), then each run is merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...store.port import Update
from ...yjs.coalesce import join_typing
from ...yjs.update import merge

_ROW_BYTES = 200_000  # where a row ends even if its author goes on


def _runs(updates: Sequence[Update]) -> Iterator[list[Update]]:
    run: list[Update] = []
    size = 0
    for update in updates:
        if run and (update.author != run[0].author or size > _ROW_BYTES):
            yield run
            run, size = [], 0
        run.append(update)
        size += len(update.data)
    if run:
        yield run


def squash(updates: Sequence[Update]) -> list[Update]:
    """Return the rows of history for the edits of one document and epoch; repetitions make no row."""
    first_of = {update.data: update for update in reversed(updates)}
    once = [update for update in updates if first_of[update.data] is update]
    rows = []
    for run in _runs(once):
        last = run[-1]
        clients = tuple(dict.fromkeys(client for update in run for client in update.clients))
        joined = join_typing([update.data for update in run])
        try:
            parts = [merge(joined)]
        except BaseException as error:
            if isinstance(error, Exception) and not isinstance(error, ValueError):
                raise
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            parts = joined  # one that cannot be merged stops nobody: each becomes a row (S4)
        rows += [Update(last.document, last.epoch, part, last.author, last.at, ()) for part in parts[:-1]]
        rows.append(Update(last.document, last.epoch, parts[-1], last.author, last.at, clients))
    return rows

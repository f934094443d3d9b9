"""From the entries of a stream to the rows that the store lacks."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ...errors import DocumentNotFound, Malformed
from ...store.port import HistoryStore, Update
from ..contained import contained
from ..merger import MergeFailed, Merger
from ..redis.entries import Entry
from .squash import squash


class RowMaker:
    """Makes rows of history, on the merger's thread."""

    def __init__(self, store: HistoryStore, merger: Merger) -> None:
        self._store = store
        self._merger = merger
        self._log = logging.getLogger("jupyter_plant_together.compactor")

    async def make(self, document: str, entries: Sequence[Entry], *, doubt: bool = False) -> list[Update]:
        """Return the rows for ``entries``, which are of one epoch.

        What may be in the store already is looked up there: repetitions, and with ``doubt`` all.

        Raises
        ------
        Unavailable
            If the store must be asked and cannot be.
        """
        updates, doubtful = [], []
        for entry in entries:
            try:
                update = entry.row(document)
            except Malformed:
                self._log.error("An entry of %s is not an update and is left out.", document)
                continue
            updates.append(update)
            if doubt or entry.again:
                doubtful.append(update.data)
        if doubtful:
            known = await self._contained(document, doubtful)
            updates = [update for update in updates if update.data not in known]
        return await self._merger.run(squash, updates)

    async def _contained(self, document: str, updates: Sequence[bytes]) -> set[bytes]:
        try:
            return await contained(self._merger, await self._store.load(document), updates)
        except DocumentNotFound:  # deleted: keep what there is (C3)
            return set()
        except MergeFailed as error:  # a bad row (S4): a row too many is better than none
            self._log.warning("Whether %s has an edit already cannot be told: %s", document, error)
            return set()

"""From the entries of a stream to the rows that the store lacks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress

import pycrdt

from ...errors import DocumentNotFound, Malformed
from ...store.port import HistoryStore, Update
from ...yjs.sync import parse_state_vector
from ...yjs.update import decode_meta
from ..merger import MergeFailed, Merger
from ..redis.entries import Entry
from .squash import squash


class RowMaker:
    """Makes rows of history, on the merger's thread."""

    def __init__(self, store: HistoryStore, merger: Merger) -> None:
        self._store = store
        self._merger = merger
        self._log = logging.getLogger("jupyter_plant_together.compactor")

    async def make(self, document: str, entries: Sequence[Entry]) -> list[Update]:
        """Return the rows for ``entries``, which are of one epoch; what may be a repetition is looked up.

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
            if entry.again:
                doubtful.append(update.data)
        if doubtful:
            contained = await self._contained(document, doubtful)
            updates = [update for update in updates if update.data not in contained]
        return await self._merger.run(squash, updates)

    async def _contained(self, document: str, updates: Sequence[bytes]) -> set[bytes]:
        """Return those of ``updates`` that bring nothing to what the store has."""
        try:
            loaded = await self._store.load(document)
        except DocumentNotFound:  # deleted: keep what there is (C3)
            return set()
        parts = [] if loaded.snapshot is None else [loaded.snapshot]
        try:
            state = await self._merger.merge([*parts, *(row.data for row in loaded.tail)])
        except MergeFailed as error:  # a bad row (S4): a row too many is better than none
            self._log.warning("Whether %s has an edit already cannot be told: %s", document, error)
            return set()
        return await self._merger.run(_contained, state, updates)


def _contained(state: bytes, updates: Sequence[bytes]) -> set[bytes]:
    vector = parse_state_vector(pycrdt.get_state(state))
    deleted = decode_meta(state).joined_deletions()
    found = set()
    for update in updates:
        with suppress(Malformed):  # then it is for the store to keep and for nobody to read (S4)
            meta = decode_meta(update)
            if meta.within(vector) and meta.deletes_only(deleted):
                found.add(update)
    return found

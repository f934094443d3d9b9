"""Whether the store has an update already: told by its content, where no id proves it (PROTOCOL J8)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pycrdt

from ..errors import Malformed
from ..store.port import Loaded
from ..yjs.sync import parse_state_vector
from ..yjs.update import decode_meta
from .merger import Merger


async def contained(merger: Merger, loaded: Loaded, updates: Sequence[bytes]) -> set[bytes]:
    """Return those of ``updates`` that bring nothing to the history as it was loaded.

    Raises
    ------
    MergeFailed
        If the history cannot be merged (PROTOCOL S4).
    """
    parts = [] if loaded.snapshot is None else [loaded.snapshot]
    state = await merger.merge([*parts, *(row.data for row in loaded.tail)])
    return await merger.run(_contained, state, updates)


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

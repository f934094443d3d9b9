"""What a replica remembers of a document: each entry that the store may not have yet (PROTOCOL J4).

If Redis loses its data, this is where a stream is refilled from. The entries to which the cursor came, each
from the one before it, are a *chain*: a mark that is one of them covers it and all before it. What was
written and is not heard of yet is *loose*, and so is what was a chain before the stream turned out to be
another: no id covers it (PROTOCOL J8). An entry that is appended again has another id then, and is known by
its content.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from ...store.port import Mark
from .entries import Entry, order

Place = tuple[bytes, bytes]


class UnpersistedEntries:
    """The entries of one document that are not known to be in the store."""

    def __init__(self) -> None:
        self._chain: dict[Place, Entry] = {}
        self._loose: dict[Place, Entry] = {}
        self._by_message: dict[bytes, Entry] = {}

    def __len__(self) -> int:
        return len(self._chain) + len(self._loose)

    @property
    def chain(self) -> list[Entry]:
        """What the cursor came along, in order."""
        return list(self._chain.values())

    @property
    def loose(self) -> Set[Place]:
        """Where what is loose was written."""
        return self._loose.keys()

    @property
    def places(self) -> frozenset[Place]:
        """Where all that is remembered was written."""
        return frozenset(self._chain) | frozenset(self._loose)

    def add(self, entry: Entry) -> None:
        """Remember what was written; the cursor has not come to it."""
        self._loose[entry.place] = self._by_message[entry.message] = entry

    def reach(self, entry: Entry) -> None:
        """Remember an entry to which the cursor came from the one before it."""
        known = self._by_message.get(entry.message)
        if known is not None:
            self._loose.pop(known.place, None)
        self._chain[entry.place] = self._by_message[entry.message] = entry

    def holds(self, message: bytes) -> bool:
        """Whether an entry of this content is remembered."""
        return message in self._by_message

    def break_chain(self) -> None:
        """Let the chain end: no mark covers anything of it any more."""
        self._loose = self._chain | self._loose
        self._chain = {}

    def cover(self, mark: Mark | None) -> None:
        """Forget what the store has for certain."""
        if mark is None:
            return
        through = (mark.generation.encode(), mark.through.encode())
        if through not in self._chain:
            return
        for place in list(self._chain):
            self._drop(self._chain.pop(place))
            if place == through:
                return

    def forget(self, entries: Iterable[Entry]) -> None:
        """Forget what is loose and in the store."""
        for entry in entries:
            if self._loose.pop(entry.place, None) is not None:
                self._drop(entry)

    def clear(self) -> None:
        """Forget everything: the history was replaced."""
        self._chain, self._loose, self._by_message = {}, {}, {}

    def lost(self, places: Set[Place]) -> list[Entry]:
        """Return what is loose and was written to ``places``, in order."""
        lost = [entry for place, entry in self._loose.items() if place in places]
        return sorted(lost, key=lambda entry: (entry.at, order(entry.id)))

    def _drop(self, entry: Entry) -> None:
        if self._by_message.get(entry.message) is entry:
            del self._by_message[entry.message]

"""What a replica remembers of a document: each entry that the store may not have yet (PROTOCOL J4).

If Redis loses its data, this is where a stream is refilled from. Entries leave it when the store's mark
covers them. An entry that is appended again has another id then; it is known by its content.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...store.port import Mark
from .entries import Entry, covers, order


class UnpersistedEntries:
    """The entries of one document that are not known to be in the store."""

    def __init__(self) -> None:
        self._entries: dict[tuple[bytes, bytes], Entry] = {}
        self._by_message: dict[bytes, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Remember an entry; one of the same content takes its place."""
        before = self._by_message.get(entry.message)
        if before is not None:
            self._entries.pop((before.generation, before.id), None)
        self._entries[entry.generation, entry.id] = entry
        self._by_message[entry.message] = entry

    def holds(self, message: bytes) -> bool:
        """Whether an entry of this content is remembered."""
        return message in self._by_message

    def cover(self, mark: Mark | None) -> None:
        """Forget what the store has for certain."""
        self._keep(entry for entry in self._entries.values() if not covers(mark, entry))

    def clear(self) -> None:
        """Forget everything: the history was replaced."""
        self._keep(())

    def _keep(self, entries: Iterable[Entry]) -> None:
        self._entries = {(entry.generation, entry.id): entry for entry in list(entries)}
        self._by_message = {entry.message: entry for entry in self._entries.values()}

    def missing(self, present: Iterable[Entry]) -> list[Entry]:
        """Return what is remembered and not in ``present``, in order."""
        there = {(entry.generation, entry.id) for entry in present}
        lost = [entry for key, entry in self._entries.items() if key not in there]
        return sorted(lost, key=lambda entry: (entry.at, order(entry.id)))

    def after(self, id_: bytes) -> list[Entry]:
        """Return what is remembered of ids behind ``id_``."""
        least = order(id_)
        return [entry for entry in self._entries.values() if order(entry.id) > least]

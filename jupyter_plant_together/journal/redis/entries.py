"""Entries of a document's stream: bytes to values and back, for the stream and for its notifications.

An author is written with ``%`` and line feeds escaped, so that a notification is lines and then the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...errors import Malformed
from ...store.port import Mark, StoredUpdate, Update
from ...yjs.sync import SYNC, UPDATE, read_bytes, sync

ZERO = b"0-0"
_TOMBSTONE = b"-"  # in place of a generation
# in the order of a notification, which has ``u`` before them
_FIELDS = (b"generation", b"prev", b"id", b"origin", b"epoch", b"at", b"clients", b"again", b"author", b"m")


class Entry(NamedTuple):
    """One entry; ``again`` says that it may repeat what was appended before."""

    generation: bytes
    prev: bytes
    id: bytes
    origin: bytes
    epoch: int
    at: int
    clients: tuple[int, ...]
    again: bool
    author: str
    message: bytes
    condition: bytes = b""  # where the stream must end for it to be appended (A8); nothing: anywhere

    @property
    def place(self) -> tuple[bytes, bytes]:
        """Where it is: generation and id."""
        return self.generation, self.id

    @property
    def update(self) -> bytes:
        """The Yjs update in the message; raises Malformed."""
        message = self.message
        if message[:2] != bytes((SYNC, UPDATE)):
            raise Malformed("An entry is not an update.")
        return read_bytes(message, 2)[0]

    def row(self, document: str) -> Update:
        """Return it as a row of history."""
        return Update(document, self.epoch, self.update, self.author, self.at, self.clients)

    def stored(self, document: str) -> StoredUpdate:
        """Return it as what a document loads; it has no place in the store yet."""
        return StoredUpdate(0, document, self.epoch, self.update, self.author, self.at)

    def arguments(self) -> tuple[bytes, ...]:
        """Return what the append script takes of it, the last eight arguments."""
        return (
            self.origin,
            b"%d" % self.epoch,
            b"%d" % self.at,
            b",".join([b"%d" % client for client in self.clients]),
            b"1" if self.again else b"0",
            _escape(self.author),
            self.message,
            self.condition,
        )


def new_entry(
    update: bytes, author: str, clients: tuple[int, ...], *, origin: bytes, epoch: int, at: int
) -> Entry:
    """Return an entry that is not in a stream yet."""
    return Entry(b"", b"", b"", origin, epoch, at, clients, False, author, sync(UPDATE, update))


def from_notification(lines: list[bytes]) -> Entry:
    """Return the entry of a notification, whose first line is ``u``; raises ValueError."""
    return _entry(lines[1:])


def from_stream(id_: bytes, fields: Mapping[bytes, bytes]) -> Entry | None:
    """Return the entry of a stream, None if it is somebody else's."""
    try:
        found = {**fields, b"id": id_}
        return _entry([found[name] for name in _FIELDS])
    except (KeyError, ValueError):
        return None


def _entry(values: list[bytes]) -> Entry:
    generation, prev, id_, origin, epoch, at, clients, again, author, message = values
    return Entry(
        generation,
        prev,
        id_,
        origin,
        int(epoch),
        int(at),
        tuple(map(int, clients.split(b","))) if clients else (),
        again == b"1",
        _unescape(author),
        message,
    )


def _escape(author: str) -> bytes:
    return author.replace("%", "%25").replace("\n", "%0A").encode()


def _unescape(author: bytes) -> str:
    text = author.decode()
    return text.replace("%0A", "\n").replace("%25", "%") if "%" in text else text


def order(id_: bytes) -> tuple[int, int]:
    """Return an id as what it is ordered by."""
    time, _, number = id_.partition(b"-")
    return int(time), int(number or b"0")


def next_id(id_: bytes) -> bytes:
    """Return the least id behind one."""
    time, number = order(id_)
    return b"%d-%d" % (time, number + 1)


def behind(
    mark: Mark | None, generation: bytes | None, last: bytes, entries: list[Entry]
) -> list[Entry] | None:
    """Return what of a stream the store lacks, given its state and its entries from the mark on.

    None if the stream does not go on from the mark: it lost its end, or is another (PROTOCOL J8). An id
    alone proves nothing then, and what the stream holds may be in the store or not.
    """
    if mark is None:
        return entries
    at = (mark.generation.encode(), mark.through.encode())
    for index, entry in enumerate(entries):
        if entry.place == at:
            return entries[index + 1 :]
    goes_on = (entries[0].generation, entries[0].prev) if entries else (generation, last)
    return entries if goes_on == at else None


def parse_state(value: bytes | str | None) -> tuple[bytes | None, bytes]:
    """Return the generation and last id of a stream, ``None, 0-0`` if there is none (or a tombstone)."""
    if value is None:
        return None, ZERO
    assert isinstance(value, bytes)  # redis-py is not asked to decode
    generation, _, last = value.split(b" ")
    return (None, ZERO) if generation == _TOMBSTONE else (generation, last)

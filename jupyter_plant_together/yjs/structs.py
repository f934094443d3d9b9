"""Reading the structs of a Yjs update (V1), for whoever needs more of those of the text than their extent.

A Doc may hold more than its text ``source``: of what is not in it, only the extent is told. What is in it and
shows nothing (formats, embedded things) stands in its place without units, like what was deleted.
The update has passed the door (:func:`~.update.decode_meta`), so this reader trusts its form. Text is kept as
UTF-16 code units, one character of a ``str`` each, because that is how Yjs counts. Format: yjs
``UpdateEncoderV1``, ``Item.write``, ``DeleteSet.write``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .sync import SOURCE, read_bytes, read_var_uint
from .update import content_length

Id = tuple[int, int]
_GC, _SKIP = 0, 10
_SOURCE = SOURCE.encode()
_STRING = 4


class Struct(NamedTuple):
    """One struct: where it stands, what it stood between, and its units; ``None`` units were deleted.

    ``outside`` says that only its extent matters: it was deleted so long ago that its place is forgotten, or
    it is not in the text. What has an origin is where that is, so of that it is not known here.
    """

    client: int
    clock: int
    length: int
    left: Id | None
    right: Id | None
    units: str | None
    outside: bool


class Deletion(NamedTuple):
    """A deleted range of one client's clocks."""

    client: int
    clock: int
    length: int


def to_units(text: str) -> str:
    """Return a text as UTF-16 code units, one character each."""
    if text.isascii():
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, memoryview(data).cast("H")))


def from_units(units: str) -> str:
    """Undo :func:`to_units`; half of a surrogate pair becomes U+FFFD, as in JavaScript's encoders."""
    if units.isascii():
        return units
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read(update: bytes) -> tuple[list[Struct], list[Deletion]]:
    """Return the structs, each client's in order, and the deletions of an update."""
    structs: list[Struct] = []
    clients, at = read_var_uint(update, 0)
    for _ in range(clients):
        count, at = read_var_uint(update, at)
        client, at = read_var_uint(update, at)
        clock, at = read_var_uint(update, at)
        for _ in range(count):
            hole = update[at] & 31 == _SKIP
            struct, at = struct_at(update, at, client, clock)
            clock += struct.length
            if not hole:
                structs.append(struct)
    return structs, list(_deletions(update, at))


def struct_at(data: bytes, at: int, client: int, clock: int) -> tuple[Struct, int]:
    """Return the struct at an offset, and the offset behind it."""
    info = data[at]
    at += 1
    kind = info & 31
    if kind in (_GC, _SKIP):
        length, at = read_var_uint(data, at)
        return Struct(client, clock, length, None, None, None, True), at
    left = right = None
    outside = False
    if info & 0x80:
        left, at = _id(data, at)
    if info & 0x40:
        right, at = _id(data, at)
    if not info & 0xC0:
        named, at = read_var_uint(data, at)
        if named:
            name, at = read_bytes(data, at)
            outside = name != _SOURCE or info & 0x20 != 0
        else:
            _, at = _id(data, at)
            outside = True
        if info & 0x20:
            _, at = read_bytes(data, at)
    if kind == _STRING and not outside:
        text, at = read_bytes(data, at)
        units = to_units(text.decode())
        return Struct(client, clock, len(units), left, right, units, False), at
    length, at = content_length(data, at, kind)
    return Struct(client, clock, length, left, right, None, outside), at


def _id(data: bytes, at: int) -> tuple[Id, int]:
    client, at = read_var_uint(data, at)
    clock, at = read_var_uint(data, at)
    return (client, clock), at


def _deletions(data: bytes, at: int) -> Iterator[Deletion]:
    clients, at = read_var_uint(data, at)
    for _ in range(clients):
        client, at = read_var_uint(data, at)
        count, at = read_var_uint(data, at)
        for _ in range(count):
            clock, at = read_var_uint(data, at)
            length, at = read_var_uint(data, at)
            yield Deletion(client, clock, length)

"""Two different structs under one (client, clock): who takes the one and who takes the other differ for ever.

Two processes with one client id (a fork, two offline copies) write different things under the same clocks,
and whoever knows a clock takes nothing more for it (PROTOCOL A11). So where an update repeats clocks that are
known, it is compared with what is known there, by units: one edit is cut into structs in many ways.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from operator import attrgetter

from .structs import Id, Struct, read
from .sync import write_var_uint

_REPLACEMENT = "\ufffd"


def state_vector(clocks: Mapping[int, int]) -> bytes:
    """Return a state vector, encoded."""
    rows = [write_var_uint(client) + write_var_uint(clock) for client, clock in clocks.items()]
    return write_var_uint(len(rows)) + b"".join(rows)


def conflicting(known: bytes, update: bytes) -> int | None:
    """Return a client id under which ``update`` says something else than ``known`` does, or None."""
    structs: dict[int, list[Struct]] = {}
    for struct in read(known)[0]:
        structs.setdefault(struct.client, []).append(struct)
    for struct in read(update)[0]:
        rows = structs.get(struct.client, [])
        index = max(bisect_right(rows, struct.clock, key=attrgetter("clock")) - 1, 0)
        while index < len(rows) and rows[index].clock < struct.clock + struct.length:
            if _differ(rows[index], struct):
                return struct.client
            index += 1
    return None


def _differ(one: Struct, other: Struct) -> bool:
    start = max(one.clock, other.clock)
    end = min(one.clock + one.length, other.clock + other.length)
    if start >= end or _forgotten(one) or _forgotten(other):
        return False
    if one.right != other.right or _left(one, start) != _left(other, start):
        return True
    if one.units is None or other.units is None:  # deleted meanwhile
        return False
    first = one.units[start - one.clock : end - one.clock]
    second = other.units[start - other.clock : end - other.clock]
    return first != second and any(
        a != b and not (_half(a) or _half(b)) for a, b in zip(first, second, strict=True)
    )


def _forgotten(struct: Struct) -> bool:
    return struct.outside and struct.left is None and struct.right is None


def _left(struct: Struct, clock: int) -> Id | None:
    return struct.left if clock == struct.clock else (struct.client, clock - 1)


def _half(unit: str) -> bool:
    """Whether a unit may be half of a character: yjs writes U+FFFD where one was cut."""
    return unit == _REPLACEMENT or "\ud800" <= unit <= "\udfff"

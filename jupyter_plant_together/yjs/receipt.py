"""Receipts: an update that says nothing but "these ids are here" (PROTOCOL A9).

y-websocket 4 shows "synced" when its own update comes back. A receipt has the ids of an update, as GC structs
and the same deletions, and none of its content. Who has those ids passes it by without an event, and only
such a client is ever sent it: to any other it would be the end of that content.
"""

from __future__ import annotations

from collections.abc import Mapping

from .sync import read_var_uint, write_var_uint
from .update import _item

_GC, _SKIP = 0, 10


def receipt(update: bytes) -> bytes:
    """Return the receipt for a well-formed update."""
    out = bytearray()
    blocks = 0
    clients, at = read_var_uint(update, 0)
    for _ in range(clients):
        count, at = read_var_uint(update, at)
        client, at = read_var_uint(update, at)
        start, at = read_var_uint(update, at)
        runs: list[tuple[int, int]] = []  # of GC and of Skip, by turns
        for _ in range(count):
            info = update[at]
            at += 1
            if info & 31 in (_GC, _SKIP):
                length, at = read_var_uint(update, at)
            else:
                length, at = _item(update, at, info)
            kind = _SKIP if info & 31 == _SKIP else _GC
            if runs and runs[-1][0] == kind:
                length += runs.pop()[1]
            runs.append((kind, length))
        out += _block(client, start, runs)
        blocks += 1
    return write_var_uint(blocks) + bytes(out) + update[at:]


def receipt_up_to(vector: Mapping[int, int]) -> bytes:
    """Return the receipt for all structs that a state vector names."""
    blocks = [_block(client, 0, [(_GC, clock)]) for client, clock in vector.items() if clock]
    return write_var_uint(len(blocks)) + b"".join(blocks) + b"\x00"


def _block(client: int, start: int, runs: list[tuple[int, int]]) -> bytes:
    head = write_var_uint(len(runs)) + write_var_uint(client) + write_var_uint(start)
    return head + b"".join(bytes((kind,)) + write_var_uint(length) for kind, length in runs)

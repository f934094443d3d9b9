"""Receipts: an update that says nothing but "these ids are here" (PROTOCOL A9).

y-websocket 4 shows "synced" when its own update comes back. A receipt has the ids of an update, as GC structs
and the same deletions, and none of its content. Who has those ids passes it by without an event, and only
such a client is ever sent it: to any other it would be the end of that content.
"""

from __future__ import annotations

from collections.abc import Mapping

from .sync import write_var_uint
from .update import SKIP, UpdateMeta, encode_deletions

_GC = 0


def receipt(meta: UpdateMeta) -> bytes:
    """Return the receipt for an update."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for run in meta.runs:
        rows.setdefault(run.client, []).append((run.clock, run.end))
    out = [write_var_uint(len(rows))]
    for client, ranges in rows.items():
        parts: list[tuple[int, int]] = []  # of GC and of gaps, by turns
        at = ranges[0][0]
        for start, end in ranges:
            if start > at:
                parts.append((SKIP, start - at))
            parts.append((_GC, end - start))
            at = end
        out.append(_block(client, ranges[0][0], parts))
    out.append(encode_deletions(meta.deletions))
    return b"".join(out)


def receipt_up_to(vector: Mapping[int, int]) -> bytes:
    """Return the receipt for all structs that a state vector names."""
    blocks = [_block(client, 0, [(_GC, clock)]) for client, clock in vector.items() if clock]
    return write_var_uint(len(blocks)) + b"".join(blocks) + b"\x00"


def _block(client: int, start: int, runs: list[tuple[int, int]]) -> bytes:
    head = write_var_uint(len(runs)) + write_var_uint(client) + write_var_uint(start)
    return head + b"".join(bytes((kind,)) + write_var_uint(length) for kind, length in runs)

"""Seeded editing: what one person types, as Yjs updates.

The long trace has the size and shape of the public automerge-perf paper trace (259,778 edits, of which
about 30 % are deletions, leaving some 100,000 characters): runs of typing, corrections, jumps.
"""

from __future__ import annotations

import random
from functools import cache

import pycrdt

TRACE_EDITS = 259_778


@cache
def trace(edits: int = TRACE_EDITS, seed: int = 20_26) -> tuple[list[bytes], bytes]:
    """Return the updates of a long session by one client, and the state they end in."""
    rng = random.Random(seed)
    doc = pycrdt.Doc(client_id=4_711)
    text = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    size = cursor = run = 0
    deleting = False
    for _ in range(edits):
        if run == 0:
            run = rng.randint(1, 30)
            deleting = size > 50 and rng.random() < 0.3
            if rng.random() < 0.2:
                cursor = rng.randint(0, size)
        run -= 1
        if deleting and cursor > 0:
            cursor -= 1
            del text[cursor : cursor + 1]
            size -= 1
        else:
            text.insert(cursor, rng.choice("etaoin shrdlu\n"))
            cursor += 1
            size += 1
    doc.unobserve(subscription)
    return updates, doc.get_update()


def typing(writer: int, keys: int) -> list[bytes]:
    """Return the updates of one writer who types ``keys`` characters, whole sync messages."""
    doc = pycrdt.Doc(client_id=100_000 + writer)
    text = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for key in range(keys):
        text.insert(key, "abcdefghij"[key % 10])
    doc.unobserve(subscription)
    return [sync(2, update) for update in updates]


def sync(step: int, payload: bytes) -> bytes:
    """Return a sync message."""
    size, length = bytearray(), len(payload)
    while length > 127:
        size.append(length & 127 | 128)
        length >>= 7
    size.append(length)
    return bytes((0, step)) + bytes(size) + payload


def client_of(message: bytes) -> bytes:
    """Return the encoded client id in an update message of one struct (what tells writers apart)."""
    at = 2
    while message[at] > 127:
        at += 1
    start = at = at + 3  # past the length, one client, one struct
    while message[at] > 127:
        at += 1
    return message[start : at + 1]

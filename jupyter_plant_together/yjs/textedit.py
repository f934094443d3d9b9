"""Editing a document's text from outside of it: bytes in, one update out, by a client of its own.

Each edit is made on a fresh Doc with a fresh client id, so that authorship stays with whoever asked
(PROTOCOL S3) and the live Doc never writes.
"""

from __future__ import annotations

import pycrdt

from ..ids import new_client_id
from . import textdiff
from .integrator import integrated
from .sync import SOURCE


def update_to(state: bytes, text: str) -> bytes:
    """Return the update that turns the text in ``state`` into ``text`` by its least difference."""
    doc, _ = integrated([state], client=new_client_id())
    source = doc.get(SOURCE, type=pycrdt.Text)
    before = doc.get_state()
    old = str(source)
    changes = textdiff.edits(old, textdiff.normalise(text))
    if not changes:
        return b"\x00\x00"
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    with doc.transaction():
        for edit in changes:
            at = len(old[: edit.index].encode())
            if edit.delete:
                size = len(old[edit.index : edit.index + edit.delete].encode())
                del source[at : at + size]
            if edit.insert:
                source.insert(at, edit.insert)
    doc.unobserve(subscription)
    return updates[0] if updates else doc.get_update(before)


def initial(text: str) -> bytes:
    """Return the update that creates a document with ``text``."""
    return update_to(b"\x00\x00", text)

"""Editing a document's text from outside of it: bytes in, one update out, by a client of its own.

Each edit is made on a fresh Doc with a client id of its own, so that authorship stays with whoever asked
(PROTOCOL S3) and the live Doc never writes. Whoever computes the same edit of the same state must come to the
same structs (A8), or an edit that is repeated elsewhere is there twice. So the client id is a keyed hash of
where the edit is made and of what it does: the update is computed with a placeholder first, then with the id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pycrdt

from . import structs, textdiff
from .integrator import integrated
from .sync import EMPTY_UPDATE, SOURCE, parse_state_vector
from .textdiff import Edit
from .update import decode_meta

_PLACEHOLDER = 2**53 - 1
_MASK = 2**53 - 1


@dataclass(frozen=True, slots=True)
class EditPlace:
    """Where an edit is made: a history, and the secret of its store, which nobody outside can hash with."""

    document: str
    epoch: int
    secret: bytes


def update_to(state: bytes, text: str, place: EditPlace) -> bytes:
    """Return the update that turns the text in ``state`` into ``text`` by its least difference."""
    doc = _fork(state, _PLACEHOLDER)
    old = str(doc.get(SOURCE, type=pycrdt.Text))
    changes = textdiff.edits(old, textdiff.normalise(text))
    if not changes:
        return EMPTY_UPDATE
    vector = doc.get_state()
    draft = _edit(doc, old, changes)
    return _edit(_fork(state, _client_id(place, vector, draft)), old, changes)


def _fork(state: bytes, client: int) -> pycrdt.Doc[Any]:
    return integrated([state], client=client)[0]


def _edit(doc: pycrdt.Doc[Any], old: str, changes: Sequence[Edit]) -> bytes:
    """Make edits, which go from the last to the first, in one transaction and return its update."""
    source = doc.get(SOURCE, type=pycrdt.Text)
    before = doc.get_state()
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    behind = len(old.encode())
    end = len(old)
    with doc.transaction():
        for edit in changes:
            at = behind - len(old[edit.index : end].encode())
            if edit.delete:
                size = len(old[edit.index : edit.index + edit.delete].encode())
                del source[at : at + size]
            if edit.insert:
                source.insert(at, edit.insert)
            behind, end = at, edit.index
    doc.unobserve(subscription)
    return updates[0] if updates else doc.get_update(before)


def _client_id(place: EditPlace, vector: bytes, draft: bytes) -> int:
    """Return the id: of content only, as yrs writes clients in an order that differs between processes."""
    written, _ = structs.read(draft)
    deleted = decode_meta(draft).joined_deletions()
    known = parse_state_vector(vector)
    said = (place.document, place.epoch, sorted(known.items()), written, sorted(deleted.items()))
    digest = hashlib.blake2b(repr(said).encode(), key=place.secret, digest_size=8).digest()
    return int.from_bytes(digest, "big") & _MASK

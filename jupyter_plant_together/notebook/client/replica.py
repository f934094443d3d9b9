"""One document's CRDT on this side: the text, edits as updates, and the place of the last edit.

A replica belongs to the background thread; pycrdt objects must never be touched, nor freed, by another.
It starts empty under a new client id and only ever grows from the server's updates and its own edits.
Being its client's only writer, and writing nothing but text, it knows its next clock: the UTF-16 units
that it has inserted so far. (pycrdt's own sticky index is wrong inside non-ASCII blocks and panics at the
end of a text, so it is asked only for the start of a deletion, where a block begins.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pycrdt

from ...errors import Malformed
from ...ids import new_client_id
from ...yjs.integrator import Integrator
from ...yjs.sync import EMPTY_UPDATE, SOURCE
from ...yjs.textdiff import Edit
from .edits import ByteOffsets


class Replica:
    """A Y.Doc whose Y.Text is ``source``."""

    def __init__(self) -> None:
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=new_client_id())
        self._source = self._doc.get(SOURCE, type=pycrdt.Text)
        self._integrator = Integrator(self._doc)
        self.client_id = self._doc.client_id
        self._text: str | None = ""
        self.clock = 0
        self._cursor: dict[str, Any] | None = None
        self._editing = False
        self._update = EMPTY_UPDATE
        self._changed = False
        self._subscriptions = [self._doc.observe(self._on_update), self._source.observe(self._on_text)]

    def _on_update(self, event: pycrdt.TransactionEvent) -> None:
        if self._editing:
            self._update = event.update

    def _on_text(self, _event: pycrdt.TextEvent) -> None:
        self._changed = True

    @property
    def text(self) -> str:
        """The text now; read from the CRDT only after somebody else's change."""
        if self._text is None:
            self._text = str(self._source)
        return self._text

    def edit(self, edits: Sequence[Edit]) -> bytes:
        """Make ``edits`` in one transaction; returns the update for the others.

        The edits come from a builder of ``edits.py``, so their indices are right.
        """
        if not edits:
            return EMPTY_UPDATE
        text = self.text
        offsets = ByteOffsets(text)
        self._editing = True
        try:
            with self._doc.transaction():
                for edit in edits:
                    start = offsets.offset(text, edit.index)
                    tail = edit.index + edit.delete
                    if edit.delete:
                        del self._source[start : start + len(text[edit.index : tail].encode())]
                    if edit.insert:
                        self._source.insert(start, edit.insert)
                        offsets.inserted(edit.insert)
                        self.clock += _utf16(edit.insert)
                    text = text[: edit.index] + edit.insert + text[tail:]
        finally:
            self._editing = False
        self._integrator.advance(self.client_id, self.clock, self._update)
        self._text = text
        self._place(edits[-1], text)
        update, self._update = self._update, EMPTY_UPDATE
        return update

    def _place(self, edit: Edit, text: str) -> None:
        """Keep the place behind ``edit`` as y-codemirror's relative position."""
        item: dict[str, Any] | None = None
        assoc = 0
        if edit.insert:
            item, assoc = {"client": self.client_id, "clock": self.clock - 1}, -1
        elif edit.index < len(text):
            offset = ByteOffsets(text).offset(text, edit.index)
            item = self._source.sticky_index(offset, pycrdt.Assoc.AFTER).to_json()["item"]
        self._cursor = {
            "type": None,
            "tname": "source" if item is None else None,
            "item": item,
            "assoc": assoc,
        }

    @property
    def cursor(self) -> dict[str, Any] | None:
        """The presence cursor, ``{anchor, head}``, where this replica last edited; None before that."""
        return None if self._cursor is None else {"anchor": self._cursor, "head": self._cursor}

    def apply(self, update: bytes) -> bool:
        """Apply somebody else's update; returns whether the text changed. Raises Malformed."""
        self._changed = False
        try:
            self._integrator.push(update)
            self._integrator.finish()
        except BaseException as error:
            # yrs panics are BaseExceptions; anything else of that kind is not ours to catch.
            if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
                raise
            raise Malformed(f"The server sent an update that cannot be read: {error}.") from error
        if self._changed:
            self._text = None
        return self._changed

    @property
    def state_vector(self) -> bytes:
        """What this replica knows, for sync step 1."""
        return self._doc.get_state()

    def difference(self, state_vector: bytes) -> bytes:
        """Return what a peer at ``state_vector`` lacks, for sync step 2."""
        try:
            return self._doc.get_update(state_vector)
        except ValueError as error:
            raise Malformed(f"The server sent a state that cannot be read: {error}") from error

    def close(self) -> None:
        """Break the cycle between document and callbacks: it is then freed here, on the right thread."""
        doc, source = self._doc, self._source
        doc.unobserve(self._subscriptions[0])
        source.unobserve(self._subscriptions[1])
        del self._doc, self._source, self._subscriptions, self._integrator


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2

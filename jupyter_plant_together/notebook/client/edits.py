"""What people ask for, as edits: Python string indices in, checked edits out, and the way to UTF-8.

A builder takes the present text and returns edits, or raises before anything has changed. Builders know
nothing of CRDTs, so that a transaction can try them on a plain string. :class:`ByteOffsets` is the one
adapter between Python's characters and the UTF-8 bytes by which pycrdt counts.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import SupportsIndex

from ...yjs import textdiff
from ...yjs.textdiff import Edit

Builder = Callable[[str], Sequence[Edit]]


def clean(value: object) -> str:
    """Return ``value`` with ``\\n`` as its line end.

    Raises
    ------
    TypeError
        If it is not a string.
    ValueError
        If it holds half of a surrogate pair, which no UTF-8 text can.
    """
    if not isinstance(value, str):
        raise TypeError(f"The text must be a str, not {type(value).__name__}.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The text holds half of a surrogate pair at index {error.start}; it is not valid Unicode."
        ) from None
    return textdiff.normalise(value)


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return ``text`` after ``edits``, one after the other."""
    for edit in edits:
        text = text[: edit.index] + edit.insert + text[edit.index + edit.delete :]
    return text


def inserting(index: SupportsIndex, value: object) -> Builder:
    """Insert ``value`` before the character at ``index``; negative indices count from the end."""
    at, new = operator.index(index), clean(value)

    def build(text: str) -> Sequence[Edit]:
        return [Edit(_position(text, at), 0, new)] if new else _checked(text, at)

    return build


def appending(value: object) -> Builder:
    """Insert ``value`` at the end."""
    new = clean(value)
    return lambda text: [Edit(len(text), 0, new)] if new else []


def deleting(start: SupportsIndex, stop: SupportsIndex | None) -> Builder:
    """Delete ``text[start:stop]``, or the one character at ``start``; both must lie in the text."""
    first = operator.index(start)
    last = None if stop is None else operator.index(stop)

    def build(text: str) -> Sequence[Edit]:
        low = _position(text, first)
        if last is None:
            if low == len(text):
                raise IndexError(f"There is no character at index {first}: the text is {len(text)} long.")
            return [Edit(low, 1, "")]
        high = _position(text, last)
        if high < low:
            raise ValueError(f"The range {first}:{last} ends before it starts.")
        return [Edit(low, high - low, "")] if high > low else []

    return build


def replacing(old: object, new: object, count: SupportsIndex) -> tuple[Builder, list[int]]:
    """Replace ``old`` by ``new`` at most ``count`` times (-1: everywhere), like ``str.replace``.

    Returns the builder and a list that receives the number of replacements.
    """
    before, after, most = clean(old), clean(new), operator.index(count)
    if not before:
        raise ValueError("The text to replace is empty.")
    done: list[int] = []

    def build(text: str) -> Sequence[Edit]:
        starts: list[int] = []
        at = text.find(before) if most else -1
        while at >= 0 and (most < 0 or len(starts) < most):
            starts.append(at)
            at = text.find(before, at + len(before))
        done[:] = [len(starts)]
        one = textdiff.edits(before, after)
        return [
            Edit(start + edit.index, edit.delete, edit.insert) for start in reversed(starts) for edit in one
        ]

    return build, done


def becoming(value: object) -> Builder:
    """Turn the text into ``value`` by the least edits, so that other people's cursors stay."""
    new = clean(value)
    return lambda text: textdiff.edits(text, new)


def _checked(text: str, index: int) -> Sequence[Edit]:
    _position(text, index)
    return []


def _position(text: str, index: int) -> int:
    position = index + len(text) if index < 0 else index
    if not 0 <= position <= len(text):
        raise IndexError(f"Index {index} is outside the text, which is {len(text)} characters long.")
    return position


class ByteOffsets:
    """Offsets in UTF-8 of positions in a text that is being edited, each found from the one before."""

    def __init__(self, text: str) -> None:
        self._ascii = text.isascii()
        self._index = self._byte = 0

    def offset(self, text: str, index: int) -> int:
        """Return the byte offset of ``index``; everything before the last position is as it was then."""
        if self._ascii:
            return index
        if index >= self._index:
            self._byte += len(text[self._index : index].encode())
        else:
            self._byte -= len(text[index : self._index].encode())
        self._index = index
        return self._byte

    def inserted(self, value: str) -> None:
        """Take note of a text that was inserted."""
        self._ascii = self._ascii and value.isascii()

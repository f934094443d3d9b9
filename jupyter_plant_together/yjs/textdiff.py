"""The least edits that turn one text into another, so that other people's cursors stay where they are.

Common ends are cut off first; what is left is compared by lines, and each changed block of lines by
characters, as long as it is small (``difflib`` is quadratic). Lone surrogates never occur in the result:
Python indexes whole characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

_MAX_CHARACTERS = 2_000
_MAX_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Edit:
    """Delete ``delete`` characters at ``index``, then insert ``insert`` there."""

    index: int
    delete: int
    insert: str


def normalise(text: str) -> str:
    """Return ``text`` with ``\\n`` as its only line end (CodeMirror and Y.Text must agree)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def edits(old: str, new: str) -> list[Edit]:
    """Return edits from the last to the first, so that each index is right when it is applied.

    Indices count Python characters of ``old``.
    """
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    found = _by_lines(old[start : len(old) - end], new[start : len(new) - end], start)
    return found[::-1]


def _common_prefix(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:  # bisection: comparing slices is far faster than a loop over characters
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _by_lines(old: str, new: str, base: int) -> list[Edit]:
    if len(old) <= _MAX_CHARACTERS and len(new) <= _MAX_CHARACTERS:
        return _by_characters(old, new, base)
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(old_lines) > _MAX_LINES or len(new_lines) > _MAX_LINES:
        return _whole(old, new, base)
    offsets = [base]
    for line in old_lines:
        offsets.append(offsets[-1] + len(line))
    found: list[Edit] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        if tag != "equal":
            old_part, new_part = "".join(old_lines[i1:i2]), "".join(new_lines[j1:j2])
            small = len(old_part) <= _MAX_CHARACTERS and len(new_part) <= _MAX_CHARACTERS
            found += (_by_characters if small else _whole)(old_part, new_part, offsets[i1])
    return found


def _by_characters(old: str, new: str, base: int) -> list[Edit]:
    return [
        Edit(base + i1, i2 - i1, new[j1:j2])
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def _whole(old: str, new: str, base: int) -> list[Edit]:
    return [] if old == new else [Edit(base, len(old), new)]

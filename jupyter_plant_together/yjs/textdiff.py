"""The least edits that turn one text into another, so that other people's cursors stay where they are.

Common ends are cut off first; what is left is compared by lines, and each changed block of lines by words.
What two sequences have once in both and in the same order holds them together (*anchors*, as in a patience
diff, found in linear time); between anchors Myers' greedy search runs. The search is bounded by counted
steps, never by a clock, so that every server finds the same edits (PROTOCOL A8): what is left when they are
used up is replaced as a whole. Lone surrogates never occur in the result: Python indexes whole characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

STEPS = 200_000  # of the search, for a whole text: some 0.05 s
EDITS_AT_MOST = 500  # each costs a walk through the document where it is made
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# Not \w: which characters are letters depends on the version of Python.
_WORD = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]+|[ \t]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Edit:
    """Delete ``delete`` characters at ``index``, then insert ``insert`` there."""

    index: int
    delete: int
    insert: str


class Steps:
    """How many steps are left."""

    def __init__(self, left: int = STEPS) -> None:
        self.left = left


Range = tuple[int, int, int, int]  # from and to in the one sequence, from and to in the other


def normalise(text: str) -> str:
    """Return ``text`` with ``\\n`` as its only line end (CodeMirror and Y.Text must agree)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def edits(old: str, new: str, steps: Steps | None = None) -> list[Edit]:
    """Return edits from the last to the first, so that each index is right when it is applied.

    Indices count Python characters of ``old``.
    """
    steps = steps or Steps()
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    found = _found(old, new, start, steps)
    few = list(islice(found, EDITS_AT_MOST))
    if next(found, None) is not None:
        few[-1] = _rest(few, old, new, start)
    return few[::-1]


def _found(old: str, new: str, start: int, steps: Steps) -> Iterator[Edit]:
    for at, a, b in _changed_parts(old, new, _LINE, steps):
        for within, c, d in _changed_parts(a, b, _WORD, steps):
            yield from _trimmed(start + at + within, c, d)


def _rest(few: Sequence[Edit], old: str, new: str, start: int) -> Edit:
    """Return one edit from the last of ``few`` to the end: the ends differ, or they were cut off."""
    begin = few[-1].index - start
    moved = sum(len(edit.insert) - edit.delete for edit in few[:-1])
    return Edit(start + begin, len(old) - begin, new[begin + moved :])


def _changed_parts(
    old: str, new: str, parts: re.Pattern[str], steps: Steps
) -> Iterator[tuple[int, str, str]]:
    """Yield where two texts differ, by the parts that a pattern finds: the index and what stands there."""
    a, b = parts.findall(old), parts.findall(new)
    at_a, at_b = _offsets(a), _offsets(b)
    for i1, i2, j1, j2 in _differences(a, b, steps):
        yield at_a[i1], old[at_a[i1] : at_a[i2]], new[at_b[j1] : at_b[j2]]


def _offsets(parts: Sequence[str]) -> list[int]:
    offsets = [0]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return offsets


def _trimmed(index: int, old: str, new: str) -> Iterator[Edit]:
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    if start + end < max(len(old), len(new)):
        yield Edit(index + start, len(old) - start - end, new[start : len(new) - end])


def _common_prefix(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:  # bisection: comparing slices is far faster than a loop over characters
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _differences(a: Sequence[str], b: Sequence[str], steps: Steps) -> Iterator[Range]:
    i = j = 0
    for anchor_a, anchor_b in [*_anchors(a, b), (len(a), len(b))]:
        yield from _between(a, b, (i, anchor_a, j, anchor_b), steps)
        i, j = anchor_a + 1, anchor_b + 1


def _anchors(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """Return where parts stand that are once in both, as many as are in the same order."""
    in_a, in_b = Counter(a), Counter(b)
    at = {part: j for j, part in enumerate(b) if in_b[part] == 1}
    pairs = [(i, at[part]) for i, part in enumerate(a) if in_a[part] == 1 and part in at]
    ends: list[int] = []  # the longest increasing subsequence, by patience sorting
    chosen: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(chosen[place - 1] if place else -1)
        ends[place : place + 1] = [j]
        chosen[place : place + 1] = [number]
    found = []
    number = chosen[-1] if chosen else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _between(a: Sequence[str], b: Sequence[str], where: Range, steps: Steps) -> Iterator[Range]:
    i1, i2, j1, j2 = where
    while i1 < i2 and j1 < j2 and a[i1] == b[j1]:
        i1, j1 = i1 + 1, j1 + 1
    while i1 < i2 and j1 < j2 and a[i2 - 1] == b[j2 - 1]:
        i2, j2 = i2 - 1, j2 - 1
    if i1 == i2 or j1 == j2:
        if i1 < i2 or j1 < j2:
            yield i1, i2, j1, j2
        return
    matches = _search(a[i1:i2], b[j1:j2], steps)
    i, j = 0, 0
    for match_i, match_j in [*matches, (i2 - i1, j2 - j1)]:
        if i < match_i or j < match_j:
            yield i1 + i, i1 + match_i, j1 + j, j1 + match_j
        i, j = match_i + 1, match_j + 1


def _search(a: Sequence[str], b: Sequence[str], steps: Steps) -> list[tuple[int, int]]:
    """Return the pairs of equal parts of a shortest edit script (Myers 1986); none if steps run out."""
    furthest = {1: 0}
    rounds: list[dict[int, int]] = []
    for distance in range(len(a) + len(b) + 1):
        if steps.left <= 0:
            return []
        reached: dict[int, int] = {}
        for k in range(-distance, distance + 1, 2):
            down = k == -distance or (k != distance and furthest[k - 1] < furthest[k + 1])
            i = furthest[k + 1] if down else furthest[k - 1] + 1
            j = i - k
            begin = i
            while i < len(a) and j < len(b) and a[i] == b[j]:
                i, j = i + 1, j + 1
            steps.left -= 1 + i - begin
            reached[k] = i
            if i >= len(a) and j >= len(b):
                return _walk_back([*rounds, reached], len(a) - len(b))
        rounds.append(reached)
        furthest = reached
    raise AssertionError("Two sequences are never further apart than their lengths.")


def _walk_back(rounds: list[dict[int, int]], k: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for distance in range(len(rounds) - 1, -1, -1):
        i = rounds[distance][k]
        if distance == 0:
            begin, following = 0, k
        else:
            before = rounds[distance - 1]
            down = k == -distance or (k != distance and before[k - 1] < before[k + 1])
            following = k + 1 if down else k - 1
            begin = before[following] + (not down)
        pairs += [(at, at - k) for at in range(i - 1, begin - 1, -1)]
        k = following
    return pairs[::-1]

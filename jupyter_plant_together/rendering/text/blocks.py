"""Finds the diagrams of a text and the pages of each (labextension/src/render/blocks.ts is its twin).

The engine draws only the first ``@start…@end`` block and the first page of it. A page of its own is made by
blanking the lines of the other pages, all but declarations and settings: line numbers stay as they are. What
the lines look like is in a table that both twins are built from.

A page is made when it is asked for, and there are at most ``PAGES_AT_MOST``: each costs as much as the whole
text, whose every line may be a page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import overload

from ...shared import patterns, table

_BLOCKS = table("blocks")
_LINES = patterns("blocks")
LINE_END = _LINES["lineEnd"]
# What begins settings of several lines, and what ends them.
_SPANS = [(_LINES[begin], _LINES[end]) for begin, end in _BLOCKS["spans"]]
# Types that the engine draws up to the very edge, and the margin they get.
_TIGHT: frozenset[str] = frozenset(_BLOCKS["tight"])
_MARGIN: float = float(_BLOCKS["margin"])
PAGES_AT_MOST: int = _BLOCKS["pagesAtMost"]


@dataclass(frozen=True, slots=True)
class Page:
    """One picture: a page of a block.

    ``first_line`` is the 0-based line in the whole text of ``lines[0]``, -1 where ``@startuml`` was added;
    ``kind`` the word after ``@start``; ``unclosed`` whether its ``@end`` line has been added.
    """

    lines: tuple[str, ...]
    first_line: int
    kind: str
    unclosed: bool = False

    @property
    def text(self) -> str:
        """The text for the engine."""
        return "\n".join(self.lines)

    @property
    def margin(self) -> float:
        """The space that its picture needs around it."""
        return _MARGIN if self.kind in _TIGHT else 0.0

    def line_in_text(self, line: int | None) -> int | None:
        """Turn a 1-based line of the block into one of the whole text."""
        return None if line is None else max(1, line + self.first_line)


class Pages(Sequence[Page]):
    """All pictures of a text, in order, the first ``PAGES_AT_MOST`` of them."""

    def __init__(self, blocks: Sequence[Page]) -> None:
        every = ((block, number) for block in map(_Block, blocks) for number in range(len(block.begins)))
        found = list(islice(every, PAGES_AT_MOST + 1))
        self._pages = found[:PAGES_AT_MOST]
        self.are_all = len(found) <= PAGES_AT_MOST
        """Whether the text has no more pictures than these."""

    def __len__(self) -> int:
        return len(self._pages)

    @overload
    def __getitem__(self, index: int) -> Page: ...

    @overload
    def __getitem__(self, index: slice) -> list[Page]: ...

    def __getitem__(self, index: int | slice) -> Page | list[Page]:
        if isinstance(index, slice):
            return [block.page(number) for block, number in self._pages[index]]
        block, number = self._pages[index]
        return block.page(number)


def split_pages(source: str) -> Pages:
    """Return all pictures of a text, in order; none where there is nothing to draw."""
    lines = LINE_END.split(source)
    blocks = _split_blocks(lines)
    if blocks:
        return Pages([] if all(_is_blank(block) for block in blocks) else blocks)
    if all(_says_nothing(line) for line in lines):
        return Pages([])
    return Pages([Page(("@startuml", *lines, "@enduml"), -1, "uml")])


def stripped(text: str) -> str:
    """Return a text without the blanks at its edges."""
    return _LINES["trailing"].sub("", _LINES["leading"].sub("", text))


def _says_nothing(line: str) -> bool:
    return any(_LINES[name].search(line) for name in ("blank", "comment"))


def _is_blank(block: Page) -> bool:
    return block.kind == "uml" and all(_says_nothing(line) for line in block.lines[1:-1])


def _split_blocks(lines: list[str]) -> list[Page]:
    blocks: list[Page] = []
    taken: list[str] = []
    first, kind = 0, ""

    def close(*missing: str) -> None:
        if taken:
            blocks.append(Page((*taken, *missing), first, kind, unclosed=bool(missing)))
            taken.clear()

    for index, line in enumerate(lines):
        start = _LINES["start"].search(line)
        if start is not None:
            close(f"@end{kind}")
            first, kind = index, start[1].lower()
            taken.append(line)
        elif taken:
            taken.append(line)
            if _LINES["end"].search(line):
                close()
    close(f"@end{kind}")
    return blocks


class _Block:
    """A block and where its pages begin."""

    def __init__(self, block: Page) -> None:
        self._block = block
        search = _LINES["newPage"].search
        breaks = [i for i, line in enumerate(block.lines) if search(line)] if block.kind == "uml" else []
        self.begins = [0, *breaks]

    @cached_property
    def _lasting(self) -> list[bool]:
        return _lasting_lines(self._block.lines)

    @cached_property
    def _breaks(self) -> frozenset[int]:
        return frozenset(self.begins[1:])

    def page(self, number: int) -> Page:
        """Return one page, as a block of its own."""
        if len(self.begins) == 1:
            return self._block
        last = len(self._block.lines) - 1
        begin, end = [*self.begins, last][number : number + 2]
        lines = []
        for i, line in enumerate(self._block.lines):
            if i in (0, last):
                lines.append(line)
            elif i in self._breaks:
                title = stripped(_LINES["newPage"].sub("", line)) if i == begin else ""
                lines.append(f"title {title}" if title else "")
            else:
                lines.append(line if begin < i < end or (i < begin and self._lasting[i]) else "")
        return replace(self._block, lines=tuple(lines))


def _lasting_lines(lines: tuple[str, ...]) -> list[bool]:
    """Say which lines hold beyond their page; settings of several lines as a whole."""
    found = []
    until: re.Pattern[str] | None = None
    for line in lines:
        if until is not None:
            until = None if until.search(line) else until
            found.append(True)
            continue
        until = next((end for begin, end in _SPANS if begin.search(line)), None)
        found.append(until is not None or _LINES["lasting"].search(line) is not None)
    return found

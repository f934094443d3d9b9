"""Finds the diagrams of a text and the pages of each (labextension/src/render/blocks.ts is its twin).

The engine draws only the first ``@start…@end`` block and the first page of it. A page of its own is made by
blanking the lines of the other pages, all but declarations and settings: line numbers stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

LINE_END = re.compile(r"\r\n|\r|\n")
_START = re.compile(r"\s*@start([a-z]+)", re.IGNORECASE)
_END = re.compile(r"\s*@end[a-z]*", re.IGNORECASE)
_NEW_PAGE = re.compile(r"\s*newpage\b", re.IGNORECASE)
_COMMENT = re.compile(r"\s*'")
_LASTING = re.compile(
    r"\s*(?:!|skinparam\b|hide\b|show\b|title\b|header\b|footer\b|scale\b|autonumber\b|autoactivate\b|box\b"
    r"|end ?box\b"
    r"|(?:create\s+)?(?:participant|actor|boundary|control|entity|database|collections|queue)\b)",
    re.IGNORECASE,
)
# What begins settings of several lines, and what ends them.
_SPANS = [
    (re.compile(r"\s*<style>", re.IGNORECASE), re.compile(r"\s*</style>", re.IGNORECASE)),
    (re.compile(r"\s*skinparam\b.*\{\s*$", re.IGNORECASE), re.compile(r"\s*\}")),
    (
        re.compile(r"\s*!(?:(?:unquoted|final)\s+)*(?:function|procedure)\b(?!.*\breturn\b)", re.IGNORECASE),
        re.compile(r"\s*!end\s*(?:function|procedure)\b", re.IGNORECASE),
    ),
]
# Types that the engine draws up to the very edge, and the margin they get.
_TIGHT = frozenset(
    "json yaml mindmap wbs ebnf regex chart packetdiag nwdiag gantt".split()  # noqa: SIM905 - easier to read
)
_MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class Page:
    """One picture: a page of a block.

    ``first_line`` is the 0-based line in the whole text of ``lines[0]``, -1 where ``@startuml`` was added;
    ``kind`` the word after ``@start``.
    """

    lines: tuple[str, ...]
    first_line: int
    kind: str

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


def split_pages(source: str) -> list[Page]:
    """Return all pictures of a text, in order; none where there is nothing to draw."""
    lines = LINE_END.split(source)
    blocks = _split_blocks(lines)
    if blocks:
        if all(_is_blank(block) for block in blocks):
            return []
        return [page for block in blocks for page in _pages_of(block)]
    if all(_says_nothing(line) for line in lines):
        return []
    return _pages_of(Page(("@startuml", *lines, "@enduml"), -1, "uml"))


def _says_nothing(line: str) -> bool:
    return not line.strip() or _COMMENT.match(line) is not None


def _is_blank(block: Page) -> bool:
    return block.kind == "uml" and all(_says_nothing(line) for line in block.lines[1:-1])


def _split_blocks(lines: list[str]) -> list[Page]:
    blocks: list[Page] = []
    taken: list[str] = []
    first, kind = 0, ""

    def close(*missing: str) -> None:
        if taken:
            blocks.append(Page((*taken, *missing), first, kind))
            taken.clear()

    for index, line in enumerate(lines):
        start = _START.match(line)
        if start is not None:
            close(f"@end{kind}")
            first, kind = index, start[1].lower()
            taken.append(line)
        elif taken:
            taken.append(line)
            if _END.match(line):
                close()
    close(f"@end{kind}")
    return blocks


def _pages_of(block: Page) -> list[Page]:
    breaks = [i for i, line in enumerate(block.lines) if _NEW_PAGE.match(line)]
    if block.kind != "uml" or not breaks:
        return [block]
    lasting = _lasting_lines(block.lines)
    last = len(block.lines) - 1
    pages = []
    for begin, end in zip([0, *breaks], [*breaks, last], strict=True):
        lines = []
        for i, line in enumerate(block.lines):
            if i in (0, last):
                lines.append(line)
            elif i in breaks:
                title = _NEW_PAGE.sub("", line).strip()
                lines.append(f"title {title}" if i == begin and title else "")
            else:
                lines.append(line if begin < i < end or (i < begin and lasting[i]) else "")
        pages.append(replace(block, lines=tuple(lines)))
    return pages


def _lasting_lines(lines: tuple[str, ...]) -> list[bool]:
    """Say which lines hold beyond their page; settings of several lines as a whole."""
    found = []
    until: re.Pattern[str] | None = None
    for line in lines:
        if until is not None:
            until = None if until.match(line) else until
            found.append(True)
            continue
        until = next((end for begin, end in _SPANS if begin.match(line)), None)
        found.append(until is not None or _LASTING.match(line) is not None)
    return found

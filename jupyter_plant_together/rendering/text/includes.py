"""``!include`` of documents of the same room: the text is put together before anything is drawn.

The engine can read nothing, so what a text includes is put into it here. Whoever asks drives a generator that
wants one document after the other by name, so that a server and a kernel, blocking or not, can use it alike.
What is not found stays as it is, and the engine refuses it: files, addresses, names in variables. Libraries
(``<C4/…>``) are the engine's own affair.

Lines of errors stay those of the including text: each line of the whole knows where it comes from.

What it costs is bounded besides what comes out: documents are read line by line once, however many of their
parts are wanted, and no more than a few texts' worth of them.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from ...errors import LimitExceeded, PlantTogetherError, PlantUMLSyntaxError, UnsupportedDiagram
from .blocks import LINE_END

DEPTH_AT_MOST = 20
INCLUDES_AT_MOST = 500
_READ_AT_MOST = 4  # times the size of the whole
_INCLUDE = re.compile(r"\s*!\s*include(|_once|_many|sub)\s+(?!<)(\S.*)", re.IGNORECASE)
_START = re.compile(r"\s*@start[a-z]+(?:\s*\(\s*id\s*=\s*([^)\s]+)\s*\))?", re.IGNORECASE)
_END = re.compile(r"\s*@end[a-z]*", re.IGNORECASE)
_START_OF_SUB = re.compile(r"\s*!startsub\s+(\S.*)", re.IGNORECASE)
_END_OF_SUB = re.compile(r"\s*!endsub\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Included:
    """A document that was found: its id, its present name, its text."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Origin:
    line: int  # 1-based in the including text
    document: str = ""  # the included one's name, and
    within: int = 0  # the 1-based line there


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text with all it includes."""

    text: str
    origins: tuple[_Origin, ...] = ()

    def blamed(self, error: PlantTogetherError) -> PlantTogetherError:
        """Return ``error``, of drawing the whole, with the line of the including text."""
        line = error.details.get("line")
        if line is None or not 0 < line <= len(self.origins):
            return error
        origin = self.origins[line - 1]
        said = error.message.removeprefix(f"line {line}: ")
        if origin.document:
            said = f"In “{origin.document}”, line {origin.within}: {said}"
        if isinstance(error, PlantUMLSyntaxError):
            return PlantUMLSyntaxError(origin.line, said)
        if isinstance(error, UnsupportedDiagram):
            return UnsupportedDiagram(said, line=origin.line)
        return error


Expansion = Generator[str, Included | None, Expanded]


def includes(text: str) -> bool:
    """Whether ``text`` may include a document."""
    return "!" in text and any(_INCLUDE.match(line) for line in LINE_END.split(text))


def expanding(text: str, size_at_most: int, *, id: str = "", name: str = "") -> Expansion:  # noqa: A002
    """Want the documents that ``text`` includes, by name, and return the whole.

    Parameters
    ----------
    text
        The text, of the document ``id`` called ``name`` if it is one.
    size_at_most
        Bytes of the whole.

    Raises
    ------
    PlantUMLSyntaxError
        If a document includes itself, or one too many others, or a part that it does not have.
    LimitExceeded
        If the whole is too large.
    """
    if not includes(text):
        return Expanded(text)
    book = _Book(size_at_most, _READ_AT_MOST * size_at_most)
    lines = enumerate(LINE_END.split(text), 1)
    here = [(line, _Origin(number)) for number, line in lines]
    whole = yield from _put_together(here, ((id, name),) if id else (), book)
    return Expanded("\n".join(line for line, _ in whole), tuple(origin for _, origin in whole))


def advance(expansion: Expansion, found: Included | None = None) -> str | Expanded:
    """Go on with an expansion; return the next name that it wants, or the whole."""
    try:
        return expansion.send(found)
    except StopIteration as end:
        whole: Expanded = end.value
        return whole


_Line = tuple[str, _Origin]


@dataclass(slots=True)
class _Book:
    """What was included so far."""

    left: int  # bytes
    unread: int  # bytes
    count: int = 0
    parts: set[tuple[str, str]] = field(default_factory=set)
    read: dict[str, _Parts] = field(default_factory=dict)

    def enter(self, line: str, origin: _Origin) -> None:
        self.left -= len(line.encode(errors="replace")) + 1
        if self.left < 0:
            raise _too_large(origin)

    def ask(self, origin: _Origin) -> None:
        """Count a document that is wanted, there or not."""
        self.count += 1
        if self.count > INCLUDES_AT_MOST:
            raise PlantUMLSyntaxError(
                origin.line, f"The text includes more than {INCLUDES_AT_MOST} documents."
            )

    def parts_of(self, found: Included, origin: _Origin) -> _Parts:
        """Return what a document consists of."""
        if found.id not in self.read:
            self.unread -= len(found.text)
            if self.unread < 0:
                raise _too_large(origin)
            self.read[found.id] = _Parts(LINE_END.split(found.text))
        return self.read[found.id]


def _too_large(origin: _Origin) -> LimitExceeded:
    return LimitExceeded(
        f"line {origin.line}: With what it includes, the text is over the limit of its size.",
        limit="max_source_size",
        line=origin.line,
    )


def _put_together(
    lines: list[_Line], within: tuple[tuple[str, str], ...], book: _Book
) -> Generator[str, Included | None, list[_Line]]:
    whole: list[_Line] = []
    commented = False
    for line, origin in lines:
        match = None if commented else _INCLUDE.match(line)
        commented = _comment_goes_on(line, commented)
        found = None
        if match is not None:
            book.ask(origin)
            found = yield _name_of(match[2])
        if match is None or found is None:
            book.enter(line, origin)
            whole.append((line, origin))
            continue
        _check(found, within, origin)
        part = match[2].rpartition("!")[2].strip() if "!" in match[2] else ""
        kind = match[1].lower()
        again = (found.id, part) in book.parts
        book.parts.add((found.id, part))
        if again and kind == "_once":
            raise PlantUMLSyntaxError(origin.line, f"“{found.name}” is included already.")
        if again and not kind:
            continue  # as PlantUML does
        inside = _inside(found, part, kind == "sub", origin, book)
        whole += yield from _put_together(inside, (*within, (found.id, found.name)), book)
    return whole


def _check(found: Included, within: tuple[tuple[str, str], ...], origin: _Origin) -> None:
    if any(found.id == id for id, _ in within):  # noqa: A001 - the document's
        way = " → ".join([*(name for _, name in within), found.name])
        raise PlantUMLSyntaxError(origin.line, f"“{found.name}” includes itself: {way}.")
    if len(within) >= DEPTH_AT_MOST:
        raise PlantUMLSyntaxError(
            origin.line, f"Documents include each other more than {DEPTH_AT_MOST} levels deep."
        )


def _name_of(target: str) -> str:
    name = target.rpartition("!")[0] if "!" in target else target
    return name.strip().strip('"').removeprefix("./")


def _comment_goes_on(line: str, commented: bool) -> bool:
    """Whether the line after ``line`` is within ``/'`` and ``'/``."""
    if not commented and not line.lstrip().startswith("/'"):
        return False
    return "'/" not in (line if commented else line.lstrip()[2:])


def _inside(found: Included, part: str, sub: bool, origin: _Origin, book: _Book) -> list[_Line]:
    """Return the lines of a document that are included, from ``origin``."""
    parts = book.parts_of(found, origin)
    taken = parts.sub(part) if sub else parts.block(part)
    if taken is None:
        raise PlantUMLSyntaxError(origin.line, f"“{found.name}” has no part “{part}” to include.")
    return [(parts.lines[at], _Origin(origin.line, found.name, at + 1)) for at in taken]


class _Parts:
    """The lines of a document, and which of them are within what another text can include."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self._blocks: list[tuple[str, list[int]]] = []
        self._subs: dict[str, list[int]] = {}
        block: list[int] | None = None
        sub: list[int] | None = None
        for at, line in enumerate(lines):
            if (start := _START.match(line)) is not None:
                block = []
                self._blocks.append((start[1] or "", block))
            elif _END.match(line):
                block = None
            elif block is not None:
                block.append(at)
            if (start := _START_OF_SUB.match(line)) is not None:
                sub = self._subs.setdefault(start[1].strip().lower(), [])
            elif _END_OF_SUB.match(line):
                sub = None
            elif sub is not None:
                sub.append(at)

    def sub(self, part: str) -> Sequence[int] | None:
        """Return what is within ``!startsub part`` and ``!endsub``, everywhere."""
        return self._subs.get(part.lower())

    def block(self, part: str) -> Sequence[int] | None:
        """Return what is within ``@start…`` and ``@end…``: the first, or the one of number or id ``part``."""
        blocks = self._blocks
        if not part:
            return blocks[0][1] if blocks else range(len(self.lines))
        if part.isascii() and part.isdigit():
            number = part.lstrip("0") or "0"
            return blocks[int(number)][1] if len(number) <= 9 and int(number) < len(blocks) else None
        return next((taken for id, taken in blocks if id == part), None)  # noqa: A001 - PlantUML's word

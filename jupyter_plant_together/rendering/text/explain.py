"""What the engine's answer means (labextension/src/render/diagnose.ts and explain.ts are its twins).

A syntax error arrives as a picture of an error page, through the success callback.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import PlantTogetherError, PlantUMLSyntaxError, UnsupportedDiagram
from ...shared import patterns, sentence, table
from ..engine.process import RenderFailed
from .blocks import Page, stripped
from .wording import failure_in_words, in_words

_ANSWERS = table("answers")
_PATTERNS = patterns("answers")
_MISSING_TYPES: dict[str, str] = _ANSWERS["missingTypes"]
_ENTITIES: dict[str, str] = _ANSWERS["entities"]
_ENTITY = re.compile("|".join(_ENTITIES))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine said: a picture, or the text of an exception."""

    svg: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with a picture: ``line`` is 1-based in the block, ``complaints`` are the engine's."""

    kind: str
    line: int | None
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caution:
    """What is drawn, but not as the author will expect; ``line`` is 1-based in the whole text."""

    line: int | None
    message: str


def missing_type(page: Page) -> str | None:
    """Return the name of a type that the engine lacks, read from the text alone."""
    if page.kind in _MISSING_TYPES:
        return _MISSING_TYPES[page.kind]
    first = next((line for line in page.lines[1:] if stripped(line)), "")
    return _MISSING_TYPES["salt"] if _PATTERNS["salt"].search(first) else None


def error_of(answer: Answer, page: Page) -> PlantTogetherError | None:
    """Return the error that an answer means, with lines of the whole text; None for a picture."""
    diagnosis = None if answer.error is not None else _diagnosis(answer.svg)
    if diagnosis is None and answer.error is None:
        return None
    missing = missing_type(page)
    if missing is None and diagnosis is not None and diagnosis.kind == "unsupported":
        missing = page.kind
    if missing is not None:
        return _not_drawn("typeNotDrawn", missing, page, 1)
    line = None if diagnosis is None else diagnosis.line
    blamed = page.lines[line - 1] if line is not None and 0 < line <= len(page.lines) else ""
    library = _PATTERNS["library"].search(blamed)
    if library is not None:
        return _not_drawn("libraryMissing", library[1], page, line)
    if _PATTERNS["jarSprite"].search(blamed):
        return _not_drawn("typeNotDrawn", sentence("jarSprites"), page, line)
    if answer.error is not None:
        if _PATTERNS["overflow"].search(answer.error):
            return RenderFailed(sentence("tooDeep"))
        return PlantUMLSyntaxError(None, failure_in_words(answer.error))
    assert diagnosis is not None  # or there would be an error
    if diagnosis.kind == "data":
        return PlantUMLSyntaxError(page.line_in_text(line), sentence("notValidData", page.kind.upper()))
    said = dict.fromkeys(in_words(complaint) for complaint in diagnosis.complaints)
    return PlantUMLSyntaxError(page.line_in_text(line), " ".join(said))


def cautions(page: Page) -> list[Caution]:
    """Return what is drawn, but not as the author will expect, read from the text alone."""
    found = []
    if page.unclosed:
        found.append(Caution(page.line_in_text(1), sentence("endMissing", page.kind)))
    formula = next((n for n, line in enumerate(page.lines, 1) if _PATTERNS["formula"].search(line)), None)
    if formula is not None:
        message = sentence("typeNotDrawn", sentence("formulas"))
        found.append(Caution(page.line_in_text(formula), message))
    return found


def _not_drawn(name: str, what: str, page: Page, line: int | None) -> UnsupportedDiagram:
    return UnsupportedDiagram(sentence(name, what), line=page.line_in_text(line))


def _diagnosis(svg: str) -> Diagnosis | None:
    if _PATTERNS["errorPage"].search(svg):
        where = _PATTERNS["where"].search(svg)
        said = [stripped(_unescaped(text)) for text in _PATTERNS["complaint"].findall(svg)]
        complaints = tuple(dict.fromkeys(text.replace("\u00a0", " ") for text in said if text))
        return Diagnosis("syntax", int(where[2]) if where else None, complaints or ("Syntax Error?",))
    if _PATTERNS["unsupported"].search(svg):
        return Diagnosis("unsupported", 1)
    if _PATTERNS["badData"].search(svg):
        return Diagnosis("data", 2)
    return None


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], text)

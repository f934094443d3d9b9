"""What the engine's answer means (labextension/src/render/diagnose.ts and explain.ts are its twins).

A syntax error arrives as a picture of an error page, through the success callback.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from ...errors import PlantTogetherError, PlantUMLSyntaxError, UnsupportedDiagram
from ..engine.process import RenderFailed
from .blocks import Page
from .wording import failure_in_words, in_words

_ERROR_PAGE = re.compile(
    r'<svg[^>]*><defs/><g><text [^>]*fill="#33FF02"[^>]*>PlantUML version ', re.IGNORECASE
)
_WHERE = re.compile(r">\[From ([^<]*?) \(line (\d+)\) \]<")
_RED = re.compile(r'fill="#FF0000"[^>]*>([^<]*)<')
_UNSUPPORTED = ">Diagram not supported by this release of PlantUML<"
_BAD_DATA = ">Your data does not sound like "
_OVERFLOW = re.compile(r"Maximum call stack|too much recursion", re.IGNORECASE)

_LIBRARY = re.compile(r"\s*!include(?:_many|_once|sub)?\s*<([^/>]+)", re.IGNORECASE)
_JAR_SPRITE = re.compile(r"\s*sprite\b.*\bjar:", re.IGNORECASE)
_SALT = re.compile(r"\s*salt\b", re.IGNORECASE)
MISSING_TYPES = {
    "salt": "Salt (wireframe)",
    "ditaa": "Ditaa",
    "dot": "DOT (Graphviz)",
    "chen": "Chen entity-relationship",
    "chronology": "Chronology",
    "files": "Files",
    "git": "Git",
    "board": "Board",
    "wire": "Wire",
    "hcl": "HCL",
    "math": "Math (AsciiMath)",
    "latex": "LaTeX",
    "sudoku": "Sudoku",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine said: a picture, or the text of an exception."""

    svg: str
    error: str | None


def missing_type(page: Page) -> str | None:
    """Return the name of a type that the engine lacks, read from the text alone."""
    if page.kind in MISSING_TYPES:
        return MISSING_TYPES[page.kind]
    first = next((line for line in page.lines[1:] if line.strip()), "")
    return MISSING_TYPES["salt"] if _SALT.match(first) else None


def unsupported(what: str) -> UnsupportedDiagram:
    """Return the error for what the engine lacks, with what could draw it."""
    return UnsupportedDiagram(
        f"The built-in engine does not draw this type: {what}. A PlantUML server or the PlantUML jar can."
    )


def problem(answer: Answer, page: Page) -> PlantTogetherError | None:
    """Return the error that an answer means, with lines of the whole text; None for a picture."""
    finding = None if answer.error is not None else _finding(answer.svg, page)
    if finding is None and answer.error is None:
        return None
    line, complaints = finding or (None, [])
    missing = missing_type(page)
    if missing is None and _UNSUPPORTED in answer.svg:
        missing = page.kind
    if missing is not None:
        return unsupported(missing)
    blamed = page.lines[line - 1] if line is not None and 0 < line <= len(page.lines) else ""
    library = _LIBRARY.match(blamed)
    if library is not None:
        return UnsupportedDiagram(
            f"The library <{library[1]}> is not part of the built-in engine. A PlantUML server or the "
            "PlantUML jar has it.",
            line=page.line_in_text(line),
        )
    if _JAR_SPRITE.match(blamed):
        return unsupported("sprites of the jar")
    if answer.error is not None:
        if _OVERFLOW.search(answer.error):
            return RenderFailed(
                "The diagram has too many parts, or too many levels, for the built-in engine."
            )
        return PlantUMLSyntaxError(None, failure_in_words(answer.error))
    said = list(dict.fromkeys(in_words(complaint) for complaint in complaints))
    return PlantUMLSyntaxError(page.line_in_text(line), " ".join(said))


def _finding(svg: str, page: Page) -> tuple[int | None, list[str]] | None:
    """Return the 1-based line in the block and the complaints of an error page."""
    if _ERROR_PAGE.match(svg):
        where = _WHERE.search(svg)
        said = [html.unescape(text).replace("\u00a0", " ").strip() for text in _RED.findall(svg)]
        said = [text for text in dict.fromkeys(said) if text]
        return (int(where[2]) if where else None), said or ["Syntax Error?"]
    if _UNSUPPORTED in svg:
        return 1, []
    if _BAD_DATA in svg:
        return 2, [f"This is not valid {page.kind.upper()}."]
    return None

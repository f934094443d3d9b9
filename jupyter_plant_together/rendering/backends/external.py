"""What draws besides the built-in engine: the port, and what is true of every such backend.

A backend gets one page and answers with the SVG as it comes, or with an error whose line is the page's. The
text was written by strangers and the backend's defences are its own, so a page that would read something is
refused here, too; what comes back is cleaned (``clean``) and believed as little as the engine's.
"""

from __future__ import annotations

import re
from typing import Protocol

from ...errors import LimitExceeded, PlantUMLSyntaxError
from ..engine.process import RenderFailed
from ..svg.clean import NotAPicture, cleaned
from ..svg.inert import is_inert
from ..text.blocks import Page
from ..text.wording import in_words

SVG_AT_MOST = 20_000_000  # bytes
# Lines that make PlantUML read something else than a library of its own.
_INCLUDES = re.compile(r"\s*!\s*(?:include\w*|import)\b", re.IGNORECASE)
_LIBRARY = re.compile(r"<[a-z0-9_][\w.-]*(?:/[\w .-]+)*>", re.IGNORECASE)
_THEME_FROM = re.compile(r"\s*!\s*theme\b.*\sfrom\s", re.IGNORECASE)
_PAPER = '<rect width="100%" height="100%" fill="#FFFFFF"/>'
_ROOT = re.compile(r"<svg\b[^>]*>")


class ExternalBackend(Protocol):
    """A drawing backend; used by ``concurrency`` threads at most at once."""

    @property
    def concurrency(self) -> int:
        """How many drawings may be under way at once."""

    def draw(self, page: Page) -> bytes:
        """Return the page's SVG as it comes.

        Raises
        ------
        PlantTogetherError
            If it cannot be drawn; of a PlantUMLSyntaxError the line is the page's.
        """

    def close(self) -> None:
        """End what runs, also while another thread waits for it."""


def picture(backend: ExternalBackend, page: Page, *, dark: bool) -> str:
    """Return an inert picture of the page.

    These pictures have light paper also where the page is dark: not every backend knows dark ones.

    Raises
    ------
    PlantTogetherError
        If it cannot be drawn; lines are the whole text's.
    """
    _refuse_reading(page)
    data = backend.draw(page)
    try:
        svg = cleaned(data)
    except NotAPicture as error:
        raise RenderFailed(f"What the drawing backend answered is no picture: {error}.") from None
    if not is_inert(svg):
        raise RenderFailed("The picture holds what no picture may hold, so it is not shown.")
    return _ROOT.sub(lambda root: root[0] + _PAPER, svg, count=1) if dark else svg


def syntax_error(page: Page, line: int | None, said: list[str]) -> PlantUMLSyntaxError:
    """Return the error of a backend's complaints about the page's line."""
    words = list(dict.fromkeys(in_words(one) for one in said if one.strip()))
    return PlantUMLSyntaxError(page.line_in_text(line), " ".join(words) or "This line is not understood.")


def too_large() -> LimitExceeded:
    """Return the error for a picture that is beyond use."""
    return LimitExceeded(
        f"The picture is larger than the limit of {SVG_AT_MOST:,} bytes.", limit="picture_size"
    )


def _refuse_reading(page: Page) -> None:
    for number, line in enumerate(page.lines, 1):
        if _reads(line):
            raise PlantUMLSyntaxError(
                page.line_in_text(number),
                "Only documents of the same room, and libraries in <…>, can be included.",
            )


def _reads(line: str) -> bool:
    if not line.lstrip().startswith("!"):
        return False
    included = _INCLUDES.match(line)
    if included is not None and _LIBRARY.fullmatch(line[included.end() :].strip()) is None:
        return True
    return _THEME_FROM.match(line) is not None or _climbs(line)


def _climbs(line: str) -> bool:
    """Whether something in ``<…>`` goes up in folders."""
    return any(".." in piece.partition("<")[2] for piece in line.split(">")[:-1])

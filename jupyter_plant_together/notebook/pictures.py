"""Pictures of a document, drawn in this process: ``svg``, ``png``, ``save``, and their twins for ``aio``.

The text is the one that this connection has; neither server nor network is asked, but for documents that it
includes.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from ..rendering.render import PNG, SVG
from ..rendering.text.includes import includes
from ..shared import table
from ..util.atomic_file import write_whole
from .base_document import BaseDocument
from .drawing import draw, draw_async

_PICTURES = ("svg", "png", "pdf")
_TEXTS = tuple(extension.removeprefix(".") for extension in table("names")["textExtensions"])


class Pictures(BaseDocument):
    """What :class:`Document` has of pictures."""

    def svg(self, *, dark: bool = False, page: int = 0) -> SVG:
        """Draw the document as it is now; the last line of a cell shows it.

        Parameters
        ----------
        dark
            Whether the picture is for a dark page.
        page
            Which of the text's diagrams and pages, from 0.

        Raises
        ------
        PlantUMLSyntaxError
            If the text has an error; ``line`` is 1-based.
        UnsupportedDiagram, RenderTimeout, LimitExceeded
            If it cannot be drawn here, or not within the limits.
        Disconnected
            If it includes other documents of the room, and the server does not answer.

        Examples
        --------
        >>> doc.svg()[:4]
        '<svg'
        """
        return SVG(self._draw("svg", dark=dark, page=page).decode())

    def png(self, *, dark: bool = False, page: int = 0, scale: float = 2.0) -> PNG:
        """Draw the document as it is now, with ``scale`` pixels for one unit; raises as ``svg`` does.

        Examples
        --------
        >>> doc.png()[:4]
        b'\\x89PNG'
        """
        return PNG(self._draw("png", dark=dark, page=page, scale=scale))

    def save(self, path: str | os.PathLike[str], *, dark: bool = False, page: int = 0) -> Path:
        """Write the document into a file: a picture (``.svg``, ``.png``, ``.pdf``) or its text (``.puml``).

        The file is replaced as a whole; nothing is written if the text cannot be drawn. Returns its path.

        Raises
        ------
        ValueError
            If the file's name ends in something else.
        OSError
            If the file cannot be written.
        PlantUMLSyntaxError, UnsupportedDiagram, RenderTimeout, LimitExceeded
            As ``svg``.

        Examples
        --------
        >>> doc.save("login.svg")
        PosixPath('login.svg')
        """
        target, kind = _target(path)
        if kind in _PICTURES:
            data = self._draw(kind, dark=dark, page=page)
        else:
            data = self.source.encode(errors="replace")
        write_whole(target, data)
        return target

    def _draw(self, kind: str, **how: Any) -> bytes:
        if includes(self.source):
            self._not_in_transaction("Reading what a document includes")
        return draw(self, self._worker, (self._room._server, self._room.id), kind, **how)


class AsyncPictures(BaseDocument):
    """The same for ``aio``: the methods are coroutines."""

    async def svg(self, *, dark: bool = False, page: int = 0) -> SVG:
        """Draw the document as it is now; raises as the blocking twin does."""
        return SVG((await self._draw("svg", dark=dark, page=page)).decode())

    async def png(self, *, dark: bool = False, page: int = 0, scale: float = 2.0) -> PNG:
        """Draw the document as it is now; raises as the blocking twin does."""
        return PNG(await self._draw("png", dark=dark, page=page, scale=scale))

    async def save(self, path: str | os.PathLike[str], *, dark: bool = False, page: int = 0) -> Path:
        """Write a picture or the text into a file; raises as the blocking twin does."""
        target, kind = _target(path)
        if kind in _PICTURES:
            data = await self._draw(kind, dark=dark, page=page)
        else:
            data = self.source.encode(errors="replace")
        await asyncio.to_thread(write_whole, target, data)
        return target

    async def _draw(self, kind: str, **how: Any) -> bytes:
        return await draw_async(self, self._worker, (self._room._server, self._room.id), kind, **how)


def _target(path: str | os.PathLike[str]) -> tuple[Path, str]:
    target = Path(path)
    kind = target.suffix[1:].lower()
    if kind not in (*_PICTURES, *_TEXTS):
        raise ValueError(f"“{target.name}” must end in .svg, .png, .pdf or .puml, which says what is saved.")
    return target, kind

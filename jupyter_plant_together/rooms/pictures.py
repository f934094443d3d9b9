"""Pictures of texts, for what makes many of them one after the other.

Finding a text's pages is work for a thread; drawing is done by the renderer's processes. Where many others
want pictures just now, it is tried again for a while: nobody stands and waits for one of these.
"""

from __future__ import annotations

import asyncio

from ..errors import PlantTogetherError, Unavailable
from ..rendering.renderer import Renderer
from ..rendering.text.blocks import split_pages
from ..rendering.text.includes import Expanded
from ..store.port import Document
from .identity import Principal
from .include_resolver import IncludeResolver

KINDS = ("svg", "png")
_TRIES = 10
_PAUSE = 1.0  # seconds


class Pictures:
    """Draws with a renderer.

    Parameters
    ----------
    renderer
        Makes the pictures.
    include_resolver
        Puts texts together.
    """

    def __init__(self, renderer: Renderer, include_resolver: IncludeResolver) -> None:
        self._renderer = renderer
        self._include_resolver = include_resolver

    async def whole(self, who: Principal, document: Document, text: str) -> Expanded:
        """Return the text of a document with what it includes, as ``who`` may see it."""
        room = f"~{document.room_id}"
        return await self._include_resolver.expand(who, room, text, id=document.id, name=document.name)

    async def count(self, whole: Expanded) -> int:
        """Return how many pictures a text has."""
        return len(await asyncio.to_thread(split_pages, whole.text))

    async def draw(self, whole: Expanded, kind: str, page: int, user: str) -> bytes:
        """Return one picture of a text as ``svg`` or ``png``, for a user; raises what the renderer raises."""
        tries = _TRIES
        while True:
            try:
                return await asyncio.wrap_future(
                    await asyncio.to_thread(self._renderer.submit, whole.text, kind, page=page, user=user)
                )
            except Unavailable:
                tries -= 1
                if not tries:
                    raise
            except PlantTogetherError as error:
                raise whole.blamed(error) from None
            await asyncio.sleep(_PAUSE)

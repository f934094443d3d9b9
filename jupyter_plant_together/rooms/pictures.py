"""Pictures of texts, for what makes many of them one after the other.

Finding a text's pages is work for a thread; drawing is done by the renderer's processes. Where many others
want pictures just now, it is tried again for a while: nobody stands and waits for one of these.
"""

from __future__ import annotations

import asyncio

from ..errors import Unavailable
from ..rendering.blocks import split_pages
from ..rendering.renderer import Renderer

KINDS = ("svg", "png")
_TRIES = 10
_PAUSE = 1.0  # seconds


class Pictures:
    """Draws with a renderer.

    Parameters
    ----------
    renderer
        Makes the pictures.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def count(self, text: str) -> int:
        """Return how many pictures a text has."""
        return len(await asyncio.to_thread(split_pages, text))

    async def draw(self, text: str, kind: str, page: int, user: str) -> bytes:
        """Return one picture of a text as ``svg`` or ``png``, for a user; raises what the renderer raises."""
        tries = _TRIES
        while True:
            try:
                return await asyncio.wrap_future(
                    await asyncio.to_thread(self._renderer.submit, text, kind, page=page, user=user)
                )
            except Unavailable:
                tries -= 1
                if not tries:
                    raise
            await asyncio.sleep(_PAUSE)

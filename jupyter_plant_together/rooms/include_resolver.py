"""Puts together texts with the documents that they include, for the pictures that a server makes.

A text reaches the documents of its own room and nothing else, as whoever asks may see them.
"""

from __future__ import annotations

import asyncio

from ..errors import BadName, DocumentNotFound
from ..limits import Limits
from ..live.registry import Registry
from ..rendering.text.includes import Expanded, Included, advance, expanding
from .identity import Principal
from .service import RoomService


class IncludeResolver:
    """See the module's text.

    Parameters
    ----------
    rooms
        Knows documents and who may see them.
    live
        Has the texts.
    limits
        Bound the whole.
    """

    def __init__(self, rooms: RoomService, live: Registry, limits: Limits) -> None:
        self._rooms = rooms
        self._live = live
        self._limits = limits

    async def expand(
        self,
        who: Principal,
        room: str,
        text: str,
        *,
        id: str = "",  # noqa: A002 - the document's
        name: str = "",
    ) -> Expanded:
        """Return ``text``, of the document ``id`` called ``name`` if it is one, with all it includes.

        Raises
        ------
        PlantUMLSyntaxError, LimitExceeded
            If it includes itself, or too much.
        RoomNotFound
            If it includes something, and ``who`` may not know of the room.
        """
        expansion = expanding(text, self._limits.max_source_size, id=id, name=name)
        # Reading a text line by line is no work for the event loop.
        step = await asyncio.to_thread(advance, expansion)
        while isinstance(step, str):
            step = await asyncio.to_thread(advance, expansion, await self._find(who, room, step))
        return step

    async def _find(self, who: Principal, room: str, name: str) -> Included | None:
        try:
            found = await self._rooms.document(who, room, name)
        except (BadName, DocumentNotFound):
            return None
        async with self._live.use(found.id) as live:
            return Included(found.id, found.name, live.text())

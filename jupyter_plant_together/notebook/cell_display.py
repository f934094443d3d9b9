"""How a document shows itself as the last line of a cell: live in JupyterLab, as picture and text elsewhere.

The live view is a MIME type of our labextension and holds ids only: it needs no kernel, and it shows the
document as it is when the notebook is opened, to those who may see it. Names are there for people. The
picture is the one of the cell's run; it is left out where the text cannot be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import PlantTogetherError
from .base_document import BaseDocument
from .drawing import draw

MIME_TYPE = "application/vnd.plant-together.document+json"


class CellDisplay(BaseDocument):
    """What :class:`Document` shows of itself."""

    def _repr_mimebundle_(
        self, include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
    ) -> dict[str, Any]:
        room = self._room
        shown: dict[str, Any] = {
            MIME_TYPE: {"room_id": room.id, "id": self.id, "room": self.room, "document": self.name},
            "text/plain": f"{self!r}\n{self.source}",
        }
        try:
            shown["image/svg+xml"] = draw(self, room._worker, (room._server, room.id), "svg").decode()
        except PlantTogetherError:
            pass  # the text says it all
        return shown

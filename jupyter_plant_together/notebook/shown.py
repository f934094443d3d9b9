"""How a document shows itself as the last line of a cell: live in JupyterLab, as picture and text elsewhere.

The live view is a MIME type of our labextension and holds ids only: it needs no kernel, and it shows the
document as it is when the notebook is opened, to those who may see it. Names are there for people. The
picture is the one of the cell's run; it is left out where the text cannot be drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import PlantTogetherError
from ..rendering.simple import default_renderer

if TYPE_CHECKING:
    from .basedocument import BaseDocument

MIME_TYPE = "application/vnd.plant-together.document+json"


def bundle(document: BaseDocument, room_id: str) -> dict[str, Any]:
    """Return the MIME bundle of ``document``, of the room with this id."""
    shown: dict[str, Any] = {
        MIME_TYPE: {
            "room_id": room_id,
            "id": document.id,
            "room": document.room,
            "document": document.name,
        },
        "text/plain": f"{document!r}\n{document.source}",
    }
    try:
        shown["image/svg+xml"] = default_renderer().submit(document.source).result().decode()
    except PlantTogetherError:
        pass  # the text says it all
    return shown

"""How a document shows itself as the last line of a cell: live in JupyterLab, as picture and text elsewhere.

The live view is a MIME type of our labextension and holds ids only: it needs no kernel, and it shows the
document as it is when the notebook is opened, to those who may see it. Names are there for people. The
picture is the one of the cell's run; it is left out where the text cannot be drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import PlantTogetherError
from .inclusion import picture

if TYPE_CHECKING:
    from .basedocument import BaseDocument
    from .baseroom import BaseRoom

MIME_TYPE = "application/vnd.plant-together.document+json"


def bundle(document: BaseDocument, room: BaseRoom[Any]) -> dict[str, Any]:
    """Return the MIME bundle of ``document``, which is in ``room``."""
    shown: dict[str, Any] = {
        MIME_TYPE: {
            "room_id": room.id,
            "id": document.id,
            "room": document.room,
            "document": document.name,
        },
        "text/plain": f"{document!r}\n{document.source}",
    }
    try:
        shown["image/svg+xml"] = picture(document, room.worker, (room.server, room.id), "svg").decode()
    except PlantTogetherError:
        pass  # the text says it all
    return shown

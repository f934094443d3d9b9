"""Pictures of a document with the documents that it includes, drawn in this process.

Included documents are read from the server, as it lets this connection; a text that includes nothing asks
nobody.
"""

from __future__ import annotations

import asyncio
import io
from typing import Any

from ..errors import BadRequest, NotFound, PlantTogetherError
from ..rendering.render import default_renderer
from ..rendering.text.includes import Expanded, Included, advance, expanding, includes
from .base_document import BaseDocument
from .client.rest import Server
from .client.worker import Worker


def draw(document: BaseDocument, worker: Worker, place: tuple[Server, str], kind: str, **how: Any) -> bytes:
    """Draw ``document`` of the room at ``place``; waits for the server if it includes others."""
    text = document.source
    whole = worker.run(_expanded(document, place, text)) if includes(text) else Expanded(text)
    try:
        return default_renderer().submit(whole.text, kind, **how).result()
    except PlantTogetherError as error:
        raise whole.blamed(error) from None


async def draw_async(
    document: BaseDocument, worker: Worker, place: tuple[Server, str], kind: str, **how: Any
) -> bytes:
    """Draw ``document``, as :func:`draw` does, for a caller with an event loop."""
    text = document.source
    whole = Expanded(text)
    if includes(text):
        whole = await asyncio.wrap_future(worker.submit(_expanded(document, place, text)))
    try:
        return await asyncio.wrap_future(default_renderer().submit(whole.text, kind, **how))
    except PlantTogetherError as error:
        raise whole.blamed(error) from None


async def _expanded(document: BaseDocument, place: tuple[Server, str], text: str) -> Expanded:
    expansion = expanding(
        text, default_renderer().settings.max_source_size, id=document.id, name=document.name
    )
    step = advance(expansion)
    while isinstance(step, str):
        step = advance(expansion, await _find(place, step))
    return step


async def _find(place: tuple[Server, str], name: str) -> Included | None:
    server, room_id = place
    if "/" in name or name.startswith("."):
        return None  # no document's name
    path = ("rooms", f"~{room_id}", "documents")
    try:
        info = await server.request("GET", *path, name)
        text = io.BytesIO()
        await server.download(text, *path, f"~{info['id']}", "source")
    except (NotFound, BadRequest):
        return None
    return Included(info["id"], info["name"], text.getvalue().decode())

"""REST for documents and their text.

The text is read from and written to the live document, so that whoever has it open sees a PUT as an edit,
with cursors where they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tornado import web

from ..errors import BadRequest, LimitExceeded, PreconditionFailed
from ..limits import Limits
from ..rooms.guard import etag
from ..rooms.policy import Right
from ..rooms.source_text import normalised
from ..store.port import Document
from ..util.rfc3339 import rfc3339
from .base import PlantHandler, json_with_text
from .body import SMALL


def document_json(document: Document) -> dict[str, Any]:
    """Return the JSON of a document."""
    return {
        "id": document.id,
        "name": document.name,
        "room": document.room,
        "room_id": document.room_id,
        "epoch": document.epoch,
        "created_by": document.created_by,
        "created_at": rfc3339(document.created_at),
        "updated_at": rfc3339(document.updated_at),
        "deleted_at": rfc3339(document.deleted_at),
    }


def text_etag(text: str) -> str:
    """Return the entity tag of a text."""
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


class DocumentsHandler(PlantHandler):
    """``rooms/{room}/documents``."""

    def body_limit(self, limits: Limits) -> tuple[int, LimitExceeded]:
        """Return the limit of a body with a text."""
        return json_with_text(limits)

    @web.authenticated
    async def get(self, room: str) -> None:
        """List a room's documents."""
        arguments = self.page_arguments()
        documents, following = await self.services.rooms.documents(self.principal, room, **arguments)
        items: Sequence[Mapping[str, Any]] = [document_json(document) for document in documents]
        if arguments["deleted"]:
            items = await self.with_deleters(items, {document.room_id for document in documents})
        self.answer({"items": items, "next": following})

    @web.authenticated
    async def post(self, room: str) -> None:
        """Make a document, with a text if the body gives one."""
        body = self.json_body(name=str, source=str)
        if "name" not in body:
            raise BadRequest("The field “name” is missing.")
        created = await self.services.rooms.create_document(
            self.principal, room, body["name"], source=body.get("source")
        )
        self.set_header("Location", f"{self.request.path.rstrip('/')}/~{created.id}")
        self.answer(document_json(created), 201, etag=etag(created))


class DocumentHandler(PlantHandler):
    """``rooms/{room}/documents/{document}``."""

    @web.authenticated
    async def get(self, room: str, document: str) -> None:
        """Look at a document."""
        found = await self.services.rooms.document(self.principal, room, document)
        self.answer(document_json(found), etag=etag(found))

    @web.authenticated
    async def patch(self, room: str, document: str) -> None:
        """Rename a document."""
        body = self.json_body(name=str)
        if "name" not in body:
            raise BadRequest("The field “name” is missing.")
        renamed = await self.services.rooms.rename_document(
            self.principal, room, document, name=body["name"], if_match=self.if_match()
        )
        self.answer(document_json(renamed), etag=etag(renamed))

    @web.authenticated
    async def delete(self, room: str, document: str) -> None:
        """Delete a document; it can be restored."""
        await self.services.rooms.delete_document(self.principal, room, document, if_match=self.if_match())
        self.set_status(204)


class DocumentRestoreHandler(PlantHandler):
    """``rooms/{room}/documents/{document}/restore``."""

    @web.authenticated
    async def post(self, room: str, document: str) -> None:
        """Undo a deletion, under another name if the body gives one."""
        body = self.json_body(name=str)
        restored = await self.services.rooms.restore_document(self.principal, room, document, **body)
        self.answer(document_json(restored), etag=etag(restored))


async def text_asked_for(handler: PlantHandler, room: str, document: str) -> tuple[Document, str]:
    """Return a document and its text: now, in the ``version`` or after the row ``at`` of the query."""
    version, at = handler.get_query_argument("version", ""), handler.number("at")
    services, who = handler.services, handler.principal
    found = await services.rooms.document(who, room, document)
    if version:
        return found, (await services.history.version_text(who, room, document, version))[1]
    if at is not None:
        return found, await services.history.text_at(who, room, document, at)
    async with services.live.use(found.id) as live:
        return found, live.text()


class SourceHandler(PlantHandler):
    """``rooms/{room}/documents/{document}/source``."""

    def body_limit(self, limits: Limits) -> tuple[int, LimitExceeded]:
        """Return the limit of a text, whose line ends may be two bytes."""
        return 2 * limits.max_source_size + SMALL, limits.exceeded("max_source_size", "The text")

    @web.authenticated
    async def get(self, room: str, document: str) -> None:
        """Read the text: now, in a version, or after the row ``at``."""
        _, text = await text_asked_for(self, room, document)
        self.set_header("Etag", text_etag(text))
        self.set_header("Cache-Control", "no-cache")
        if self.check_etag_header():
            self.set_status(304)
            return
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(text)

    @web.authenticated
    async def put(self, room: str, document: str) -> None:
        """Make the text what the body says, by the least difference; durable when it answers 204 (A8)."""
        wanted = self.if_match()
        text = normalised(self._text(), self.services.limits)
        found = await self.services.rooms.document(self.principal, room, document, right=Right.EDIT)
        async with self.services.live.use(found.id) as live:

            async def checked(_state: bytes) -> str:
                if wanted is not None and "*" not in wanted and text_etag(live.text()) not in wanted:
                    raise PreconditionFailed(
                        f"The text of “{found.name}” was changed meanwhile; read it again."
                    )
                return text

            saved = await live.edit(checked, self.principal.subject)
        if saved:
            self.set_header("Etag", text_etag(text))
        self.answer_edit(None, saved=saved)

    def _text(self) -> str:
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadRequest("The body must be text in UTF-8.") from None

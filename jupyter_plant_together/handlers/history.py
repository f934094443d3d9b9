"""REST for a document's past: timeline, authors, versions, and the ways back."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from tornado import web

from ..errors import BadRequest
from ..rooms.history import EditSession
from ..store.port import Version
from ..util.rfc3339 import rfc3339
from .base import PlantHandler


def edit_session_json(edit_session: EditSession) -> dict[str, Any]:
    """Return the JSON of an edit session."""
    return {
        "author": edit_session.author,
        "first": edit_session.first,
        "last": edit_session.last,
        "begin": rfc3339(edit_session.begin),
        "end": rfc3339(edit_session.end),
        "size": edit_session.size,
        "rows": edit_session.rows,
    }


def version_json(version: Version) -> dict[str, Any]:
    """Return the JSON of a version."""
    return {
        "id": version.id,
        "document": version.document,
        "name": version.name,
        "seq": version.seq,
        "by": version.by,
        "at": rfc3339(version.at),
    }


class TimelineHandler(PlantHandler):
    """``…/timeline``."""

    @web.authenticated
    async def get(self, room: str, document: str) -> None:
        """List edit sessions, the newest first."""
        limit = self.page_arguments()["limit"]
        before = self.number("cursor")
        found, following = await self.services.history.timeline(
            self.principal, room, document, before=before, limit=limit
        )
        items = [edit_session_json(edit_session) for edit_session in found]
        self.answer({"items": items, "next": None if following is None else str(following)})


class AuthorsHandler(PlantHandler):
    """``…/authors``."""

    @web.authenticated
    async def get(self, room: str, document: str) -> None:
        """Say who wrote the text, now or after the row ``at``; lengths are UTF-16 units."""
        text, runs = await self.services.history.authors(
            self.principal, room, document, seq=self.number("at")
        )
        found = [{"author": one.author, "length": one.units, "at": rfc3339(one.at)} for one in runs]
        self.answer({"source": text, "runs": found})


class VersionsHandler(PlantHandler):
    """``…/versions``."""

    @web.authenticated
    async def get(self, room: str, document: str) -> None:
        """List the named points, the newest first."""
        found = await self.services.history.versions(self.principal, room, document)
        self.answer({"items": [version_json(version) for version in found], "next": None})

    @web.authenticated
    async def post(self, room: str, document: str) -> None:
        """Name a point: now, or after the row ``seq``."""
        body = self.json_body(name=str, seq=int)
        made = await self.services.history.tag(
            self.principal, room, document, name=body.get("name"), seq=body.get("seq")
        )
        self.answer(version_json(made), 201)


class VersionHandler(PlantHandler):
    """``…/versions/{id}``."""

    @web.authenticated
    async def get(self, room: str, document: str, version: str) -> None:
        """Look at a version and its text."""
        found, text = await self.services.history.version_text(self.principal, room, document, version)
        self.answer({**version_json(found), "source": text})


class VersionRestoreHandler(PlantHandler):
    """``…/versions/{id}/restore``."""

    @web.authenticated
    async def post(self, room: str, document: str, version: str) -> None:
        """Make the text what it was in a version, by an ordinary edit."""
        found, saved = await self.services.history.restore(self.principal, room, document, version)
        self.answer_edit(version_json(found), saved=saved)


class RewindHandler(PlantHandler):
    """``…/rewind``."""

    @web.authenticated
    async def post(self, room: str, document: str) -> None:
        """Make the text what it was after the row ``seq``, by an ordinary edit."""
        body = self.json_body(seq=int)
        if "seq" not in body:
            raise BadRequest("The field “seq” is missing.")
        saved = await self.services.history.restore_row(self.principal, room, document, body["seq"])
        self.answer_edit(None, saved=saved)


class RollbackHandler(PlantHandler):
    """``…/rollback``."""

    @web.authenticated
    async def post(self, room: str, document: str) -> None:
        """Take back what an author, or the rows from ``first`` to ``last``, did; or say how."""
        body = self.json_body(author=str, first=int, last=int, preview=bool)
        done = await self.services.history.rollback(self.principal, room, document, **body)
        made = {} if done.update is None else {"update": b64encode(done.update).decode()}
        self.answer_edit({"source": done.text, **made}, saved=done.saved)


class ForgetHandler(PlantHandler):
    """``…/forget``."""

    @web.authenticated
    async def post(self, room: str, document: str) -> None:
        """Replace the history by the text as it is now, for good."""
        body = self.json_body(confirm=str)
        epoch = await self.services.history.erase_history(
            self.principal, room, document, confirm=body.get("confirm")
        )
        self.answer({"epoch": epoch})


class PurgeHandler(PlantHandler):
    """``…/purge`` of a deleted room or document."""

    @web.authenticated
    async def post(self, room: str, document: str | None = None) -> None:
        """Remove what was deleted, for good."""
        if document is None:
            await self.services.rooms.purge_room(self.principal, room)
        else:
            await self.services.rooms.purge_document(self.principal, room, document)
        self.set_status(204)

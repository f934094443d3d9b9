"""REST for rooms as files: export and import."""

from __future__ import annotations

from urllib.parse import quote

from tornado import web

from ..errors import BadRequest
from ..rooms.transfer import Outcome
from .base import PlantHandler

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


class ExportHandler(PlantHandler):
    """``rooms/{room}/export``."""

    @web.authenticated
    async def get(self, room: str) -> None:
        """Send a room as a zip file; ``?document=`` (repeated) and ``?kinds=puml,svg,png`` choose."""
        kinds = [kind for kind in self.get_query_argument("kinds", "puml").split(",") if kind]
        only = self.get_query_arguments("document")
        name, data = await self.services.transfer.export(self.principal, room, only=only, kinds=kinds)
        self.set_header("Content-Type", "application/zip")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name + '.zip')}")
        self.finish(data)


class ImportHandler(PlantHandler):
    """``rooms/{room}/import``."""

    @web.authenticated
    async def post(self, room: str) -> None:
        """Bring in the body: a zip file, or with ``?name=`` the text of one document."""
        data = self.request.body
        name = self.get_query_argument("name", "")
        if name:
            outcome = await self.services.transfer.import_file(self.principal, room, name, data)
        elif data[:4] in (_ZIP, _EMPTY_ZIP):
            outcome = await self.services.transfer.import_zip(self.principal, room, data)
        else:
            raise BadRequest("The body must be a zip file, or the parameter “name” must name the document.")
        self._answer(outcome)

    def _answer(self, outcome: Outcome) -> None:
        self.answer(
            {
                "created": list(outcome.created),
                "changed": list(outcome.changed),
                "unchanged": list(outcome.unchanged),
            }
        )

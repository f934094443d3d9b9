"""REST for rooms as files: export and import."""

from __future__ import annotations

from urllib.parse import quote

from tornado import web
from tornado.iostream import StreamClosedError

from ..errors import BadRequest
from ..rooms.export import Export
from ..rooms.transfer import Outcome
from ..rooms.zip_files import is_zip
from .base import PlantHandler


class ExportHandler(PlantHandler):
    """``rooms/{room}/export``."""

    @web.authenticated
    async def get(self, room: str) -> None:
        """Send a room as a zip file; ``?document=`` (repeated) and ``?kinds=puml,svg,png,history`` choose."""
        kinds = [kind for kind in self.get_query_argument("kinds", "puml").split(",") if kind]
        only = self.get_query_arguments("document")
        export = await self.services.transfer.export(self.principal, room, only=only, kinds=kinds)
        self.set_header("Content-Type", "application/zip")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(export.name + '.zip')}")
        await self._stream(export)

    async def _stream(self, export: Export) -> None:
        whole = False
        try:
            async for piece in export:
                self.write(piece)
                # Waits where the network is slower than we are, and fails where nobody is there any more,
                # also with an empty piece.
                await self.flush()
            whole = True
        except StreamClosedError:
            self.log.debug("%s: whoever asked went away", self.request.path)
        finally:
            if not whole and self._headers_written:
                self.detach().close()  # an end in good order would look like a whole file
        if whole:
            self.finish()


class ImportHandler(PlantHandler):
    """``rooms/{room}/import``."""

    @web.authenticated
    async def post(self, room: str) -> None:
        """Bring in the body: a zip file, a form of files, or with ``?name=`` the text of one document."""
        data = self.request.body
        name = self.get_query_argument("name", "")
        transfer = self.services.transfer
        if self.request.headers.get("Content-Type", "").startswith("multipart/form-data"):
            parts = [part for parts in self.request.files.values() for part in parts]
            if not parts:
                raise BadRequest("The form has no files.")
            files = [(part.filename, part.body) for part in parts]
            outcome = await transfer.import_files(self.principal, room, files)
        elif name:
            outcome = await transfer.import_file(self.principal, room, name, data)
        elif is_zip("", data):
            outcome = await transfer.import_zip(self.principal, room, data)
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

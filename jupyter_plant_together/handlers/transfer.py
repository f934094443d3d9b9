"""REST for rooms as files: export and import."""

from __future__ import annotations

from urllib.parse import quote

from tornado import web
from tornado.iostream import StreamClosedError

from ..errors import BadRequest, LimitExceeded
from ..limits import Limits
from ..rooms.export import Export
from ..rooms.transfer import Outcome
from ..rooms.zip_files import is_zip
from .base import PlantHandler

_FORM = 1_000_000  # bytes around the files of a form


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

    def body_limit(self, limits: Limits) -> tuple[int, LimitExceeded]:
        """Return the limit of an upload, with what a form puts around its files."""
        return limits.max_upload_size + _FORM, limits.exceeded("max_upload_size", "The upload")

    @web.authenticated
    async def post(self, room: str) -> None:
        """Bring in the body: a zip file, a form of files, or with ``?name=`` the text of one document."""
        name = self.get_query_argument("name", "")
        transfer = self.services.transfer
        if self.request.headers.get("Content-Type", "").startswith("multipart/form-data"):
            parts = self.files()
            if not parts:
                raise BadRequest("The form has no files.")
            files = [(part.filename, part.body) for part in parts]
            outcome = await transfer.import_files(self.principal, room, files)
        elif name:
            outcome = await transfer.import_file(self.principal, room, name, self.body)
        elif is_zip("", self.body):
            outcome = await transfer.import_zip(self.principal, room, self.body)
        else:
            raise BadRequest("The body must be a zip file, or the parameter “name” must name the document.")
        self._answer(outcome)

    def _answer(self, outcome: Outcome) -> None:
        body = {
            "created": list(outcome.created),
            "changed": list(outcome.changed),
            "unchanged": list(outcome.unchanged),
        }
        self.answer_edit(body, saved=not outcome.unsaved)

"""REST for pictures: of a document, and of any text.

A picture's entity tag is the hash of what it is made of, so it is known before anything is drawn: whoever has
the picture gets 304 at no cost. The event loop waits for a future; drawing is in processes of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from tornado import web

from ..errors import BadRequest, LimitExceeded, PlantTogetherError
from ..limits import Limits
from ..rendering.renderer import FORMATS, SCALE
from ..rendering.text.includes import Expanded
from .base import PlantHandler, json_with_text
from .documents import text_asked_for

_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
# A picture that is opened as a page of its own gets no scripts, no origin, no network.
_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a picture is made of, but for the text."""

    format: str
    dark: bool = False
    page: int = 0
    scale: float = SCALE

    def etag(self, text: str, version: str) -> str:
        made_of = f"{version} {self.format} {self.dark:d} {self.page} {self.scale:g} {text}"
        return f'"{hashlib.sha256(made_of.encode(errors="replace")).hexdigest()[:32]}"'


class _PictureHandler(PlantHandler):
    async def _send(self, whole: Expanded, wanted: _Wanted) -> None:
        try:
            picture = await asyncio.wrap_future(
                self.services.renderer.submit(
                    whole.text,
                    wanted.format,
                    dark=wanted.dark,
                    page=wanted.page,
                    scale=wanted.scale,
                    user=self.bounded_as,
                )
            )
        except PlantTogetherError as error:
            raise whole.blamed(error) from None
        self.set_header("Content-Type", _TYPES[wanted.format])
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(picture)


class ImageHandler(_PictureHandler):
    """``rooms/{room}/documents/{document}/image.{svg,png,pdf}``."""

    @web.authenticated
    async def get(self, room: str, document: str, format: str) -> None:  # noqa: A002 - the API's word
        """Draw the document as it is now, in a version, or after the row ``at``."""
        wanted = self._wanted(format)
        found, text = await text_asked_for(self, room, document)
        whole = await self.services.include_resolver.expand(
            self.principal, room, text, id=found.id, name=found.name
        )
        self.set_header("Etag", wanted.etag(whole.text, self.services.version))
        # Only the person who asked may keep it, and asks each time whether it still is the one.
        self.set_header("Cache-Control", "private, no-cache")
        if self.check_etag_header():
            self.set_status(304)
            return
        # The viewers of browsers refuse a PDF that is in a sandbox.
        kind = "attachment" if format == "pdf" else "inline"
        name = quote(f"{found.name.removesuffix('.puml')}.{format}", safe="")
        self.set_header("Content-Disposition", f"{kind}; filename*=UTF-8''{name}")
        await self._send(whole, wanted)

    def _wanted(self, format: str) -> _Wanted:  # noqa: A002 - the API's word
        dark = self.get_query_argument("dark", "false")
        if dark not in ("true", "false"):
            raise BadRequest("The parameter “dark” must be true or false.")
        try:
            scale = float(self.get_query_argument("scale", str(SCALE)))
        except ValueError:
            raise BadRequest("The parameter “scale” must be a number.") from None
        return _Wanted(format, dark == "true", self.number("page") or 0, scale)


class RenderHandler(_PictureHandler):
    """``render``."""

    def body_limit(self, limits: Limits) -> tuple[int, LimitExceeded]:
        """Return the limit of a body with a text."""
        return json_with_text(limits)

    @web.authenticated
    async def post(self) -> None:
        """Draw the text of the body, which may include documents of the room that it names."""
        body = self.json_body(source=str, format=str, dark=bool, page=int, room=str)
        if "source" not in body:
            raise BadRequest("The field “source” is missing.")
        whole = Expanded(body.pop("source"))
        room = body.pop("room", None)
        if room is not None:
            await self.services.rooms.room(self.principal, room)
            whole = await self.services.include_resolver.expand(self.principal, room, whole.text)
        wanted = _Wanted(**{"format": FORMATS[0], **body})
        self.set_header("Cache-Control", "no-store")
        # That of the document's own picture, as long as both are made of the same.
        self.set_header("Etag", wanted.etag(whole.text, self.services.version))
        await self._send(whole, wanted)

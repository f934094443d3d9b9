"""Rooms out to files and in again.

An import is looked through whole before anything changes; then the new documents are made in one transaction,
and the others become what the package says by ordinary edits: importing twice changes nothing, and whoever
has a document open sees an edit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..errors import BadRequest, DocumentNotFound
from ..limits import Limits
from ..live.registry import Registry
from ..store.port import Document
from . import packages
from .identity import Principal
from .packages import Imported
from .policy import Right
from .service import RoomService

Pictures = Callable[[str, str], Awaitable[bytes]]
KINDS = ("puml", "svg", "png")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, by names of documents."""

    created: Sequence[str]
    changed: Sequence[str]
    unchanged: Sequence[str]


class TransferService:
    """Exports and imports rooms.

    Parameters
    ----------
    rooms
        Knows documents and who may do what.
    live
        Has the texts.
    limits
        Bound what is taken.
    pictures
        Returns the picture of a text in a format, where this server can draw.
    """

    def __init__(
        self, rooms: RoomService, live: Registry, limits: Limits, *, pictures: Pictures | None = None
    ) -> None:
        self._rooms = rooms
        self._live = live
        self._limits = limits
        self._pictures = pictures

    async def export(
        self, who: Principal, room: str, *, only: Collection[str] = (), kinds: Collection[str] = ("puml",)
    ) -> tuple[str, bytes]:
        """Return a room's name and its package, of all documents or those named.

        A diagram that cannot be drawn has ``<kind>.txt`` with the reason instead of its picture.
        """
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown or not kinds:
            raise BadRequest(f"The parameter “kinds” names some of {', '.join(KINDS)}.")
        if self._pictures is None and set(kinds) - {"puml"}:
            raise BadRequest("This server cannot draw; export the texts, or the pictures from the browser.")
        place = await self._rooms.room(who, room)
        documents = await self._documents(who, f"~{place.id}")
        if only:
            documents = [await self._rooms.document(who, f"~{place.id}", name) for name in only]
        packed = [(document.name, await self._files(document, kinds)) for document in documents]
        data = await asyncio.get_running_loop().run_in_executor(None, packages.pack, packed)
        return place.name, data

    async def import_zip(self, who: Principal, room: str, data: bytes) -> Outcome:
        """Bring the documents of a package into a room."""
        self._check_size(data)
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, packages.unpack, data, self._limits)
        return await self._bring(who, room, found)

    async def import_file(self, who: Principal, room: str, name: str, data: bytes) -> Outcome:
        """Bring one ``.puml`` file into a room."""
        self._check_size(data)
        return await self._bring(who, room, [packages.document(name, data, self._limits)])

    # --- inside --------------------------------------------------------------------------------------

    def _check_size(self, data: bytes) -> None:
        if len(data) > self._limits.max_upload_size:
            raise self._limits.exceeded("max_upload_size", "The upload")

    async def _documents(self, who: Principal, room: str) -> list[Document]:
        found: list[Document] = []
        cursor: str | None = ""
        while cursor is not None:
            page, cursor = await self._rooms.documents(who, room, limit=200, cursor=cursor)
            found += page
        return found

    async def _files(self, document: Document, kinds: Collection[str]) -> Mapping[str, bytes]:
        async with self._live.use(document.id) as live:
            text = live.text()
        files: dict[str, bytes] = {}
        for kind in kinds:
            if kind == "puml":
                files[packages.TEXT] = text.encode()
            elif self._pictures is not None:
                files[f"diagram.{kind}"] = await self._pictures(text, kind)
        return files

    async def _bring(self, who: Principal, room: str, found: Sequence[Imported]) -> Outcome:
        place = await self._rooms.document_place(who, room, Right.EDIT)
        there: list[tuple[Document, Imported]] = []
        new: list[Imported] = []
        for one in found:
            try:
                there.append((await self._rooms.document(who, f"~{place.id}", one.name), one))
            except DocumentNotFound:
                new.append(one)
        # Whoever asked may go away meanwhile: what has begun is done to its end.
        return await asyncio.shield(self._apply(who, f"~{place.id}", new, there))

    async def _apply(
        self, who: Principal, room: str, new: Sequence[Imported], there: Sequence[tuple[Document, Imported]]
    ) -> Outcome:
        created = await self._rooms.create_documents(who, room, [(one.name, one.text) for one in new])
        changed, unchanged = [], []
        for document, one in there:
            async with self._live.use(document.id) as live:
                if live.text() == one.text:
                    unchanged.append(document.name)
                else:
                    await live.edit_text(one.text, who.subject)
                    changed.append(document.name)
        return Outcome([document.name for document in created], changed, unchanged)

"""Rooms out to files and in again.

An import is looked through whole before anything changes; then the new documents are made in one transaction,
and the others become what the zip file says by ordinary edits: importing twice changes nothing, and whoever
has a document open sees an edit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..errors import BadRequest, DocumentNotFound
from ..limits import Limits
from ..live.registry import Registry
from ..store.port import Document
from . import zip_files
from .export import KINDS, Export
from .history import HistoryService
from .identity import Principal
from .pictures import Pictures
from .policy import Right
from .service import RoomService
from .zip_files import ImportedDocument


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, by names of documents."""

    created: Sequence[str]
    changed: Sequence[str]
    unchanged: Sequence[str]
    unsaved: Sequence[str] = ()  # of what is changed: sent, and not known to be saved yet (PROTOCOL A8)


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
    pictures, history
        Draws them, and knows their past.
    """

    def __init__(
        self,
        rooms: RoomService,
        live: Registry,
        limits: Limits,
        pictures: Pictures,
        history: HistoryService,
    ) -> None:
        self._rooms = rooms
        self._live = live
        self._limits = limits
        self._pictures = pictures
        self._history = history

    async def export(
        self, who: Principal, room: str, *, only: Collection[str] = (), kinds: Collection[str] = ("puml",)
    ) -> Export:
        """Return a room's zip file, of all documents or those named, to be iterated."""
        if not kinds or set(kinds) - set(KINDS):
            raise BadRequest(f"The parameter “kinds” names some of {', '.join(KINDS)}.")
        place = await self._rooms.room(who, room)
        documents = await self._documents(who, f"~{place.id}")
        if only:
            chosen = [await self._rooms.document(who, f"~{place.id}", name) for name in only]
            documents = list({document.id: document for document in chosen}.values())
        parts = (self._rooms, self._live, self._pictures, self._history)
        return Export(place.name, parts, who, documents, kinds)

    async def import_zip(self, who: Principal, room: str, data: bytes) -> Outcome:
        """Bring the documents of a zip file into a room."""
        self._check_size(data)
        found = await asyncio.to_thread(zip_files.unpack, data, self._limits)
        return await self._bring(who, room, found)

    async def import_file(self, who: Principal, room: str, name: str, data: bytes) -> Outcome:
        """Bring one ``.puml`` file into a room."""
        self._check_size(data)
        return await self._bring(who, room, [zip_files.document(name, data, self._limits)])

    async def import_files(self, who: Principal, room: str, files: Sequence[tuple[str, bytes]]) -> Outcome:
        """Bring zip files and PlantUML files, by their names, into a room: all of them or none."""
        self._check_size(*(data for _, data in files))
        found = await asyncio.to_thread(zip_files.gather, files, self._limits)
        return await self._bring(who, room, found)

    # --- inside --------------------------------------------------------------------------------------

    def _check_size(self, *files: bytes) -> None:
        if sum(map(len, files)) > self._limits.max_upload_size:
            raise self._limits.exceeded("max_upload_size", "The upload")

    async def _documents(self, who: Principal, room: str) -> list[Document]:
        found: list[Document] = []
        cursor: str | None = ""
        while cursor is not None:
            page, cursor = await self._rooms.documents(who, room, limit=200, cursor=cursor)
            found += page
        return found

    async def _bring(self, who: Principal, room: str, found: Sequence[ImportedDocument]) -> Outcome:
        place = await self._rooms.document_place(who, room, Right.EDIT)
        there: list[tuple[Document, ImportedDocument]] = []
        new: list[ImportedDocument] = []
        for one in found:
            try:
                there.append((await self._rooms.document(who, f"~{place.id}", one.name), one))
            except DocumentNotFound:
                new.append(one)
        for document, one in there:
            async with self._live.use(document.id) as live:
                await live.check_edit(one.text)  # what would be refused is refused before anything is done
        # Whoever asked may go away meanwhile: what has begun is done to its end.
        return await asyncio.shield(self._apply(who, f"~{place.id}", new, there))

    async def _apply(
        self,
        who: Principal,
        room: str,
        new: Sequence[ImportedDocument],
        there: Sequence[tuple[Document, ImportedDocument]],
    ) -> Outcome:
        created = await self._rooms.create_documents(who, room, [(one.name, one.text) for one in new])
        changed, unchanged, unsaved = [], [], []
        for document, one in there:
            async with self._live.use(document.id) as live:
                if live.text() == one.text:
                    unchanged.append(document.name)
                else:
                    if not await live.edit_text(one.text, who.subject):
                        unsaved.append(document.name)
                    changed.append(document.name)
        return Outcome([document.name for document in created], changed, unchanged, unsaved)

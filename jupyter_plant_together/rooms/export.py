"""A room's way out: its zip file, made while it is sent.

The zip file comes in pieces, so that never more than one picture is in memory. Access is looked at again
before each document. A diagram that cannot be drawn costs its picture and gets a line in ``NOT-DRAWN.txt``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence

from ..errors import DocumentNotFound, LimitExceeded, PlantTogetherError, PlantUMLSyntaxError
from ..live.registry import Registry
from ..store.port import Document
from . import history_files, names, pictures, zip_files
from .history import HistoryService
from .identity import Principal
from .pictures import Pictures
from .service import RoomService

KINDS = (zip_files.TEXT_KIND, *pictures.KINDS, history_files.KIND)
_PAGES_AT_MOST = 50


class Export:
    """One export; iterate it once for the pieces of the zip file.

    Parameters
    ----------
    name
        What the room is called.
    parts
        Where documents, texts and their past come from, and who draws.
    who, documents, kinds
        For whom, of what, and which files.
    """

    def __init__(
        self,
        name: str,
        parts: tuple[RoomService, Registry, Pictures, HistoryService],
        who: Principal,
        documents: Sequence[Document],
        kinds: Collection[str],
    ) -> None:
        self.name = name
        self._rooms, self._live, self._pictures, self._history = parts
        self._who = who
        self._documents = documents
        self._text = zip_files.TEXT_KIND in kinds
        self._past = history_files.KIND in kinds
        self._kinds = [kind for kind in pictures.KINDS if kind in kinds]
        self._failed: dict[tuple[str, str], list[str]] = {}

    @property
    def not_drawn(self) -> list[str]:
        """A line for each picture that could not be made; complete at the end."""
        return [
            f"{what}: {why}" if len(kinds) == len(self._kinds) else f"{what} ({', '.join(kinds)}): {why}"
            for (what, why), kinds in self._failed.items()
        ]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the zip file, piece by piece; a picture that failed is an empty one, since it took its time.

        Raises
        ------
        PlantTogetherError
            If it cannot be ended: access ended, or the store is away.
        """
        writer = zip_files.ZipWriter()
        for document in self._documents:
            try:
                text = await self._read(document)
            except DocumentNotFound:
                continue  # deleted meanwhile
            async for file, content in self._files(document, text):
                path = zip_files.path_in(document.name, file)
                yield b"" if content is None else await asyncio.to_thread(writer.add, path, content)
        if self._failed:
            lines = "".join(f"{line}\n" for line in self.not_drawn)
            yield await asyncio.to_thread(writer.add, self._list_name(), lines.encode())
        yield writer.end()

    async def _read(self, document: Document) -> str:
        found = await self._rooms.document(self._who, f"~{document.room_id}", f"~{document.id}")
        async with self._live.use(found.id) as live:
            return live.text()

    async def _files(self, document: Document, text: str) -> AsyncIterator[tuple[str, bytes | None]]:
        name = document.name
        if self._text:
            yield zip_files.TEXT, text.encode()
        if self._past:
            async for file, content in history_files.files_of(self._history, self._who, document):
                yield file, content
        if not self._kinds:
            return
        try:
            whole = await self._pictures.whole(self._who, document, text)
        except (PlantUMLSyntaxError, LimitExceeded) as error:
            for kind in self._kinds:
                self._note(name, error.message, kind)
            return
        count = await self._pictures.count(whole)
        for page in range(min(count, _PAGES_AT_MOST) or 1):
            for kind in self._kinds:
                what = f"{name}, picture {page + 1}" if count > 1 else name
                picture = None
                try:
                    picture = await self._pictures.draw(whole, kind, page, self._who.subject)
                except PlantTogetherError as error:
                    self._note(what, error.message, kind)
                yield zip_files.picture_name(kind, page if count > 1 else None), picture
        if count > _PAGES_AT_MOST:
            for kind in self._kinds:
                self._note(name, f"only the first {_PAGES_AT_MOST} of {count:,} pictures are drawn", kind)

    def _note(self, what: str, why: str, kind: str) -> None:
        self._failed.setdefault((what, " ".join(why.split())), []).append(kind)

    def _list_name(self) -> str:
        taken = {names.key_of(document.name) for document in self._documents}
        # No document can have the second name.
        return zip_files.NOT_DRAWN if names.key_of(zip_files.NOT_DRAWN) not in taken else "NOT-DRAWN~.txt"

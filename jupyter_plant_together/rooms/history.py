"""A document's past: its timeline, the text at any point, who wrote what, versions, and ways back.

The past is read from the store's rows; what is newer than the store (in cluster mode up to
``compaction_delay``) is taken from the live document. A way back is always an ordinary edit, made on the
state that was looked at and merged like anybody's: others go on typing, their cursors live on, and it can be
undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import BadRequest, PreconditionFailed
from ..ids import new_version_id
from ..live.document import LiveDocument
from ..live.registry import Registry
from ..store.port import Document, RowInfo, Store, StoredUpdate, Version
from ..yjs.replay import AuthoredSpan
from .guard import now_ms
from .history_worker import HistoryWorker
from .identity import Principal
from .policy import Right
from .service import RoomService
from .source_text import first_update

_PAUSE = 5 * 60_000  # milliseconds; a longer pause begins another one
_ROWS_AT_ONCE = 2_000
_ROWS_AT_MOST = 200_000
_VERSION_NAME = 128
_BEFORE_ALL = 0
_ROLLBACK_WITHIN = 75.0  # seconds: the history is read first


@dataclass(frozen=True, slots=True)
class EditSession:
    """Rows of one author without a long pause: from ``first`` to ``last`` (seqs), with times and size."""

    author: str
    first: int
    last: int
    begin: int
    end: int
    size: int
    rows: int


@dataclass(frozen=True, slots=True)
class Rollback:
    """The text after a rollback; whether it is durable (A8); of a preview the update that would do it."""

    text: str
    update: bytes | None = None
    saved: bool = True


def edit_sessions(rows: Sequence[RowInfo]) -> list[EditSession]:
    """Join rows (the newest first) into edit sessions, the newest first."""
    found: list[EditSession] = []
    for row in rows:
        last = found[-1] if found else None
        if last is not None and last.author == row.author and last.begin - row.at <= _PAUSE:
            begin, size = min(last.begin, row.at), last.size + row.size
            found[-1] = EditSession(row.author, row.seq, last.last, begin, last.end, size, last.rows + 1)
        else:
            found.append(EditSession(row.author, row.seq, row.seq, row.at, row.at, row.size, 1))
    return found


class HistoryService:
    """The past of documents.

    Parameters
    ----------
    rooms
        Knows documents and who may see them.
    store
        Where the past is.
    live
        Where the present is.
    history_worker
        Does the heavy reading.
    changed
        Called after each change of the store.
    """

    def __init__(
        self,
        rooms: RoomService,
        store: Store,
        live: Registry,
        history_worker: HistoryWorker,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._changed = changed
        self._rooms = rooms
        self._store = store
        self._live = live
        self._history_worker = history_worker

    # --- looking -------------------------------------------------------------------------------------

    async def timeline(
        self, who: Principal, room: str, document: str, *, before: int | None, limit: int
    ) -> tuple[list[EditSession], int | None]:
        """Return edit sessions, the newest first, and from where to go on."""
        found = await self._rooms.document(who, room, document)
        rows: list[RowInfo] = []
        while True:
            page = await self._store.timeline(found.id, before=before, limit=_ROWS_AT_ONCE)
            rows += page
            joined = edit_sessions(rows)
            if len(page) < _ROWS_AT_ONCE and len(joined) <= limit:
                return joined, None
            if len(joined) > limit:
                return joined[:limit], joined[limit - 1].first
            before = page[-1].seq

    async def text_at(self, who: Principal, room: str, document: str, seq: int) -> str:
        """Return the text after the row ``seq``."""
        found = await self._rooms.document(who, room, document)
        return (await self._state_at(found, seq))[1]

    async def authors(
        self, who: Principal, room: str, document: str, *, seq: int | None = None
    ) -> tuple[str, list[AuthoredSpan]]:
        """Return a text, now or after a row, and who wrote it, in its order."""
        found = await self._rooms.document(who, room, document)
        if seq is not None:
            loaded = await self._store.load_at(found.id, seq)
            rows = [row for row in await self._rows(found) if row.seq <= seq]
            return await self._history_worker.authors(rows, loaded.clients)
        async with self._live.use(found.id) as live:
            rows, clients = await self._present(found, live, live.snapshot())
            return await self._history_worker.authors(rows, clients)

    # --- versions ------------------------------------------------------------------------------------

    async def versions(self, who: Principal, room: str, document: str) -> list[Version]:
        """Return the named points, the newest first."""
        found = await self._rooms.document(who, room, document)
        return await self._store.versions(found.id)

    async def version_text(
        self, who: Principal, room: str, document: str, version: str
    ) -> tuple[Version, str]:
        """Return a version and its text."""
        found = await self._rooms.document(who, room, document)
        kept, state = await self._store.version(found.id, version)
        return kept, (await self._history_worker.merged([state]))[1]

    async def tag(
        self, who: Principal, room: str, document: str, *, name: object, seq: int | None = None
    ) -> Version:
        """Name a point: now, or after a row."""
        label = _version_name(name)
        found = await self._rooms.document(who, room, document, right=Right.EDIT)
        if seq is None:
            async with self._live.use(found.id) as live:
                state = live.snapshot()
                await live.durability.wait_for_all()
                newest = await self._store.timeline(found.id, before=None, limit=1)
                seq = newest[0].seq if newest else _BEFORE_ALL
        else:
            await self._require_row(found, seq)
            state, _ = await self._state_at(found, seq)
        new = Version(new_version_id(), found.id, found.epoch, seq, label, who.subject, now_ms())
        made = await self._store.create_version(new, state)
        self._changed()
        return made

    # --- ways back -----------------------------------------------------------------------------------

    async def restore(self, who: Principal, room: str, document: str, version: str) -> tuple[Version, bool]:
        """Make the text what it was in a version, by an ordinary edit; says whether that is durable (A8)."""
        found = await self._rooms.document(who, room, document, right=Right.EDIT)
        kept, text = await self.version_text(who, room, f"~{found.id}", version)
        async with self._live.use(found.id) as live:
            return kept, await live.edit_text(text, who.subject)

    async def restore_row(self, who: Principal, room: str, document: str, seq: int) -> bool:
        """Make the text what it was after the row ``seq``, by an edit; says whether that is durable."""
        found = await self._rooms.document(who, room, document, right=Right.EDIT)
        await self._require_row(found, seq)
        _, text = await self._state_at(found, seq)
        async with self._live.use(found.id) as live:
            return await live.edit_text(text, who.subject)

    async def rollback(
        self,
        who: Principal,
        room: str,
        document: str,
        *,
        author: str | None = None,
        first: int | None = None,
        last: int | None = None,
        preview: bool = False,
    ) -> Rollback:
        """Take back what an author, or the rows from ``first`` to ``last``, did.

        What they typed goes, what they deleted comes back, and what others did since stays. With ``preview``
        nothing is changed; the update that would do it is returned, so that a client can make it its own
        edit, which it can undo.
        """
        if author is None and first is None and last is None:
            raise BadRequest("Say whose edits, or from which row to which.")
        found = await self._rooms.document(who, room, document, right=Right.EDIT)
        async with self._live.use(found.id) as live:
            text = ""

            async def wanted(state: bytes) -> str:
                nonlocal text
                rows, clients = await self._present(found, live, state)
                undone = [
                    row.seq
                    for row in rows[:-1]
                    if (author is None or row.author == author)
                    and (first is None or row.seq >= first)
                    and (last is None or row.seq <= last)
                    and row.author  # what was compacted is nobody's
                ]
                _, text = await self._history_worker.without(rows, clients, undone)
                return text

            if preview:
                state = live.snapshot()
                update = await live.update_from(state, await wanted(state))
                return Rollback(text, update=update)
            saved = await live.edit(wanted, who.subject, within=_ROLLBACK_WITHIN)
            return Rollback(text, saved=saved)

    async def erase_history(self, who: Principal, room: str, document: str, *, confirm: object) -> int:
        """Replace the history by the text as it is now, for good; returns the new epoch. Owners only.

        Everybody is told before they sync again, and unsent text is kept for its author (PROTOCOL E1).
        """
        found = await self._rooms.document(who, room, document, right=Right.MANAGE)
        if confirm != found.name:
            raise PreconditionFailed("Repeat the document's name as “confirm”: this cannot be undone.")
        async with self._live.use(found.id) as live:
            live.reset(found.epoch + 1)  # from here on nobody's edit is taken into what is to be forgotten
            await live.durability.wait_for_all()
            state, client = first_update(live.text())
            retired = [one for one in live.authors.clients if one != client]
            epoch = await self._store.replace_history(found.id, state, retired, who.subject)
        self._changed()
        return epoch

    # --- inside --------------------------------------------------------------------------------------

    async def _require_row(self, found: Document, seq: int) -> None:
        """Raise BadRequest for a row beyond the last."""
        newest = await self._store.timeline(found.id, before=None, limit=1)
        last = newest[0].seq if newest else _BEFORE_ALL
        if not _BEFORE_ALL <= seq <= last:
            raise BadRequest(f"There is no row {seq} in this history; it goes to {last}.")

    async def _state_at(self, found: Document, seq: int) -> tuple[bytes, str]:
        loaded = await self._store.load_at(found.id, seq)
        parts = [] if loaded.snapshot is None else [loaded.snapshot]
        return await self._history_worker.merged([*parts, *(row.data for row in loaded.tail)])

    async def _rows(self, found: Document) -> list[StoredUpdate]:
        rows: list[StoredUpdate] = []
        while True:
            after = rows[-1].seq if rows else -1
            page = await self._store.rows(found.id, after=after, limit=_ROWS_AT_ONCE)
            rows += page
            if len(page) < _ROWS_AT_ONCE:
                return rows
            if len(rows) > _ROWS_AT_MOST:
                raise BadRequest("This history is too long to be looked through at once.")

    async def _present(
        self, found: Document, live: LiveDocument, state: bytes
    ) -> tuple[list[StoredUpdate], dict[int, str]]:
        """Return all rows and, as one more, the ``state`` now; and who introduced which client."""
        clients = dict(live.authors.clients)
        rows = await self._rows(found)
        seq = rows[-1].seq + 1 if rows else 1
        return [*rows, StoredUpdate(seq, found.id, found.epoch, state, "", now_ms())], clients


def _version_name(name: object) -> str:
    label = name.strip() if isinstance(name, str) else ""
    if not 1 <= len(label) <= _VERSION_NAME or not label.isprintable():
        raise BadRequest(f"The name of a version has 1 to {_VERSION_NAME} printable characters.")
    return label

"""From what Y-Redis holds to rooms and documents, as often as wanted.

Ids are derived from the ids there, and Yjs client ids and clocks stay what they are: a second import finds
its rooms and documents by their ids, whatever they are called by now, and merges what is new. What was
deleted here stays deleted. Nothing there is changed, and nothing here that an import did not make.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pycrdt

from ..errors import DocumentNotFound, LimitExceeded, RoomNotFound, Unavailable
from ..journal.port import Journal
from ..limits import Limits
from ..rooms.names import key_of
from ..store.port import Action, Document, Member, NewDocument, Page, Ref, Room, Store, Update
from ..yjs.integrator import merge_state, merged
from ..yjs.sync import EMPTY_UPDATE
from ..yjs.textdiff import normalise
from ..yjs.textedit import EditPlace, update_to
from ..yjs.update import decode_meta
from .names import free_document_name, free_room_name
from .open_document import open_document
from .source import Content, SourceDocument, SourceRoom, YRedis

AUTHOR = "import"
_ATTEMPTS = 5  # where somebody else is faster (PROTOCOL A8)


@dataclass(slots=True)
class Report:
    """What an import did, or would do; ``notes`` are sentences about what is not as it was there."""

    rooms: int = 0
    documents: int = 0
    updated: int = 0
    unchanged: int = 0
    left_out: int = 0
    notes: list[str] = field(default_factory=list)

    def lines(self, *, dry_run: bool) -> list[str]:
        """Return the report for a person."""
        total = (
            f"Rooms made: {self.rooms}. Documents made: {self.documents}, brought up to date: "
            f"{self.updated}, unchanged: {self.unchanged}, left out: {self.left_out}."
        )
        return [*self.notes, f"Dry run, nothing was changed. {total}" if dry_run else total]


class Importer:
    """Brings rooms and documents into a store.

    Parameters
    ----------
    store
        Where they go.
    journal
        By which documents that exist already are added to; running.
    owner
        Who owns a room whose owner has no user name here.
    private
        Whether rooms are private that were not so there.
    users
        User names here, by any name that the user has there.
    limits
        What a diagram may measure.
    dry_run
        Whether to leave everything as it is and only report.
    progress
        Called with the number of documents done, of all, and the name of the present one.
    """

    def __init__(
        self,
        store: Store,
        journal: Journal,
        *,
        owner: str,
        private: bool,
        users: Mapping[str, str],
        limits: Limits,
        dry_run: bool,
        progress: Callable[[int, int, str], None],
    ) -> None:
        self._store = store
        self._journal = journal
        self._owner = owner
        self._private = private
        self._users = users
        self._limits = limits
        self._dry_run = dry_run
        self._progress = progress
        self.report = Report()

    async def run(self, source: YRedis) -> Report:
        """Import everything that ``source`` holds."""
        rooms = await source.rooms()
        total = sum(len(room.documents) for room in rooms)
        done = 0
        room_keys = set(await self._keys(self._store.rooms))
        for room in rooms:
            place = await self._room(room, room_keys)
            if place is None:
                self.report.left_out += len(room.documents)
                done += len(room.documents)
                continue
            keys = set(await self._document_keys(place))
            for document in room.documents:
                self._progress(done, total, f"{place.name}/{document.name}")
                await self._document(place, document, await source.content(document), keys)
                done += 1
        self._progress(done, total, "")
        orphans = await source.orphans(rooms)
        if orphans:
            self.report.notes.append(
                f"Documents that belong to no room (they were deleted there) and are left out: {orphans}."
            )
        return self.report

    # --- rooms ----------------------------------------------------------------------------------------

    async def _room(self, room: SourceRoom, keys: set[str]) -> Room | None:
        ref = _derived("r", room.id)
        try:
            return await self._store.room(Ref(id=ref))
        except RoomNotFound:
            pass
        try:
            deleted = await self._store.room(Ref(id=ref, deleted=True))
        except RoomNotFound:
            return await self._make_room(ref, room, keys)
        self.report.notes.append(f"Room “{deleted.name}” was deleted here; it stays so.")
        return None

    async def _make_room(self, ref: str, room: SourceRoom, keys: set[str]) -> Room:
        named = free_room_name(room.name, keys)
        keys.add(named.key)
        if named.name != room.name:
            self.report.notes.append(f"Room “{room.name}” is called “{named.name}” here.")
        owner = self._user(room.owner) or self._owner
        at = _now()
        made = Room(ref, named.name, room.private or self._private, "", owner, at, at, None)
        self.report.rooms += 1
        if self._dry_run:
            return made
        made = await self._store.create_room(made, named.key)
        for names in room.members:
            user = self._user(names)
            if user is not None and user != owner:
                member = Member("user", user, "editor", owner, at)
                await self._store.set_member(Ref(id=ref), member, Action(owner, at))
        unknown = sum(self._user(names) is None for names in {room.owner, *room.members} if names)
        if unknown:
            self.report.notes.append(
                f"Room “{made.name}”: people without a user name here (see --users): {unknown}."
            )
        return made

    def _user(self, names: Sequence[str]) -> str | None:
        return next((self._users[name] for name in names if name in self._users), None)

    # --- documents ------------------------------------------------------------------------------------

    async def _document(
        self, place: Room, document: SourceDocument, content: Content, keys: set[str]
    ) -> None:
        label = f"“{place.name}/{document.name}”"
        if content.damaged:
            self.report.notes.append(f"{label}: damaged updates, left out: {content.damaged}.")
        ref = _derived("d", document.room, document.doc)
        found = await self._find(place, ref)
        if found is not None and found.deleted_at is not None:
            self.report.notes.append(f"{label} was deleted here; it stays so.")
            self.report.left_out += 1
            return
        try:
            if found is None:
                new = EditPlace(ref, 1, secrets.token_bytes(32))
                await self._make_document(
                    place, ref, document, self._state(label, EMPTY_UPDATE, content.updates, new), keys
                )
            else:
                await self._update_document(label, ref, content.updates)
        except LimitExceeded as error:
            self.report.notes.append(f"{error.message} {label} is left out.")
            self.report.left_out += 1

    def _state(self, label: str, before: bytes, updates: Sequence[bytes], place: EditPlace) -> bytes:
        """Return ``before`` with ``updates`` and proper line ends; raises LimitExceeded."""
        state, text = merged([before, *updates])
        if text != normalise(text):
            # Line ends of Windows would count differently for the editor and for Yjs.
            state = merge_state([state, update_to(state, text, place)])
            self.report.notes.append(f"{label}: its line ends are those of Unix now.")
        if len(state) > self._limits.max_document_size:
            raise self._limits.exceeded("max_document_size", f"The state of {label}")
        if len(text.encode()) > self._limits.max_source_size:
            raise self._limits.exceeded("max_source_size", f"The source of {label}")
        return state

    async def _update_document(self, label: str, ref: str, updates: Sequence[bytes]) -> None:
        notes = list(self.report.notes)
        for _ in range(_ATTEMPTS):
            self.report.notes = list(notes)
            async with open_document(self._journal, ref) as known:
                before = merge_state(known.updates)
                state = self._state(label, before, updates, known.edit_place)
                if state == before:
                    self.report.unchanged += 1
                    return
                missing = pycrdt.get_update(state, pycrdt.get_state(before))
                if self._dry_run or await known.append(missing, AUTHOR, _clients(missing)):
                    self.report.updated += 1
                    return
        raise Unavailable(f"{label} is changed all the time; import again when it is quieter.")

    async def _find(self, place: Room, ref: str) -> Document | None:
        for deleted in (False, True):
            try:
                return await self._store.document(Ref(id=place.id), Ref(id=ref, deleted=deleted))
            except (DocumentNotFound, RoomNotFound):  # the room is not there in a dry run
                continue
        return None

    async def _make_document(
        self, place: Room, ref: str, document: SourceDocument, state: bytes, keys: set[str]
    ) -> None:
        named = free_document_name(document.name, keys)
        if named.name not in (document.name, f"{document.name}.puml"):
            self.report.notes.append(f"“{place.name}/{document.name}” is called “{named.name}” here.")
        at = _now()
        if not self._dry_run:
            content = None
            if state != EMPTY_UPDATE:
                content = Update(ref, 1, state, AUTHOR, at, _clients(state))
            new, action = NewDocument(ref, named, content), Action(place.created_by, at)
            await self._store.create_document(Ref(id=place.id), new, action, limits=self._limits)
        keys.add(named.key)
        self.report.documents += 1

    async def _document_keys(self, place: Room) -> list[str]:
        try:
            return await self._keys(lambda page: self._store.documents(Ref(id=place.id), page))
        except RoomNotFound:  # in a dry run
            return []

    async def _keys(self, read: Callable[[Page], Any]) -> list[str]:
        keys: list[str] = []
        page = Page(limit=200)
        while found := await read(page):
            keys += [key_of(thing.name) for thing in found]
            page = Page(limit=200, after=(keys[-1], found[-1].id))
        return keys


def _clients(update: bytes) -> tuple[int, ...]:
    return tuple(decode_meta(update).structs)


def _derived(kind: str, *parts: str) -> str:
    """Return the id here of something that has another id there."""
    digest = hashlib.sha256("\0".join(("y-redis", kind, *parts)).encode()).digest()
    return f"{kind}_{b32encode(digest).decode().lower()[:26]}"


def _now() -> int:
    return time.time_ns() // 1_000_000

"""Rooms and documents as people and programs use them: names, policy, preconditions, then the store.

Every change is one transaction of the store that checks policy and ``If-Match`` on what it finds there, and
writes its event. After it the service calls ``changed``, so that the event is delivered at once and not at
the next look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ..errors import AccessDenied, BadRequest, DocumentNotFound
from ..ids import DOCUMENT_ID, new_document_id, new_room_id
from ..limits import Limits
from ..store.port import Document, KeyedName, NewDocument, Page, Ref, Room, RoomPatch, Store, Update
from . import names, paging
from .guard import Guard, now_ms
from .identity import LOCAL, Principal
from .policy import Policy, Right, Role
from .source_text import EXAMPLE_DOCUMENT, EXAMPLE_ROOM, EXAMPLE_SOURCE, first_update, normalised

T = TypeVar("T", Room, Document)
DESCRIPTION_LENGTH = 1_000


class RoomService:
    """Rooms and documents.

    Parameters
    ----------
    store
        Where they are kept.
    policy
        Who may do what.
    limits
        The limits on sizes and numbers.
    changed
        Called after each change.
    private
        Whether a room is private unless its maker says otherwise.
    """

    def __init__(
        self,
        store: Store,
        policy: Policy,
        limits: Limits,
        *,
        changed: Callable[[], None],
        private: bool = False,
    ) -> None:
        self.policy = policy
        self.guard = Guard(policy)
        self._private = private
        self._store = store
        self._limits = limits
        self._changed = changed

    # --- rooms ---------------------------------------------------------------------------------------

    async def rooms(
        self, who: Principal, *, limit: int = 50, cursor: str = "", deleted: bool = False
    ) -> tuple[list[Room], str | None]:
        """Return a page of the rooms that ``who`` may know of, and the cursor of the next."""
        found: list[Room] = []
        after = paging.decode(cursor)
        while True:
            page = await self._store.rooms(Page(limit + 1, after, deleted, who.identity))
            found += [room for room in page if self.policy.may(who, room, Right.VIEW)]
            if len(page) <= limit or len(found) > limit:
                return paging.cut(found, limit)
            after = paging.position(page[-1])

    async def create_room(
        self, who: Principal, name: object, *, private: bool | None = None, description: str = ""
    ) -> Room:
        """Make a room; its maker owns it."""
        named = names.room_name(name)
        if not self.policy.may_create_rooms(who):
            raise AccessDenied("You may not make rooms here.")
        now = now_ms()
        closed = self._private if private is None else private
        new = Room(new_room_id(), named.name, closed, _description(description), who.subject, now, now, None)
        return self._done(await self._store.create_room(new, named.key))

    async def room(self, who: Principal, segment: str) -> Room:
        """Return one room."""
        found = await self._store.room(_ref(who, segment))
        self.guard.known(who, found)
        return found

    async def change_room(
        self,
        who: Principal,
        segment: str,
        *,
        name: object = None,
        private: bool | None = None,
        description: str | None = None,
        if_match: Collection[str] | None = None,
    ) -> Room:
        """Rename a room, open or close it, describe it."""
        patch = RoomPatch(
            None if name is None else names.room_name(name),
            private,
            None if description is None else _description(description),
        )
        action = self.guard.action(who, Right.MANAGE, if_match)
        return self._done(await self._store.change_room(_ref(who, segment), patch, action))

    async def delete_room(
        self, who: Principal, segment: str, *, if_match: Collection[str] | None = None
    ) -> None:
        """Delete a room; it can be restored."""
        action = self.guard.action(who, Right.MANAGE, if_match)
        self._done(await self._store.delete_room(_ref(who, segment), action))

    async def restore_room(self, who: Principal, segment: str, *, name: object = None) -> Room:
        """Undo a deletion, under another name if the old one is taken."""
        named = None if name is None else names.room_name(name)
        action = self.guard.action(who, Right.MANAGE)
        ref = _ref(who, segment, deleted=True)
        return self._done(await self._store.restore_room(ref, named, action))

    # --- documents -----------------------------------------------------------------------------------

    async def deleters(self, rooms: Collection[str]) -> Mapping[str, str]:
        """Return who deleted these rooms (ids), and documents in them, by id."""
        return await self._store.deleters(list(rooms)) if rooms else {}

    async def documents(
        self, who: Principal, room: str, *, limit: int = 50, cursor: str = "", deleted: bool = False
    ) -> tuple[list[Document], str | None]:
        """Return a page of a room's documents, and the cursor of the next."""
        place = await self.room(who, room)
        page = Page(limit + 1, paging.decode(cursor), deleted)
        return paging.cut(await self._store.documents(Ref(id=place.id), page), limit)

    async def create_document(
        self, who: Principal, room: str, name: object, *, source: object = None
    ) -> Document:
        """Make a document, with a text if one is given."""
        named = names.document_name(name)
        new = _new_document(who.subject, named, "" if source is None else normalised(source, self._limits))
        action = self.guard.action(who, Right.EDIT)
        return self._done(
            await self._store.create_document(_ref(who, room), new, action, limits=self._limits)
        )

    async def create_documents(
        self, who: Principal, room: str, texts: Sequence[tuple[str, str]]
    ) -> list[Document]:
        """Make documents of names and texts, all or none of them."""
        new = [_new_document(who.subject, names.document_name(name), text) for name, text in texts]
        action = self.guard.action(who, Right.EDIT)
        created = await self._store.create_documents(_ref(who, room), new, action, limits=self._limits)
        self._changed()
        return created

    async def document_place(self, who: Principal, room: str, right: Right) -> Room:
        """Return a room in which ``who`` has ``right``."""
        place = await self.room(who, room)
        self.policy.require(who, place, right)
        return place

    async def document(
        self, who: Principal, room: str, document: str, *, right: Right = Right.VIEW
    ) -> Document:
        """Return one document, if ``who`` has ``right`` there."""
        place = await self.document_place(who, room, right)
        return await self._store.document(Ref(id=place.id), names.document_ref(document))

    async def rename_document(
        self,
        who: Principal,
        room: str,
        document: str,
        *,
        name: object,
        if_match: Collection[str] | None = None,
    ) -> Document:
        """Give a document another name."""
        named = names.document_name(name)
        action = self.guard.action(who, Right.EDIT, if_match)
        ref = names.document_ref(document)
        return self._done(await self._store.rename_document(_ref(who, room), ref, named, action))

    async def delete_document(
        self, who: Principal, room: str, document: str, *, if_match: Collection[str] | None = None
    ) -> None:
        """Delete a document; it can be restored."""
        action = self.guard.action(who, Right.EDIT, if_match)
        ref = names.document_ref(document)
        self._done(await self._store.delete_document(_ref(who, room), ref, action))

    async def restore_document(
        self, who: Principal, room: str, document: str, *, name: object = None
    ) -> Document:
        """Undo a deletion, under another name if the old one is taken."""
        named = None if name is None else names.document_name(name)
        action = self.guard.action(who, Right.EDIT)
        place, ref = _ref(who, room), names.document_ref(document, deleted=True)
        return self._done(await self._store.restore_document(place, ref, named, action, limits=self._limits))

    async def purge_document(self, who: Principal, room: str, document: str) -> None:
        """Remove a deleted document's content for good; owners only."""
        action = self.guard.action(who, Right.MANAGE)
        ref = names.document_ref(document, deleted=True)
        await self._store.purge_document(_ref(who, room), ref, action)
        self._changed()

    async def purge_room(self, who: Principal, segment: str) -> None:
        """Remove a deleted room for good, with all its documents; owners only."""
        action = self.guard.action(who, Right.MANAGE)
        await self._store.purge_room(_ref(who, segment, deleted=True), action)
        self._changed()

    async def role_in_document(self, who: Principal, document: str) -> Role:
        """Return the role of ``who`` in the document with this id, for a sync session.

        Raises
        ------
        DocumentNotFound
            If there is none, it is deleted, or ``who`` must not know of it.
        """
        if not DOCUMENT_ID.fullmatch(document):
            raise DocumentNotFound("There is no such document.")
        room, _ = await self._store.locate(document, who.identity)
        role = self.policy.role(who, room)
        if role is None:
            raise DocumentNotFound("There is no such document.")
        return role

    async def roles_in_room(self, room: str, people: Sequence[Principal]) -> list[Role | None]:
        """Return what people are now in the room with this id, None where they are nothing."""
        found = await self._store.roles(room, [who.identity for who in people])
        return [self.policy.effective(who, role) for who, role in zip(people, found, strict=True)]

    # --- the start -----------------------------------------------------------------------------------

    async def make_example(self) -> bool:
        """Make the example room in a store that never had a room; returns whether it did."""
        now = now_ms()
        room = Room(new_room_id(), EXAMPLE_ROOM, False, "A room to try things out.", LOCAL, now, now, None)
        new = _new_document(LOCAL, names.document_name(EXAMPLE_DOCUMENT), EXAMPLE_SOURCE)
        made = await self._store.bootstrap(room, names.key_of(room.name), [new])
        if made:
            self._changed()
        return made

    # --- inside --------------------------------------------------------------------------------------

    def _done(self, result: T) -> T:
        self._changed()
        return result


def _ref(who: Principal, segment: str, *, deleted: bool = False) -> Ref:
    return replace(names.room_ref(segment, deleted=deleted), who=who.identity)


def _new_document(by: str, named: KeyedName, text: str) -> NewDocument:
    document = new_document_id()
    if not text:
        return NewDocument(document, named)
    data, client = first_update(text)
    return NewDocument(document, named, Update(document, 1, data, by, now_ms(), (client,)))


def _description(text: str) -> str:
    if len(text) > DESCRIPTION_LENGTH:
        raise BadRequest(f"A description has at most {DESCRIPTION_LENGTH:,} characters.")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("A description holds characters only, no NUL and no half of a surrogate pair.")
    return text

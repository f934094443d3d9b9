"""Stores to test, over SQLite and over Postgres, and what goes into them."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable

import pycrdt
import pytest
from postgres import PASSWORD

from jupyter_plant_together.errors import Unavailable
from jupyter_plant_together.ids import new_document_id, new_room_id
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.store.port import (
    Action,
    Document,
    KeyedName,
    NewDocument,
    Ref,
    Room,
    Store,
    Update,
)

Factory = Callable[[], Awaitable[Store]]
LIMITS = Limits()


def room_of(name: str, at: int = 1) -> Room:
    return Room(new_room_id(), name, False, "", "ada", at, at, None)


def new_document(name: str, content: Update | None = None) -> NewDocument:
    return NewDocument(
        new_document_id() if content is None else content.document, KeyedName(name, name), content
    )


async def make_document(store: Store, name: str = "login.puml") -> Document:
    room = await store.create_room(room_of("design"), "design")
    return await create(store, room, name)


async def create(store: Store, room: Room, name: str, at: int = 1, *, limits: Limits = LIMITS) -> Document:
    return await store.create_document(Ref(id=room.id), new_document(name), Action("ada", at), limits=limits)


def typed(text: str) -> list[bytes]:
    """Return one update per character typed."""
    doc = pycrdt.Doc()
    source = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    for character in text:
        source += character
    return updates


def text_of(parts: list[bytes]) -> str:
    doc = pycrdt.Doc()
    for part in parts:
        doc.apply_update(part)
    return str(doc.get("source", type=pycrdt.Text))


async def history(store: Store, document: str) -> list[bytes]:
    loaded = await store.load(document)
    return [*([] if loaded.snapshot is None else [loaded.snapshot]), *(row.data for row in loaded.tail)]


def update(document: Document, size: int = 1) -> Update:
    doc = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += "x" * size
    return Update(document.id, 1, doc.get_update(), "ada", 1)


async def refused(store: Store, document: str = "d_x") -> Unavailable:
    """Return the error of a call; its sentence, its traceback and health must not tell the password."""
    with pytest.raises(Unavailable) as caught:
        await store.load(document)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(caught.value.body())
    shown += repr(await store.health())
    assert PASSWORD not in shown
    assert "wr0ng" not in shown
    return caught.value

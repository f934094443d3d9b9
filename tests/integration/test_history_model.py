"""Random work of five people on one document, with a model kept beside that knows nothing of Yjs.

Restores, rollbacks, snapshots, compacting and reopening happen between the edits; in the end the text at every
named version and the author of every character are the model's.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

import pytest
from stores import Factory, make_document

from jupyter_plant_together.journal.local import LocalJournal
from jupyter_plant_together.journal.merger import Merger
from jupyter_plant_together.journal.snapshots import Snapshots
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.live.registry import Registry
from jupyter_plant_together.rooms.history import HistoryService
from jupyter_plant_together.rooms.history_worker import HistoryWorker
from jupyter_plant_together.rooms.identity import Principal
from jupyter_plant_together.rooms.policy import Policy
from jupyter_plant_together.rooms.retention import Retention
from jupyter_plant_together.rooms.service import RoomService
from jupyter_plant_together.store.port import Store
from jupyter_plant_together.yjs.textdiff import edits

# PLANT_TOGETHER_LONG=1 runs the long form, some ten minutes.
LONG = bool(os.environ.get("PLANT_TOGETHER_LONG"))
EDITS = 10_000 if LONG else 300
WORDS = ("a", "bc", "😀", "é", "שלום", "x\ny", "class A")


def person(name: str) -> Principal:
    return Principal(name, name, name, name, name[:1], None, "#000000", "browser")


PEOPLE = [person(name) for name in ("ada", "bob", "cai", "dia", "eve")]


@dataclass
class Parts:
    """A server's parts over one store, without its handlers."""

    store: Store
    history_worker: HistoryWorker = field(default_factory=HistoryWorker)

    async def start(self) -> Parts:
        self.merger = Merger()
        self.snapshots = Snapshots(self.store, self.merger)
        self.journal = LocalJournal(self.store, self.snapshots)
        self.live = Registry(self.journal, Limits(), idle_timeout=0)
        self.rooms = RoomService(self.store, Policy(), Limits(), changed=self.journal.notify_now)
        self.history = HistoryService(
            self.rooms, self.store, self.live, self.history_worker, changed=self.journal.notify_now
        )
        await self.journal.start()
        await self.live.start()
        return self

    async def stop(self) -> None:
        await self.live.stop()
        await self.journal.stop()
        await self.merger.close()


def retyped(model: list[tuple[str, str]], text: str, author: str) -> list[tuple[str, str]]:
    """Return the model after somebody turned its text into ``text`` by its least difference."""
    old = "".join(character for character, _ in model)
    after = list(model)
    for edit in edits(old, text):
        after[edit.index : edit.index + edit.delete] = [(character, author) for character in edit.insert]
    return after


@pytest.mark.timeout(3_600 if LONG else 300)
async def test_the_past_is_what_a_model_remembers(make_store: Factory) -> None:
    chance = random.Random(1)
    store = await make_store()
    document = await make_document(store)
    room = f"~{document.room_id}"
    name = f"~{document.id}"
    parts = await Parts(store).start()
    model: list[tuple[str, str]] = []
    named: dict[str, str] = {}
    for step in range(EDITS):
        who = chance.choice(PEOPLE)
        text = "".join(character for character, _ in model)
        what = chance.random()
        if what < 0.03 and named:
            version = chance.choice(list(named))
            await parts.history.restore(who, room, name, version)
            model = retyped(model, named[version], who.subject)
        elif what < 0.08:
            made = await parts.history.tag(who, room, name, name=f"step {step}")
            named[made.id] = text
        elif what < 0.09:
            await parts.snapshots.make(document.id)
        elif what < 0.1:
            await parts.stop()
            parts = await Parts(store, parts.history_worker).start()
        elif what < 0.11:
            await Retention(store, parts.history_worker, seconds=1).once(2**50)
        else:
            if model and chance.random() < 0.4:
                start = chance.randrange(len(model))
                text = text[:start] + text[start + chance.randint(1, 5) :]
            else:
                at = chance.randint(0, len(model))
                text = text[:at] + chance.choice(WORDS) + text[at:]
            async with parts.live.use(document.id) as live:
                await live.edit_text(text, who.subject)
            model = retyped(model, text, who.subject)
    for version, expected in named.items():
        assert (await parts.history.version_text(PEOPLE[0], room, name, version))[1] == expected
    text, runs = await parts.history.authors(PEOPLE[0], room, name)
    assert text == "".join(character for character, _ in model)
    assert [author for author, units, _ in runs for _ in range(units)] == [
        author for character, author in model for _ in range(len(character.encode("utf-16-le")) // 2)
    ]
    assert len(named) > 10
    await parts.stop()
    await parts.history_worker.close()

"""The notebook client against a real server: rooms, documents, edits, listening, presence."""

# ruff: noqa: RUF001 - look-alike characters are the point

from __future__ import annotations

import asyncio
import gc
import random
import threading
import time
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import pytest
from websockets.sync.client import connect as websocket

import jupyter_plant_together as plant
from jupyter_plant_together.yjs import sync as p

Connect = Callable[..., plant.Room]
FAMILY = "👩‍👩‍👧‍👦"
ALPHABET = [
    "a",
    "->",
    "\n",
    "ß",
    "é",
    "e\u0301",
    "日本",
    "😀",
    FAMILY,
    "🇩🇪",
    "مرحبا",
    "שלום",
    "\u200f",
    "𝔘",
    "\0",
]


def test_rooms_and_documents(server: Any, connect: Connect) -> None:
    room = connect("Räume 1", server)
    assert (room.name, room.documents, len(room), list(room)) == ("Räume 1", [], 0, [])
    login = room.create("login", "@startuml\r\nA -> B\r@enduml")
    assert login.name == "login.puml"
    assert login.source == "@startuml\nA -> B\n@enduml"
    assert room["login"] is login
    assert room["login.puml"] is login
    assert room["~" + login.id] is login
    room.create("łódź", "x")
    assert room.documents == ["login.puml", "łódź.puml"]
    assert "login" in room
    assert "other" not in room
    assert 3 not in room
    assert room._ipython_key_completions_() == room.documents
    with pytest.raises(plant.NameTaken, match="LOGIN"):
        room.create("LOGIN.puml")
    with pytest.raises(plant.BadName):
        room.create("a/b")
    with pytest.raises(plant.BadName, match="empty"):
        room[""]
    with pytest.raises(plant.DocumentNotFound, match="create"):
        room["nothing"]
    with pytest.raises(TypeError, match="str"):
        room[0]  # type: ignore[index]


def test_a_rename_reaches_whoever_has_the_document_open(
    server: Any, connect: Connect, eventually: Callable[..., None]
) -> None:
    ada, ben = connect("renames", server), connect("renames", server)
    hers = ada.create("old", "text")
    his = ben["old"]
    ada.rename("old", "new")
    eventually(lambda: (hers.name, his.name) == ("new.puml", "new.puml"), "both know the new name")
    his.append("!")
    his.flush()
    hers.wait_for("text!", 10)
    server.api("PATCH", "rooms/renames", {"name": "renamed"})
    eventually(lambda: hers.room == "renamed", "the room's new name")
    assert ada["new"] is hers  # the room is known by its id


def test_a_deletion_ends_the_document_and_keeps_the_text(
    server: Any, connect: Connect, eventually: Callable[..., None]
) -> None:
    ada, ben = connect("deletions", server), connect("deletions", server)
    ada.create("doomed", "last words")
    his = ben["doomed"]
    ada.delete("doomed")
    eventually(lambda: his.status == "closed", "the deletion arrives")
    assert his.source == "last words"
    with pytest.raises(plant.DocumentNotFound):
        his.append("more")
    with pytest.raises(plant.DocumentNotFound):
        his.wait_for("never", 10)
    assert ben.documents == []


def test_a_room_that_is_not_there(server: Any, connect: Connect) -> None:
    with pytest.raises(plant.RoomNotFound):
        connect("no such room", server, create=False)
    assert "no such room" not in [room["name"] for room in server.api("GET", "rooms")["items"]]
    with pytest.raises(plant.BadName):
        connect(" bad", server)
    with pytest.raises(TypeError):
        connect(None, server)


def test_edits_by_string_indices(server: Any, connect: Connect) -> None:
    room = connect("edits", server)
    doc = room.create("edits", f"a{FAMILY}שלום")
    expected = doc.source
    doc.insert(1, "😀")
    expected = expected[:1] + "😀" + expected[1:]
    doc.insert(-1, "é")
    expected = expected[:-1] + "é" + expected[-1:]
    doc.append("𝔘\r\n")
    expected += "𝔘\n"
    doc.delete(0)
    expected = expected[1:]
    doc.delete(2, 5)
    expected = expected[:2] + expected[5:]
    assert doc.replace("😀", "🇩🇪") == 1
    expected = expected.replace("😀", "🇩🇪")
    assert doc.replace("nowhere", "x") == 0
    assert doc.source == str(doc) == expected
    assert len(doc) == len(expected)
    assert "שלום"[:2] in doc
    doc.flush()
    assert doc.status == "saved"
    assert server.api("GET", "rooms/edits/documents/edits.puml/source") == expected


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (lambda doc: doc.insert(6, "x"), IndexError),
        (lambda doc: doc.insert(-7, "x"), IndexError),
        (lambda doc: doc.insert(99, ""), IndexError),
        (lambda doc: doc.delete(5), IndexError),
        (lambda doc: doc.delete(0, 6), IndexError),
        (lambda doc: doc.delete(4, 2), ValueError),
        (lambda doc: doc.insert(1.5, "x"), TypeError),
        (lambda doc: doc.insert(0, None), TypeError),
        (lambda doc: doc.append(b"x"), TypeError),
        (lambda doc: doc.append("\ud83d"), ValueError),
        (lambda doc: doc.replace("", "x"), ValueError),
        (lambda doc: setattr(doc, "source", 5), TypeError),
    ],
)
def test_a_bad_edit_is_refused_and_changes_nothing(
    server: Any, connect: Connect, edit: Callable[[Any], None], error: type[Exception]
) -> None:
    room = connect("bad edits", server)
    doc = room["bad"] if "bad" in room else room.create("bad", "a😀bcd")
    with pytest.raises(error) as raised:
        edit(doc)
    assert len(str(raised.value)) > 10
    assert doc.source == "a😀bcd"
    assert doc.status == "saved"


def test_setting_the_source_edits_minimally(server: Any, connect: Connect) -> None:
    """What stays in place is not written again: a stock client sees one small insertion."""
    room = connect("minimal", server)
    doc = room.create("minimal", "@startuml\nA -> B : 😀 hello\n@enduml\n")
    with Raw(server, doc.id) as other:
        doc.source = doc.source.replace("hello", "help")
        doc.flush()
        update = other.update()
    assert len(update) < 60
    assert other.text == doc.source == "@startuml\nA -> B : 😀 help\n@enduml\n"


class Raw:
    """A connection that sees the frames themselves."""

    def __init__(self, server: Any, document: str) -> None:
        import pycrdt

        self.doc: Any = pycrdt.Doc()
        self.source = self.doc.get("source", type=pycrdt.Text)
        headers = {"Authorization": f"token {server.token}"}
        self._connection = websocket(f"{server.sync_url}/{document}", additional_headers=headers)
        self._socket = self._connection.__enter__()
        self._socket.send(p.sync(p.STEP1, self.doc.get_state()))
        self.update(p.STEP2)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *error: Any) -> None:
        self._connection.__exit__(*error)

    def update(self, step: int = p.UPDATE, timeout: float = 10.0) -> bytes:
        """Return (and apply) the next update."""
        end = time.monotonic() + timeout
        while True:
            frame = self._socket.recv(max(0.0, end - time.monotonic()))
            assert isinstance(frame, bytes)
            message = p.parse(frame)
            if isinstance(message, p.Sync) and message.step == step:
                self.doc.apply_update(message.payload)
                return message.payload

    @property
    def text(self) -> str:
        return str(self.source)


def test_a_transaction_is_one_update(server: Any, connect: Connect) -> None:
    """PROTOCOL *Kernel*."""
    room = connect("transactions", server)
    doc = room.create("transaction", "one two")
    with Raw(server, doc.id) as other:
        with doc.transaction():
            doc.replace("one", "1")
            doc.append(" three")
            assert doc.source == "1 two three"
            time.sleep(0.05)  # longer than edits wait to be merged into one frame
            assert other.text == "one two"
            doc.insert(0, "zero ")
        doc.flush()
        other.update()
        assert other.text == "zero 1 two three"
        with pytest.raises(TimeoutError):
            other.update(timeout=0.3)
        with pytest.raises(ZeroDivisionError), doc.transaction():
            doc.append("gone")
            _ = 1 / 0
        with doc.transaction():
            doc.append("!")
            with pytest.raises(IndexError), doc.transaction():
                doc.append("gone")
                doc.delete(999)
            with pytest.raises(RuntimeError, match="transaction"):
                doc.flush()
        assert doc.source == "zero 1 two three!"
        other.update()
        assert other.text == doc.source


def test_others_edits_wait_for_the_end_of_a_transaction(server: Any, connect: Connect) -> None:
    ada, ben = connect("held", server), connect("held", server)
    hers = ada.create("held", "abc")
    his = ben["held"]
    with hers.transaction():
        his.insert(0, ">>>")
        his.flush()
        assert hers.source == "abc"
        hers.delete(0, 1)
    assert hers.wait_for(">>>", 10) == ">>>bc"
    assert his.wait_for(">>>bc", 10)


def test_observe_and_wait_for(server: Any, connect: Connect) -> None:
    ada, ben = connect("observe", server), connect("observe", server)
    hers = ada.create("observe", "a")
    his = ben["observe"]
    seen: list[plant.Change] = []
    arrived = threading.Event()

    @hers.on_change
    def note(change: plant.Change) -> None:
        seen.append(change)
        if "answer" in change.text:
            arrived.set()
        elif not change.local:
            hers.append(" answer")  # callbacks may edit

    his.append("b")
    assert arrived.wait(10)
    assert (seen[0].before, seen[0].text, seen[0].local) == ("a", "ab", False)
    assert seen[0].document is hers
    assert [astuple(edit) for edit in seen[0].edits] == [(1, 0, "b")]
    assert his.wait_for(lambda text: text.endswith("answer"), 10) == "ab answer"
    hers.unobserve(note)
    with pytest.raises(ValueError, match="not registered"):
        hers.unobserve(note)
    count = len(seen)
    his.append("!")
    hers.wait_for("!", 10)
    assert len(seen) == count
    with pytest.raises(TimeoutError, match="observe"):
        hers.wait_for("never", 0.05)
    with pytest.raises(TypeError):
        hers.observe(7)
    with pytest.raises(TypeError):
        hers.wait_for(7)


def test_presence(server: Any, connect: Connect, eventually: Callable[..., None]) -> None:
    ada, ben = connect("presence", server), connect("presence", server)
    hers = ada.create("presence", "x")
    assert [person.me for person in hers.participants] == [True], "at once"
    his = ben["presence"]
    eventually(lambda: len(hers.participants) == len(his.participants) == 2, "both see both")
    (other,) = [person for person in hers.participants if not person.me]
    assert other.kind == "notebook"
    assert other.display_name.endswith(" · notebook")
    assert other.color.startswith("#")
    assert str(other) in repr(hers)
    assert len(ada.participants) == 2
    ben.close()
    eventually(lambda: [person.me for person in hers.participants] == [True], "his farewell")


def test_what_nobody_holds_is_flushed_and_left(
    server: Any, connect: Connect, eventually: Callable[..., None]
) -> None:
    ada, ben = connect("left", server), connect("left", server)
    hers = ada.create("left", "x")
    ben["left"].append("y")  # the object vanishes at once
    gc.collect()
    hers.wait_for("xy", 10)
    eventually(lambda: len(hers.participants) == 1, "his leave")
    assert ben["left"].source == "xy"


def test_two_clients_with_500_random_edits_converge(
    server: Any, connect: Connect, eventually: Callable[..., None]
) -> None:
    rooms = [connect("converge", server) for _ in range(2)]
    docs = [rooms[0].create("converge", "@startuml\nשלום 😀\n@enduml\n")]
    docs.append(rooms[1]["converge"])

    def write(doc: plant.Document, seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(250):
            with doc.transaction():
                length = len(doc)
                at = rng.randint(0, length)
                action = rng.random()
                if action < 0.6 or length < 20:
                    doc.insert(at, "".join(rng.choices(ALPHABET, k=rng.randint(1, 4))))
                elif action < 0.8:
                    doc.delete(at, min(length, at + rng.randint(0, 5)))
                elif action < 0.9:
                    doc.replace(rng.choice(ALPHABET), rng.choice(ALPHABET), 2)
                else:
                    text = doc.source
                    doc.source = text[:at] + rng.choice(ALPHABET) + text[at + 1 :]

    threads = [threading.Thread(target=write, args=(doc, seed)) for seed, doc in enumerate(docs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for doc in docs:
        doc.flush(30)
    eventually(lambda: docs[0].source == docs[1].source, "both have one text")
    assert server.api("GET", "rooms/converge/documents/converge.puml/source") == docs[0].source
    assert [doc.status for doc in docs] == ["saved", "saved"]


def test_inside_a_running_event_loop(server: Any, connect: Connect) -> None:
    """A notebook cell runs in one: the blocking calls work there, and sync goes on while it is blocked."""

    async def cell() -> None:
        ada, ben = connect("loop", server), connect("loop", server)
        hers = ada.create("loop", "a")
        his = ben["loop"]
        his.append("b")
        his.flush()
        assert hers.wait_for("ab", 10) == "ab"

    asyncio.run(cell())


def test_async_twin(server: Any) -> None:
    async def main() -> None:
        async with await plant.aio.connect("async", url=server.url, token=server.token) as room:
            doc = await room.create("async", "a")
            assert await room.documents() == ["async.puml"]
            assert await room.has("async")
            assert not await room.has("other")
            async with await plant.aio.connect("async", url=server.url, token=server.token) as second:
                other = await second.open("async")
                other.append("b")
                await other.flush()
                assert await doc.wait_for("ab", 10) == "ab"
                with doc.transaction():
                    doc.source = "c"
                await doc.flush()
                with pytest.raises(TimeoutError):
                    await doc.wait_for("never", 0.05)
                await second.rename("async", "awaited")
                await second.delete("awaited")
            with pytest.raises(plant.DocumentNotFound):
                await room.open("awaited")
        with pytest.raises(plant.Disconnected, match="connect again"):
            await room.documents()

    asyncio.run(main())


def test_a_closed_room_is_still_read(server: Any, connect: Connect) -> None:
    room = connect("closed", server)
    doc = room.create("closed", "text")
    with room:
        doc.append("!")
    assert server.api("GET", "rooms/closed/documents/closed.puml/source") == "text!"
    assert doc.source == "text!"
    with pytest.raises(plant.Disconnected, match="again"):
        doc.append("x")
    with pytest.raises(plant.Disconnected, match="again"):
        _ = room.documents
    room.close()


def test_many_edits_from_many_threads(server: Any, connect: Connect) -> None:
    rooms = [connect("threads", server) for _ in range(3)]
    docs = [rooms[0].create("threads"), *(room["threads"] for room in rooms[1:])]

    def write(doc: plant.Document, letter: str) -> None:
        for number in range(500):
            doc.insert(len(doc.source) if number % 50 == 0 else 0, letter)

    threads = [threading.Thread(target=write, args=(doc, letter)) for doc in docs for letter in ("é", "😀")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for doc in docs:
        doc.flush(30)
    for doc in docs:
        doc.wait_for(lambda text: len(text) == 3_000, 30)
    assert len({doc.source for doc in docs}) == 1
    assert docs[0].source.count("😀") == 1_500
    assert server.api("GET", "rooms/threads/documents/threads.puml/source") == docs[0].source


def test_what_somebody_observes_stays(server: Any, connect: Connect) -> None:
    doc = connect("observed", server).create("observed")
    heard = threading.Event()
    room = plant.connect("observed", url=server.url, token=server.token)
    room["observed"].observe(lambda change: heard.set())
    gc.collect()
    doc.append("!")
    assert heard.wait(10)
    room.close()

"""A document's past over REST: looking, naming, going back, forgetting."""

from __future__ import annotations

import asyncio
import sys
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from websockets.exceptions import ConnectionClosed

from jupyter_plant_together.yjs import sync as p

sys.path.insert(0, str(Path(__file__).parent))

from people import Ask

pytestmark = pytest.mark.usefixtures("named_users")
DOC = "rooms/x/documents/a"


@pytest.fixture
def write(api: Any) -> Any:
    """``await write("ada", text)``: make the text this, as somebody; durable when it returns."""

    async def put(user: str, text: str) -> None:
        answer = await api(
            "PUT", f"{DOC}/source", signed_in=False, headers={"X-User": user}, raw=text.encode()
        )
        assert answer.code == 204, answer.body

    return put


@pytest.fixture
def read(api: Any) -> Any:
    async def get(query: str = "") -> str:
        answer = await api("GET", f"{DOC}/source{query}", signed_in=False, headers={"X-User": "ada"})
        assert answer.code == 200, answer.body
        return str(answer.body.decode())

    return get


async def make(ask: Ask) -> None:
    await ask("ada", "POST", "rooms", {"name": "x"})
    await ask("ada", "POST", "rooms/x/documents", {"name": "a", "source": "one\n"})


async def everything(socket: Any) -> bytes:
    """Join a document with nothing, and return the state that the server sends."""
    while True:
        message = p.parse(await asyncio.wait_for(socket.recv(), 10))
        if isinstance(message, p.Sync) and message.step == p.STEP1:
            await socket.send(p.sync(p.STEP1, b"\x00"))
        elif isinstance(message, p.Sync) and message.step == p.STEP2:
            return message.payload


async def test_the_timeline_tells_who_worked_when_and_leads_to_every_text(
    ask: Ask, write: Any, read: Any
) -> None:
    await make(ask)
    await write("ada", "one\ntwo\n")
    await write("bob", "one\ntwo\nthree 🌱\n")
    await write("ada", "two\nthree 🌱\n")
    _, timeline = await ask("eve", "GET", f"{DOC}/timeline")
    assert [(one["author"], one["rows"]) for one in timeline["items"]] == [("ada", 1), ("bob", 1), ("ada", 2)]
    texts = [await read(f"?at={one['last']}") for one in timeline["items"]]
    assert texts == ["two\nthree 🌱\n", "one\ntwo\nthree 🌱\n", "one\ntwo\n"]
    assert await read(f"?at={timeline['items'][-1]['first']}") == "one\n"
    _, page = await ask("eve", "GET", f"{DOC}/timeline?limit=1")
    _, rest = await ask("eve", "GET", f"{DOC}/timeline?cursor={page['next']}")
    assert page["items"] + rest["items"] == timeline["items"]
    for bad in ("cursor=x", "cursor=-1", "limit=0"):
        assert (await ask("eve", "GET", f"{DOC}/timeline?{bad}"))[0] == 400


async def test_each_character_has_its_author(ask: Ask, write: Any) -> None:
    await make(ask)
    await write("bob", "one 🌱\n")
    await write("eve", "one 🌱!\n")
    asked = datetime.now(UTC)
    _, found = await ask("ada", "GET", f"{DOC}/authors")
    assert found["source"] == "one 🌱!\n"
    assert [(run["author"], run["length"]) for run in found["runs"]] == [
        ("ada", 3),
        ("bob", 3),
        ("eve", 1),
        ("ada", 1),
    ]
    times = [datetime.fromisoformat(run["at"]) for run in found["runs"]]
    assert times[0] == times[3] <= times[1] <= times[2] <= asked
    _, timeline = await ask("ada", "GET", f"{DOC}/timeline")
    _, before = await ask("ada", "GET", f"{DOC}/authors?at={timeline['items'][1]['last']}")
    assert before["source"] == "one 🌱\n"
    assert [run["author"] for run in before["runs"]] == ["ada", "bob", "ada"]


async def test_a_version_is_named_looked_at_and_restored_as_an_ordinary_edit(
    ask: Ask, write: Any, read: Any
) -> None:
    await make(ask)
    status, version = await ask("ada", "POST", f"{DOC}/versions", {"name": "before review"})
    assert status == 201
    await write("bob", "one\nbob was here\n")
    _, listed = await ask("eve", "GET", f"{DOC}/versions")
    assert listed["items"] == [version]
    _, kept = await ask("eve", "GET", f"{DOC}/versions/{version['id']}")
    assert kept["source"] == "one\n"
    assert await read(f"?version={version['id']}") == "one\n"
    assert (await ask("ada", "POST", f"{DOC}/versions/{version['id']}/restore"))[0] == 200
    assert await read() == "one\n"
    _, timeline = await ask("ada", "GET", f"{DOC}/timeline")
    assert [one["author"] for one in timeline["items"]] == ["ada", "bob", "ada"]  # nothing was taken away
    assert (await ask("ada", "POST", f"{DOC}/rewind", {"seq": timeline["items"][1]["last"]}))[0] == 204
    assert await read() == "one\nbob was here\n"
    _, earlier = await ask(
        "ada", "POST", f"{DOC}/versions", {"name": "start", "seq": timeline["items"][2]["first"]}
    )
    assert await read(f"?version={earlier['id']}") == "one\n"
    for body in ({}, {"name": ""}, {"name": "x" * 129}, {"name": "a\nb"}):
        assert (await ask("ada", "POST", f"{DOC}/versions", body))[0] == 400
    assert (await ask("ada", "GET", f"{DOC}/versions/v_none"))[0] == 404


async def test_a_rollback_takes_back_one_persons_edits_and_keeps_the_others(
    ask: Ask, write: Any, read: Any
) -> None:
    await make(ask)
    await write("bob", "one\nBOB\n")
    await write("ada", "one\nBOB\ntwo\n")
    await write("bob", "BOB\ntwo\n")  # bob removed ada's line
    await write("eve", "BOB\ntwo\nthree\n")
    status, answer = await ask("ada", "POST", f"{DOC}/rollback", {"author": "bob"})
    assert (status, answer["source"]) == (200, "one\ntwo\nthree\n")
    assert await read() == "one\ntwo\nthree\n"
    assert (await ask("ada", "POST", f"{DOC}/rollback", {}))[0] == 400
    _, timeline = await ask("ada", "GET", f"{DOC}/timeline")
    undo = timeline["items"][0]
    await ask("ada", "POST", f"{DOC}/rollback", {"first": undo["first"], "last": undo["last"]})
    assert await read() == "BOB\ntwo\nthree\n"  # a rollback is an edit like any other


async def test_a_rollbacks_preview_changes_nothing_and_brings_the_edit_that_does_it(
    ask: Ask, dial: Any, write: Any, read: Any
) -> None:
    await make(ask)
    await write("bob", "one\nBOB\n")
    _, document = await ask("ada", "GET", DOC)
    _, timeline = await ask("ada", "GET", f"{DOC}/timeline")
    undo = {"author": "bob", "preview": True}
    status, answer = await ask("ada", "POST", f"{DOC}/rollback", undo)
    assert (status, answer["source"]) == (200, "one\n")
    assert await read() == "one\nBOB\n"
    assert (await ask("ada", "GET", f"{DOC}/timeline"))[1] == timeline
    assert (await ask("ada", "POST", f"{DOC}/rollback", {**undo, "preview": 1}))[0] == 400
    async with dial("ada", f"sync/{document['id']}") as socket:
        client: pycrdt.Doc[Any] = pycrdt.Doc()
        client.apply_update(await everything(socket))
        client.apply_update(b64decode(answer["update"]))
        assert str(client.get("source", type=pycrdt.Text)) == "one\n"
    assert (await ask("ada", "POST", f"{DOC}/rollback", {"author": "nobody", "preview": True}))[1] == {
        "source": "one\nBOB\n",
        "update": b64encode(b"\0\0").decode(),
    }


async def test_who_may_only_look_changes_nothing(ask: Ask) -> None:
    await make(ask)
    await ask("ada", "PUT", "rooms/x/members/everyone", {"role": "viewer"})
    for path, body in (
        ("versions", {"name": "v"}),
        ("rewind", {"seq": 1}),
        ("rollback", {"author": "ada"}),
        ("forget", {"confirm": "a.puml"}),
    ):
        assert (await ask("eve", "POST", f"{DOC}/{path}", body))[0] == 403, path
    for path in ("timeline", "authors", "versions"):
        assert (await ask("eve", "GET", f"{DOC}/{path}"))[0] == 200


async def test_e1_a_forgotten_history_never_comes_back(ask: Ask, dial: Any, write: Any, read: Any) -> None:
    await make(ask)
    await write("ada", "one\nsecret\n")
    await write("ada", "one\n")
    _, document = await ask("ada", "GET", DOC)
    async with dial("bob", f"sync/{document['id']}?control=1") as socket:
        old = await everything(socket)
        assert (await ask("ada", "POST", f"{DOC}/forget", {"confirm": "other"}))[0] == 412
        status, answer = await ask("ada", "POST", f"{DOC}/forget", {"confirm": "a.puml"})
        assert (status, answer["epoch"]) == (200, 2)
        told: list[dict[str, Any]] = []
        with pytest.raises(ConnectionClosed) as end:
            while True:
                message = p.parse(await asyncio.wait_for(socket.recv(), 10))
                if isinstance(message, p.Control):
                    told.append(message.body)
        assert end.value.rcvd is not None
        assert (end.value.rcvd.code, told[-1]) == (4409, {"type": "reset", "epoch": 2})
    async with dial("bob", f"sync/{document['id']}") as socket:  # a stock client comes back with all it has
        await socket.send(p.sync(p.STEP2, old))
        with pytest.raises(ConnectionClosed) as end:
            while True:
                await asyncio.wait_for(socket.recv(), 10)
        assert end.value.rcvd is not None
        assert end.value.rcvd.code == 4409
    assert await read() == "one\n"
    _, timeline = await ask("ada", "GET", f"{DOC}/timeline")
    assert [one["rows"] for one in timeline["items"]] == [1]
    await write("bob", "one\ntwo\n")
    assert await read() == "one\ntwo\n"


async def test_the_trash_says_who_deleted_and_when_it_is_emptied(ask: Ask) -> None:
    await make(ask)
    assert (await ask("bob", "DELETE", DOC))[0] == 204
    (entry,) = (await ask("ada", "GET", "rooms/x/documents?deleted=true"))[1]["items"]
    assert (entry["name"], entry["deleted_by"]) == ("a.puml", "bob")
    assert (await ask("ada", "DELETE", "rooms/x"))[0] == 204
    (room,) = (await ask("ada", "GET", "rooms?deleted=true"))[1]["items"]
    assert (room["name"], room["deleted_by"], room["role"]) == ("x", "ada", "owner")
    assert (await ask("ada", "GET", "me"))[1]["history_retention"] == 0


async def test_trash_is_listed_restored_and_purged(ask: Ask, write: Any, database_path: Path) -> None:
    await make(ask)
    await write("ada", "one\nsecretword\n")
    assert (await ask("ada", "POST", f"{DOC}/purge"))[0] == 404  # only what was deleted
    await ask("ada", "DELETE", DOC)
    _, trash = await ask("ada", "GET", "rooms/x/documents?deleted=true")
    assert [one["name"] for one in trash["items"]] == ["a.puml"]
    await ask("ada", "POST", "rooms/x/documents", {"name": "a", "source": "new"})
    assert (await ask("ada", "POST", f"{DOC}/restore", {}))[0] == 409
    assert (await ask("ada", "POST", f"{DOC}/restore", {"name": "b"}))[0] == 200
    await ask("ada", "DELETE", "rooms/x/documents/b")
    assert (await ask("eve", "POST", "rooms/x/documents/b/purge"))[0] == 403
    assert (await ask("ada", "POST", "rooms/x/documents/b/purge"))[0] == 204
    assert (await ask("ada", "POST", "rooms/x/documents/b/restore", {}))[0] == 404
    _, trash = await ask("ada", "GET", "rooms/x/documents?deleted=true")
    assert trash["items"] == []
    await ask("ada", "DELETE", "rooms/x")
    assert (await ask("ada", "POST", "rooms/x/purge"))[0] == 204
    assert (await ask("ada", "POST", "rooms/x/restore", {}))[0] == 404


async def test_a8_ways_back_at_once_are_made_once(ask: Ask, write: Any, read: Any) -> None:
    await make(ask)
    lines = "".join(f"line {number}\n" for number in range(30))
    await write("ada", lines)
    _, version = await ask("ada", "POST", f"{DOC}/versions", {"name": "lines"})
    await write("ada", "")
    back: dict[str, dict[str, int]] = {
        f"{DOC}/versions/{version['id']}/restore": {},
        f"{DOC}/rewind": {"seq": version["seq"]},
        f"{DOC}/rollback": {"first": version["seq"] + 1},
    }
    for path, how in back.items():
        answers = await asyncio.gather(*(ask("ada", "POST", path, how) for _ in range(3)))
        assert {status for status, _ in answers} <= {200, 204}
        assert await read() == lines
        await write("ada", "")
    await asyncio.gather(*(ask("ada", "POST", path, how) for path, how in back.items()))
    assert await read() == lines

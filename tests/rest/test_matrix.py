"""Who may do what: every call, WebSocket and message for everybody (one policy; I1, I3, I5, *Refusals*).

The table says for each call which right it needs. The test walks it whole: everybody tries every call on a
private room, the weakest first. Who is refused is refused as the policy says, nothing is opened for them, and
nothing is changed by them. A route that the table does not know fails the test.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from tornado import web
from websockets.exceptions import ConnectionClosed, InvalidStatus

from jupyter_plant_together.handlers import handlers
from jupyter_plant_together.handlers.invitation_page import InvitationPageHandler
from jupyter_plant_together.handlers.socket import PlantSocket
from jupyter_plant_together.handlers.system import UnknownHandler
from jupyter_plant_together.rooms import members
from jupyter_plant_together.yjs import sync as p

sys.path.insert(0, str(Path(__file__).parent))

from people import Naming, asking, dialling

NOBODY, STRANGER, REMOVED, LATE = "nobody", "eve", "rem", "late"
VIEWER, EDITOR, OWNER = "vic", "ed", "ada"
EVERYBODY = (NOBODY, STRANGER, REMOVED, LATE, VIEWER, EDITOR, OWNER)
SIGNED_IN, VIEW, EDIT, MANAGE = range(4)
RANK = {NOBODY: -1, STRANGER: 0, REMOVED: 0, LATE: 0, VIEWER: 1, EDITOR: 2, OWNER: 3}


@dataclass
class Call:
    """A call: the right it needs, its body, what the owner does first, and who is an exception."""

    right: int
    line: str
    body: Any = None
    first: str = ""
    but: dict[str, int] = field(default_factory=dict)
    hidden: str = "room-not-found"


ROOM, DOCUMENT = "rooms/{room}", "rooms/{room}/documents/{document}"
CALLS = [
    Call(SIGNED_IN, "GET me"),
    Call(SIGNED_IN, "GET health"),
    Call(SIGNED_IN, "GET metrics"),
    Call(VIEW, "POST tickets", {"document": "{id}"}, hidden="document-not-found"),
    Call(VIEW, "POST tickets", {"room": "{room_id}"}),
    Call(SIGNED_IN, "POST render", {"source": "Ada -> Ben"}),
    Call(SIGNED_IN, "GET rooms"),
    Call(SIGNED_IN, "POST rooms", {"name": "new {number}"}),
    Call(VIEW, f"GET {ROOM}"),
    Call(MANAGE, f"PATCH {ROOM}", {"description": "changed"}),
    Call(MANAGE, f"DELETE {ROOM}"),
    Call(MANAGE, f"POST {ROOM}/restore", {}, first=f"DELETE {ROOM}"),
    Call(MANAGE, f"POST {ROOM}/purge", first=f"DELETE {ROOM}"),
    Call(VIEW, f"GET {ROOM}/members"),
    Call(MANAGE, f"PUT {ROOM}/members/user/somebody", {"role": "viewer"}),
    Call(MANAGE, f"PUT {ROOM}/members/user/eve", {"role": "owner"}),
    Call(MANAGE, f"PUT {ROOM}/members/group/team", {"role": "owner"}),
    Call(MANAGE, f"PUT {ROOM}/members/everyone", {"role": "viewer"}),
    Call(MANAGE, f"DELETE {ROOM}/members/user/other"),
    Call(MANAGE, f"GET {ROOM}/invitations"),
    Call(MANAGE, f"POST {ROOM}/invitations", {"role": "editor"}),
    Call(MANAGE, f"DELETE {ROOM}/invitations/{{invitation}}"),
    Call(SIGNED_IN, "POST invitations/accept", {"token": "{token}"}, but={REMOVED: 403}),
    Call(SIGNED_IN, "POST invitations/accept", {"token": "{expired}"}, but=dict.fromkeys(EVERYBODY[1:], 404)),
    Call(MANAGE, f"GET {ROOM}/audit"),
    Call(VIEW, f"GET {ROOM}/export"),
    Call(EDIT, f"POST {ROOM}/import?name=b", b"@startuml\n"),
    Call(VIEW, f"GET {ROOM}/documents"),
    Call(EDIT, f"POST {ROOM}/documents", {"name": "b"}),
    Call(VIEW, f"GET {DOCUMENT}"),
    Call(EDIT, f"PATCH {DOCUMENT}", {"name": "b"}),
    Call(EDIT, f"DELETE {DOCUMENT}"),
    Call(EDIT, f"POST {DOCUMENT}/restore", {}, first=f"DELETE {DOCUMENT}"),
    Call(MANAGE, f"POST {DOCUMENT}/purge", first=f"DELETE {DOCUMENT}"),
    Call(VIEW, f"GET {DOCUMENT}/source"),
    Call(EDIT, f"PUT {DOCUMENT}/source", b"changed"),
    Call(VIEW, f"GET {DOCUMENT}/image.svg"),
    Call(VIEW, f"GET {DOCUMENT}/image.png?version={{version}}"),
    Call(VIEW, f"GET {DOCUMENT}/timeline"),
    Call(VIEW, f"GET {DOCUMENT}/authors"),
    Call(VIEW, f"GET {DOCUMENT}/versions"),
    Call(EDIT, f"POST {DOCUMENT}/versions", {"name": "w"}),
    Call(VIEW, f"GET {DOCUMENT}/versions/{{version}}"),
    Call(EDIT, f"POST {DOCUMENT}/versions/{{version}}/restore"),
    Call(EDIT, f"POST {DOCUMENT}/rewind", {"seq": "{seq}"}),
    Call(EDIT, f"POST {DOCUMENT}/rollback", {"author": "ed"}),
    Call(MANAGE, f"POST {DOCUMENT}/forget", {"confirm": "a.puml"}),
]


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["ServerApp"]["identity_provider_class"] = Naming
    return jp_server_config


class World:
    """A private room with everything in it that calls are about; its names stand in the calls in braces."""

    numbers = itertools.count(1)

    def __init__(self, api: Any) -> None:
        self._api = api
        self._ask = asking(api)
        self.names: dict[str, Any] = {}

    async def _owner(self, line: str, body: Any = None) -> Any:
        method, path = line.split(" ", 1)
        status, answer = await self._ask(OWNER, method, path.format_map(self.names), body)
        assert status < 300, (line, answer)
        return answer

    async def make(self) -> World:
        name = f"room {next(self.numbers)}"
        room = await self._owner("POST rooms", {"name": name, "private": True})
        self.names = {"room": "~" + room["id"], "room_id": room["id"], "name": name}
        for who, role in ((VIEWER, "viewer"), (EDITOR, "editor"), (REMOVED, "editor"), ("other", "viewer")):
            await self._owner(f"PUT {ROOM}/members/user/{who}", {"role": role})
        made = await self._owner(f"POST {ROOM}/documents", {"name": "a", "source": "Ada -> Ben : kept"})
        self.names |= {"document": "~" + made["id"], "id": made["id"]}
        self.names["version"] = (await self._owner(f"POST {DOCUMENT}/versions", {"name": "v"}))["id"]
        self.names["seq"] = (await self._owner(f"GET {DOCUMENT}/timeline"))["items"][0]["last"]
        for key, life in (("token", 3_600), ("expired", 60)):
            invited = await self._owner(f"POST {ROOM}/invitations", {"role": "editor", "expires_in": life})
            self.names |= {key: invited["token"], "invitation": invited["id"]}
        await self._owner(f"DELETE {ROOM}/members/user/{REMOVED}")
        return self

    async def first(self, line: str) -> None:
        if line:
            await self._owner(line)

    async def attempt(self, who: str, call: Call) -> tuple[int, Any]:
        method, path = call.line.split(" ", 1)
        body = call.body
        if isinstance(body, dict):
            body = {
                key: self.names["seq"]
                if value == "{seq}"
                else value.format_map({**self.names, "number": next(self.numbers)})
                for key, value in body.items()
            }
        headers = {} if who == NOBODY else {"X-User": who}
        answer = await self._api(
            method,
            path.format_map(self.names).replace(" ", "%20"),
            None if isinstance(body, bytes) else body,
            raw=body if isinstance(body, bytes) else None,
            signed_in=False,
            headers=headers,
        )
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.code, json.loads(answer.body) if is_json and answer.body else None

    async def history(self) -> Any:
        """Return everything that ever happened in the room, and its text."""
        audit = await self._ask(OWNER, "GET", f"rooms/{self.names['room']}/audit?limit=200")
        timeline = await self._ask(OWNER, "GET", f"{DOCUMENT.format_map(self.names)}/timeline")
        return audit, timeline


def expected(call: Call, who: str) -> tuple[int | None, str | None]:
    """Return status and code of a refusal, None where the policy allows it."""
    if who == NOBODY:
        return 401, "not-signed-in"
    if who in call.but:
        return call.but[who], None
    if RANK[who] >= call.right:
        return None, None
    if RANK[who] == 0:
        return 404, call.hidden
    return 403, None


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.line} {call.body or ''}"[:70])
async def test_every_call_for_everybody(
    call: Call, api: Any, plant_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await World(api).make()
    if "expired" in str(call.body):
        monkeypatch.setattr(members, "now_ms", lambda: time.time_ns() // 1_000_000 + 120_000)
    await world.first(call.first)
    before = await world.history()
    opened = {live.info.id for live in plant_app._registry.documents()}
    used = False
    for who in EVERYBODY:
        status, code = expected(call, who)
        if status is None and used:  # whoever did it before has changed the room
            world = await World(api).make()
            await world.first(call.first)
        got, answer = await world.attempt(who, call)
        if status is None:
            used = True
            assert got < 300, (who, got, answer)
            continue
        assert got == status, (who, got, answer)
        if code is not None:
            assert answer["error"] == code, (who, answer)
        assert world.names["name"] not in json.dumps(answer) or RANK[who] > 0, (who, answer)
        if not used:
            assert {live.info.id for live in plant_app._registry.documents()} == opened
            assert await world.history() == before, who


def test_the_table_knows_every_route() -> None:
    known = set()
    for call in CALLS:
        method, path = call.line.split(" ", 1)
        path = "plant-together/api/v1/" + re.sub(r"\{[^}]*\}", "x", path).partition("?")[0]
        known.add((handler_of(path), method.lower()))
    implemented = {
        (handler, method)
        for _, handler in handlers()
        for method in ("get", "post", "put", "patch", "delete")
        if getattr(handler, method) is not web.RequestHandler._unimplemented_method
        and handler not in (UnknownHandler, InvitationPageHandler)  # the same to everybody
        and not issubclass(handler, PlantSocket)  # below
    }
    assert known == implemented
    assert [handler.__name__ for _, handler in handlers() if issubclass(handler, PlantSocket)] == [
        "EventsHandler",
        "SyncHandler",
    ]


def handler_of(path: str) -> type[web.RequestHandler]:
    return next(handler for route, handler in handlers() if re.fullmatch(route, path))


# --- WebSockets --------------------------------------------------------------------------------------


async def close_code(socket: Any) -> int:
    with pytest.raises(ConnectionClosed) as end:
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    assert end.value.rcvd is not None
    return end.value.rcvd.code


async def control(socket: Any, *kinds: str) -> dict[str, Any]:
    while True:
        message = p.parse(await asyncio.wait_for(socket.recv(), 10))
        if isinstance(message, p.Control) and message.body["type"] in kinds:
            return dict(message.body)


def update() -> bytes:
    doc: Any = pycrdt.Doc()
    source = doc.get("source", type=pycrdt.Text)
    source += "forged"
    return p.sync(p.UPDATE, doc.get_update())


@pytest.mark.parametrize("who", EVERYBODY)
async def test_every_websocket_and_message_for_everybody(
    who: str, api: Any, plant_app: Any, http_server_port: Any, jp_base_url: str
) -> None:
    world = await World(api).make()
    dial = dialling(http_server_port, jp_base_url)
    sync = f"sync/{world.names['id']}?control=1"
    events = f"api/v1/rooms/{world.names['room']}/events?cursor=0"
    opened = {live.info.id for live in plant_app._registry.documents()}
    if RANK[who] <= 0:
        for path in (sync, events, sync.replace(world.names["id"], "d_" + "a" * 26)):
            if who == NOBODY:
                with pytest.raises(InvalidStatus) as refused:
                    async with dial("", path):
                        pass
                assert refused.value.response.status_code == 403
            else:
                async with dial(who, path) as socket:
                    assert await close_code(socket) == 4404
        assert {live.info.id for live in plant_app._registry.documents()} == opened
        return
    async with dial(who, sync) as socket:
        role = (await control(socket, "hello"))["role"]
        assert role == {VIEWER: "viewer", EDITOR: "editor", OWNER: "owner"}[who]
        await socket.send(p.sync(p.STEP1, b"\x00"))  # everybody may read
        while not isinstance(p.parse(await asyncio.wait_for(socket.recv(), 10)), p.Sync):
            pass
        await socket.send(p.awareness([p.AwarenessEntry(7, 1, '{"cursor": null, "user": {"name": "Ada"}}')]))
        await socket.send(update())
        told = await control(socket, "ack", "denied")
        assert (told["type"], told["count"]) == ("denied" if who == VIEWER else "ack", 1)
        (live,) = (one for one in plant_app._registry.documents() if one.info.id == world.names["id"])
        assert ("forged" in live.text()) == (who != VIEWER)
        assert [user["username"] for user in live.presence.participants()] == [who]  # P2: stamped
    async with dial(who, events) as socket:
        heard = []
        while not heard or heard[-1]["type"] != "presence":
            heard.append(json.loads(await asyncio.wait_for(socket.recv(), 10)))
        kinds = {event["type"] for event in heard}
        assert {"hello", "room.created", "member.added", "document.created"} <= kinds
        assert ("invitation.created" in kinds) == (who == OWNER)

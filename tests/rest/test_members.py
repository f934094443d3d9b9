"""Members, roles and invitations over REST and over open connections (PROTOCOL I1-I3, I5)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pycrdt
import pytest
from websockets.exceptions import ConnectionClosed

from jupyter_plant_together.yjs import sync as p

sys.path.insert(0, str(Path(__file__).parent))

from people import Ask

pytestmark = pytest.mark.usefixtures("named_users")


async def make_document(ask: Ask, **room: Any) -> str:
    """Ada makes a room and a document in it; returns the document's id."""
    status, _ = await ask("ada", "POST", "rooms", {"name": "x", **room})
    assert status == 201
    _, made = await ask("ada", "POST", "rooms/x/documents", {"name": "a", "source": "kept"})
    return str(made["id"])


async def heard(socket: Any, kind: str) -> dict[str, Any]:
    """Read until a control message of this type comes."""
    while True:
        message = p.parse(await asyncio.wait_for(socket.recv(), 10))
        if isinstance(message, p.Control) and message.body["type"] == kind:
            return dict(message.body)


async def closed(socket: Any) -> int:
    with pytest.raises(ConnectionClosed) as end:
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    assert end.value.rcvd is not None
    return end.value.rcvd.code


def edit(text: str) -> bytes:
    doc = pycrdt.Doc()
    source = doc.get("source", type=pycrdt.Text)
    source += text
    return p.sync(p.UPDATE, doc.get_update())


async def test_a_private_room_is_unknown_to_others_in_every_call(ask: Ask, dial: Any) -> None:
    document = await make_document(ask, private=True)
    _, rooms = await ask("eve", "GET", "rooms")
    assert rooms["items"] == []
    for method, path, body in (
        ("GET", "rooms/x", None),
        ("PATCH", "rooms/x", {"name": "y"}),
        ("DELETE", "rooms/x", None),
        ("POST", "rooms/x/restore", {}),
        ("GET", "rooms/x/documents", None),
        ("POST", "rooms/x/documents", {"name": "b"}),
        ("GET", "rooms/x/documents/a", None),
        ("GET", "rooms/x/documents/a/source", None),
        ("PATCH", "rooms/x/documents/a", {"name": "b"}),
        ("DELETE", "rooms/x/documents/a", None),
        ("GET", "rooms/x/members", None),
        ("PUT", "rooms/x/members/user/eve", {"role": "owner"}),
        ("DELETE", "rooms/x/members/user/ada", None),
        ("GET", "rooms/x/invitations", None),
        ("POST", "rooms/x/invitations", {"role": "owner"}),
        ("GET", "rooms/x/audit", None),
    ):
        status, answer = await ask("eve", method, path, body)
        assert (status, answer["error"]) == (404, "room-not-found"), f"{method} {path}: {answer}"
    async with dial("eve", f"sync/{document}?control=1") as socket:
        assert await closed(socket) == 4404
    _, source = await ask("ada", "GET", "rooms/x")
    assert (source["private"], source["role"]) == (True, "owner")


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", {"read"}),
        ("editor", {"read", "write"}),
        ("owner", {"read", "write", "manage"}),
    ],
)
async def test_what_each_role_may(ask: Ask, role: str, allowed: set[str]) -> None:
    await make_document(ask, private=True)
    status, _ = await ask("ada", "PUT", "rooms/x/members/user/bob", {"role": role})
    assert status == 204
    calls: dict[str, list[tuple[str, str, Any]]] = {
        "read": [
            ("GET", "rooms/x", None),
            ("GET", "rooms/x/documents/a", None),
            ("GET", "rooms/x/members", None),
        ],
        "write": [
            ("POST", "rooms/x/documents", {"name": "b"}),
            ("PATCH", "rooms/x/documents/b", {"name": "c"}),
            ("DELETE", "rooms/x/documents/c", None),
        ],
        "manage": [
            ("PATCH", "rooms/x", {"description": "d"}),
            ("GET", "rooms/x/invitations", None),
            ("GET", "rooms/x/audit", None),
            ("PUT", "rooms/x/members/user/eve", {"role": "viewer"}),
            ("DELETE", "rooms/x/members/user/eve", None),
        ],
    }
    for kind, tried in calls.items():
        for method, path, body in tried:
            status, answer = await ask("bob", method, path, body)
            assert (status < 300) == (kind in allowed), f"{method} {path}: {status} {answer}"
            if status >= 300:
                assert status == 403
    answer = await ask("bob", "GET", "me")
    assert answer[1]["roles"] is True


async def test_the_last_owner_stays_and_anybody_may_leave(ask: Ask) -> None:
    await make_document(ask, private=True)
    status, answer = await ask("ada", "DELETE", "rooms/x/members/user/ada")
    assert (status, answer["error"]) == (409, "last-owner")
    await ask("ada", "PUT", "rooms/x/members/user/bob", {"role": "viewer"})
    assert (await ask("bob", "DELETE", "rooms/x/members/user/bob"))[0] == 204
    assert (await ask("bob", "GET", "rooms/x"))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "rooms/x/members/user/bob", {"role": "king"}),
        ("PUT", "rooms/x/members/user/bob", {}),
        ("PUT", "rooms/x/members/user/", {"role": "viewer"}),
        ("PUT", "rooms/x/members/user/a%0Ab", {"role": "viewer"}),
        ("PUT", "rooms/x/members/everyone", {"role": "owner"}),
        ("POST", "rooms/x/invitations", {"role": "editor", "expires_in": 0}),
        ("POST", "rooms/x/invitations", {"role": "editor", "max_uses": 0}),
        ("POST", "rooms/x/invitations", {"role": "editor", "max_uses": True}),
        ("POST", "rooms/x/invitations", {}),
    ],
)
async def test_bad_input_changes_nothing(ask: Ask, method: str, path: str, body: Any) -> None:
    await make_document(ask, private=True)
    before = await ask("ada", "GET", "rooms/x/audit")
    status, answer = await ask("ada", method, path, body)
    assert (status, answer["error"]) == (400, "bad-request")
    assert await ask("ada", "GET", "rooms/x/audit") == before


async def test_an_invitation_from_its_making_to_its_end(ask: Ask, database_path: Path) -> None:
    await make_document(ask, private=True)
    status, made = await ask(
        "ada", "POST", "rooms/x/invitations", {"role": "editor", "expires_in": 3_600, "max_uses": 2}
    )
    assert status == 201
    token = made["token"]
    secret = token.split(".")[1]
    kept = b"".join(path.read_bytes() for path in database_path.parent.glob("rooms.db*"))
    assert secret.encode() not in kept
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in kept
    for _ in range(2):  # twice is harmless
        assert (await ask("bob", "POST", "invitations/accept", {"token": token}))[1]["role"] == "editor"
    assert (await ask("eve", "POST", "invitations/accept", {"token": token}))[0] == 200
    status, answer = await ask("late", "POST", "invitations/accept", {"token": token})
    assert (status, answer["error"]) == (404, "invitation-not-found")
    _, listed = await ask("ada", "GET", "rooms/x/invitations")
    assert [(one["uses"], "token" in one) for one in listed["items"]] == [(2, False)]
    assert (await ask("ada", "DELETE", f"rooms/x/invitations/{made['id']}"))[0] == 204
    status, answer = await ask("late", "POST", "invitations/accept", {"token": token})
    assert "revoked" in answer["message"]
    for wrong in ("nonsense", f"{made['id']}.x", ".", f"{made['id']}."):
        assert (await ask("late", "POST", "invitations/accept", {"token": wrong}))[0] == 404
    _, audit = await ask("ada", "GET", "rooms/x/audit?limit=200")
    assert [(event["type"], event["by"]) for event in audit["items"]][2:] == [
        ("invitation.created", "ada"),
        ("member.added", "bob"),
        ("member.added", "eve"),
        ("invitation.revoked", "ada"),
    ]
    assert secret not in json.dumps(audit)


async def test_a_viewer_is_denied_and_told_of_a_promotion_and_of_its_end(ask: Ask, dial: Any) -> None:
    document = await make_document(ask, private=True)
    await ask("ada", "PUT", "rooms/x/members/user/bob", {"role": "viewer"})
    async with dial("bob", f"sync/{document}?control=1") as socket:
        assert (await heard(socket, "hello"))["role"] == "viewer"
        await socket.send(edit("no"))
        assert (await heard(socket, "denied"))["count"] == 1
        await ask("ada", "PUT", "rooms/x/members/user/bob", {"role": "editor"})
        assert (await heard(socket, "role"))["role"] == "editor"
        await socket.send(edit("yes"))
        assert (await heard(socket, "ack"))["count"] == 2
        await ask("ada", "PUT", "rooms/x/members/user/bob", {"role": "viewer"})
        assert (await heard(socket, "role"))["role"] == "viewer"
        await socket.send(edit("late"))
        assert (await heard(socket, "denied"))["count"] == 3
        await ask("ada", "DELETE", "rooms/x/members/user/bob")
        assert await closed(socket) == 4403


async def test_a_stock_client_that_may_only_look_changes_nothing(ask: Ask, dial: Any, plant_app: Any) -> None:
    document = await make_document(ask)
    await ask("ada", "PUT", "rooms/x/members/everyone", {"role": "viewer"})
    async with dial("bob", f"sync/{document}") as socket:
        await socket.send(edit("no"))
        await socket.send(p.sync(p.STEP1, b"\x00"))
        while True:
            message = p.parse(await asyncio.wait_for(socket.recv(), 10))
            if isinstance(message, p.Sync) and message.step == p.STEP2:
                break
        doc = pycrdt.Doc()
        doc.apply_update(message.payload)
        assert str(doc.get("source", type=pycrdt.Text)) == "kept"


async def test_closing_a_room_cuts_off_who_was_there_as_anyone(ask: Ask, dial: Any) -> None:
    document = await make_document(ask)
    async with dial("eve", f"sync/{document}?control=1") as socket:
        assert (await heard(socket, "hello"))["role"] == "editor"
        await ask("ada", "PATCH", "rooms/x", {"private": True})
        assert await closed(socket) == 4403


async def test_i2_a_kernel_that_cannot_prove_its_user_sees_open_rooms_only(
    ask: Ask, api: Any, plant_app: Any
) -> None:
    await make_document(ask, private=True)
    await ask("ada", "POST", "rooms", {"name": "open"})
    token = {"Authorization": f"token {plant_app.settings['plant_together'].connection_token}"}

    async def kernel(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = await api(method, path, body, signed_in=False, headers=token)
        return answer.code, json.loads(answer.body)

    _, rooms = await kernel("GET", "rooms")
    assert [(room["name"], room["role"]) for room in rooms["items"]] == [("open", "viewer")]
    assert (await kernel("GET", "rooms/x"))[0] == 404
    assert (await kernel("POST", "rooms/open/documents", {"name": "b"}))[0] == 403
    assert (await kernel("POST", "rooms", {"name": "mine"}))[0] == 403


class TestRolesOff:
    """PROTOCOL I1: Jupyter's own sign-in."""

    @pytest.fixture
    def named_users(self) -> None:
        """Leave the server Jupyter's own provider."""

    async def test_there_are_no_members_to_set_and_the_answer_says_why(self, api: Any) -> None:
        me = json.loads((await api("GET", "me")).body)
        assert me["roles"] is False
        assert "token" in me["roles_message"]
        assert (await api("POST", "rooms", {"name": "x", "private": True})).code == 201
        for method, path, body in (
            ("PUT", "rooms/x/members/user/bob", {"role": "viewer"}),
            ("DELETE", "rooms/x/members/user/bob", None),
            ("POST", "rooms/x/invitations", {"role": "viewer"}),
            ("POST", "invitations/accept", {"token": "i.x"}),
        ):
            answer = await api(method, path, body)
            assert (answer.code, json.loads(answer.body)["error"]) == (409, "roles-off")

"""What is not meant to get in: names that want to be paths, SQL or keys, bodies that want to be too much.

Cookies without XSRF token and foreign origins are in test_access.py, tickets in test_tickets.py. All of it on
both stores.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from redis_server import RedisServer
from websockets.exceptions import ConnectionClosed, InvalidStatus

sys.path.insert(0, str(Path(__file__).parent))

from people import Ask, dialling

pytestmark = pytest.mark.usefixtures("named_users")
SQL = "x'; DROP TABLE rooms; --"


@pytest.fixture(params=["embedded", "cluster"])
def plant_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "embedded":
        return {"example_room": False}
    redis: RedisServer = request.getfixturevalue("shared_redis")("redis")
    dsn = request.getfixturevalue("postgres_dsn")
    return {"mode": "cluster", "postgres_dsn": dsn, "redis_url": redis.url, "example_room": False}


async def make(ask: Ask) -> tuple[str, str]:
    _, room = await ask("ada", "POST", "rooms", {"name": "x", "private": True})
    _, document = await ask("ada", "POST", "rooms/x/documents", {"name": "a", "source": "kept"})
    return room["id"], document["id"]


async def intact(ask: Ask) -> None:
    """The room is as it was, and nobody else sees it."""
    _, rooms = await ask("ada", "GET", "rooms")
    assert [room["name"] for room in rooms["items"]] == ["x"]
    _, documents = await ask("ada", "GET", "rooms/x/documents")
    assert [document["name"] for document in documents["items"]] == ["a.puml"]
    assert (await ask("eve", "GET", "rooms"))[1]["items"] == []


@pytest.mark.parametrize(
    "name",
    [
        *("..", ".", "a/b", "../x", "a\\b", "a:b", "y:room:x:y", "~x", "a\nb", "a\r\nXADD y * m 1", "a\0b"),
        *(SQL, "a%", "a*", "a?b", "a#b", "\u202eb", "\ud800", " a", "a.", "", "x" * 129),
    ],
)
async def test_a_name_is_no_path_no_sql_and_no_key(ask: Ask, api: Any, name: str) -> None:
    await make(ask)
    for method, path in (
        ("POST", "rooms"),
        ("PATCH", "rooms/x"),
        ("POST", "rooms/x/documents"),
        ("PATCH", "rooms/x/documents/a"),
    ):
        status, answer = await ask("ada", method, path, {"name": name})
        assert (status, answer["error"]) == (400, "bad-name"), (method, path)
    if name:
        segment = quote(name.encode("utf-8", "surrogatepass"), safe="")
        for path in (
            f"rooms/{segment}",
            f"rooms/x/documents/{segment}",
            f"rooms/{segment}/documents/a/source",
        ):
            status, answer = await ask("ada", "GET", path)
            assert status in (400, 404), (path, answer)
    await intact(ask)


@pytest.mark.parametrize(
    "path",
    [
        "rooms/%2e%2e/me",
        "rooms/..%2Fme",
        "rooms/x/../x",
        "rooms/x/documents/..%2F..%2Fy",
        "rooms/x%2Fdocuments%2Fa/documents",
        "rooms//x",
        "rooms/x/",
        "../../../api/contents",
        "..%2F..%2F..%2Fapi%2Fcontents",
        "rooms/x;/documents",
        "rooms/%00",
        "rooms/%FF%FE",
        "rooms/~r_%2e%2e",
        "rooms/~d_aaaaaaaaaaaaaaaaaaaaaaaaaa",
    ],
)
async def test_a_path_cannot_be_tricked(ask: Ask, api: Any, path: str) -> None:
    await make(ask)
    for who in ("eve", "ada"):
        answer = await api("GET", path, signed_in=False, headers={"X-User": who})
        assert answer.code in (400, 404), (who, answer.code, answer.body)
    await intact(ask)


async def test_people_groups_cursors_and_tokens_are_data(ask: Ask, api: Any) -> None:
    room, _ = await make(ask)
    named = "bob' OR '1'='1"
    for kind in ("user", "group"):
        assert (await ask("ada", "PUT", f"rooms/x/members/{kind}/{quote(named)}", {"role": "owner"}))[
            0
        ] == 204
    _, listed = await ask("ada", "GET", "rooms/x/members")
    assert [member["subject"] for member in listed["items"]].count(named) == 2
    for who in ("bob", "eve"):
        assert (await ask(who, "GET", "rooms/x"))[0] == 404
    assert (await ask(named, "GET", "rooms/x"))[1]["role"] == "owner"
    for kind in ("user", "group"):
        assert (await ask("ada", "DELETE", f"rooms/x/members/{kind}/{quote(named)}"))[0] == 204
    for position in (["' OR 1=1 --", "r_"], ["a"], "x", [1, 2], ["\0", "\0"], ["x", SQL]):
        cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).decode()
        status, answer = await ask("eve", "GET", f"rooms?cursor={cursor}")
        assert status in (200, 400)
        assert answer.get("items", []) == []
    for query in ("limit=0", "limit=-1", "limit=1e9", "limit=201", "deleted=1", f"cursor={quote(SQL)}"):
        assert (await ask("ada", "GET", f"rooms?{query}"))[0] == 400
    _, invited = await ask("ada", "POST", "rooms/x/invitations", {"role": "owner"})
    secret = invited["token"].partition(".")[2]
    for token in (f"%25.{secret}", f"{SQL}.{secret}", f"{invited['id']}' --.{secret}", f"{room}.{secret}"):
        assert (await ask("eve", "POST", "invitations/accept", {"token": token}))[0] == 404
    await intact(ask)


@pytest.mark.parametrize(
    "document",
    ["*", "d_*", "d_" + "a" * 25 + "*", "..%2F" + "d_" + "a" * 26, "x:y", "%27%20OR%201=1", "d_" + "a" * 999],
)
async def test_a_document_of_the_sync_socket_is_an_id_and_nothing_else(
    ask: Ask, document: str, http_server_port: Any, jp_base_url: str, plant_app: Any
) -> None:
    await make(ask)
    dial = dialling(http_server_port, jp_base_url)
    try:
        async with dial("ada", f"sync/{document}") as socket:
            with pytest.raises(ConnectionClosed) as end:
                await asyncio.wait_for(socket.recv(), 10)
            assert end.value.rcvd is not None
            assert end.value.rcvd.code == 4404
    except InvalidStatus as refused:
        assert refused.response.status_code in (400, 404)  # either is right
    for ticket in ("*", "%2A", "a:b", quote(SQL)):
        with pytest.raises(InvalidStatus) as caught:
            async with dial("ada", f"sync/{document}?ticket={ticket}"):
                pass
        assert caught.value.response.status_code in (400, 403, 404)
    assert plant_app._registry.documents() == []


def nested(depth: int) -> bytes:
    return b'{"name": ' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"name": "' + b"x" * 7_000_000 + b'"}', 413),
        (b'{"name": "b", "source": "' + b"x" * 1_000_001 + b'"}', 413),
        (nested(100_000), 400),
        (b'{"name": "b"', 400),
        (b'["name"]', 400),
        (b'"name"', 400),
        (b"NaN", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": 1}', 400),
        (b'{"name": {"a": 1}}', 400),
        (b'{"name": "b", "private": "yes"}', 400),
        (b'{"name": "b", "role": "owner"}', 400),
        (b'{"name": "b", "__proto__": {}}', 400),
        (b'{"name": "\xff"}', 400),
        (b'{"name": "b", "source": "\\ud800"}', 400),
        (b"\x00\x01\x02", 400),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_body_is_refused_with_one_error_and_changes_nothing(
    ask: Ask, api: Any, body: bytes, status: int
) -> None:
    await make(ask)
    answer = await api("POST", "rooms/x/documents", raw=body, signed_in=False, headers={"X-User": "ada"})
    assert answer.code == status, answer.body
    assert set(json.loads(answer.body)) >= {"error", "message"}
    await intact(ask)


async def test_text_that_no_database_can_hold_is_refused(ask: Ask) -> None:
    await make(ask)
    for wrong in ("\ud800", "a\0b"):
        status, answer = await ask("ada", "PATCH", "rooms/x", {"description": wrong})
        assert (status, answer["error"]) == (400, "bad-request"), wrong.encode("unicode_escape")
        status, answer = await ask("ada", "POST", "tickets", {"document": wrong})
        assert status in (400, 404)  # half a character is none, and no document has a NUL in its id
        status, answer = await ask("ada", "POST", "rooms/x/documents/a/versions", {"name": wrong})
        assert status == 400
    await intact(ask)


async def test_i5_50_at_once_accept_an_invitation_with_10_uses_and_exactly_10_are_in(ask: Ask) -> None:
    await make(ask)
    _, made = await ask("ada", "POST", "rooms/x/invitations", {"role": "editor", "max_uses": 10})
    people = [f"guest {number}" for number in range(50)]
    token = {"token": made["token"]}

    async def accept(who: str) -> tuple[str, int]:
        return who, (await ask(who, "POST", "invitations/accept", token))[0]

    answers = await asyncio.gather(*(accept(who) for who in people))
    admitted = {who for who, status in answers if status == 200}
    assert len(admitted) == 10
    assert {status for _, status in answers} == {200, 404}
    _, listed = await ask("ada", "GET", "rooms/x/members")
    assert {member["subject"] for member in listed["items"]} == {"ada", *admitted}
    _, (invitation,) = 200, (await ask("ada", "GET", "rooms/x/invitations"))[1]["items"]
    assert invitation["uses"] == 10
    again = await asyncio.gather(
        *(accept(who) for who in people)
    )  # nobody is counted twice, nobody comes after
    assert {who for who, status in again if status == 200} == admitted
    assert (await ask("ada", "DELETE", f"rooms/x/invitations/{made['id']}"))[0] == 204
    assert (await ask("eve", "POST", "invitations/accept", token))[0] == 404

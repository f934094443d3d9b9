"""Odd numbers, cursors and ids in every call of the matrix: refused with a sentence, never a failure.

The owner, who may do everything, tries them all; nothing is changed by any.
"""

from __future__ import annotations

import asyncio
import json
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosed

sys.path.insert(0, str(Path(__file__).parent))

from people import Naming, dialling
from test_matrix import CALLS, DOCUMENT, OWNER, ROOM, Call, World

NUMBERS = [-1, 10**30, 2**63, 1.5, True, "1", [1], {"a": 1}]
TEXTS = [-1, 10**30, 1.5, True, [], {}, "\ud800"]
# Whole numbers that a body may have, besides those that the matrix sends.
WITH_NUMBERS = {
    f"POST {DOCUMENT}/versions": {"name": "w", "seq": 1},
    f"POST {DOCUMENT}/rewind": {"seq": 1},
    f"POST {DOCUMENT}/rollback": {"first": 1, "last": 1},
    f"POST {ROOM}/invitations": {"role": "editor", "expires_in": 60, "max_uses": 1},
    "POST render": {"source": "A -> B", "page": 0},
}
QUERIES = [
    "-1",
    "1.5",
    "1e3",
    "x",
    "1" * 19,
    "9" * 5_000,
    "000150" + "0" * 5_000,
    "\u0663",
    "0x1",
    "null",
]
PARAMETERS = {
    "GET rooms": ("limit", "cursor"),
    f"GET {ROOM}/documents": ("limit", "cursor"),
    f"GET {ROOM}/audit": ("limit", "cursor"),
    f"GET {DOCUMENT}/timeline": ("limit", "cursor"),
    f"GET {DOCUMENT}/authors": ("at",),
    f"GET {DOCUMENT}/source": ("at",),
    f"GET {DOCUMENT}/image.svg": ("at", "page"),
}


def cursor(*parts: Any) -> str:
    return urlsafe_b64encode(json.dumps(parts[0] if len(parts) == 1 else parts).encode()).decode()


CURSORS = [
    cursor("a", "b"),
    cursor({"a": 1, "b": 2}),
    cursor("\ud800", "r_" + "a" * 26),
    cursor("\0", "r_" + "a" * 26),
    cursor(1, 2),
    cursor(None),
    urlsafe_b64encode(b"[" * 30_000).decode(),
    urlsafe_b64encode(b"9" * 5_000).decode(),
    "\u00e4",
]
IDS = [
    "~",
    "~-1",
    "~d_",
    "~" + "9" * 5_000,
    "~r_" + "A" * 26,
    "%00",
    "~%00",
    "%ff",
    "..%2f..",
    "a" + "%CC%81%CC%A3" * 2_000,
    "%ed%a0%80",
]


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["ServerApp"]["identity_provider_class"] = Naming
    return jp_server_config


class Odd:
    """Asks as the owner, and looks whether all is as it was."""

    def __init__(self, api: Any, world: World) -> None:
        self._api = api
        self._world = world

    async def ask(self, line: str, body: Any = None, query: str = "", names: Any = None) -> tuple[int, Any]:
        method, path = line.split(" ", 1)
        path = path.format_map(names or self._world.names)
        answer = await self._api(
            method,
            path + ("&" if "?" in path else "?" if query else "") + query,
            None if isinstance(body, bytes) else body,
            raw=body if isinstance(body, bytes) else None,
            signed_in=False,
            headers={"X-User": OWNER},
        )
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.code, json.loads(answer.body) if is_json and answer.body else None

    async def state(self) -> Any:
        here = [await self.ask(f"GET {one}") for one in (ROOM, f"{DOCUMENT}/versions", f"{ROOM}/invitations")]
        rooms = await self.ask("GET rooms?limit=200&deleted=true"), await self.ask("GET rooms?limit=200")
        _, written = await self.ask(f"GET {DOCUMENT}/authors")
        return here, rooms, written, await self._world.history()


async def begun(api: Any) -> Odd:
    return Odd(api, await World(api).make())


def sentence(status: int, answer: Any, *about: Any) -> None:
    assert 400 <= status < 500, (status, answer, *about)
    assert answer["error"] and answer["message"], about


async def test_odd_values_in_bodies(api: Any) -> None:
    odd = await begun(api)
    before = await odd.state()
    tried = 0
    calls = [Call(0, line, body) for line, body in WITH_NUMBERS.items()]
    for call in (*CALLS, *calls):
        if not isinstance(call.body, dict):
            continue
        for name, usual in call.body.items():
            is_number = not isinstance(usual, str) or usual == "{seq}"
            for value in NUMBERS if is_number else TEXTS:
                filled = {key: "x" if isinstance(one, str) else one for key, one in call.body.items()}
                status, answer = await odd.ask(call.line, {**filled, name: value})
                sentence(status, answer, call.line, name, value)
                assert status in ((400,) if call.line in WITH_NUMBERS else (400, 404)), (call.line, answer)
                tried += 1
    status, answer = await odd.ask(f"POST {DOCUMENT}/rewind", {"seq": None})
    sentence(status, answer)
    status, answer = await odd.ask(f"PATCH {ROOM}", b'{"\\ud800": 1}')
    sentence(status, answer)
    assert tried > 150
    assert await odd.state() == before


async def test_rows_that_are_not_there(api: Any) -> None:
    odd = await begun(api)
    before = await odd.state()
    for seq in (1_000_000, 2**53 - 1):
        for line in (f"POST {DOCUMENT}/versions", f"POST {DOCUMENT}/rewind"):
            body = {"seq": seq, **({"name": "w"} if line.endswith("versions") else {})}
            status, answer = await odd.ask(line, body)
            assert (status, answer["error"]) == (400, "bad-request"), answer
            assert "There is no row" in answer["message"]
    assert await odd.state() == before


async def test_odd_numbers_and_cursors_in_queries(api: Any) -> None:
    odd = await begun(api)
    before = await odd.state()
    for line, names in PARAMETERS.items():
        for name in names:
            odd_ones = QUERIES + (CURSORS if name == "cursor" else [])
            for value in odd_ones:
                given = value if value.startswith("%") else quote(value)
                status, answer = await odd.ask(line, query=f"{name}={given}")
                sentence(status, answer, line, name, value[:40])
                assert status == 400, (line, name, value[:40], answer)
    for value in ("nan", "inf", "-1", "x", "1e400", "0"):
        status, answer = await odd.ask(f"GET {DOCUMENT}/image.svg", query=f"scale={value}")
        assert status == 400, (value, answer)
    assert await odd.state() == before


@pytest.mark.parametrize("name", ["room", "document", "version", "invitation", "token", "expired"])
async def test_odd_ids(api: Any, name: str) -> None:
    odd = await begun(api)
    before = await odd.state()
    world = odd._world
    tried = 0
    for call in CALLS:
        placeholder = "{" + name + "}"
        if placeholder not in call.line and placeholder not in str(call.body):
            continue
        for value in IDS:
            if value == "%00" and "?" in call.line:
                continue  # Tornado strips it from a query: the parameter is not given
            names = {**world.names, name: value}
            body = call.body
            if isinstance(body, dict):
                replaced = {"{seq}": names["seq"], placeholder: value}
                body = {key: replaced.get(str(one), "x") for key, one in body.items()}
            status, answer = await odd.ask(call.line, body, names=names)
            assert 400 <= status < 500, (call.line, value[:40], status, answer)
            tried += 1
    assert tried
    assert await odd.state() == before


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "member", ["everyone/x", "everyone/%00", "user", "user/", "user/%00", "user/" + "x" * 256, "group/%0a"]
)
async def test_odd_members(api: Any, method: str, member: str) -> None:
    odd = await begun(api)
    before = await odd.state()
    body = {"role": "viewer"} if method == "PUT" else None
    status, answer = await odd.ask(f"{method} {ROOM}/members/{member}", body)
    assert (status, answer["error"]) == (400, "bad-request"), answer
    assert await odd.state() == before


async def test_odd_queries_of_websockets(api: Any, http_server_port: Any, jp_base_url: str) -> None:
    dial = dialling(http_server_port, jp_base_url)
    odd = await begun(api)
    names = odd._world.names
    before = await odd.state()
    asked = [
        f"api/v1/rooms/{names['room']}/events?cursor={one}" for one in ("-1", "1.5", "x", "9" * 19, 2**53)
    ]
    asked += [f"sync/{names['id']}?control={one}" for one in ("2", "x", "-1", "true")]
    for path in asked:
        async with dial(OWNER, path) as socket:
            with pytest.raises(ConnectionClosed) as end:
                await asyncio.wait_for(socket.recv(), 10)
        assert end.value.rcvd is not None and end.value.rcvd.code == 4400, path
        assert "The cursor is" in end.value.rcvd.reason or "must be 0 or 1" in end.value.rcvd.reason
    assert await odd.state() == before

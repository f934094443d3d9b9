"""Rooms out to files and in again; what a hostile file can do (nothing)."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest


def zipped(entries: dict[str, bytes | str], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name, content, **options)
    return buffer.getvalue()


def many(count: int) -> bytes:
    return zipped({f"d{number}.puml": "x" for number in range(count)})


def bomb() -> bytes:
    return zipped({"a.puml": b"\0" * 50_000_000})


def lying() -> bytes:
    """An entry that says it is small and is not."""
    data = bytearray(zipped({"a.puml": b"a" * 2_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(zipped({"a.puml": "x"}))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def damaged() -> bytes:
    data = bytearray(zipped({"a.puml": "some text that is long enough to be packed, packed, packed"}))
    data[45] ^= 0xFF
    return bytes(data)


@pytest.fixture
def room(api: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> str:
    """A room with one document."""

    async def make() -> None:
        await api("POST", "rooms", {"name": "x"})
        await api("POST", "rooms/x/documents", {"name": "login", "source": "@startuml\na -> b\n@enduml\n"})

    jp_asyncio_loop.run_until_complete(make())
    return "rooms/x"


async def listed(api: Any) -> dict[str, str]:
    """Return the texts of the room by name."""
    items = json.loads((await api("GET", "rooms/x/documents?limit=200")).body)["items"]
    texts = {}
    for item in items:
        texts[item["name"]] = (await api("GET", f"rooms/x/documents/~{item['id']}/source")).body.decode()
    return texts


async def test_a_room_goes_out_and_comes_in_again(api: Any, room: str) -> None:
    for name in ("zwölf", "notes.txt", "v1.2.puml", "שלום"):
        await api("POST", "rooms/x/documents", {"name": name, "source": f"{name} 🌱\n"})
    answer = await api("GET", f"{room}/export")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "x.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.body)) as package:
        assert "login/diagram.puml" in package.namelist()
    before = await listed(api)
    again = json.loads((await api("POST", f"{room}/import", raw=answer.body)).body)
    assert (again["created"], again["changed"], set(again["unchanged"])) == ([], [], set(before))
    for name in before:
        await api("DELETE", f"rooms/x/documents/{quote(name)}")
    made = json.loads((await api("POST", f"{room}/import", raw=answer.body)).body)
    assert set(made["created"]) == set(before)
    assert await listed(api) == before


async def test_only_what_differs_is_changed(api: Any, room: str) -> None:
    data = zipped({"login/diagram.puml": "new\r\n", "fresh.puml": "\ufefff\n", "readme.md": "no", "a/": ""})
    done = json.loads((await api("POST", f"{room}/import", raw=data)).body)
    assert done == {"created": ["fresh.puml"], "changed": ["login.puml"], "unchanged": []}
    assert await listed(api) == {"login.puml": "new\n", "fresh.puml": "f\n"}
    done = json.loads((await api("POST", f"{room}/import", raw=data)).body)
    assert done == {"created": [], "changed": [], "unchanged": ["login.puml", "fresh.puml"]}
    one = await api("POST", f"{room}/import?name=single.puml", raw=b"s\n")
    assert json.loads(one.body)["created"] == ["single.puml"]


@pytest.mark.parametrize(
    ("make", "status", "word"),
    [
        (lambda: b"PK\x03\x04 no zip at all", 400, "zip"),
        (lambda: b"text", 400, "zip file"),
        (lambda: zipped({}), 400, "no PlantUML"),
        (lambda: zipped({"readme.md": "x"}), 400, "no PlantUML"),
        (lambda: zipped({"../a.puml": "x"}), 400, "leads out"),
        (lambda: zipped({"/etc/a.puml": "x"}), 400, "leads out"),
        (lambda: zipped({"a\\..\\b.puml": "x"}), 400, "leads out"),
        (lambda: zipped({"C:/a.puml": "x"}), 400, "leads out"),
        (lambda: zipped({"good.puml": "x", "a?b.puml": "x"}), 400, "not allowed"),
        (lambda: zipped({"a.puml": "x", "b/A.PUML": "x"}), 400, "two documents"),
        (lambda: zipped({"good.puml": "x", "a.puml": b"\xff\xfe"}), 400, "UTF-8"),
        (lambda: zipped({"a.puml": "x" * 1_000_001}), 413, "max_source_size"),
        (bomb, 413, "max_source_size"),
        (lying, 400, "damaged"),
        (encrypted, 400, "encrypted"),
        (damaged, 400, "damaged"),
        (lambda: many(501), 413, "max_documents_per_room"),
        (lambda: many(10_000), 400, "entries"),
        (lambda: b"PK\x03\x04" + b"\0" * 20_000_001, 413, "max_upload_size"),
    ],
)
async def test_bad_files_get_one_error_and_change_nothing(
    api: Any, room: str, make: Callable[[], bytes], status: int, word: str
) -> None:
    before = await listed(api)
    answer = await api("POST", f"{room}/import", raw=make())
    assert answer.code == status, answer.body
    assert word in json.loads(answer.body)["message"]
    assert await listed(api) == before


async def test_what_does_not_fit_makes_nothing_at_all(api: Any, room: str) -> None:
    answer = await api("POST", f"{room}/import", raw=many(500))  # one is there already
    assert answer.code == 413
    assert list(await listed(api)) == ["login.puml"]


async def test_a_server_that_cannot_draw_says_so(api: Any, room: str, plant_app: Any) -> None:
    answer = await api("GET", f"{room}/export?kinds=puml,gif")
    assert answer.code == 400
    assert (await api("GET", f"{room}/export?document=login")).code == 200
    assert (await api("GET", f"{room}/export?document=none")).code == 404

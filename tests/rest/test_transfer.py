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

from jupyter_plant_together.errors import RoomNotFound

pytestmark = pytest.mark.usefixtures("kept_drawing")


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


async def test_what_cannot_be_exported(api: Any, room: str) -> None:
    assert (await api("GET", f"{room}/export?kinds=puml,gif")).code == 400
    assert (await api("GET", f"{room}/export?kinds=")).code == 400
    assert (await api("GET", f"{room}/export?document=none")).code == 404
    assert (await api("GET", "rooms/none/export?kinds=svg")).code == 404
    answer = await api("GET", f"{room}/export?document=login&document=login.puml")
    assert list(files_of(answer.body)) == ["login/diagram.puml"]


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


async def test_pictures_are_beside_the_texts_and_what_cannot_be_drawn_is_listed(api: Any, room: str) -> None:
    for name, source in (
        ("pages", "@startuml\na -> b : one\nnewpage\na -> b : two\n@enduml\n"),
        ("wrong", "@startuml\na -> b\nthis is no line of a diagram at all\n@enduml\n"),
        ("empty", ""),
    ):
        assert (await api("POST", f"{room}/documents", {"name": name, "source": source})).code == 201
    answer = await api("GET", f"{room}/export?kinds=puml,svg,png")
    files = files_of(answer.body)
    listed = files.pop("NOT-DRAWN.txt").decode().splitlines()
    assert listed == [
        "empty.puml: There is nothing to draw yet.",
        next(line for line in listed if line.startswith("wrong.puml: line 3: ")),
    ]
    assert sorted(files) == [
        "empty/diagram.puml",
        "login/diagram.png",
        "login/diagram.puml",
        "login/diagram.svg",
        "pages/diagram-1.png",
        "pages/diagram-1.svg",
        "pages/diagram-2.png",
        "pages/diagram-2.svg",
        "pages/diagram.puml",
        "wrong/diagram.puml",
    ]
    assert b">one<" in files["pages/diagram-1.svg"] and b">two<" in files["pages/diagram-2.svg"]
    assert all(content.startswith(b"\x89PNG") for name, content in files.items() if name.endswith("png"))

    # Coming in again, pictures and the list are passed over.
    again = json.loads((await api("POST", f"{room}/import", raw=answer.body)).body)
    assert (again["created"], again["changed"], len(again["unchanged"])) == ([], [], 4)


async def test_pictures_show_what_a_text_includes(api: Any, room: str) -> None:
    """The text goes out as it is; what cannot be put together is listed."""
    source = "@startuml\n!include login\nb -> c : whole\n@enduml\n"
    await api("POST", f"{room}/documents", {"name": "whole", "source": source})
    await api(
        "POST", f"{room}/documents", {"name": "circle", "source": "@startuml\n!include circle\n@enduml"}
    )
    files = files_of((await api("GET", f"{room}/export?kinds=puml,svg")).body)
    assert files["whole/diagram.puml"].decode() == source
    assert b">a<" in files["whole/diagram.svg"] and b">whole<" in files["whole/diagram.svg"]
    assert files["NOT-DRAWN.txt"].decode().startswith("circle.puml: line 2: ")


async def test_the_past_goes_out_too_and_is_passed_over_on_the_way_in(api: Any, room: str) -> None:
    await api("POST", "rooms/x/documents/login/versions", {"name": "first / idea"})
    await api("PUT", "rooms/x/documents/login/source", raw=b"@startuml\na -> c\n@enduml\n")
    await api("POST", "rooms/x/documents/login/versions", {"name": "second"})
    data = (await api("GET", "rooms/x/export?kinds=puml,history")).body
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert sorted(package.namelist()) == [
            "login/diagram.puml",
            "login/history.json",
            "login/version-1.txt",
            "login/version-2.txt",
        ]
        past = json.loads(package.read("login/history.json"))
        assert [(one["name"], one["file"]) for one in past["versions"]] == [
            ("second", "version-1.txt"),
            ("first / idea", "version-2.txt"),
        ]
        assert package.read("login/version-1.txt") == b"@startuml\na -> c\n@enduml\n"
        assert package.read("login/version-2.txt") == b"@startuml\na -> b\n@enduml\n"
    assert sum(stretch["edits"] for stretch in past["timeline"]) >= 2
    assert not past["older_left_out"]
    answer = await api("POST", "rooms/x/import", raw=data)
    assert json.loads(answer.body) == {"created": [], "changed": [], "unchanged": ["login.puml"]}


async def test_only_pictures_of_one_document(api: Any, room: str) -> None:
    answer = await api("GET", f"{room}/export?kinds=svg&document=login")
    assert list(files_of(answer.body)) == ["login/diagram.svg"]


async def test_a_document_called_like_the_list_is_not_in_its_way(api: Any, room: str) -> None:
    await api("POST", f"{room}/documents", {"name": "not-drawn.txt", "source": "@startuml\n?\n@enduml"})
    files = files_of((await api("GET", f"{room}/export?kinds=puml,svg&document=not-drawn.txt")).body)
    assert sorted(files) == ["NOT-DRAWN~.txt", "not-drawn.txt/diagram.puml"]


async def test_more_pages_than_anybody_wants_are_not_drawn(api: Any, room: str) -> None:
    source = "@startuml\na -> b\n" + "newpage\na -> b\n" * 50 + "@enduml\n"
    await api("POST", f"{room}/documents", {"name": "long", "source": source})
    files = files_of((await api("GET", f"{room}/export?kinds=svg&document=long")).body)
    assert len(files) == 51
    assert files["NOT-DRAWN.txt"] == b"long.puml: only the first 50 of 51 pictures are drawn\n"


async def test_an_export_never_holds_more_than_a_picture(api: Any, room: str, plant_app: Any) -> None:
    """The pieces come one by one; what is deleted meanwhile is left out, and no access ends it."""
    for name in ("m", "n", "o"):
        await api("POST", f"{room}/documents", {"name": name, "source": "a -> b"})
    services = plant_app._components.services
    who = services.identity.server()
    export = await services.transfer.export(who, "x", kinds=["puml"])
    pieces = aiter(export)
    first = await anext(pieces)
    await services.rooms.delete_document(who, "x", "m")
    second = await anext(pieces)
    assert (b"login/diagram.puml" in first, b"n/diagram.puml" in second) == (True, True)
    await services.rooms.delete_room(who, "x")
    with pytest.raises(RoomNotFound):
        await anext(pieces)


async def test_a_picture_that_fails_is_an_empty_piece(api: Any, room: str, plant_app: Any) -> None:
    """So whoever sends the pieces notices, between pictures that fail, that nobody waits for them any more."""
    await api("PUT", f"{room}/documents/login/source", raw=b"@startuml\n?!\n@enduml\n")
    services = plant_app._components.services
    export = await services.transfer.export(services.identity.server(), "x", kinds=["svg", "png"])
    pieces = [piece async for piece in export]
    assert pieces[:2] == [b"", b""]
    assert list(files_of(b"".join(pieces))) == ["NOT-DRAWN.txt"]


async def test_an_export_that_ends_midway_does_not_look_whole(
    api: Any,
    room: str,
    plant_app: Any,
    http_server_port: Any,
    jp_base_url: str,
    jp_auth_header: dict[str, str],
) -> None:
    for name in ("m", "n"):
        await api("POST", f"{room}/documents", {"name": name, "source": "a -> b"})
    services = plant_app._components.services
    who = services.identity.server()
    reader, writer = await asyncio.open_connection("127.0.0.1", http_server_port[1])
    # While the first picture is drawn, the room goes.
    path = f"{jp_base_url}plant-together/api/v1/rooms/x/export?kinds=puml,svg"
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *map(": ".join, jp_auth_header.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    begun = await reader.readuntil(b"diagram.puml")
    assert b" 200 " in begun and b"chunked" in begun
    await services.rooms.delete_room(who, "x")
    rest = await reader.read()
    writer.close()
    assert not rest.endswith(b"0\r\n\r\n")


def form(files: dict[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """Return the body and header of a browser's form with files."""
    parts = [
        f'--b0\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in files.items()
    ]
    return b"".join(parts) + b"--b0--\r\n", {"Content-Type": "multipart/form-data; boundary=b0"}


async def test_several_files_come_in_together(api: Any, room: str) -> None:
    package = zipped({"a/diagram.puml": "a\n", "a/diagram.png": b"\x89PNG"})
    raw, headers = form({"login.puml": b"new\n", "zwölf.pu": "ü\n".encode(), "more.zip": package})
    done = json.loads((await api("POST", f"{room}/import", raw=raw, headers=headers)).body)
    assert done == {"created": ["zwölf.pu", "a.puml"], "changed": ["login.puml"], "unchanged": []}
    assert await listed(api) == {"login.puml": "new\n", "zwölf.pu": "ü\n", "a.puml": "a\n"}


@pytest.mark.parametrize(
    ("files", "status", "word"),
    [
        ({}, 400, "no files"),
        ({"good.puml": b"x", "bad.zip": b"no zip"}, 400, "“bad.zip”: This is no zip file"),
        ({"good.puml": b"x", "bad.puml": b"\xff"}, 400, "“bad.puml” is not text"),
        ({"good.puml": b"x", "a?.puml": b"x"}, 400, "not allowed"),
        ({"good.puml": b"x", "../up.puml": b"x"}, 400, "not allowed"),
        ({"good.puml": b"x", "z.zip": zipped({"GOOD.puml": "y"})}, 400, "called “GOOD.puml”"),
        ({"good.puml": b"x", "z.zip": zipped({"../a.puml": "y"})}, 400, "leads out"),
        ({"good.puml": b"x", "bomb.zip": bomb()}, 413, "max_source_size"),
        ({"good.puml": b"x", "lie.zip": lying()}, 400, "damaged"),
        (
            {"a.zip": many(300), "b.zip": zipped({f"e{n}.puml": "x" for n in range(300)})},
            413,
            "max_documents",
        ),
        (
            {"a.puml": b"x" * 900_000} | {f"{n}.bin": b"\0" * 999_999 for n in range(20)},
            413,
            "max_upload_size",
        ),
    ],
)
async def test_one_bad_file_keeps_out_all(
    api: Any, room: str, files: dict[str, bytes], status: int, word: str
) -> None:
    before = await listed(api)
    raw, headers = form(files)
    answer = await api("POST", f"{room}/import", raw=raw, headers=headers)
    assert answer.code == status, answer.body
    assert word in json.loads(answer.body)["message"]
    assert await listed(api) == before


class TestOfALimit:
    """A document whose history leaves no room for a text."""

    @pytest.fixture
    def plant_config(self) -> dict[str, Any]:
        return {"example_room": False, "max_document_size": 20_000}

    async def test_what_one_document_cannot_take_keeps_out_all(self, api: Any, room: str) -> None:
        def text(first: int) -> str:
            return "".join(f"{number} " for number in range(first, first + 2_500))

        assert (await api("PUT", f"{room}/documents/login/source", raw=text(10_000).encode())).code == 204
        await api("POST", f"{room}/documents", {"name": "another", "source": "old\n"})
        before = await listed(api)
        raw, headers = form(
            {"a new one.puml": b"x", "another.puml": b"new", "login.puml": text(50_000).encode()}
        )
        answer = await api("POST", f"{room}/import", raw=raw, headers=headers)
        assert answer.code == 413, answer.body
        assert "max_document_size" in json.loads(answer.body)["message"]
        assert await listed(api) == before

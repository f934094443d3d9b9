"""REST of rooms and documents against a real Jupyter server and database."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from tornado.httpclient import HTTPResponse

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def body(answer: HTTPResponse, status: int = 200) -> Any:
    assert answer.code == status, (answer.code, answer.body)
    assert answer.headers["Content-Type"].startswith("application/json")
    return json.loads(answer.body)


def refused(answer: HTTPResponse, status: int, code: str, text: str = "") -> dict[str, Any]:
    error = body(answer, status)
    assert error["error"] == code
    assert text in error["message"]
    return error


async def test_a_room_is_made_found_changed_deleted_and_restored(api: Any) -> None:
    answer = await api("POST", "rooms", {"name": "Design", "description": "Login and more"})
    room = body(answer, 201)
    assert set(room) == {
        "id", "name", "private", "description", "role", "created_by", "created_at", "updated_at",
        "deleted_at", "documents",
    }  # fmt: skip
    assert re.fullmatch(r"r_[a-z2-7]{26}", room["id"])
    assert TIME.fullmatch(room["created_at"])
    assert (room["name"], room["role"], room["private"], room["documents"]) == ("Design", "owner", False, 0)
    assert answer.headers["Location"].endswith(f"/rooms/~{room['id']}")
    for segment in ("Design", "design", "~" + room["id"]):
        assert body(await api("GET", f"rooms/{segment}")) == room
    changed = body(await api("PATCH", "rooms/design", {"name": "Plan", "private": True, "description": ""}))
    assert (changed["name"], changed["private"], changed["description"]) == ("Plan", True, "")
    refused(await api("GET", "rooms/Design"), 404, "room-not-found")
    gone = await api("DELETE", "rooms/Plan")
    assert (gone.code, gone.body) == (204, b"")
    refused(await api("GET", f"rooms/~{room['id']}"), 404, "room-not-found")
    assert body(await api("GET", "rooms"))["items"] == []
    (deleted,) = body(await api("GET", "rooms?deleted=true"))["items"]
    assert TIME.fullmatch(deleted["deleted_at"])
    restored = body(await api("POST", "rooms/Plan/restore"))
    assert (restored["id"], restored["deleted_at"]) == (room["id"], None)
    refused(await api("POST", "rooms/Plan/restore"), 404, "room-not-found")


async def test_a_document_is_made_found_renamed_deleted_and_restored(api: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    source = "@startuml\r\nAda -> Ben : héllo 🌱\r\n@enduml\n"
    document = body(await api("POST", "rooms/design/documents", {"name": "login", "source": source}), 201)
    assert set(document) == {
        "id", "name", "room", "room_id", "epoch", "created_by", "created_at", "updated_at", "deleted_at",
    }  # fmt: skip
    assert (document["name"], document["room"], document["epoch"]) == ("login.puml", "design", 1)
    for segment in ("login", "login.puml", "LOGIN.puml", "~" + document["id"]):
        assert body(await api("GET", f"rooms/design/documents/{segment}")) == document
    assert body(await api("GET", "rooms/design"))["documents"] == 1
    text = await api("GET", "rooms/design/documents/login/source")
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.body.decode() == source.replace("\r\n", "\n")
    renamed = body(await api("PATCH", "rooms/design/documents/login", {"name": "sign in"}))
    assert renamed["name"] == "sign in.puml"
    refused(await api("GET", "rooms/design/documents/login"), 404, "document-not-found")
    assert (await api("DELETE", "rooms/design/documents/sign%20in")).code == 204
    refused(await api("GET", "rooms/design/documents/sign%20in/source"), 404, "document-not-found")
    body(await api("POST", "rooms/design/documents", {"name": "sign in"}), 201)
    refused(await api("POST", f"rooms/design/documents/~{document['id']}/restore"), 409, "name-taken")
    restored = body(await api("POST", f"rooms/design/documents/~{document['id']}/restore", {"name": "old"}))
    assert (restored["id"], restored["name"]) == (document["id"], "old.puml")
    names = [item["name"] for item in body(await api("GET", "rooms/design/documents"))["items"]]
    assert names == ["old.puml", "sign in.puml"]


@pytest.mark.parametrize("name", ["Планы", "設計 図", "e\u0301te\u0301", "हिन्दी", "Ⅷ-a_b.c", "ß"])
async def test_names_are_unicode_and_unique_over_case_and_form(api: Any, name: str) -> None:
    room = body(await api("POST", "rooms", {"name": name}), 201)
    assert body(await api("GET", f"rooms/{quote(name)}"))["id"] == room["id"]
    for twin in {name, name.upper(), name.lower()}:
        refused(await api("POST", "rooms", {"name": twin}), 409, "name-taken", "choose another")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("", "empty"),
        (" a", "start or end"),
        ("a ", "start or end"),
        (".", "start or end"),
        ("..", "start or end"),
        ("a.", "start or end"),
        ("a/b", "'/'"),
        ("a\\b", "'\\'"),
        ("C:", "':'"),
        ("Rooms:x", "':'"),
        ("~r", "'~'"),
        ("a%2Fb", "'%'"),
        ("a\nb", "U+000A"),
        ("a\u0000b", "U+0000"),
        ("🌱", "🌱"),
        ("a\u202eb", "U+202E"),
        ("a" * 65, "has 65"),
    ],
)
async def test_a_bad_name_is_refused_with_the_rule(api: Any, name: str, hint: str) -> None:
    error = refused(await api("POST", "rooms", {"name": name}), 400, "bad-name", "1 to 64 letters")
    assert hint in error["message"]
    assert body(await api("GET", "rooms"))["items"] == []


@pytest.mark.parametrize("segment", ["..", "%2E%2E", "a%2Fb", "%2e%2e%2f%2e%2e", "C:", "a%00b", "%0a", "a*b"])
async def test_a_bad_segment_is_refused_with_the_rule(api: Any, segment: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        refused(await api(method, f"rooms/{segment}"), 400, "bad-name", "A room name is")
    refused(await api("GET", f"rooms/{segment}/documents"), 400, "bad-name", "A room name is")
    await api("POST", "rooms", {"name": "design"})
    refused(await api("GET", f"rooms/design/documents/{segment}"), 400, "bad-name", "A document name is")
    put = await api("PUT", f"rooms/design/documents/{segment}/source", raw=b"x")
    refused(put, 400, "bad-name", "A document name is")


async def test_bytes_that_are_no_text_in_a_path_are_refused(api: Any) -> None:
    refused(await api("GET", "rooms/%FF%FE"), 400, "bad-request")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"{", "not JSON"),
        (b"[]", "object"),
        (b"\xff\xfe", "not JSON"),
        (b'{"name": 5}', "must be a text"),
        (b'{"name": "a", "private": "yes"}', "true or false"),
        (b'{"name": "a", "color": "red"}', "unknown field"),
        (b'{"private": true}', "missing"),
        (b"", "missing"),
        (b"[" * 60_000, "not JSON"),
    ],
)
async def test_a_bad_body_is_refused_and_changes_nothing(api: Any, raw: bytes, text: str) -> None:
    refused(await api("POST", "rooms", raw=raw), 400, "bad-request", text)
    assert body(await api("GET", "rooms"))["items"] == []


async def test_a_source_that_is_no_text_is_refused(api: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    lone = await api("POST", "rooms/design/documents", raw=b'{"name": "a", "source": "\\ud800"}')
    refused(lone, 400, "bad-request", "surrogate")
    body(await api("POST", "rooms/design/documents", {"name": "a"}), 201)
    put = await api("PUT", "rooms/design/documents/a/source", raw=b"\xff")
    refused(put, 400, "bad-request", "UTF-8")


async def test_lists_come_in_pages(api: Any) -> None:
    names = [f"room {i}" for i in range(7)]
    for name in reversed(names):
        body(await api("POST", "rooms", {"name": name}), 201)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = body(await api("GET", f"rooms?limit=3&cursor={quote(cursor)}"))
        seen += [room["name"] for room in page["items"]]
        cursor = page["next"]
    assert seen == names
    for query in (
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=-1",
        "limit=٣",
        "cursor=%21",
        "cursor=e30%3D",
        "deleted=1",
    ):
        refused(await api("GET", f"rooms?{query}"), 400, "bad-request")


async def test_if_match_guards_a_rename_but_not_against_typing(api: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    made = await api("POST", "rooms/design/documents", {"name": "a"})
    tag = made.headers["Etag"]
    assert (await api("PUT", "rooms/design/documents/a/source", raw=b"typed")).code == 204
    stale = {"If-Match": '"other"'}
    refused(
        await api("PATCH", "rooms/design/documents/a", {"name": "b"}, headers=stale),
        412,
        "precondition-failed",
    )
    refused(await api("DELETE", "rooms/design/documents/a", headers=stale), 412, "precondition-failed")
    refused(
        await api("PATCH", "rooms/design/documents/a", {"name": "b"}, headers={"If-Match": "x"}),
        400,
        "bad-request",
    )
    match = {"If-Match": f'"other", W/{tag}'}
    renamed = await api("PATCH", "rooms/design/documents/a", {"name": "b"}, headers=match)
    assert body(renamed)["name"] == "b.puml"
    assert renamed.headers["Etag"] != tag
    room = await api("GET", "rooms/design")
    refused(await api("PATCH", "rooms/design", {"name": "c"}, headers=stale), 412, "precondition-failed")
    body(await api("PATCH", "rooms/design", {"name": "c"}, headers={"If-Match": room.headers["Etag"]}))


async def test_put_source_edits_by_minimal_difference_and_if_match(api: Any, plant_app: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    document = body(
        await api("POST", "rooms/design/documents", {"name": "a", "source": "one two three"}), 201
    )
    path = "rooms/design/documents/a/source"
    first = await api("GET", path)
    put = await api("PUT", path, raw=b"one 2 three\r\n", headers={"If-Match": first.headers["Etag"]})
    assert put.code == 204
    second = await api("GET", path)
    assert second.body == b"one 2 three\n"
    assert second.headers["Etag"] == put.headers["Etag"]
    refused(
        await api("PUT", path, raw=b"x", headers={"If-Match": first.headers["Etag"]}),
        412,
        "precondition-failed",
    )
    unchanged = await api("GET", path, headers={"If-None-Match": second.headers["Etag"]})
    assert (unchanged.code, unchanged.body) == (304, b"")
    loaded = await plant_app._storage.store.load(document["id"])
    # What stays is not sent again: the row holds only what was typed.
    assert b"three" not in loaded.tail[-1].data
    assert b"2" in loaded.tail[-1].data


async def test_limits_name_their_trait(api: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    big = "x" * 1_000_001
    made = await api("POST", "rooms/design/documents", {"name": "a", "source": big})
    refused(made, 413, "limit-exceeded", "PlantTogether.max_source_size")
    body(await api("POST", "rooms/design/documents", {"name": "a"}), 201)
    put = await api("PUT", "rooms/design/documents/a/source", raw=big.encode())
    refused(put, 413, "limit-exceeded", "PlantTogether.max_source_size")


async def test_many_at_once_make_one_room(api: Any) -> None:
    answers = await asyncio.gather(*(api("POST", "rooms", {"name": "design"}) for _ in range(8)))
    assert sorted(answer.code for answer in answers) == [201] + [409] * 7


async def test_unknown_calls_answer_in_the_shape_of_errors(api: Any) -> None:
    refused(await api("GET", "nothing"), 404, "not-found")
    refused(await api("PUT", "rooms", raw=b"{}"), 405, "method-not-allowed")
    refused(await api("GET", "rooms/~r_x"), 404, "room-not-found")
    await api("POST", "rooms", {"name": "design"})
    refused(await api("GET", "rooms/design/documents/~d_x"), 404, "document-not-found")


async def test_a8_of_two_at_once_with_one_if_match_one_is_refused_and_the_other_is_the_text(api: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    await api("POST", "rooms/design/documents", {"name": "a", "source": "@startuml\n@enduml\n"})
    path = "rooms/design/documents/a/source"
    for turn in range(5):
        tag = (await api("GET", path)).headers["Etag"]
        texts = [f"@startuml\nA -> B : {who} {turn}\n@enduml\n".encode() for who in ("one", "two")]
        puts = await asyncio.gather(
            *(api("PUT", path, raw=text, headers={"If-Match": tag}) for text in texts)
        )
        assert sorted(put.code for put in puts) == [204, 412]
        assert (await api("GET", path)).body == texts[[put.code for put in puts].index(204)]


async def test_a8_the_same_put_at_once_is_the_text_once(api: Any) -> None:
    await api("POST", "rooms", {"name": "design"})
    await api("POST", "rooms/design/documents", {"name": "a"})
    path = "rooms/design/documents/a/source"
    for turn in range(3):
        text = "".join(f"{turn} {line}\n" for line in range(40)).encode()
        puts = await asyncio.gather(*(api("PUT", path, raw=text) for _ in range(4)))
        assert [put.code for put in puts] == [204] * 4
        assert (await api("GET", path)).body == text

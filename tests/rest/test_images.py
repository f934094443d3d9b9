"""Pictures over HTTP: of a document, now and in its past, and of any text."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import psutil
import pytest

Api = Callable[..., Awaitable[Any]]
pytestmark = pytest.mark.usefixtures("kept_drawing")
DOCUMENT = "rooms/design/documents/login"
ENDLESS = "!procedure $f($n)\n!if $n > 0\n$f($n - 1)\n$f($n - 1)\n!endif\n!endprocedure\n$f(40)\nA -> B"
SECRET = "xyzzy-secret"


@pytest.fixture
def document(api: Api, jp_asyncio_loop: asyncio.AbstractEventLoop) -> None:
    """A room with one document."""

    async def make() -> None:
        await api("POST", "rooms", {"name": "design"})
        await api("POST", "rooms/design/documents", {"name": "login", "source": "Ada -> Ben : hello"})

    jp_asyncio_loop.run_until_complete(make())


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize(
    ("format", "begins", "content_type"),
    [
        ("svg", b"<svg", "image/svg+xml"),
        ("png", b"\x89PNG", "image/png"),
        ("pdf", b"%PDF-", "application/pdf"),
    ],
)
async def test_a_document_has_a_picture_that_can_do_nothing(
    api: Api,
    format: str,  # noqa: A002 - the API's word
    begins: bytes,
    content_type: str,
) -> None:
    answer = await api("GET", f"{DOCUMENT}/image.{format}")
    assert (answer.code, answer.body[: len(begins)]) == (200, begins)
    headers = answer.headers
    assert headers["Content-Type"] == content_type
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-cache"
    kind = "attachment" if format == "pdf" else "inline"
    assert headers["Content-Disposition"] == f"{kind}; filename*=UTF-8''login.{format}"


@pytest.mark.usefixtures("document")
async def test_whoever_has_the_picture_gets_304_and_nothing_is_drawn(api: Api, plant_app: Any) -> None:
    pool = plant_app._components.services.renderer.pool
    first = await api("GET", f"{DOCUMENT}/image.svg")
    tag = first.headers["Etag"]
    again = await api("GET", f"{DOCUMENT}/image.svg", headers={"If-None-Match": tag})
    assert (again.code, again.body, again.headers["Etag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "private, no-cache"
    await api("PUT", f"{DOCUMENT}/source", raw=b"Ada -> Ben : goodbye")
    changed = await api("GET", f"{DOCUMENT}/image.svg", headers={"If-None-Match": tag})
    assert changed.code == 200 and b"goodbye" in changed.body and changed.headers["Etag"] != tag
    await api("PUT", f"{DOCUMENT}/source", raw=b"Ada -> Ben : hello")
    assert (await api("GET", f"{DOCUMENT}/image.svg")).headers["Etag"] == tag
    assert pool.drawn == 2


@pytest.mark.usefixtures("document")
async def test_every_way_to_draw_a_text_has_a_tag_of_its_own(api: Api) -> None:
    await api("PUT", f"{DOCUMENT}/source", raw=b"@startuml\nA -> B : one\nnewpage\nA -> B : two\n@enduml")
    asked = ["image.svg", "image.svg?dark=true", "image.svg?page=1", "image.png", "image.png?scale=1"]
    answers = [await api("GET", f"{DOCUMENT}/{path}") for path in asked]
    assert [answer.code for answer in answers] == [200] * 5
    assert len({answer.headers["Etag"] for answer in answers}) == 5
    assert b">one<" in answers[0].body and b">two<" in answers[2].body
    assert answers[0].body != answers[1].body
    assert len(answers[3].body) > len(answers[4].body)


@pytest.mark.usefixtures("document")
async def test_the_past_has_pictures_too(api: Api) -> None:
    version = json.loads((await api("POST", f"{DOCUMENT}/versions", {"name": "v"})).body)
    await api("PUT", f"{DOCUMENT}/source", raw=b"Ada -> Ben : goodbye")
    for query in (f"version={version['id']}", f"at={version['seq']}"):
        assert b"hello" in (await api("GET", f"{DOCUMENT}/image.svg?{query}")).body


async def test_any_text_can_be_drawn(api: Api) -> None:
    svg = await api("POST", "render", {"source": "Ada -> Ben : hello"})
    assert (svg.code, svg.headers["Content-Type"]) == (200, "image/svg+xml")
    assert b"hello" in svg.body and svg.headers["Cache-Control"] == "no-store"
    assert svg.headers["Content-Security-Policy"].startswith("sandbox")
    png = await api("POST", "render", {"source": "Ada -> Ben", "format": "png", "dark": True})
    assert png.body.startswith(b"\x89PNG")


async def test_what_cannot_be_drawn_is_told_in_json(api: Api) -> None:
    for body, status, code in [
        ({"source": "A -> B\nA -> -> B"}, 422, "syntax"),
        ({"source": "@startsalt\n{x}\n@endsalt"}, 422, "unsupported-diagram"),
        ({"source": ""}, 422, "syntax"),
        ({"source": "A -> B", "format": "gif"}, 400, "bad-request"),
        ({"source": "A -> B", "page": 3}, 400, "bad-request"),
        ({"source": 3}, 400, "bad-request"),
        ({}, 400, "bad-request"),
        ({"source": "A -> B\n" * 200_000}, 413, "limit-exceeded"),
    ]:
        answer = await api("POST", "render", body)
        assert (answer.code, json.loads(answer.body)["error"]) == (status, code), body
        assert answer.headers["Content-Type"] == "application/json"


async def test_an_error_in_a_text_is_told_with_its_line(api: Api) -> None:
    error = json.loads((await api("POST", "render", {"source": "A -> B\nA -> -> B"})).body)
    assert error["line"] == 2 and error["message"].startswith("line 2: This line is not understood")


@pytest.mark.usefixtures("document")
async def test_what_is_asked_wrongly_is_a_bad_request(api: Api) -> None:
    for query in ("dark=maybe", "page=x", "scale=big", "scale=1000", "scale=nan", "at=x"):
        assert (await api("GET", f"{DOCUMENT}/image.png?{query}")).code == 400, query


@pytest.mark.usefixtures("document")
async def test_a_hundred_requests_for_one_picture_cost_one_drawing(api: Api, plant_app: Any) -> None:
    pool = plant_app._components.services.renderer.pool
    answers = await asyncio.gather(*(api("GET", f"{DOCUMENT}/image.png") for _ in range(100)))
    assert {answer.code for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert pool.drawn == 1


@pytest.mark.own_drawing
async def test_a_text_gets_nothing_of_the_server(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data.json").write_text(f'{{"a": "{SECRET}"}}')
    monkeypatch.setenv("PLANT_SECRET", SECRET)
    for line in (
        f"!$x = %load_json('{tmp_path}/data.json')",
        f"!include {tmp_path}/data.json",
        "!$x = %getenv('PLANT_SECRET')",
    ):
        answer = await api("POST", "render", {"source": f"{line}\nA -> B : [$x]"})
        assert answer.code in (200, 422) and SECRET.encode() not in answer.body


class TestWithoutPatience:
    @pytest.fixture
    def plant_config(self) -> dict[str, Any]:
        return {"example_room": False, "render_timeout": 2.0}

    async def test_while_something_does_not_end_the_server_answers_and_then_says_why(self, api: Api) -> None:
        await api("POST", "render", {"source": "A -> B"})
        drawing = asyncio.ensure_future(api("POST", "render", {"source": ENDLESS}))
        answered = 0
        while not drawing.done():
            assert (await api("GET", "me")).code == 200
            answered += not drawing.done()
            await asyncio.sleep(0.05)
        assert answered >= 5
        answer = await drawing
        error = json.loads(answer.body)
        assert (answer.code, error["error"]) == (422, "render-timeout")
        assert "PlantTogether.render_timeout" in error["message"]


@pytest.mark.own_drawing
async def test_the_end_of_the_server_ends_the_processes_also_while_they_draw(
    api: Api, plant_app: Any
) -> None:
    await api("POST", "render", {"source": "A -> B"})
    (process,) = (one for one in plant_app._components.services.renderer.pool.processes if one.started)
    child = psutil.Process(process.pid)
    drawing = asyncio.ensure_future(api("POST", "render", {"source": ENDLESS}))
    await asyncio.sleep(0.3)
    await plant_app.stop_extension()
    assert not child.is_running()
    assert (await drawing).code == 422


# --- including documents -----------------------------------------------------------------------------


@pytest.mark.usefixtures("document")
async def test_a_document_includes_others_of_its_room_and_follows_them(api: Api) -> None:
    await api("POST", "rooms/design/documents", {"name": "parts", "source": "@startuml\nactor Cem\n@enduml"})
    await api("PUT", f"{DOCUMENT}/source", raw=b"@startuml\n!include parts\nAda -> Cem : hello\n@enduml")
    first = await api("GET", f"{DOCUMENT}/image.svg")
    assert first.code == 200 and b">Cem<" in first.body
    tag = first.headers["Etag"]
    assert (await api("GET", f"{DOCUMENT}/image.svg", headers={"If-None-Match": tag})).code == 304
    await api("PUT", "rooms/design/documents/parts/source", raw=b'actor "Cem the Second" as Cem')
    second = await api("GET", f"{DOCUMENT}/image.svg", headers={"If-None-Match": tag})
    assert second.code == 200 and b"Cem the Second" in second.body.replace(b"\xc2\xa0", b" ")
    assert second.headers["Etag"] != tag


@pytest.mark.usefixtures("document")
async def test_a_text_that_names_a_room_includes_its_documents(api: Api) -> None:
    body = {"source": "title x\n!include login"}
    assert b">hello<" in (await api("POST", "render", {**body, "room": "design"})).body
    error = json.loads((await api("POST", "render", body)).body)
    assert error["line"] == 2 and "login" in error["message"]
    missing = await api("POST", "render", {**body, "room": "nowhere"})
    assert (missing.code, json.loads(missing.body)["error"]) == (404, "room-not-found")


@pytest.mark.usefixtures("document")
async def test_an_error_in_what_is_included_is_told_with_the_line_that_includes(api: Api) -> None:
    await api("POST", "rooms/design/documents", {"name": "parts", "source": "A -> B\nA -> -> B"})
    await api("PUT", f"{DOCUMENT}/source", raw=b"title x\nA -> B\n!include parts")
    error = json.loads((await api("GET", f"{DOCUMENT}/image.svg")).body)
    assert error["line"] == 3
    assert error["message"].startswith("line 3: In “parts.puml”, line 2: This line is not understood")
    await api("PUT", "rooms/design/documents/parts/source", raw=b"!include login")
    error = json.loads((await api("GET", f"{DOCUMENT}/image.svg")).body)
    assert (error["error"], error["line"]) == ("syntax", 3)
    assert "login.puml → parts.puml → login.puml" in error["message"]


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../other/secret", "~doc_x", "other/secret", "secret", "<../secret>"]
)
async def test_nothing_of_another_room_or_of_the_server_is_included(api: Api, target: str) -> None:
    await api("POST", "rooms", {"name": "other"})
    await api("POST", "rooms/other/documents", {"name": "secret", "source": f"A -> B : {SECRET}"})
    await api("PUT", f"{DOCUMENT}/source", raw=f"A -> B\n!include {target}".encode())
    answer = await api("GET", f"{DOCUMENT}/image.svg")
    error = json.loads(answer.body)
    assert (answer.code, error["line"]) == (422, 2)
    assert SECRET not in answer.body.decode() and "root:" not in answer.body.decode()


async def test_another_rooms_document_is_not_included_by_its_id(api: Api) -> None:
    for room in ("design", "other"):
        await api("POST", "rooms", {"name": room})
    made = await api("POST", "rooms/other/documents", {"name": "secret", "source": f"A -> B : {SECRET}"})
    await api("POST", "rooms/design/documents", {"name": "login"})
    text = f"A -> B\n!include ~{json.loads(made.body)['id']}"
    await api("PUT", f"{DOCUMENT}/source", raw=text.encode())
    answer = await api("GET", f"{DOCUMENT}/image.svg")
    assert answer.code == 422 and SECRET.encode() not in answer.body


@pytest.mark.usefixtures("named_users")
async def test_only_whoever_may_see_a_room_includes_its_documents(ask: Any) -> None:
    await ask("ada", "POST", "rooms", {"name": "design", "private": True})
    await ask("ada", "POST", "rooms/design/documents", {"name": "login", "source": f"A -> B : {SECRET}"})
    status, error = await ask("ben", "POST", "render", {"source": "!include login", "room": "design"})
    assert (status, error["error"]) == (404, "room-not-found")

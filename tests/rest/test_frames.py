"""The sync WebSocket over a real connection: refusals, close codes, and frames that are none (PROTOCOL S4)."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Callable
from typing import Any

import pycrdt
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from jupyter_plant_together.errors import Malformed
from jupyter_plant_together.yjs import sync as p

SEED = 7
Dial = Callable[..., Any]


@pytest.fixture
def plant_config() -> dict[str, Any]:
    return {"example_room": False, "message_burst": 1_000_000, "max_update_size": 10_000}


@pytest.fixture
def dial(plant_app: Any, http_server_port: Any, jp_base_url: str, jp_auth_header: dict[str, str]) -> Dial:
    """Connect to a document's WebSocket; without ``headers`` as somebody who is signed in."""

    def make(document: str, headers: dict[str, str] | None = None, query: str = "") -> Any:
        url = f"ws://127.0.0.1:{http_server_port[1]}{jp_base_url}plant-together/sync/{document}{query}"
        return connect(
            url, additional_headers=jp_auth_header if headers is None else headers, max_size=None, proxy=None
        )

    return make


@pytest.fixture
def make_document(api: Any) -> Callable[[], Any]:
    async def make() -> str:
        await api("POST", "rooms", {"name": "x"})
        made = await api("POST", "rooms/x/documents", {"name": "a", "source": "kept"})
        return str(json.loads(made.body)["id"])

    return make


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """Read to the end and return with what the server closed."""
    with pytest.raises(ConnectionClosed) as end:
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    assert end.value.rcvd is not None
    return end.value.rcvd.code, end.value.rcvd.reason


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def settled(plant_app: Any) -> tuple[int, int]:
    """Return how many tasks and open files there are once closed connections are gone."""
    await asyncio.sleep(0.2)
    return len(asyncio.all_tasks()), open_files()


async def test_refused_connections_leave_nothing(
    plant_app: Any, make_document: Any, dial: Dial, jp_auth_header: dict[str, str]
) -> None:
    """No token or a foreign origin: 403 before the upgrade, no document, task or file (PROTOCOL *Refusals*)."""
    document = await make_document()
    with pytest.raises(InvalidStatus):  # what is made once by a first connection is made before the count
        await dial(document, {})
    before = await settled(plant_app)
    foreign = {"Origin": "https://elsewhere.example"}
    for number in range(100):
        headers = {} if number % 2 else {**foreign, "Cookie": "username-x=y"}
        with pytest.raises(InvalidStatus) as refused:
            await dial(document, headers)
        assert refused.value.response.status_code == 403
    after = await settled(plant_app)
    assert plant_app._registry.documents() == []
    assert after[0] <= before[0]
    assert after[1] <= before[1]


@pytest.mark.parametrize("document", ["d_" + "a" * 26, "d_x", "a", "..%2Fa"])
async def test_an_unknown_document_is_4404_after_the_upgrade(
    plant_app: Any, make_document: Any, dial: Dial, document: str
) -> None:
    """PROTOCOL *Refusals*."""
    await make_document()
    async with dial(document) as socket:
        code, reason = await closed(socket)
    assert code == 4404
    assert reason
    assert plant_app._registry.documents() == []


async def test_a_deleted_document_is_4404_at_once_and_later(api: Any, make_document: Any, dial: Dial) -> None:
    document = await make_document()
    async with dial(document) as socket:
        await socket.recv()
        assert (await api("DELETE", f"rooms/x/documents/~{document}")).code == 204
        assert (await closed(socket))[0] == 4404
    async with dial(document) as socket:
        assert (await closed(socket))[0] == 4404


async def test_text_frames_garbage_and_size_have_their_codes(
    api: Any, make_document: Any, dial: Dial
) -> None:
    """PROTOCOL *Refusals*."""
    document = await make_document()
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += "x" * 20_000
    for frame, expected in (
        ("text", 4400),
        (b"\x00", 4400),
        (b"\x00\x02\x05\x00", 4400),
        (p.sync(p.UPDATE, doc.get_update()), 4413),
    ):
        async with dial(document) as socket:
            await socket.send(frame)
            code, reason = await closed(socket)
        assert code == expected
        assert reason
    assert (await api("GET", "rooms/x/documents/a/source")).body == b"kept"


def frames(rng: random.Random, number: int) -> list[bytes]:
    """Random, truncated and mislabelled frames; none is a well-formed edit."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += "never to be seen 🌱"
    update = doc.get_update()
    good = [
        p.sync(p.UPDATE, update),
        p.sync(p.STEP2, update),
        p.sync(p.STEP1, doc.get_state()),
        p.awareness([p.AwarenessEntry(5, 1, '{"cursor": null}')]),
        p.control({"type": "hello"}),
    ]
    made = []
    for index in range(number):
        if index % 10:
            made.append(rng.randbytes(rng.randint(0, 200)))
            continue
        frame = rng.choice(good)
        kind = rng.randrange(3)
        if kind == 0:
            made.append(frame[: rng.randrange(len(frame))])
        elif kind == 1:
            made.append(frame + rng.randbytes(rng.randint(1, 20)))
        else:
            made.append(p.sync(rng.choice((p.STEP1, p.STEP2, p.UPDATE)), rng.randbytes(rng.randint(3, 60))))
    return made


def is_unknown(frame: bytes) -> bool:
    """Whether the frame is of a type that is not known, and so is ignored."""
    try:
        return p.parse(frame) is None
    except Malformed:
        return False


async def answered(socket: ClientConnection) -> None:
    """Wait until all that was sent has been dealt with."""
    await socket.send(p.sync(p.STEP1, b"\x00"))
    while (await asyncio.wait_for(socket.recv(), 10))[:2] != b"\x00\x01":
        pass


@pytest.mark.slow
async def test_20_000_frames_of_garbage_change_nothing(
    api: Any, plant_app: Any, make_document: Any, dial: Dial
) -> None:
    document = await make_document()
    rows = len((await plant_app._storage.store.load(document)).tail)
    codes: dict[int, int] = {}
    good = await dial(document)
    unknown, others = [], []
    for frame in frames(random.Random(SEED), 20_000):
        (unknown if is_unknown(frame) else others).append(frame)
    async with dial(document) as eve:  # messages of a type that a later version may have are ignored
        for at in range(0, len(unknown), 100):
            for frame in unknown[at : at + 100]:
                await eve.send(frame)
            await answered(eve)
    while others:
        async with dial(document) as eve:
            try:
                while others:
                    await eve.send(others.pop())
                    await answered(eve)
            except ConnectionClosed as end:
                assert end.rcvd is not None
                codes[end.rcvd.code] = codes.get(end.rcvd.code, 0) + 1
    assert set(codes) == {4400}
    assert codes[4400] > 1_000
    assert len(unknown) > 10_000
    assert (await api("GET", "rooms/x/documents/a/source")).body == b"kept"
    assert len((await plant_app._storage.store.load(document)).tail) == rows
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    text += "still "
    await good.send(p.sync(p.UPDATE, doc.get_update()))
    await good.close()
    for _ in range(100):
        source = (await api("GET", "rooms/x/documents/a/source")).body
        if source != b"kept":
            break
        await asyncio.sleep(0.05)
    assert sorted(source) == sorted(b"still kept")

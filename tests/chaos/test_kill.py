"""The server dies at any moment and nothing that it acknowledged is lost (DESIGN, promise 1; PROTOCOL A, D1)."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from disk import on_disk
from processes import TOKEN
from writers import tokens

import jupyter_plant_together as plant

pytestmark = [pytest.mark.chaos, pytest.mark.slow]
KILLS = 20
SEED = 20261124


def check(text: str, clients: list[Any]) -> None:
    """Every acknowledged edit is in ``text``, and nothing is there twice."""
    found = tokens(text)
    assert len(set(found)) == len(found), "something is there twice"
    promised = set().union(*(client.acknowledged for client in clients))
    gone = {token for kind, token in promised if kind == "-"}
    assert not gone & set(found), "an acknowledged deletion is undone"
    # A deletion that is not acknowledged yet may have arrived all the same.
    asked = set().union(*(client.deleted for client in clients))
    assert not {token for kind, token in promised if kind == "+"} - asked - set(found), "an edit is lost"


async def test_twenty_kills_under_load_lose_and_double_nothing(
    server_process: Any, writer: Any, until: Any
) -> None:
    rng = random.Random(SEED)
    server = server_process("one").start().wait()
    server.api("POST", "rooms", {"name": "design"})
    documents = [
        server.api("POST", "rooms/design/documents", {"name": name})["id"] for name in ("login", "logout")
    ]
    clients = [
        writer(f"c{number}", server, documents[number // 3], SEED + number).start(0.02) for number in range(5)
    ]
    of = {document: clients[3 * index : 3 * index + 3] for index, document in enumerate(documents)}
    for _ in range(KILLS):
        await until(lambda: any(client.connected.is_set() for client in clients), "a client is back")
        await asyncio.sleep(rng.uniform(0, 0.8))
        server.kill()
        await until(lambda: not any(client.connected.is_set() for client in clients), "all have noticed")
        for document, writers in of.items():
            text = await on_disk(server.database, document)
            check(text, writers)
            assert all(not client.saved for client in clients), "nobody may believe to be saved"
        server.start()
    await asyncio.to_thread(server.wait)
    for client in clients:
        client.pause()
    await until(lambda: all(client.connected.is_set() and client.saved for client in clients), "all is saved")
    for writers in of.values():
        await until(lambda ws=writers: len({str(client.text) for client in ws}) == 1, "one text for all")
        text = str(writers[0].text)
        assert sorted(tokens(text)) == sorted(
            token for client in writers for token in client.written if token not in client.deleted
        )
        assert all(
            len(client.acknowledged) == len(client.written) + len(client.deleted) for client in writers
        )
    assert all(client.failure is None for client in clients)
    assert all(client.connections > KILLS // 2 for client in clients)
    assert sum(len(client.acknowledged) for client in clients) > 500, (
        "there was too little load to prove anything"
    )
    server.kill()
    for document, writers in of.items():
        assert await on_disk(server.database, document) == str(writers[0].text)


async def test_d1_two_servers_of_one_person_on_one_file_either_killed(
    server_process: Any, writer: Any, until: Any
) -> None:
    """Two browsers and a kernel, on both servers, end with one text; no server's death loses anything."""
    one, two = server_process("one").start(), server_process("two")
    await asyncio.to_thread(one.wait)
    two.start()
    await asyncio.to_thread(two.wait)
    one.api("POST", "rooms", {"name": "design"})
    document = one.api("POST", "rooms/design/documents", {"name": "login"})["id"]
    ada = writer("a1", one, document, SEED).start(0.02)
    ben = writer("b2", two, document, SEED + 1).start(0.02)

    def connect() -> Any:
        return plant.connect("design", url=two.url, token=TOKEN, create=False)

    room = await asyncio.to_thread(connect)
    try:
        kernel = await asyncio.to_thread(room.__getitem__, "login")
        count = 0

        async def draw(number: int) -> None:
            nonlocal count
            for _ in range(number):
                await asyncio.to_thread(kernel.append, f"[k3:{count:04}]")
                count += 1
                await asyncio.sleep(0.01)

        def one_text() -> bool:
            return str(ada.text) == str(ben.text) == kernel.source

        async def agree() -> None:
            await until(lambda: ada.saved and ben.saved, "all is saved")
            await asyncio.to_thread(kernel.flush, 30)
            await until(one_text, "one text for all")
            found = tokens(kernel.source)
            mine = [f"[k3:{number:04}]" for number in range(count)]
            theirs = [t for client in (ada, ben) for t in client.written if t not in client.deleted]
            assert sorted(found) == sorted(mine + theirs)

        await until(lambda: ada.connected.is_set() and ben.connected.is_set(), "both are there")
        for victim in (two, one, two):
            await draw(20)
            victim.kill()
            await draw(20)  # the others, and the kernel in its own Doc, go on
            await asyncio.sleep(0.5)
            victim.start()
            await asyncio.to_thread(victim.wait)
            await draw(5)
            for client in (ada, ben):
                await until(client.connected.is_set, "everybody is back")
                client.pause()
            await agree()
            for client in (ada, ben):
                client.resume()
    finally:
        await asyncio.to_thread(room.close)
    assert ada.failure is None
    assert ben.failure is None
    assert len(await on_disk(one.database, document)) > 0

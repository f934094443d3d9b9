"""Stock clients work unchanged: the npm `y-websocket` with yjs 13.6, and pycrdt's `Provider`."""

# ruff: noqa: RUF001 - look-alike characters are the point

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from certificates import self_made
from notebook_server import JupyterProcess
from stock_clients import ROOT, PycrdtClient, YWebsocket

import jupyter_plant_together as plant

ALPHABET = ["a", "->", "\n", "é", "日本", "😀", "👩‍👩‍👧‍👦", "🇩🇪", "مرحبا", "שלום", "\u200f", "𝔘"]


class Wire(NamedTuple):
    """A server, and the authority to trust if it speaks TLS."""

    server: JupyterProcess
    authority: Path | None


@pytest.fixture(scope="module", params=["ws", "wss"])
def wire(
    request: pytest.FixtureRequest,
    start_server: Callable[..., JupyterProcess],
    tmp_path_factory: pytest.TempPathFactory,
) -> Wire:
    if request.param == "ws":
        return Wire(start_server(), None)
    certificate, key = self_made(tmp_path_factory.mktemp("certificate"))
    return Wire(
        start_server(options={"ServerApp.certfile": certificate, "ServerApp.keyfile": key}), certificate
    )


@pytest.fixture
def y_websocket(wire: Wire) -> Iterator[Callable[[str], YWebsocket]]:
    """A factory of Node clients. A message that they do not know would be a complaint: there are none."""
    made: list[YWebsocket] = []

    def make(document: str) -> YWebsocket:
        made.append(YWebsocket(wire.server, document, wire.authority))
        return made[-1]

    yield make
    complaints = [client.quit() for client in made]
    assert complaints == [""] * len(made)


@pytest.fixture
def trusting(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let our own client trust the certificate, too."""
    if wire.authority is not None:
        monkeypatch.setenv("SSL_CERT_FILE", str(wire.authority))


def new_document(server: JupyterProcess, name: str, source: str = "") -> str:
    """Return the id of a new document in the room `stock`."""
    rooms = [room["name"] for room in server.api("GET", "rooms")["items"]]
    if "stock" not in rooms:
        server.api("POST", "rooms", {"name": "stock"})
    made = server.api("POST", "rooms/stock/documents", {"name": name, "source": source})
    return str(made["id"])


def source(server: JupyterProcess, document: str) -> str:
    return str(server.api("GET", f"rooms/stock/documents/~{document}/source"))


@pytest.fixture(autouse=True)
def trusted_rest(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests' own REST calls trust the certificate."""
    if wire.authority is not None:
        monkeypatch.setenv("SSL_CERT_FILE", str(wire.authority))


def rows(server: JupyterProcess) -> int:
    """Return how many updates are stored."""
    path = server.folder / "data" / "rooms.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM history").fetchone()[0])


def test_it_is_the_version_that_people_use() -> None:
    for package, version in (("yjs", "13.6."), ("y-websocket", "3.")):
        installed = json.loads((ROOT / "labextension/node_modules" / package / "package.json").read_text())
        assert installed["version"].startswith(version)


def test_y_websocket_alone(
    wire: Wire, y_websocket: Callable[[str], YWebsocket], eventually: Callable[..., None]
) -> None:
    document = new_document(wire.server, "alone", "A -> B : 😀\n")
    ada, ben = y_websocket(document), y_websocket(document)
    assert ada.ask("connect") == ben.ask("connect") == "A -> B : 😀\n"
    ada.ask("insert", index=0, value="שלום ")
    eventually(lambda: ben.ask("text") == "שלום A -> B : 😀\n", "the first edit is there")
    ben.ask("insert", index=12, value="!")
    eventually(lambda: ada.ask("text") == ben.ask("text") == "שלום A -> B !: 😀\n", "both have both edits")
    eventually(lambda: source(wire.server, document) == "שלום A -> B !: 😀\n", "the server has both")
    assert ada.ask("heard")["others"] == 0  # no control message to a client that did not ask


def test_what_was_written_offline_arrives(
    wire: Wire, y_websocket: Callable[[str], YWebsocket], eventually: Callable[..., None]
) -> None:
    document = new_document(wire.server, "offline", "text")
    ada, ben = y_websocket(document), y_websocket(document)
    ada.ask("connect")
    ben.ask("connect")
    ada.ask("disconnect")
    ada.ask("insert", index=4, value=" 🔑")
    ben.ask("delete", index=0, length=1)
    assert ada.ask("connect") == "ext 🔑"
    eventually(lambda: ben.ask("text") == "ext 🔑", "the other has it")


def test_pycrdt_provider_alone(wire: Wire) -> None:
    document = new_document(wire.server, "provider", "A -> B : 😀\n")

    async def main() -> None:
        ada, ben = PycrdtClient(), PycrdtClient()
        async with (
            ada.connected(wire.server, document, wire.authority),
            ben.connected(wire.server, document, wire.authority),
        ):
            assert str(ada) == str(ben) == "A -> B : 😀\n"
            ada.text += "שלום\n"
            ben.text.insert(0, "' note\n")
            async with asyncio.timeout(30):
                while not str(ada) == str(ben) == "' note\nA -> B : 😀\nשלום\n":
                    await asyncio.sleep(0.02)

    asyncio.run(main())
    assert source(wire.server, document) == "' note\nA -> B : 😀\nשלום\n"


def test_all_kinds_mixed_converge(
    wire: Wire,
    y_websocket: Callable[[str], YWebsocket],
    connect: Callable[..., plant.Room],
    eventually: Callable[..., None],
) -> None:
    document = new_document(wire.server, "mixed", "@startuml\nAda -> Ben : 😀 שלום\n@enduml\n")
    node = y_websocket(document)
    node.ask("connect")
    ours = connect("stock", wire.server)["mixed"]

    def write_ours() -> None:
        rng = random.Random(2)
        for _ in range(170):
            with ours.transaction():
                at = rng.randint(0, len(ours))
                if rng.random() < 0.3:
                    ours.delete(at, min(len(ours), at + 3))
                else:
                    ours.insert(at, rng.choice(ALPHABET))
            time.sleep(0.002)

    async def write_provider() -> str:
        client, rng = PycrdtClient(), random.Random(3)
        async with client.connected(wire.server, document, wire.authority):
            for _ in range(170):
                text = str(client)
                at = rng.randint(0, len(text))
                start = len(text[:at].encode())
                if rng.random() < 0.3:
                    del client.text[start : start + len(text[at : at + 3].encode())]
                else:
                    client.text.insert(start, rng.choice(ALPHABET))
                await asyncio.sleep(0.002)
            await asyncio.to_thread(node.answer)
            await asyncio.to_thread(thread.join, 60)
            await asyncio.to_thread(ours.flush, 30)
            async with asyncio.timeout(30):
                while not str(client) == ours.source == await asyncio.to_thread(node.ask, "text"):
                    await asyncio.sleep(0.05)
            return str(client)

    thread = threading.Thread(target=write_ours)
    node.tell("scribble", seed=1, times=170, alphabet=ALPHABET)
    thread.start()
    text = asyncio.run(write_provider())
    assert len(text) > 100
    eventually(lambda: source(wire.server, document) == text, "the server has the same text")


def test_each_kind_sees_the_others(
    wire: Wire,
    y_websocket: Callable[[str], YWebsocket],
    connect: Callable[..., plant.Room],
    eventually: Callable[..., None],
) -> None:
    document = new_document(wire.server, "people", "x")
    node = y_websocket(document)
    node.ask("connect")
    node.ask("present", state={"name": "Somebody Else", "color": "#123456"})
    ours = connect("stock", wire.server)["people"]
    eventually(lambda: len(ours.participants) == 2, "the notebook sees the stock client")
    (other,) = [person for person in ours.participants if not person.me]
    assert other.display_name != "Somebody Else"  # P2: nobody can appear as someone else
    assert other.username
    assert other.color.startswith("#")
    eventually(lambda: len(node.ask("people")) == 1, "the stock client sees the notebook")
    (me,) = [person for person in ours.participants if person.me]
    assert node.ask("people")[0]["display_name"] == me.display_name
    ours.close()
    eventually(lambda: node.ask("people") == [], "the notebook's farewell")


def test_two_that_open_a_new_document_at_once_both_sync(
    wire: Wire, y_websocket: Callable[[str], YWebsocket]
) -> None:
    for turn in range(3):
        text = f"new {turn}"
        document = new_document(wire.server, f"at once {turn}", text)
        clients = [y_websocket(document), y_websocket(document)]
        for client in clients:
            client.ask("text")  # it has started, but not connected
        for client in clients:
            client.tell("connect")
        # "synced" is told only when the content is there
        assert [client.answer(30) for client in clients] == [text, text]

        async def at_once(document: str = document) -> list[str]:
            async def one() -> str:
                client = PycrdtClient()
                async with client.connected(wire.server, document, wire.authority):
                    return str(client)

            return list(await asyncio.gather(one(), one()))

        assert asyncio.run(at_once()) == [text, text]


def test_100_reconnects_with_nothing_new_s3(
    wire: Wire, y_websocket: Callable[[str], YWebsocket], eventually: Callable[..., None]
) -> None:
    """A client's answer repeats its deletions, so it is never empty; nothing may come of it.

    pycrdt's Provider sends back as an update what it receives, so its first synchronisation, which brings
    it the content, comes before the count.
    """
    document = new_document(wire.server, "again", "one two three 😀")
    watcher, client = y_websocket(document), y_websocket(document)
    watcher.ask("connect")
    client.ask("connect")
    client.ask("delete", index=4, length=4)
    client.ask("insert", index=0, value="zero ")
    eventually(lambda: watcher.ask("text") == "zero one three 😀", "the watcher has it")
    eventually(lambda: source(wire.server, document) == "zero one three 😀", "the server has it")
    provider = PycrdtClient()

    async def provider_reconnects(times: int) -> None:
        for _ in range(times):
            async with provider.connected(wire.server, document, wire.authority):
                assert str(provider) == "zero one three 😀"

    asyncio.run(provider_reconnects(1))
    time.sleep(1)  # a commit that is under way
    before, heard = rows(wire.server), watcher.ask("heard")

    assert client.ask("reconnect", times=100)
    asyncio.run(provider_reconnects(100))
    client.ask("insert", index=0, value="!")
    eventually(lambda: watcher.ask("text") == "!zero one three 😀", "an edit after all that")
    after = watcher.ask("heard")
    assert after["updates"] == heard["updates"] + 1
    assert after["answers"] == heard["answers"]
    eventually(lambda: rows(wire.server) > before, "the edit's row")
    assert rows(wire.server) == before + 1


def test_a_document_that_is_not_there(wire: Wire, y_websocket: Callable[[str], YWebsocket]) -> None:
    """Close code 4404: the stock client gives up, as y-websocket does from 3.1."""
    client = y_websocket("d_" + "a" * 26)
    assert client.ask("connect") == ""
    assert client.ask("closed") == {"code": 4404, "again": False}


def test_it_survives_a_killed_server(
    start_server: Callable[..., JupyterProcess], wire: Wire, eventually: Callable[..., None]
) -> None:
    if wire.authority is not None:
        pytest.skip("a server of its own; TLS changes nothing here")
    server = start_server()
    document = new_document(server, "killed", "before")
    client = YWebsocket(server, document)
    assert client.ask("connect") == "before"
    server.kill()
    client.ask("insert", index=6, value=" meanwhile")
    server.start()
    assert client.ask("synced").endswith("meanwhile")
    eventually(lambda: source(server, document) == "before meanwhile", "the server has it")
    client.quit()

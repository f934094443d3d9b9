"""A document's bytes come from one place, and the Doc is never ahead of the broadcast (S2, S5)."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pycrdt
import pytest

import jupyter_plant_together
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.live.broadcast import Broadcast
from jupyter_plant_together.live.document import LiveDocument
from jupyter_plant_together.live.edit_maker import EditMaker
from jupyter_plant_together.live.state import DocumentState
from jupyter_plant_together.yjs import sync as p

PACKAGE = Path(jupyter_plant_together.__file__).parent


def text_of(state: bytes) -> str:
    doc = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    doc.apply_update(state)
    return str(text)


READS = {
    "snapshot": lambda live: text_of(live.snapshot()),
    "difference": lambda live: text_of(live.snapshot(b"\x00")),
    "text": lambda live: live.text(),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_what_this_tick_broadcasts_is_read_and_the_peers_have_it_before(
    server_of, make_peer, until, read
):
    server = await server_of()
    live = await server.open(await server.create())
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and bob.synced)
    ada.text += "this very tick"
    assert str(bob.text) == "", "the broadcast waits for the end of the tick"
    assert read(live) == "this very tick"
    assert str(bob.text) == "this very tick"
    assert p.parse_state_vector(live.vector()) == {ada.doc.client_id: 14}


async def test_a_vector_is_never_ahead_of_what_the_peers_were_written(server_of, make_peer, until):
    server = await server_of()
    live = await server.open(await server.create())
    ada, bob = make_peer("ada").join(live), make_peer("bob").join(live)
    await until(lambda: ada.synced and bob.synced)
    for _ in range(50):
        ada.text += "x"
        mine = p.parse_state_vector(bob.doc.get_state())
        for client, clock in p.parse_state_vector(live.vector()).items():
            assert mine.get(client, 0) >= clock
    await live.catch_up()
    assert str(bob.text) == live.text() == "x" * 50


async def test_a_live_document_shows_neither_its_state_nor_its_broadcast():
    with ThreadPoolExecutor(1) as thread:
        live = LiveDocument(Limits(), thread, EditMaker())
    parts = {name for name, part in vars(live).items() if isinstance(part, DocumentState | Broadcast)}
    assert len(parts) == 2
    assert all(name.startswith("_") for name in parts)


def test_nobody_reaches_past_the_document_for_its_state_or_its_broadcast():
    """Only the document and the parts that it is made of know these two, and only as their own."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and path.parent.name != "live":
                names = {alias.name for alias in node.names} & {"DocumentState", "Broadcast"}
                found += [f"{path}:{node.lineno} imports {name}" for name in names]
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr in {"broadcast", "_broadcast"}
                and ast.unparse(node.value) != "self._broadcast"
            ):
                found.append(f"{path}:{node.lineno} {ast.unparse(node)}")
    assert found == []

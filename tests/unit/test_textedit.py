"""Edits of a text as updates: the same structs wherever they are computed (PROTOCOL A8)."""

from __future__ import annotations

import subprocess
import sys

import pycrdt
import pytest

from jupyter_plant_together.yjs.textedit import EditPlace, update_to
from jupyter_plant_together.yjs.update import decode_meta

PLACE = EditPlace("d_1", 1, b"secret")


def document(*updates: bytes, client: int = 1) -> tuple[pycrdt.Doc, pycrdt.Text]:
    doc: pycrdt.Doc = pycrdt.Doc(client_id=client)
    text = doc.get("source", type=pycrdt.Text)
    for update in updates:
        doc.apply_update(update)
    return doc, text


def many_people() -> bytes:
    """Return a state whose text is of many clients: yrs writes them in an order of its own."""
    state = b"\x00\x00"
    for client in range(1, 30):
        doc, text = document(state, client=client)
        text += f"{client} says so\n"
        state = doc.get_update()
    return state


def test_a8_the_same_edit_of_the_same_state_is_the_same_structs_in_another_process() -> None:
    state, wanted = many_people(), "13 says no\n"
    update = update_to(state, wanted, PLACE)
    code = (
        "import sys; from jupyter_plant_together.yjs.textedit import *; "
        f"sys.stdout.buffer.write(update_to(bytes.fromhex('{state.hex()}'), {wanted!r}, {PLACE!r}))"
    )
    elsewhere = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    _, text = document(state, update, elsewhere)
    assert str(text) == wanted
    assert decode_meta(update).structs == decode_meta(elsewhere).structs
    assert decode_meta(update).joined_deletions() == decode_meta(elsewhere).joined_deletions()


def test_a8_states_that_differ_in_a_deletion_alone_give_different_ids() -> None:
    """Their vectors are equal; two different edits under one id would never be told apart again."""
    doc, text = document(client=5)
    text += "ab"
    before = doc.get_update()
    del text[0:1]
    after = doc.get_update()
    first, second = update_to(before, "ab!", PLACE), update_to(after, "ab!", PLACE)
    assert set(decode_meta(first).structs) != set(decode_meta(second).structs)
    texts = {str(document(after, *order)[1]) for order in ((first, second), (second, first))}
    assert len(texts) == 1


@pytest.mark.parametrize(
    "other",
    [EditPlace("d_2", 1, b"secret"), EditPlace("d_1", 2, b"secret"), EditPlace("d_1", 1, b"other")],
    ids=["document", "epoch", "secret"],
)
def test_a8_the_id_is_of_the_document_its_epoch_and_the_stores_secret(other: EditPlace) -> None:
    (here,), (there,) = (decode_meta(update_to(b"\x00\x00", "x", place)).structs for place in (PLACE, other))
    assert here != there
    assert max(here, there) < 2**53


def test_what_is_the_text_already_needs_no_update() -> None:
    assert update_to(update_to(b"\x00\x00", "a\n", PLACE), "a\r\n", PLACE) == b"\x00\x00"

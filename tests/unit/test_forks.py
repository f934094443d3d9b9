"""A11: the same edit is known again however it is encoded, and another under the same client id is told apart."""

from __future__ import annotations

import multiprocessing
import random

import pycrdt
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_plant_together.notebook.client.replica import Replica
from jupyter_plant_together.rooms.source_text import first_update
from jupyter_plant_together.yjs.forks import conflicting, state_vector
from jupyter_plant_together.yjs.integrator import merge_state
from jupyter_plant_together.yjs.structs import read

WORDS = ("a", "bc", "😀", "é", "x\ny", "hello")


def edit(doc: pycrdt.Doc, chance: random.Random) -> bytes:
    """One edit somewhere; returns its update."""
    text, before = doc.get("source", type=pycrdt.Text), doc.get_state()
    written = str(text)
    index = chance.randint(0, len(written))
    at = len(written[:index].encode())
    if index < len(written) and chance.random() < 0.3:
        del text[at : at + len(written[index].encode())]
    else:
        text.insert(at, chance.choice(WORDS))
    return doc.get_update(before)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_a11_no_encoding_of_the_same_edits_conflicts(seed):
    chance = random.Random(seed)
    docs = [pycrdt.Doc(client_id=client) for client in (3, 9)]
    updates: list[bytes] = []
    for _ in range(40):
        doc = chance.choice(docs)
        updates.append(edit(doc, chance))
        if chance.random() < 0.4:
            for other in docs:
                for update in updates:
                    other.apply_update(update)
    state = merge_state(updates)
    for update in (*updates, *(doc.get_update() for doc in docs), state):
        assert conflicting(state, update) is None
        assert conflicting(update, state) is None
    since = {struct.client: struct.clock for struct in chance.choices(read(state)[0], k=4)}
    whole = pycrdt.Doc()
    whole.apply_update(state)
    tail = whole.get_update(state_vector(since))
    assert conflicting(tail, state) is None and conflicting(state, tail) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_a11_after_a_fork_the_first_different_edit_conflicts(seed):
    chance = random.Random(seed)
    one, other = pycrdt.Doc(client_id=5), pycrdt.Doc(client_id=5)
    for _ in range(10):
        other.apply_update(edit(one, chance))
    at = one.get_state()
    one.get("source", type=pycrdt.Text).insert(0, "from the one")
    other.get("source", type=pycrdt.Text).insert(0, "of the other")
    assert conflicting(one.get_update(), other.get_update(at)) == 5
    assert conflicting(one.get_update(at), other.get_update()) == 5


def test_a11_the_same_text_in_another_place_conflicts():
    one, other = pycrdt.Doc(client_id=5), pycrdt.Doc(client_id=5)
    text = one.get("source", type=pycrdt.Text)
    text += "ab"
    other.apply_update(one.get_update())
    at = one.get_state()
    text.insert(0, "x")
    other.get("source", type=pycrdt.Text).insert(2, "x")
    assert conflicting(one.get_update(), other.get_update(at)) == 5


def test_a11_processes_that_were_forked_write_under_ids_of_their_own():
    pycrdt.Doc()  # from here on pycrdt's own ids are the same in every child
    code = multiprocessing.get_context("fork")
    queue = code.SimpleQueue()

    def work() -> None:
        queue.put((first_update("hello")[1], Replica().client_id))

    children = [code.Process(target=work) for _ in range(2)]
    for child in children:
        child.start()
    ids = [client for _ in children for client in queue.get()]
    for child in children:
        child.join()
    assert len(set(ids)) == 4

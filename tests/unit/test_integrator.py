"""S6 and S7: what goes into a Doc goes in in causal order and in slices, and what lacks something waits outside."""

from __future__ import annotations

import random
import subprocess
import sys

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_plant_together.errors import Malformed
from jupyter_plant_together.yjs.integrator import SLICE, Integrator, integrated, merge_state, merged
from jupyter_plant_together.yjs.sync import EMPTY_UPDATE, parse_state_vector, write_var_uint
from jupyter_plant_together.yjs.update import decode_meta, merge


class WatchedDoc(pycrdt.Doc):
    """A Doc that checks what it is given: few structs, and nothing that has to wait."""

    heaviest = 0

    def apply_update(self, update: bytes) -> None:
        meta = decode_meta(update)
        self.heaviest = max(self.heaviest, meta.weight)
        super().apply_update(update)
        assert meta.within(parse_state_vector(self.get_state()))


def text_in(doc: pycrdt.Doc) -> str:
    return str(doc.get("source", type=pycrdt.Text))


def vector(doc: pycrdt.Doc) -> dict[int, int]:
    return parse_state_vector(doc.get_state())


def chain(structs: int, start: int = 0, client: int = 5) -> bytes:
    """An update of one-character structs, each behind the one before it."""
    var = write_var_uint
    out = bytearray(b"\x01" + var(structs - start) + var(client) + var(start))
    for clock in range(start, structs):
        out += b"\x84" + var(client) + var(clock - 1) + b"\x01x" if clock else b"\x04\x01\x06source\x01x"
    return bytes(out + b"\x00")


def conversation(seed: int, steps: int) -> tuple[pycrdt.Doc, list[bytes]]:
    """Three people who hear of each other late, and their updates; some are of many edits."""
    chance = random.Random(seed)
    docs = [pycrdt.Doc(client_id=client) for client in (9, 300, 70_000)]
    updates: list[bytes] = []
    for _ in range(steps):
        doc = chance.choice(docs)
        if chance.random() < 0.5:
            for update in updates:
                doc.apply_update(update)
        before, text = doc.get_state(), doc.get("source", type=pycrdt.Text)
        with doc.transaction():
            for _ in range(chance.choice((1, 1, 5))):
                size = len(text)
                if size and chance.random() < 0.3:
                    at = chance.randrange(size)
                    del text[at : at + 1]
                else:
                    text.insert(chance.randint(0, size), chance.choice(("x", "hello")))
        updates.append(doc.get_update(before))
    whole = pycrdt.Doc()
    for update in updates:
        whole.apply_update(update)
    return whole, updates


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_s7_any_order_gives_what_yrs_gives_and_yrs_never_waits(seed):
    whole, updates = conversation(seed, 20)
    chance = random.Random(seed)
    order = updates + updates[::3]
    chance.shuffle(order)
    cut = chance.randrange(len(order))
    doc = WatchedDoc()
    integrator = Integrator(doc)
    for update in order[:cut]:
        integrator.push(update)
    integrator.finish()
    assert integrator.vector == vector(doc)
    # S1: what is in and what waits are all there is
    again, other = integrated([merge(order[cut:]), integrator.pending, doc.get_update()])
    assert (text_in(again), vector(again)) == (text_in(whole), vector(whole))
    assert other.pending == EMPTY_UPDATE
    for update in order[cut:]:
        integrator.push(update)
    integrator.finish()
    assert (text_in(doc), vector(doc)) == (text_in(whole), vector(whole))
    assert integrator.pending == EMPTY_UPDATE and integrator.queued == integrator.queued_weight == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3))
def test_s7_damaged_structs_wait_or_go_in_but_never_wait_in_yrs(seed, changes):
    """References to anything at all: yrs holds nothing back, whatever they say."""
    _, updates = conversation(seed % 50, 12)
    damaged = bytearray(merge(updates))
    for at, value in changes:
        damaged[at % len(damaged)] = value
    doc = WatchedDoc()
    refused: list[bytes] = []
    integrator = Integrator(doc, lambda update, _: refused.append(update))
    try:
        integrator.push(bytes(damaged))
    except Malformed:  # it stops at the door
        return
    integrator.finish()
    assert integrator.vector == vector(doc)


def test_s6_chained_structs_go_in_in_slices():
    doc = WatchedDoc()
    integrator = Integrator(doc)
    integrator.push(chain(5_000))
    integrator.finish()
    assert text_in(doc) == "x" * 5_000
    assert doc.heaviest == SLICE


def test_s7_what_was_pending_goes_in_in_slices_when_the_missing_comes():
    doc = WatchedDoc()
    integrator = Integrator(doc)
    integrator.push(chain(5_000, start=1), owner="eve")
    integrator.finish()
    assert doc.heaviest == 0 and integrator.held("eve").structs == 4_999
    integrator.push(chain(1))
    integrator.finish()
    assert text_in(doc) == "x" * 5_000 and doc.heaviest == SLICE
    assert integrator.held("eve") == (0, 0) and integrator.pending == EMPTY_UPDATE


def test_s6_memory_of_chained_structs_is_bounded():
    """40,000 of them took 900 MB at once."""
    code = (
        "import resource, sys\n"
        "from jupyter_plant_together.yjs.integrator import merged\n"
        "resource.setrlimit(resource.RLIMIT_AS, (500_000_000,) * 2)\n"
        "assert merged([sys.stdin.buffer.read()])[1] == 'x' * 40_000\n"
    )
    subprocess.run([sys.executable, "-c", code], input=chain(40_000), check=True)


def test_s7_deletions_wait_for_what_they_delete():
    source = pycrdt.Doc()
    text = source.get("source", type=pycrdt.Text)
    text += "abcdef"
    written, before = source.get_update(), source.get_state()
    del text[1:3]
    deleted = source.get_update(before)
    doc = WatchedDoc()
    integrator = Integrator(doc)
    integrator.push(deleted)
    integrator.finish()
    assert merge_state([deleted]) == integrator.pending != EMPTY_UPDATE
    assert integrator.covers(decode_meta(deleted), {})
    integrator.push(written)
    integrator.finish()
    assert text_in(doc) == "adef" and integrator.pending == EMPTY_UPDATE


def test_s7_structs_that_need_one_another_wait_for_ever():
    def needing(client: int, other: int) -> bytes:
        return b"\x01" + bytes((client, 0, 0x84, other, 0)) + b"\x01x"

    update = b"\x02" + needing(1, 2) + needing(2, 1) + b"\x00"
    doc = WatchedDoc()
    integrator = Integrator(doc)
    integrator.push(update, owner="eve")
    integrator.finish()
    assert doc.get_state() == b"\x00" and integrator.held("eve").structs == 2
    assert decode_meta(integrator.pending).structs == {1: 1, 2: 1}


def test_s7_updates_that_overlap_while_they_wait_lose_nothing():
    first, second = chain(30, start=10), chain(50, start=20)
    _, integrator = integrated([first, second, first])
    assert merged([integrator.pending, chain(10)])[1] == "x" * 50


def test_s6_a_document_of_7000_clients_and_50000_edits_in_one_update():
    clients = b"".join(
        write_var_uint(7) + write_var_uint(client) + b"\x00" + b"\x04\x01\x06source\x01x" * 7
        for client in range(7_000, 0, -1)
    )
    doc = WatchedDoc()
    integrator = Integrator(doc)
    integrator.push(write_var_uint(7_000) + clients + b"\x00")
    integrator.finish()
    assert len(text_in(doc)) == 49_000


@pytest.mark.parametrize("size", [10_000])
def test_s7_each_struct_that_waits_is_looked_at_a_few_times_only(size):
    """Structs in the worst order: each update brings one, the last one first, and no work is repeated."""
    rows = [chain(clock + 1, start=clock) for clock in range(size)]
    assert merged(reversed(rows))[1] == "x" * size

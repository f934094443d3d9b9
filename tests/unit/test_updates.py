"""S4: an update is walked struct by struct; what is not exactly one V1 update is refused."""

import random

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_plant_together.errors import Malformed
from jupyter_plant_together.yjs.integrator import merge_state
from jupyter_plant_together.yjs.sync import parse_state_vector
from jupyter_plant_together.yjs.update import decode_meta, merge

ALPHABET = st.sampled_from(["a", "b", "\n", "é", "😀", "ש", "漢", "e\u0301"])


def typed(seed: int, steps: int) -> tuple[pycrdt.Doc, list[bytes]]:
    """A document typed into at random, and its updates."""
    rng = random.Random(seed)
    doc = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    for _ in range(steps):
        content = str(text)
        at = len(content[: rng.randint(0, len(content))].encode())
        if content and rng.random() < 0.3:
            index = rng.randrange(len(content))
            at = len(content[:index].encode())
            del text[at : at + len(content[index].encode())]
        else:
            text.insert(at, rng.choice(["x", "hello", "😀", "漢字", "\n"]))
    doc.unobserve(subscription)
    return doc, updates


def test_shape_tells_each_clients_last_clock():
    doc, updates = typed(1, 300)
    assert dict(decode_meta(doc.get_update()).structs) == parse_state_vector(doc.get_state())
    assert all(set(decode_meta(update).structs) <= {doc.client_id} for update in updates)


def test_every_shared_type_that_stock_clients_may_send_is_understood():
    doc = pycrdt.Doc()
    doc.get("map", type=pycrdt.Map)["x"] = {"deep": [1, 2.5, None, True, "s", b"bytes", {"k": 2**40}]}
    doc.get("list", type=pycrdt.Array).extend([pycrdt.Text("t"), pycrdt.Map({"m": 1}), -5])
    text = doc.get("source", type=pycrdt.Text)
    text.insert(0, "bold", attrs={"b": True})
    text.insert_embed(2, {"image": "x"})
    xml = doc.get("xml", type=pycrdt.XmlFragment)
    xml.children.append(pycrdt.XmlElement("p", {"a": "b"}))
    meta = decode_meta(doc.get_update())
    assert dict(meta.structs) == parse_state_vector(doc.get_state())


@pytest.mark.parametrize("cut", range(1, 30))
def test_truncated_updates_are_refused(cut):
    doc, _ = typed(2, 40)
    update = doc.get_update()
    with pytest.raises(Malformed):
        decode_meta(update[:-cut])


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00",
        # V2 of one insertion: V1 readers take it for an empty update with something behind it
        bytes.fromhex("000001010000010413106d6f6e61636f407374617274756d6c0a060a0101000001010000"),
        # a string that is not UTF-8
        bytes.fromhex("010101000401017302ff4100"),
        # a block of 2**35 structs
        bytes.fromhex("01ffffffffff01010000"),
        # a clock past 32 bits
        bytes.fromhex("010101ffffffff7f04010173016100"),
    ],
)
def test_what_is_not_a_v1_update_is_refused(update):
    """PROTOCOL S4."""
    with pytest.raises(Malformed):
        decode_meta(update)


@given(st.binary(max_size=200))
@settings(max_examples=500)
def test_random_bytes_are_refused_or_harmless(data):
    try:
        decode_meta(data)
    except Malformed:
        return
    pycrdt.Doc().apply_update(data)


@given(st.integers(0, 10_000), st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=300)
def test_flipped_bytes_are_refused_or_harmless(seed, at, value):
    doc, _ = typed(seed % 7, 60)
    update = bytearray(doc.get_update())
    update[at % len(update)] = value
    try:
        decode_meta(bytes(update))
    except Malformed:
        return
    try:
        pycrdt.Doc().apply_update(bytes(update))
    except ValueError:
        pass  # the live document sets such an update aside


def test_merge_is_lossless_and_state_is_compact():
    doc, updates = typed(3, 3_000)
    one = pycrdt.Doc()
    one.apply_update(merge(updates))
    assert str(one.get("source", type=pycrdt.Text)) == str(doc.get("source", type=pycrdt.Text))
    assert merge_state(updates) == doc.get_update()


@given(st.integers(0, 1000), st.data())
@settings(max_examples=150)
def test_s1_state_keeps_what_is_pending(seed, data):
    """A snapshot taken while an update or a deletion waits for its dependency loses neither."""
    doc, updates = typed(seed, 14)
    order = data.draw(st.permutations(updates))
    cut = data.draw(st.integers(0, len(order)))
    state = merge_state(order[:cut])
    whole = merge_state([state, *order[cut:]]) if order[cut:] else state
    restored = pycrdt.Doc()
    restored.apply_update(whole)
    assert str(restored.get("source", type=pycrdt.Text)) == str(doc.get("source", type=pycrdt.Text))
    assert restored.get_state() == doc.get_state()

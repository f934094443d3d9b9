"""The adapter between Python's indices and pycrdt's UTF-8 bytes, for any Unicode text."""

from __future__ import annotations

import json

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_plant_together.notebook.client import edits
from jupyter_plant_together.notebook.client.replica import Replica
from jupyter_plant_together.yjs.sync import EMPTY_UPDATE, parse_state_vector

EMOJI = "😀👩‍👩‍👧‍👦🇺🇦🏳️‍🌈"
COMBINING = "e\u0301\u0302a\u030a"
RTL = "שלום مرحبا\u202e\u200f"
characters = st.sampled_from(
    [*"ab\n\t@", "é", "漢", "\U0001f600", "\u200d", "\u0301", *RTL, "\uffff", "\U0010ffff"]
)
texts = st.one_of(
    st.text(characters, max_size=12),
    st.sampled_from([EMOJI, COMBINING, RTL, ""]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12),
)


class Model:
    """A replica beside a Python string and a peer that receives only its updates."""

    def __init__(self) -> None:
        self.replica = Replica()
        self.text = ""
        self.peer: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc()
        self.source = self.peer.get("source", type=pycrdt.Text)

    def edit(self, build: edits.Builder) -> None:
        update = self.replica.edit(list(build(self.replica.text)))
        if update != EMPTY_UPDATE:
            self.peer.apply_update(update)

    def check(self) -> None:
        assert self.replica.text == self.text
        assert str(self.source) == self.text
        clock = parse_state_vector(self.replica.state_vector).get(self.replica.client_id, 0)
        assert self.replica.clock == clock


@given(st.data())
def test_any_edits_by_python_indices(data: st.DataObject) -> None:
    model = Model()
    for _ in range(data.draw(st.integers(1, 12))):
        text = model.text
        position = st.integers(-len(text), len(text))
        kind = data.draw(st.sampled_from(["insert", "append", "delete", "replace", "set"]))
        new = data.draw(texts)
        if kind == "insert":
            at = data.draw(position)
            model.edit(edits.inserting(at, new))
            at = at + len(text) if at < 0 else at
            model.text = text[:at] + new + text[at:]
        elif kind == "append":
            model.edit(edits.appending(new))
            model.text += new
        elif kind == "delete":
            start, stop = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
            model.edit(edits.deleting(start, stop))
            model.text = text[:start] + text[stop:]
        elif kind == "replace":
            old = data.draw(st.sampled_from(sorted(set(text)) or ["x"]))
            count = data.draw(st.integers(-1, 3))
            build, done = edits.replacing(old, new, count)
            model.edit(build)
            model.text = text.replace(old, new, count)
            assert done[0] == (text.count(old) if count < 0 else min(count, text.count(old)))
        else:
            model.edit(edits.becoming(new))
            model.text = new
        model.check()


@given(st.lists(texts, max_size=4), texts, st.data())
def test_edits_between_those_of_others(others: list[str], mine: str, data: st.DataObject) -> None:
    """The text of others arrives at any place; the index adapter knows of it."""
    replica, peer = Replica(), Replica()
    for other in others:
        at = data.draw(st.integers(0, len(peer.text)))
        update = peer.edit(edits.inserting(at, other)(peer.text))
        if update != EMPTY_UPDATE:
            assert replica.apply(update)
        assert replica.text == peer.text
        at = data.draw(st.integers(0, len(replica.text)))
        expected = replica.text[:at] + mine + replica.text[at:]
        update = replica.edit(edits.inserting(at, mine)(replica.text))
        if update != EMPTY_UPDATE:
            peer.apply(update)
        assert replica.text == peer.text == expected


@pytest.mark.parametrize("text", ["abc", EMOJI, COMBINING, RTL, ""])
@pytest.mark.parametrize("index", [-100, 100, 10**30, -(10**30)])
def test_bad_index_changes_nothing(text: str, index: int) -> None:
    model = Model()
    model.edit(edits.appending(text))
    model.text = text
    for build in (edits.inserting(index, "x"), edits.deleting(index, None), edits.deleting(0, index)):
        with pytest.raises(IndexError, match=f"Index {index} is outside the text, which is {len(text)} "):
            model.edit(build)
    with pytest.raises(IndexError, match="outside the text"):
        model.edit(edits.inserting(index, ""))
    model.check()


def test_other_bad_arguments() -> None:
    with pytest.raises(ValueError, match="half of a surrogate pair at index 1"):
        edits.inserting(0, "a\ud83d")
    with pytest.raises(ValueError, match="ends before it starts"):
        edits.deleting(3, 1)("abcd")
    with pytest.raises(IndexError, match="no character at index 4"):
        edits.deleting(4, None)("abcd")
    with pytest.raises(ValueError, match="empty"):
        edits.replacing("", "x", -1)
    with pytest.raises(TypeError, match="must be a str, not bytes"):
        edits.appending(b"x")
    with pytest.raises(TypeError):
        edits.inserting(1.5, "x")  # type: ignore[arg-type]


def test_line_ends_are_normalised() -> None:
    model = Model()
    model.edit(edits.appending("a\r\nb\rc\n"))
    model.text = "a\nb\nc\n"
    model.check()


def test_negative_indices_count_from_the_end() -> None:
    assert edits.inserting(-1, "x")("a😀b")[0].index == 2
    assert edits.deleting(-2, -1)("a😀b") == [edits.Edit(1, 1, "")]
    assert edits.deleting(-1, None)("a😀b") == [edits.Edit(2, 1, "")]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(st.data())
def test_the_cursor_is_where_the_last_edit_was(data: st.DataObject) -> None:
    """Against a model in which each character knows its Yjs ids: (first, last) clock."""
    model = Model()
    ids: list[tuple[int, int]] = []
    clock = 0
    for _ in range(data.draw(st.integers(1, 8))):
        text = model.text
        if text and data.draw(st.booleans()):
            start = data.draw(st.integers(0, len(text) - 1))
            stop = data.draw(st.integers(start + 1, len(text)))
            model.edit(edits.deleting(start, stop))
            model.text = text[:start] + text[stop:]
            del ids[start:stop]
            place, assoc = (ids[start][0] if start < len(ids) else None), 0
        else:
            at, new = data.draw(st.integers(0, len(text))), data.draw(texts.filter(bool))
            model.edit(edits.inserting(at, new))
            model.text = text[:at] + new + text[at:]
            fresh = []
            for character in new:
                fresh.append((clock, clock + units(character) - 1))
                clock += units(character)
            ids[at:at] = fresh
            place, assoc = clock - 1, -1
        model.check()
        cursor = model.replica.cursor
        assert cursor is not None and cursor["anchor"] == cursor["head"]
        item = None if place is None else {"client": model.replica.client_id, "clock": place}
        tname = "source" if place is None else None
        assert cursor["anchor"] == {"type": None, "tname": tname, "item": item, "assoc": assoc}
        json.dumps(cursor)

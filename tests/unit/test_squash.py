"""From entries to rows of history: smaller, and the same edits (PROTOCOL C1, S1, S4)."""

from __future__ import annotations

import random
from itertools import pairwise

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_plant_together.journal.compaction.squash import squash
from jupyter_plant_together.store.port import Update
from jupyter_plant_together.yjs.coalesce import join_typing
from jupyter_plant_together.yjs.integrator import merge_state
from jupyter_plant_together.yjs.update import decode_meta, merge


class Typist:
    """A Doc that keeps each of its updates."""

    def __init__(self) -> None:
        self.doc: pycrdt.Doc = pycrdt.Doc()
        self.text = self.doc.get("source", type=pycrdt.Text)
        self.updates: list[bytes] = []
        self._remote = False
        self._subscription = self.doc.observe(self._changed)

    def _changed(self, event: pycrdt.TransactionEvent) -> None:
        if not self._remote:
            self.updates.append(event.update)

    def apply(self, update: bytes) -> None:
        self._remote = True
        self.doc.apply_update(update)
        self._remote = False


def text_of(updates: list[bytes]) -> str:
    doc: pycrdt.Doc = pycrdt.Doc()
    for update in updates:
        doc.apply_update(update)
    return str(doc.get("source", type=pycrdt.Text))


def rows(updates: list[bytes], author: str = "ada") -> list[Update]:
    return [Update("d", 1, data, author, 5, tuple(decode_meta(data).structs)) for data in updates]


def test_typing_becomes_one_string() -> None:
    ada = Typist()
    ada.text += "@startuml\n@enduml\n"
    for number, letter in enumerate("Alice -> Bob: hello\n"):
        ada.text.insert(10 + number, letter)
    joined = join_typing(ada.updates)
    assert len(joined) == 2
    assert len(joined[1]) < 20 + 40
    assert text_of(joined) == str(ada.text)
    assert merge_state(joined) == merge_state(ada.updates) == ada.doc.get_update()


def test_typing_at_the_end_in_front_and_of_what_is_not_ascii() -> None:
    ada = Typist()
    for letter in "end":
        ada.text += letter
    for letter in "tnorf":
        ada.text.insert(0, letter)
    for letter in "grün 😀":
        ada.text += letter
    joined = join_typing(ada.updates)
    assert len(joined) < len(ada.updates)
    assert text_of(joined) == str(ada.text) == "frontendgrün 😀"


def test_what_does_not_go_on_from_one_another_stays_apart() -> None:
    ada = Typist()
    ada.text += "0123456789"
    for at in (3, 7, 1, 5):
        ada.text.insert(at, "x")
    assert join_typing(ada.updates) == ada.updates


def test_each_author_has_rows_of_their_own_in_order_with_their_clients() -> None:
    ada, bob = Typist(), Typist()
    ada.text += "a"
    ada.text += "b"
    bob.apply(ada.doc.get_update())
    bob.text += "c"
    ada.apply(bob.doc.get_update())
    ada.text += "d"
    batch = [*rows(ada.updates[:2]), *rows(bob.updates, "bob"), *rows(ada.updates[2:])]
    made = squash(batch)
    assert [row.author for row in made] == ["ada", "bob", "ada"]
    assert [row.clients for row in made] == [(ada.doc.client_id,), (bob.doc.client_id,), (ada.doc.client_id,)]
    assert merge_state([row.data for row in made]) == ada.doc.get_update()


def test_a2_a_repeated_entry_makes_no_second_row() -> None:
    ada = Typist()
    for letter in "abc":
        ada.text += letter
    once = squash(rows(ada.updates))
    twice = squash(rows([*ada.updates, *ada.updates[1:], ada.updates[0]]))
    assert [row.data for row in twice] == [row.data for row in once]


def test_s4_an_update_that_cannot_be_merged_stays_a_row_of_its_own() -> None:
    ada = Typist()
    ada.text += "kept"
    bad = b"\x01\x01\x07\x00\x3f"
    made = squash([*rows(ada.updates), Update("d", 1, bad, "ada", 5), ])  # fmt: skip
    assert [row.data for row in made] == [ada.updates[0], bad]


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_concurrent_edits_end_with_the_same_text_whatever_was_joined(seed: int) -> None:
    """Three people type, delete and hear of one another at random; joined rows in any order are the same."""
    rng = random.Random(seed)
    people = [Typist() for _ in range(3)]
    log: list[tuple[int, bytes]] = []
    for _ in range(rng.randint(1, 40)):
        who = rng.randrange(3)
        person = people[who]
        before = len(person.updates)
        at = rng.randint(0, len(person.text))
        if rng.random() < 0.2 and at < len(person.text):
            del person.text[at : at + 1]
        else:
            for letter in "wxyz"[: rng.randint(1, 4)]:
                person.text.insert(at, letter)
                at += 1
        log += [(who, update) for update in person.updates[before:]]
        if rng.random() < 0.4:
            other = rng.choice(people)
            other.apply(person.doc.get_update(other.doc.get_state()))
    everything = [update for _, update in log]
    expected = text_of(everything)
    made = squash([Update("d", 1, update, str(who), 5) for who, update in log])
    assert all(one.author != other.author for one, other in pairwise(made))
    data = [row.data for row in made]
    assert text_of(data) == expected
    assert text_of([merge(rng.sample(data, len(data)))]) == expected  # yrs alone forgets, whatever is joined
    half = len(log) // 2
    parts = [
        squash([Update("d", 1, update, str(who), 5) for who, update in part])
        for part in (log[:half], log[half:])
    ]
    assert text_of([row.data for part in parts for row in part]) == expected
    whole, joined = pycrdt.Doc(), pycrdt.Doc()
    for update in everything:
        whole.apply_update(update)
    for update in data:
        joined.apply_update(update)
    assert whole.get_state() == joined.get_state()


@pytest.mark.parametrize("length", [126, 127, 128, 129, 20_000])
def test_long_runs(length: int) -> None:
    ada = Typist()
    for number in range(length):
        ada.text += chr(97 + number % 26)
    joined = join_typing(ada.updates)
    assert len(joined) <= 1 + 1 + length // 10_000
    assert text_of(joined) == str(ada.text)


def test_an_hour_of_typing_is_written_nearly_once() -> None:
    """Bytes of rows at 5 keys a second with a pass every ten seconds: per key, and of what the editor sent."""
    rng = random.Random(11)
    ada = Typist()
    at = run = 0
    deleting = False
    for _ in range(3_600 * 5):
        if not run:
            run = rng.randint(1, 30)
            deleting = len(ada.text) > 50 and rng.random() < 0.3
            if rng.random() < 0.2:
                at = rng.randint(0, len(ada.text))
        run -= 1
        if deleting and at:
            at -= 1
            del ada.text[at : at + 1]
        else:
            ada.text.insert(at, rng.choice("etaoin shrdlu\n"))
            at += 1
    keys = len(ada.updates)
    written = 0
    for start in range(0, keys, 50):
        rows = squash([Update("d", 1, data, "ada", 1) for data in ada.updates[start : start + 50]])
        written += sum(len(row.data) for row in rows)
    assert written / keys <= 2
    assert written / sum(map(len, ada.updates)) <= 0.15

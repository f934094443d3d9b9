"""The replayed history against pycrdt itself and against a model that keeps an author for each character."""

from __future__ import annotations

import random

import pycrdt
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_plant_together.yjs.integrator import merge_state, merged
from jupyter_plant_together.yjs.replay import TextHistory

WORDS = ("a", "bc", "😀", "é", "שלום", "x\ny", "👩‍👩‍👧")


class Person:
    """A client whose edits are recorded as rows."""

    def __init__(self, name: str, client: int) -> None:
        self.name = name
        self.client = client
        self.doc: pycrdt.Doc = pycrdt.Doc(client_id=client)
        self.text = self.doc.get("source", type=pycrdt.Text)
        self.made: list[bytes] = []
        self.remote = False
        self.doc.observe(lambda event: None if self.remote else self.made.append(event.update))

    def take(self, update: bytes) -> None:
        self.remote = True
        self.doc.apply_update(update)
        self.remote = False


def byte_at(text: str, index: int) -> int:
    return len(text[:index].encode())


def work(chance: random.Random, people: list[Person], steps: int, *, apart: float) -> list[tuple[str, bytes]]:
    """Edit at random, hearing of each other with delay; returns the rows, and all hear all at the end."""
    rows: list[tuple[str, bytes]] = []
    inbox: dict[str, list[bytes]] = {person.name: [] for person in people}
    for _ in range(steps):
        person = chance.choice(people)
        if chance.random() > apart:
            for update in inbox[person.name]:
                person.take(update)
            inbox[person.name].clear()
        text = str(person.text)
        if text and chance.random() < 0.4:
            start = chance.randrange(len(text))
            end = min(len(text), start + chance.randint(1, 4))
            del person.text[byte_at(text, start) : byte_at(text, end)]
        else:
            person.text.insert(byte_at(text, chance.randint(0, len(text))), chance.choice(WORDS))
        for update in person.made:
            rows.append((person.name, update))
            for other in people:
                if other is not person:
                    inbox[other.name].append(update)
        person.made.clear()
    for person in people:
        for update in inbox[person.name]:
            person.take(update)
    return rows


def replayed(rows: list[tuple[str, bytes]], people: list[Person]) -> TextHistory:
    history = TextHistory({person.client: person.name for person in people})
    for number, (author, update) in enumerate(rows):
        history.replay(number, author, update)
    return history


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), apart=st.sampled_from([0.0, 0.5, 0.9]))
def test_the_text_is_that_of_yjs_at_every_row(seed: int, apart: float) -> None:
    chance = random.Random(seed)
    people = [Person(name, number + 1) for number, name in enumerate(("ada", "bob", "eve"))]
    rows = work(chance, people, 60, apart=apart)
    history = replayed(rows, people)
    assert history.text() == str(people[0].text) == str(people[1].text)
    doc: pycrdt.Doc = pycrdt.Doc()
    text = doc.get("source", type=pycrdt.Text)
    for number, (_, update) in enumerate(rows):
        doc.apply_update(update)
        assert history.text(number) == str(text)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_rows_in_any_order_and_joined_end_with_the_same_text(seed: int) -> None:
    chance = random.Random(seed)
    people = [Person(name, number + 1) for number, name in enumerate(("ada", "bob"))]
    rows = work(chance, people, 40, apart=0.5)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert replayed(shuffled, people).text() == str(people[0].text)
    joined = [("ada", pycrdt.merge_updates(*(update for _, update in rows)))]
    assert replayed(joined, people).text() == str(people[0].text)
    half = len(rows) // 2
    state = [("ada", merge_state([update for _, update in rows[:half]])), *rows[half:]]
    assert replayed(state, people).text() == str(people[0].text)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_each_character_has_the_author_who_typed_it(seed: int) -> None:
    """A model beside: one person at a time, a list of (character, author)."""
    chance = random.Random(seed)
    people = [Person(name, number + 1) for number, name in enumerate(("ada", "bob", "eve"))]
    model: list[tuple[str, str]] = []
    rows: list[tuple[str, bytes]] = []
    for _ in range(50):
        person = chance.choice(people)
        text = "".join(character for character, _ in model)
        if model and chance.random() < 0.4:
            start = chance.randrange(len(model))
            end = min(len(model), start + 3)
            del person.text[byte_at(text, start) : byte_at(text, end)]
            del model[start:end]
        else:
            at, word = chance.randint(0, len(model)), chance.choice(WORDS)
            person.text.insert(byte_at(text, at), word)
            model[at:at] = [(character, person.name) for character in word]
        for update in person.made:
            rows.append((person.name, update))
            for other in people:
                if other is not person:
                    other.take(update)
        person.made.clear()
    found = replayed(rows, people).authors(len(rows))
    assert [author for author, units, _ in found for _ in range(units)] == [
        author for character, author in model for _ in range(len(character.encode("utf-16-le")) // 2)
    ]


def test_what_some_rows_did_is_undone_and_what_others_did_since_stays() -> None:
    ada, bob = Person("ada", 1), Person("bob", 2)
    rows: list[tuple[str, bytes]] = []

    def said(person: Person, other: Person) -> None:
        for update in person.made:
            rows.append((person.name, update))
            other.take(update)
        person.made.clear()

    ada.text += "one two three"
    said(ada, bob)
    del bob.text[4:8]  # "two "
    said(bob, ada)
    bob.text.insert(0, "BOB ")
    said(bob, ada)
    ada.text += " four"
    said(ada, bob)
    assert str(ada.text) == "BOB one three four"
    history = replayed(rows, [ada, bob])
    assert history.without(lambda row: rows[row][0] == "bob") == "one two three four"
    assert history.without(lambda row: row == 1) == "BOB one two three four"
    assert history.without(lambda row: rows[row][0] == "ada") == "BOB "
    assert history.without(lambda row: False) == "BOB one three four"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_is_not_in_the_text_has_an_extent_only(seed: int) -> None:
    """Maps, formats, embeds and texts of another name, written between by somebody: the text stays that of Yjs."""
    chance = random.Random(seed)
    people = [Person(name, number + 1) for number, name in enumerate(("ada", "bob"))]
    rows: list[tuple[str, bytes]] = []
    for _ in range(40):
        person = chance.choice(people)
        text = str(person.text)
        at = byte_at(text, chance.randint(0, len(text)))
        meta = person.doc.get("meta", type=pycrdt.Map)
        kind = chance.randrange(7)
        if kind == 0:
            meta["a"] = {"x": [1, None, 2.5]}
        elif kind == 1:
            other = person.doc.get("other", type=pycrdt.Text)
            other.insert(chance.randint(0, len(other)), "not seen")
        elif kind == 2:
            meta["t"] = pycrdt.Text("nested")
            meta["t"].insert(3, "!")
        elif kind == 3:
            person.text.insert(at, "bold", {"b": True})
        elif kind == 4 and text:
            del person.text[0 : len(text[0].encode())]
        else:
            person.text.insert(at, chance.choice(WORDS))
        for update in person.made:
            rows.append((person.name, update))
            if chance.random() < 0.7:
                for other_person in people:
                    other_person.take(update)
        person.made.clear()
    whole = Person("whole", 3)
    for number, (_, update) in enumerate(rows):
        whole.take(update)
        assert replayed(rows[: number + 1], people).text() == str(whole.text) or number % 8
    assert replayed(rows, people).text() == str(whole.text)
    joined = [("ada", merge_state([update for _, update in rows]))]
    assert replayed(joined, people).text() == str(whole.text)


def test_a_struct_of_vast_length_takes_no_memory() -> None:
    history = TextHistory({})
    vast = bytes.fromhex("0101010000ffffffff0700")  # 2**31 - 1 that were deleted
    history.replay(0, "eve", vast)
    history.replay(1, "ada", b"\x01\x01\x02\x00\x04\x01\x06source\x02hi\x00")
    assert history.text() == "hi"


def test_what_waits_is_looked_at_only_when_what_it_needs_has_come() -> None:
    """40,000 structs that lack their first cost the rows behind them nothing."""
    ada, eve = Person("ada", 1), Person("eve", 2)
    eve.text += "a"
    first = eve.made.pop()
    with eve.doc.transaction():
        for _ in range(20_000):
            eve.text.insert(1, "b")
    for _ in range(2_000):
        ada.text += "x"
    rows = [("eve", eve.made[0]), *(("ada", update) for update in ada.made), ("eve", first)]
    assert replayed(rows, [ada, eve]).text() == merged([update for _, update in rows])[1]

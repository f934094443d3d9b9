"""The least edits: bounded by counted steps, and right however many there are (PROTOCOL A8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_plant_together.yjs.textdiff import EDITS_AT_MOST, STEPS, Edit, Steps, edits, normalise

TEXT = st.text(alphabet="ab \n(é😀", max_size=40)


def applied(text: str, found: list[Edit]) -> str:
    for edit in found:
        text = text[: edit.index] + edit.insert + text[edit.index + edit.delete :]
    return text


@given(TEXT, TEXT, st.integers(0, 60))
def test_edits_turn_the_one_text_into_the_other_however_many_steps_there_are(
    old: str, new: str, steps: int
) -> None:
    assert applied(old, edits(old, new)) == new
    assert applied(old, edits(old, new, Steps(steps))) == new


def test_edits_are_the_least_that_keeps_words_whole() -> None:
    assert edits("Ada -> Ben: hi\n", "Grace -> Ben: hi you\n") == [Edit(14, 0, " you"), Edit(0, 3, "Grace")]
    assert edits("a\nb\nc\n", "a\nc\n") == [Edit(2, 2, "")]
    assert edits("same", "same") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 1_000, "b " + "a " * 999 + "c"),
        ("ab " * 700 + "x", "ba " * 700),
        ("a\nb\n" * 5_000, "b\na\na\n" * 4_000),
        (
            "".join(f"{n % 7}{n % 11} " for n in range(20_000)),
            "".join(f"{n % 5}{n % 13} " for n in range(20_000)),
        ),
    ],
    ids=["words", "turned", "lines", "mixed"],
)
def test_a8_the_search_ends_with_its_steps(old: str, new: str) -> None:
    """Whatever the texts are; one round of the search may be begun with the last step."""
    steps = Steps()
    assert applied(old, edits(old, new, steps)) == new
    round_at_most = 2 * (2 * STEPS) ** 0.5 + min(len(old), len(new))
    assert steps.left > -round_at_most


def test_a8_a_text_gets_so_many_edits_at_most() -> None:
    old = "".join(f"{n}\n" for n in range(5_000))
    new = "".join(f"{n}{'' if n % 2 else '!'}\n" for n in range(5_000))
    found = edits(old, new)
    assert len(found) == EDITS_AT_MOST
    assert applied(old, found) == new


def test_there_is_one_kind_of_line_end() -> None:
    assert normalise("a\r\nb\rc\n") == "a\nb\nc\n"

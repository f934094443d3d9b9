"""docs/architecture.md shows the way: every file and function that it names exists, and its drawing is new."""

from __future__ import annotations

import re

import pytest
from references import ROOT, missing, references

import jupyter_plant_together as plant

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
JOURNEYS = ("A keystroke", "A rename", "A picture", "A notebook's edit", "A role that changes")


def section(title: str) -> str:
    """Return what stands under a heading, whatever its level."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,3}} |\Z)", PAGE, re.M | re.S)
    assert found is not None, title
    return found[2]


def test_every_file_and_function_that_is_named_exists() -> None:
    named = references(PAGE)
    assert len(named) > 100
    assert [lost for one in named if (lost := missing(one))] == []


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_goes_from_one_place_to_the_next(journey: str) -> None:
    """Each stop has a number and one place to begin at, and what is in the browser is not all there is."""
    stops = re.findall(r"^\| (\d+)[EC]? \| `([^`]+)` \| (.+) \|$", section(journey), re.M)
    rows = [line for line in section(journey).splitlines() if re.match(r"\| \d", line)]
    assert len(stops) == len(rows) >= 6
    assert [place for _, place, _ in stops if not references(f"`{place}`")] == []
    assert any("jupyter_plant_together/" in place for _, place, _ in stops)


@pytest.mark.parametrize(
    "question",
    [
        "What happens when a viewer types",
        "When an edit is told saved",
        "What a removal does to an open tab",
    ],
)
def test_what_is_often_asked_has_a_heading_of_its_own(question: str) -> None:
    assert len(references(section(question))) >= 4


def test_the_drawing_is_what_its_text_says() -> None:
    source = (ROOT / "docs" / "architecture.puml").read_text(encoding="utf-8")
    picture = (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8")
    assert picture == plant.render(source), "python tools/drawings.py draws it again"

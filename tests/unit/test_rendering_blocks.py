"""What a text's pictures are, and what the engine's answers mean. No engine is started here."""

from __future__ import annotations

import pytest

from jupyter_plant_together.errors import PlantUMLSyntaxError, UnsupportedDiagram
from jupyter_plant_together.rendering.engine.assets import library
from jupyter_plant_together.rendering.engine.raster import fitting, needs_system_fonts
from jupyter_plant_together.rendering.renderer import size_of, with_margin
from jupyter_plant_together.rendering.text.blocks import split_pages
from jupyter_plant_together.rendering.text.explain import Answer, error_of


def error_page(line: int, *messages: str) -> str:
    red = "".join(f'<text fill="#FF0000" x="5">{text}</text>' for text in messages)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg"><defs/><g><text x="1" fill="#33FF02" font-size="12">'
        f"PlantUML version 1.2026.8</text><text>[From textarea (line {line}) ]</text>{red}</g></svg>"
    )


def test_a_text_without_start_is_one_picture_whose_lines_are_counted_from_its_own_first() -> None:
    (page,) = split_pages("A -> B\nB -> A")
    assert page.text == "@startuml\nA -> B\nB -> A\n@enduml"
    assert page.line_in_text(2) == 1


def test_every_block_is_a_picture_and_a_missing_end_is_added() -> None:
    pages = split_pages("intro\n@startuml\nA->B\n@enduml\n@startjson\n{}\n")
    assert [(page.kind, page.first_line) for page in pages] == [("uml", 1), ("json", 4)]
    assert pages[1].text.endswith("\n@endjson")
    assert [page.margin for page in pages] == [0.0, 8.0]


def test_pages_keep_their_line_numbers_and_what_lasts() -> None:
    pages = split_pages("@startuml\nskinparam x y\nactor A\nA->B\nnewpage two\nB->A\n@enduml")
    assert [page.lines for page in pages] == [
        ("@startuml", "skinparam x y", "actor A", "A->B", "", "", "@enduml"),
        ("@startuml", "skinparam x y", "actor A", "", "title two", "B->A", "@enduml"),
    ]


@pytest.mark.parametrize("text", ["", "  \n\n", "' only a comment", "@startuml\n\n@enduml"])
def test_there_is_nothing_to_draw_in(text: str) -> None:
    assert len(split_pages(text)) == 0


def test_an_error_page_is_a_syntax_error_at_the_line_of_the_whole_text() -> None:
    (page,) = split_pages("intro\n@startuml\nA -> -> B\n@enduml")
    error = error_of(
        Answer(error_page(2, "No such thing: &lt;x&gt;", "No such thing: &lt;x&gt;"), None), page
    )
    assert isinstance(error, PlantUMLSyntaxError)
    assert (error.line, error.message) == (3, "line 3: No such thing: <x>")


def test_a_picture_that_speaks_of_errors_is_a_picture() -> None:
    (page,) = split_pages("A->B")
    svg = '<svg><defs/><g><text fill="#FF0000">[From textarea (line 3) ]</text></g></svg>'
    assert error_of(Answer(svg, None), page) is None


@pytest.mark.parametrize("kind", ["salt", "ditaa", "dot", "chen", "git", "board", "math", "sudoku"])
def test_a_type_that_the_engine_lacks_is_told_with_what_could_draw_it(kind: str) -> None:
    (page,) = split_pages(f"@start{kind}\nx\n@end{kind}")
    answer = Answer("<svg><text>Diagram not supported by this release of PlantUML</text></svg>", None)
    error = error_of(answer, page)
    assert isinstance(error, UnsupportedDiagram)
    assert "does not draw this type" in error.message and "PlantUML server" in error.message


@pytest.mark.parametrize(
    "name", ["../../etc.min.js", "c4/../c4.min.js", "C4.min.js", "c4.js", "nothing.min.js"]
)
def test_only_libraries_that_are_there_are_found_by_their_plain_names(name: str) -> None:
    assert library(name) is None
    found = library("c4.min.js")
    assert found is not None and "c4_container" in found[1]


def test_a_margin_makes_the_picture_larger_on_all_sides() -> None:
    svg = with_margin('<svg viewBox="0 0 100 50" width="100" height="50"><rect width="3"/></svg>', 8)
    assert svg == '<svg viewBox="-8 -8 116 66" width="116" height="66"><rect width="3"/></svg>'
    assert size_of(svg) == (116.0, 66.0)


def test_a_png_beyond_use_is_made_smaller() -> None:
    assert fitting(100, 100, 2) == 2
    assert fitting(100_000, 10, 2) * 100_000 == pytest.approx(16_000)


def test_the_fonts_of_the_system_are_asked_only_for_what_the_bundled_ones_lack() -> None:
    assert not needs_system_fonts("<text>naïve café — Привет ≤</text>")
    assert needs_system_fonts("<text>漢字</text>")

"""What reads users' texts costs no more than in proportion to their length: each with its own worst case.

The cost is this process's CPU time, the least of a few tries. Twice the text may cost three times as much, and
four times is where a quadratic loop would be; what takes less than a millisecond is not told apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from jupyter_plant_together.diagrams.labels import label
from jupyter_plant_together.errors import BadRequest, LimitExceeded, PlantTogetherError, PlantUMLSyntaxError
from jupyter_plant_together.importing.names import free_document_name
from jupyter_plant_together.rendering.backends import external, server
from jupyter_plant_together.rendering.renderer import Renderer, with_margin
from jupyter_plant_together.rendering.settings import RenderSettings
from jupyter_plant_together.rendering.svg.clean import NotAPicture, cleaned
from jupyter_plant_together.rendering.svg.inert import is_inert
from jupyter_plant_together.rendering.text.blocks import PAGES_AT_MOST, Page, split_pages, stripped
from jupyter_plant_together.rendering.text.explain import Answer, cautions, error_of
from jupyter_plant_together.rendering.text.includes import Included, advance, expanding
from jupyter_plant_together.rendering.text.wording import failure_in_words, in_words
from jupyter_plant_together.rooms import names

SVG = '<svg xmlns="http://www.w3.org/2000/svg">'
ERROR = '<svg><defs/><g><text x="1" fill="#33FF02">PlantUML version </text>'
PAGE = Page(("@startuml", "A -> B", "@enduml"), 0, "uml")


def first_page(text: str) -> Any:
    return split_pages(text)[0]


def every_page(text: str) -> Any:
    return list(split_pages(text))


def expand(text: str, other: str = "") -> Any:
    expansion = expanding(text, 10_000_000)
    step = advance(expansion)
    while isinstance(step, str):
        step = advance(expansion, Included("other", "other.puml", other))
    return step


def part(line: str, inside: str) -> Any:
    """Include a part that ``inside`` does not have."""
    with pytest.raises(PlantUMLSyntaxError):
        expand(line, inside)


def includes_parts_of(other: str) -> Any:
    return expand("!includesub other!ONE\n" * 400, f"!startsub ONE\n!endsub\n{other}")


def finds_problems(svg: str) -> Any:
    return error_of(Answer(svg, None), PAGE)


def reads(line: str) -> Any:
    try:
        external._refuse_reading(Page(("@startuml", line, "@enduml"), 0, "uml"))
    except PlantTogetherError:
        pass


def cleaned_or_not(svg: str) -> None:
    try:
        cleaned(svg)
    except NotAPicture:
        pass


def refused_name(text: str) -> None:
    with pytest.raises(PlantTogetherError):
        names.document_name(text)


class _Said:
    status = 400
    headers: ClassVar[dict[str, str]] = {}


def kroki(text: str) -> Any:
    settings = replace(RenderSettings(), render_url="http://localhost:1", render_server="kroki")
    return server.Server(settings)._complaint(_Said(), text.encode(), PAGE)  # type: ignore[arg-type]


CASES: list[tuple[str, Callable[[str], Any], Callable[[int], str], int]] = [
    ("pages", first_page, lambda n: "newpage\n" * n, 1_000),
    ("all pages", every_page, lambda n: "newpage\n" * n, 1_000),
    ("pages within blanks", first_page, lambda n: "newpage x\n" + " " * n + "x\nnewpage", 20_000),
    ("blocks", every_page, lambda n: "@startuml\nnewpage\n" * n, 2_000),
    ("blank lines", first_page, lambda n: "\n" * n + "A -> B", 20_000),
    ("a long blank line", first_page, lambda n: " " * n + "A -> B", 20_000),
    ("spans", first_page, lambda n: "newpage\nskinparam " + "{ " * n + "x", 20_000),
    ("definitions", first_page, lambda n: "newpage\n!" + "final   " * n + "x", 5_000),
    ("created", first_page, lambda n: "newpage\ncreate" + " " * n + "x", 20_000),
    ("returns", first_page, lambda n: "newpage\n!function " + "return" * n, 5_000),
    ("trailing blanks", stripped, lambda n: "x" + " " * n + "x" + "\n" * n, 20_000),
    ("blanks within", stripped, lambda n: "x  " * n, 20_000),
    ("include and blanks", expand, lambda n: "!include a" + " " * n + "x", 5_000),
    ("include of blanks", expand, lambda n: "!include" + " " * n, 5_000),
    ("include of a library", expand, lambda n: "!include" + " " * n + "<x", 5_000),
    (
        "parts with blanks",
        lambda s: part("!includesub other!", s),
        lambda n: "!startsub" + " " * n + "x",
        5_000,
    ),
    (
        "a part with blanks",
        lambda s: part("!includesub other!x", s),
        lambda n: "!startsub x" + " " * n + "y",
        5_000,
    ),
    ("ids", lambda s: part("!include other!x", s), lambda n: "@startuml" + " " * n + "(id=" + "x" * n, 5_000),
    ("many parts", includes_parts_of, lambda n: "x\n" * n, 500),
    ("comments", expand, lambda n: "/'\n" * n + "!include x", 5_000),
    ("reading blanks", reads, lambda n: "!include" + " " * n + "<x>", 2_000),
    ("reading folders", reads, lambda n: "!include <x" + "/a a" * n + ">", 5_000),
    ("climbing", reads, lambda n: "!" + "<" * n, 500),
    ("climbing dots", reads, lambda n: "!" + "<..x" * n, 500),
    ("themes", reads, lambda n: "!theme" + " from" * n + "x", 5_000),
    ("Kroki's blanks", kroki, lambda n: " " * n, 1_000),
    ("Kroki's lines", kroki, lambda n: "(line: " * n, 300),
    ("an error page's place", finds_problems, lambda n: ERROR + "&gt;[From " * n + ">[From " * n, 5_000),
    ("an error page's complaints", finds_problems, lambda n: ERROR + "<text " + 'fill="#FF0000"' * n, 1_000),
    ("complaints without an end", finds_problems, lambda n: ERROR + 'fill="#FF0000">' * n, 1_000),
    ("an error page's version", finds_problems, lambda n: ERROR[:-30] + 'fill="#33FF02"' * n + ">", 2_000),
    ("assumed types", in_words, lambda n: "(Assumed diagram type: " * n + ") " * n + "x", 1_000),
    ("assumed blanks", in_words, lambda n: "x" + " " * n + "x", 10_000),
    ("exceptions", failure_in_words, lambda n: "Error" * n + "java." * n, 5_000),
    ("cautions", lambda s: cautions(first_page(s)), lambda n: "<math" * n, 5_000),
    ("tags without an end", is_inert, lambda n: "<g" * n, 1_000),
    ("a name without an end", is_inert, lambda n: SVG + "<" + "g" * n, 1_000),
    ("quotes without an end", is_inert, lambda n: SVG + '<g x="' * n, 1_000),
    ("attributes", is_inert, lambda n: SVG + "<g" + ' x="1"' * n + ' y="></svg>', 2_000),
    ("a transformation", is_inert, lambda n: f'{SVG}<g transform="{"scale(1) " * n}x"></g></svg>', 2_000),
    ("a font", is_inert, lambda n: f'{SVG}<g font-family="{"url  " * n}x"></g></svg>', 2_000),
    ("a foreign picture", cleaned_or_not, lambda n: SVG + "<g>" * n, 5_000),
    ("a foreign attribute", cleaned_or_not, lambda n: f'{SVG}<g style="{"fill:;" * n}"/></svg>', 5_000),
    ("a box", lambda s: with_margin(s, 8.0), lambda n: "<svg " + ' viewBox="' * n, 2_000),
    ("a name of accents", refused_name, lambda n: "a" + "\u0301\u0323" * n, 2_000),
    (
        "a foreign name of accents",
        lambda s: free_document_name(s, ()),
        lambda n: "a" + "\u0301\u0323" * n,
        2_000,
    ),
    ("a name of dots", refused_name, lambda n: "a." * n, 5_000),
    ("a label", label, lambda n: "*" * n + " " * n + "!", 5_000),
]


@pytest.mark.parametrize(
    ("call", "text", "size"), [pytest.param(*case[1:], id=case[0].replace(" ", "-")) for case in CASES]
)
def test_the_cost_is_in_proportion(call: Callable[[str], Any], text: Callable[[int], str], size: int) -> None:
    before = cost(call, text(size))
    for factor in (2, 4):
        longer = text(factor * size)
        for _ in range(3):  # a busy machine's caches are others'
            after = cost(call, longer)
            if after <= 3 * before or after > 1:
                break
            before = max(before, cost(call, text(factor * size // 2)))
        assert after <= 3 * before, (factor, before, after)
        before = after


def cost(call: Callable[[str], Any], text: str) -> float:
    """Return seconds of CPU: the least of a few tries, and never less than can be told apart."""
    least = float("inf")
    for _ in range(4):
        begin = time.process_time()
        call(text)
        least = min(least, time.process_time() - begin)
        if least > 1:
            break
    return max(least, 0.001)


def test_the_pages_of_a_text_are_bounded() -> None:
    pages = split_pages("A -> B\nnewpage\n" * 1_000)
    assert len(pages) == PAGES_AT_MOST == len(list(pages)) and not pages.are_all
    assert split_pages("A -> B\n" + "newpage\n" * (PAGES_AT_MOST - 1)).are_all
    renderer = Renderer(RenderSettings())
    try:
        with pytest.raises(BadRequest, match="Of a text the first 200 pictures are drawn"):
            renderer.submit("A -> B\nnewpage\n" * 1_000, page=200)
    finally:
        renderer.close()


def test_documents_that_are_not_there_are_counted_too() -> None:
    expansion = expanding("!include x\n" * 1_000, 1_000_000)
    with pytest.raises(PlantUMLSyntaxError, match="more than 500 documents"):
        step = advance(expansion)
        while isinstance(step, str):
            step = advance(expansion)


def test_what_is_read_for_its_parts_is_bounded() -> None:
    expansion = expanding("".join(f"!includesub d{n}!ONE\n" for n in range(100)), 10_000)
    large = "!startsub ONE\n!endsub\n" + "x" * 9_000
    with pytest.raises(LimitExceeded):
        step = advance(expansion)
        while isinstance(step, str):
            step = advance(expansion, Included(step, step, large))


@pytest.mark.parametrize("part", ["00000010000", "9" * 5_000, "7"])
def test_a_block_of_a_number_that_is_not_there(part: str) -> None:
    expansion = expanding(f"!include other!{part}", 10_000)
    advance(expansion)
    with pytest.raises(PlantUMLSyntaxError, match="has no part"):
        advance(expansion, Included("other", "other.puml", "@startuml\n@enduml"))


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("!include <C4/C4_Context>", False),
        ("  ! include  <awslib14/a b/c.d>  ", False),
        ("!include <../up>", True),
        ("!include <a/../b>", True),
        ("!include <a> <b>", True),
        ("!include", True),
        ("!includeurl <a>x", True),
        ("!import <lib>", False),
        ("!theme plain", False),
        ("!theme plain from x", True),
        ("!$x = <a..b>", True),
        ("A <..> B", False),
    ],
)
def test_what_reads_is_refused(line: str, refused: bool) -> None:
    page = Page(("@startuml", line, "@enduml"), 0, "uml")
    if refused:
        with pytest.raises(PlantUMLSyntaxError, match="can be included"):
            external._refuse_reading(page)
    else:
        external._refuse_reading(page)


@pytest.mark.parametrize(
    "said", ["Error 400: Syntax Error? (line: 2)", "  Syntax Error?\n (line:  2) (line: 9)"]
)
def test_what_kroki_complains_about(said: str) -> None:
    error = kroki(said)
    assert (error.line, error.message) == (3, "line 3: This line is not understood.")

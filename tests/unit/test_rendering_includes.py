"""A text with the documents that it includes, and which line is to blame."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_plant_together.errors import LimitExceeded, PlantUMLSyntaxError, UnsupportedDiagram
from jupyter_plant_together.rendering.text.includes import Expanded, Included, advance, expanding


def expand(text: str, size: int = 100_000, **documents: str) -> Expanded:
    """Expand the text of the document “main” in a room of documents."""
    expansion = expanding(text, size, id="main", name="main.puml")
    step = advance(expansion)
    while isinstance(step, str):
        key = step.removesuffix(".puml")
        source = text if key == "main" else documents.get(key)
        step = advance(expansion, None if source is None else Included(key, f"{key}.puml", source))
    return step


@pytest.mark.parametrize(
    ("line", "included"),
    [
        ("!include other", ["A -> B : 1", "A -> B : 2"]),
        ("!include other.puml", ["A -> B : 1", "A -> B : 2"]),
        ("  !include ./other.puml  ", ["A -> B : 1", "A -> B : 2"]),
        ('!include "other"', ["A -> B : 1", "A -> B : 2"]),
        ("!INCLUDE_MANY other", ["A -> B : 1", "A -> B : 2"]),
        ("!include_once other", ["A -> B : 1", "A -> B : 2"]),
        ("!include other!1", ["C -> D"]),
        ("!include other!second", ["C -> D"]),
        ("!includesub parts!ONE", ["one", "one again"]),
        ("!includesub parts.puml!TWO", ["two"]),
        ("!include plain", ["just a line"]),
    ],
)
def test_a_document_or_a_part_of_it_takes_the_place_of_the_line(line: str, included: list[str]) -> None:
    whole = expand(
        f"@startuml\n{line}\nX -> Y\n@enduml",
        other="title\n@startuml\nA -> B : 1\nA -> B : 2\n@enduml\n@startuml(id=second)\nC -> D\n@enduml",
        parts="@startuml\n!startsub ONE\none\n!endsub\n!startsub TWO\ntwo\n!endsub\n!startsub ONE\none again\n!endsub\n@enduml",
        plain="just a line",
    )
    assert whole.text.split("\n") == ["@startuml", *included, "X -> Y", "@enduml"]


@pytest.mark.parametrize(
    "line",
    [
        "!include unknown",
        "!include /etc/passwd",
        "!include ../other.puml",
        "!include https://example.org/other.puml",
        "!include <C4/C4_Context>",
        "!include <../other>",
        "!includeurl other",
        "!include $other",
        "' !include other",
        "/' !include other '/",
        "A -> B : !include other",
        "!include",
    ],
)
def test_everything_else_is_left_to_the_engine(line: str) -> None:
    assert expand(f"{line}\nX -> Y", other="A -> B").text == f"{line}\nX -> Y"


def test_what_is_in_a_comment_of_several_lines_is_not_included() -> None:
    text = "/' a\n!include other\n'/\n!include other"
    assert expand(text, other="A -> B").text == "/' a\n!include other\n'/\nA -> B"


def test_included_documents_include_others_and_each_comes_once_unless_asked_for() -> None:
    whole = expand("!include a\n!include b\n!include_many b", a="!include b\nfrom a", b="from b")
    assert whole.text.split("\n") == ["from b", "from a", "from b"]
    with pytest.raises(PlantUMLSyntaxError, match=r"line 2: “b\.puml” is included already"):
        expand("!include a\n!include_once b", a="!include b\nfrom a", b="from b")


def test_an_error_is_blamed_on_the_line_that_includes_and_says_where_it_is() -> None:
    whole = expand(
        "title x\n!include a\nX -> -> Y", a="@startuml\nfrom a\n!include b\n@enduml", b="1\n2\nwrong"
    )
    assert whole.text.split("\n") == ["title x", "from a", "1", "2", "wrong", "X -> -> Y"]
    within = whole.blamed(PlantUMLSyntaxError(5, "This line is not understood."))
    assert (within.details["line"], within.message) == (
        2,
        "line 2: In “b.puml”, line 3: This line is not understood.",
    )
    own = whole.blamed(PlantUMLSyntaxError(6, "This line is not understood."))
    assert (own.details["line"], own.message) == (3, "line 3: This line is not understood.")
    lacking = whole.blamed(UnsupportedDiagram("Not drawn.", line=2))
    assert (type(lacking), lacking.details["line"], lacking.message) == (
        UnsupportedDiagram,
        2,
        "In “a.puml”, line 2: Not drawn.",
    )


@pytest.mark.parametrize(
    ("text", "documents", "message"),
    [
        ("title\n!include main", {}, "line 2: “main.puml” includes itself: main.puml → main.puml"),
        (
            "!include a",
            {"a": "!include b", "b": "\n!include a"},
            "line 1: “a.puml” includes itself: main.puml → a.puml → b.puml → a.puml",
        ),
        ("!include_many a", {"a": "!include_many main"}, "main.puml → a.puml → main.puml"),
        ("!include a!7", {"a": "@startuml\n@enduml"}, "line 1: “a.puml” has no part “7”"),
        ("!include a!x", {"a": "@startuml\n@enduml"}, "has no part “x”"),
        ("!includesub a!X", {"a": "A -> B"}, "has no part “X”"),
        ("!includesub a", {"a": "A -> B"}, "has no part “”"),
        (
            "!include d0",
            {f"d{number}": f"!include d{number + 1}" for number in range(40)},
            "line 1: Documents include each other more than 20 levels deep",
        ),
        ("x\n" + "!include_many a\n" * 600, {"a": "A -> B"}, "line 502: The text includes more than 500"),
    ],
)
def test_what_has_no_end_or_no_sense_is_one_clear_error(
    text: str, documents: dict[str, Any], message: str
) -> None:
    with pytest.raises(PlantUMLSyntaxError, match=message):
        expand(text, **documents)


def test_the_whole_is_no_larger_than_one_text_may_be() -> None:
    bomb: dict[str, Any] = {f"d{number}": f"!include_many d{number + 1}\n" * 2 for number in range(10)}
    with pytest.raises(LimitExceeded, match="over the limit") as caught:
        expand("title\n!include d0", **bomb, d10="x" * 5_000)
    assert caught.value.details["line"] == 2 and caught.value.details["limit"] == "max_source_size"

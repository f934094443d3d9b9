"""What Python and TypeScript both know: the tables, and the fixtures that pytest and vitest both run.

labextension/src/shared/__tests__/fixtures.spec.ts runs the same files.
"""

from __future__ import annotations

import json
import re
import runpy
import warnings
from pathlib import Path
from typing import Any

import pytest

from jupyter_plant_together import errors
from jupyter_plant_together.errors import (
    Malformed,
    PlantTogetherError,
    PlantUMLSyntaxError,
    UnsupportedDiagram,
)
from jupyter_plant_together.rendering.render import render
from jupyter_plant_together.rendering.svg.clean import cleaned
from jupyter_plant_together.rendering.svg.inert import is_inert
from jupyter_plant_together.rendering.text.blocks import split_pages
from jupyter_plant_together.rendering.text.explain import Answer, cautions, error_of
from jupyter_plant_together.rooms import names
from jupyter_plant_together.shared import table
from jupyter_plant_together.yjs import sync

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 9 9" width="9" height="9">'
)


def cases(name: str, key: str = "name") -> Any:
    rows = json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    return pytest.mark.parametrize("case", [pytest.param(row, id=ascii(row[key])) for row in rows])


def test_the_frontends_tables_are_what_these_tables_say() -> None:
    written = runpy.run_path(str(ROOT / "tools" / "tables.py"))["modules"]()
    folder = ROOT / "labextension" / "src" / "shared"
    assert {path: path.read_text("utf-8") for path in folder.glob("*.ts")} == written


@cases("blocks")
def test_blocks_and_pages(case: dict[str, Any]) -> None:
    assert [
        {
            "lines": list(page.lines),
            "firstLine": page.first_line,
            "type": page.kind,
            "unclosed": page.unclosed,
        }
        for page in split_pages(case["source"])
    ] == case["pages"]


@cases("answers")
def test_what_an_answer_of_the_engine_means(case: dict[str, Any]) -> None:
    page = split_pages(case["source"])[case["page"]]
    error = error_of(Answer(case["svg"] or "", case["error"]), page)
    assert said(error) == (case["kind"], case["line"], case["message"])
    if error is None:
        assert [{"line": one.line, "message": one.message} for one in cautions(page)] == case["warnings"]


def said(error: PlantTogetherError | None) -> tuple[str, int | None, str | None]:
    if error is None:
        return "picture", None, None
    kinds = {PlantUMLSyntaxError: "syntax", UnsupportedDiagram: "unsupported"}
    message = re.sub(r"^line \d+: ", "", error.message)
    return kinds.get(type(error), "failed"), error.details.get("line"), message


def test_every_sentence_for_an_answer_is_in_the_fixtures() -> None:
    told = (FIXTURES / "answers.json").read_text("utf-8")
    unclosed = {"groupNotEnded"}  # the browser alone reads groups
    for name, text in table("sentences").items():
        begin = json.dumps(text.partition("{")[0])[1:-1]
        assert name in unclosed or begin in told, name


@cases("svg", "inside")
def test_what_a_picture_may_hold(case: dict[str, Any]) -> None:
    svg = f"{HEAD}{case['inside']}</svg>"
    assert is_inert(svg) == case["inert"]
    if case["inert"]:
        assert cleaned(svg).count("=") <= svg.count("=") and is_inert(cleaned(svg))


@cases("frames")
def test_frames(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["bytes"])
    assert sync.is_counted(data) == (case["counted"] is not None)
    if case["message"] == "malformed":
        with pytest.raises(Malformed):
            sync.parse(data)
        return
    match sync.parse(data):
        case None:
            assert case["message"] is None
        case sync.Sync(step, payload):
            assert case["message"] == {"type": "sync", "step": step, "payload": payload.hex()}
        case sync.Control(body):
            assert case["message"] == {"type": "control", "body": body}
            assert sync.control(body) == data
        case sync.Awareness(entries):
            assert case["message"] == {"type": "presence", "entries": [list(entry) for entry in entries]}
            assert sync.awareness(entries) == data
        case sync.QueryAwareness():
            assert case["message"] == {"type": "query"}


def test_the_control_messages_that_are_sent_are_those_of_the_table() -> None:
    sent = set()
    for path in (ROOT / "jupyter_plant_together" / "live").glob("*.py"):
        sent |= set(re.findall(r'"type": "(\w+)"', path.read_text("utf-8")))
    assert sent == set(table("wire")["controls"])


@cases("close_codes", "error")
def test_close_codes(case: dict[str, Any]) -> None:
    found = {error.code: error.close for error in vars(errors).values() if hasattr(error, "close")}
    assert found[case["error"]] == case["code"]


@cases("names")
def test_names_of_documents(case: dict[str, Any]) -> None:
    assert names.document_name(case["name"]).name == case["document"]


def test_rendering_a_formula_warns() -> None:
    with pytest.warns(UserWarning, match=r"line 2: The built-in engine does not draw .* formulas"):
        render("A -> B\nnote left : <math>x^2</math>")


def test_rendering_what_is_whole_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render("A -> B")

"""Events: what is written is read, what is documented is told, and their names are in one place."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest

import jupyter_plant_together as plant
from jupyter_plant_together.handlers.members import event_json
from jupyter_plant_together.store import events

PACKAGE = Path(plant.__file__).parent
API = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
VALUES: dict[str, list[Any]] = {
    "private": [True, False],
    "epoch": [7],
    "expires_at": [1, None],
    "max_uses": [3, None],
}


def samples(kind: type[Any]) -> Iterator[Any]:
    """Every mixture of the fields that may be absent or null."""
    choices = [
        VALUES.get(field.name, ["漢字", "é"]) + ([] if field.default is MISSING else [field.default])
        for field in fields(kind)
    ]
    return (kind(*values) for values in product(*choices))


def test_the_table_names_every_event_once() -> None:
    assert set(events.TYPES.values()) == set(get_args(events.KnownPayload))
    assert len(events.TYPES) == len(get_args(events.KnownPayload))
    assert all(events.name_of(kind) == name for name, kind in events.TYPES.items())


@pytest.mark.parametrize("name", events.TYPES)
def test_every_event_is_read_as_it_was_written(name: str) -> None:
    for payload in samples(events.TYPES[name]):
        kind, text = events.to_row(payload)
        assert kind == name
        event = events.from_row((4, "r_x", kind, 5, "ada", "d_x", text))
        assert event == events.Event(4, "r_x", 5, "ada", "d_x", payload)
        absent = {field.name for field in fields(payload)} - json.loads(text).keys()
        assert all(getattr(payload, gone) is None for gone in absent)


def test_what_clients_are_told_of_an_event() -> None:
    payload = events.RoomChanged("b", private=False, description="", was="a")
    told = event_json(events.Event(4, "r_x", 5, "ada", None, payload))
    assert told == {
        "seq": 4,
        "type": "room.changed",
        "room": "r_x",
        "at": "1970-01-01T00:00:00.005Z",
        "by": "ada",
        "data": {"name": "b", "private": False, "description": "", "was": "a"},
    }


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("room.archived", {"name": "a", "why": [1]}),
        ("document.renamed", {"document": "d_x"}),  # a newer version says less
        ("", {}),
    ],
)
def test_what_a_newer_version_wrote_is_handed_on_as_it_is(name: str, data: dict[str, Any]) -> None:
    event = events.from_row((4, "r_x", name, 5, "ada", None, json.dumps(data)))
    assert event.payload == events.UnknownPayload(name, data)
    assert (event.type, event.data) == (name, data)
    assert events.to_row(event.payload) == (name, json.dumps(data))


def test_what_a_newer_version_adds_to_an_event_is_left_out() -> None:
    data = {"epoch": 3, "reason": "asked for"}
    event = events.from_row((4, "r_x", "document.reset", 5, "ada", "d_x", json.dumps(data)))
    assert event.payload == events.DocumentReset(3)


def test_the_documentation_lists_exactly_these_events_and_their_data() -> None:
    section = API.partition("\n### event\n")[2].partition("\n### ")[0]
    documented: dict[str, list[str]] = {}
    for types, data in re.findall(r"^\| (`[a-z]+\..*?) \| (`.*) \|$", section, re.MULTILINE):
        for name in re.findall(r"`(.*?)`", types):
            assert name not in documented
            documented[name] = re.findall(r"`(.*?)`", data)
    assert documented == {name: [field.name for field in fields(kind)] for name, kind in events.TYPES.items()}


def test_the_notebook_client_promises_only_events_that_there_are() -> None:
    promised = re.findall(r"``([a-z]+\.[a-z]+)``", plant.Event.__doc__ or "")
    assert len(promised) > 10
    assert set(promised) <= events.TYPES.keys()


def code_of(path: Path) -> Iterator[ast.AST]:
    """All of a file but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, documented)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    return (node for node in ast.walk(tree) if node not in docstrings)


def test_no_name_of_an_event_is_written_outside_the_table() -> None:
    groups = "|".join(sorted({name.partition(".")[0] for name in events.TYPES}))
    verbs = "|".join(sorted({name.partition(".")[2] for name in events.TYPES}))
    bare = re.compile(rf"\b({groups})\.({verbs})\b|^({groups})\.$")
    files = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "store" / "events.py"]
    assert len(files) > 150
    found = [
        (path.relative_to(PACKAGE).as_posix(), node.value)
        for path in files
        for node in code_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and bare.search(node.value)
    ]
    assert found == []


def test_every_follower_matches_all_events() -> None:
    """The type checker sees that nothing is left for ``assert_never``."""
    followers = []
    for path in PACKAGE.rglob("*.py"):
        for node in code_of(path):
            if isinstance(node, ast.Match) and ast.unparse(node.subject) in ("event.payload", "payload"):
                followers.append(path.relative_to(PACKAGE).as_posix())
                assert "assert_never" in ast.unparse(node.cases[-1].body[0]), path
    assert len(set(followers)) >= 4  # open documents, their roles, who listens, and the streams

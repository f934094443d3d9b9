"""docs/api.md is true: each shape, call, code and trait it names is the one the server has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jupyter_plant_together.handlers.members import invitation_json
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.server.app import PlantTogether
from jupyter_plant_together.server.traits import RoomTraits
from jupyter_plant_together.store.port import Invitation

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SHAPES = {name: json.loads(text) for name, text in re.findall(r"```json (\w+)\n(.*?)```", TEXT, re.DOTALL)}


def keys(value: Any) -> Any:
    return {name: keys(part) for name, part in value.items()} if isinstance(value, dict) else None


async def test_the_shapes_are_those_of_the_server(api: Any) -> None:
    seen = {
        "room": await api("POST", "rooms", {"name": "design"}),
        "document": await api("POST", "rooms/design/documents", {"name": "login"}),
        "list": await api("GET", "rooms"),
        "me": await api("GET", "me"),
        "health": await api("GET", "health"),
        "error": await api("POST", "rooms", {"name": "design"}),
    }
    room = json.loads(seen["room"].body)["id"]
    seen["ticket"] = await api("POST", "tickets", {"room": room})
    shapes = {name: json.loads(answer.body) for name, answer in seen.items()}
    for name, path in (("member", "members"), ("event", "audit")):
        listed = json.loads((await api("GET", f"rooms/design/{path}")).body)
        shapes[name] = listed["items"][0]
    shapes["invitation"] = invitation_json(Invitation("i", "r", "d", "viewer", "ada", 1))
    assert {name: keys(shape) for name, shape in shapes.items()} == {
        name: keys(shape) for name, shape in SHAPES.items()
    }


def test_the_limits_are_the_defaults() -> None:
    assert SHAPES["me"]["limits"] == {name: getattr(Limits(), name) for name in Limits.__slots__}
    for name in Limits.__slots__:
        assert f"`{name}`" in TEXT
        assert PlantTogether.class_traits()[name].default_value == getattr(Limits(), name)


def test_every_trait_of_the_extension_is_described() -> None:
    own = {**RoomTraits.class_own_traits(config=True), **PlantTogether.class_own_traits(config=True)}
    assert [name for name in own if f"`{name}`" not in TEXT] == []


@pytest.mark.parametrize("call", re.findall(r"^\| `(GET|POST|PATCH|DELETE|PUT) ([^`]*)`", TEXT, re.MULTILINE))
async def test_every_call_exists(api: Any, call: tuple[str, str]) -> None:
    method, path = call
    path = path.replace("{room}", "none").replace("{document}", "none")
    path = path.replace("{kind}", "user").replace("{subject}", "none")
    answer = await api(method, path)
    assert answer.code != 405
    if answer.headers["Content-Type"].startswith("application/json"):
        assert json.loads(answer.body).get("error") != "not-found"

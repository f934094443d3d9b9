"""The contract suite is whole: no call of the port is without a test that runs it on a store.

``test_store_*.py`` beside this file runs on SQLite and on Postgres alike, or says in its fixture why not.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jupyter_plant_together.store.port import ClusterStore

SUITE = sorted(Path(__file__).parent.glob("test_store_*.py"))
PORT = sorted(
    name
    for protocol in ClusterStore.__mro__
    for name, member in vars(protocol).items()
    if protocol.__module__.startswith("jupyter_plant_together.store.") and callable(member) and name[0] != "_"
)


def is_store(node: ast.expr) -> bool:
    """Return whether an expression is a store by the suite's words: store, mine, other, stores[0]."""
    if isinstance(node, ast.Subscript):
        return is_store(node.value)
    return isinstance(node, ast.Name) and node.id in {"store", "stores", "mine", "other"}


def called(path: Path) -> set[str]:
    """Return the methods of stores that are called in the tests of a file, or in a helper that they call."""
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    calls = [node.func for node in found if isinstance(node, ast.Call)]
    return {call.attr for call in calls if isinstance(call, ast.Attribute) and is_store(call.value)}


CALLED = set().union(*map(called, SUITE))


def test_the_port_is_found_whole() -> None:
    assert len(PORT) == len(set(PORT))
    assert {"load", "create_document", "roles", "purge", "close", "compact", "events"} <= set(PORT)


@pytest.mark.parametrize("name", PORT)
def test_each_call_of_the_port_is_in_the_suite(name: str) -> None:
    assert name in CALLED

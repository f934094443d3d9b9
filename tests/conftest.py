"""Fixtures for all levels, and what a push leaves to the long run; coroutine tests run on pytest-jupyter's loop.

A test with Redis and with Valkey runs in a push with one of them, by its name, and in the long run
(``make long``, PLANT_TOGETHER_LONG=1) with both; so do tests that are marked ``long``, which a push leaves
out. Neither is reported as skipped: pytest says how many it has deselected.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import settings

# pytest's importlib mode puts no folder on the path; the fixtures of real servers are modules beside this.
sys.path.insert(0, str(Path(__file__).parent))

from scale import LONG

# Not pytest_jupyter.jupyter_server: it imports a server and makes one after each test, which only tests/rest needs.
pytest_plugins = ["pytest_jupyter.jupyter_core", "postgres", "redis_server", "drawing"]

# How long an example takes is no matter of a test; the machine may be busy.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

KINDS = ("redis", "valkey")


def _is_for_a_push(item: pytest.Item) -> bool:
    if item.get_closest_marker("long") is not None:
        return False
    callspec = getattr(item, "callspec", None)
    kind = next((value for value in callspec.params.values() if value in KINDS), None) if callspec else None
    name = f"{item.path.name}::{getattr(item, 'originalname', item.name)}"
    return kind is None or kind == KINDS[crc32(name.encode()) % len(KINDS)]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for the long run, unless it is that or a test was named on the command line."""
    if LONG or any("::" in argument for argument in config.args):
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        (kept if _is_for_a_push(item) else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note a second try in the JUnit file, for the closing counts."""
    tries = getattr(item, "execution_count", 1)
    if tries > 1:
        item.user_properties.append(("tries", tries))

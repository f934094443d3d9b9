"""What completion and ``help`` show of the Python API: the names for people, and nothing else."""

from __future__ import annotations

import rlcompleter
from collections.abc import Iterable

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import jupyter_plant_together as plant

DOCUMENT = {
    "append", "close", "delete", "flush", "id", "insert", "name", "observe", "on_change", "participants", "png",
    "replace", "restore", "role", "room", "save", "source", "status", "svg", "tag", "transaction", "unobserve",
    "unsent", "versions", "wait_for",
}  # fmt: skip
ROOM = {
    "close", "create", "delete", "deleted", "documents", "events", "export", "id", "import_files", "members", "name",
    "participants", "rename", "restore",
}  # fmt: skip


def public(names: Iterable[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def test_the_package_shows_what_people_use_whatever_was_imported() -> None:
    import jupyter_plant_together.server.app  # noqa: F401 - parts become attributes of the package

    assert public(dir(plant)) == set(plant.__all__)


def test_every_name_of_the_package_is_there() -> None:
    assert [name for name in plant.__all__ if not hasattr(plant, name)] == []


@pytest.mark.parametrize("use_jedi", [True, False])
def test_ipython_completes_the_names_of_the_package(use_jedi: bool) -> None:
    shell = InteractiveShell.instance()
    shell.Completer.use_jedi = use_jedi
    shell.user_ns["plant"] = plant
    with provisionalcompleter():
        found = {one.text.removeprefix(".") for one in shell.Completer.completions("plant.", len("plant."))}
    assert found == set(plant.__all__)


def test_python_completes_the_names_of_the_package() -> None:
    completer = rlcompleter.Completer({"plant": plant})
    found = completer.attr_matches("plant.")
    assert public(name.rpartition(".")[2].rstrip("()") for name in found) == set(plant.__all__)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (plant.Document, DOCUMENT),
        (plant.aio.Document, DOCUMENT),
        (plant.Room, ROOM),
        (plant.aio.Room, {*ROOM, "has", "open"}),
    ],
)
def test_objects_show_what_people_use(kind: type, names: set[str]) -> None:
    assert public(dir(kind)) == names
    assert [name for name in names if not getattr(kind, name).__doc__] == []

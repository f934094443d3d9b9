"""What completion and ``help`` show of the Python API: the names for people, and nothing else."""

from __future__ import annotations

import inspect
import pydoc
import re
import rlcompleter
from collections.abc import Iterable
from types import ModuleType

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


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (plant.aio, {"connect", "Document", "Room"}),
        (plant.diagrams, {"classes", "er", "json", "sequence", "state"}),
    ],
)
def test_its_modules_show_what_people_use(module: ModuleType, names: set[str]) -> None:
    assert public(dir(module)) == set(module.__all__) == names


def examples(kind: type) -> str:
    """The lines of code in the docstrings of a class and of what it has."""
    things = [kind, *(getattr(kind, name) for name in public(dir(kind)))]
    docs = [inspect.getdoc(thing) or "" for thing in things]
    return "\n".join(re.findall(r"^\s*(?:>>>|\.\.\.) .*", "\n".join(docs), re.M))


@pytest.mark.parametrize(("kind", "names"), [(plant.Document, DOCUMENT), (plant.Room, ROOM)])
def test_what_people_use_stands_in_an_example(kind: type, names: set[str]) -> None:
    shown = examples(kind)
    variable = "doc" if kind is plant.Document else "room"
    assert [name for name in sorted(names) if not re.search(rf"\b{variable}\.{name}\b", shown)] == []


def test_the_help_of_the_package_begins_with_one_screen_that_names_everything() -> None:
    text = pydoc.render_doc(plant, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    screen = text.partition("PACKAGE CONTENTS")[0]
    assert len(screen.splitlines()) <= 45
    assert [name for name in plant.__all__ if not re.search(rf"\b{name}\b", screen)] == []


def test_help_shows_words_and_not_markup() -> None:
    kinds = [getattr(plant, name) for name in plant.__all__]
    kinds += [plant.aio.connect, plant.aio.Document, plant.aio.Room]
    docs = {kind.__name__: inspect.getdoc(kind) or "" for kind in kinds}
    for base in {base for kind in kinds if inspect.isclass(kind) for base in kind.__mro__}:
        if base.__module__.startswith(plant.__name__):  # not what a widget inherits from ipywidgets
            docs |= {
                f"{base.__name__}.{name}": inspect.getdoc(vars(base)[name]) or ""
                for name in public(vars(base))
            }
    docs[plant.__name__] = inspect.getdoc(plant) or ""
    assert len(docs) > 100
    assert [name for name, doc in docs.items() if re.search(r":\w+:`", doc)] == []

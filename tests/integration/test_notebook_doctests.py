"""Every public name has an example in its docstring, and the examples do what they say.

Each docstring runs on its own: ``room`` is a fresh room *design* with the one document *login*, ``doc``.
"""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from notebook_server import JupyterProcess

import jupyter_plant_together as plant

SOURCE = "@startuml\nAda -> Ben : hello\n@enduml"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL | doctest.ELLIPSIS


def documented() -> Iterator[tuple[str, Any]]:
    """Every public name, and what the public classes have of their own."""
    for name in plant.__all__:
        thing = getattr(plant, name)
        yield name, thing
        if inspect.isclass(thing) or inspect.ismodule(thing):
            for member, value in inspect.getmembers(thing):
                code = value.fget if isinstance(value, property) else value
                if not member.startswith("_") and getattr(code, "__module__", "").startswith(plant.__name__):
                    yield f"{name}.{member}", value


EXAMPLES = {name: doc for name, thing in documented() if ">>>" in (doc := inspect.getdoc(thing) or "")}


@pytest.mark.parametrize("name", plant.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    assert name in EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(
    name: str, server: JupyterProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, connect: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANT_TOGETHER_CONNECTION_FILE", str(server.connection_file))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.runtime))
    for left in server.api("GET", "rooms")["items"]:
        if left["name"] == "design":
            server.api("DELETE", f"rooms/~{left['id']}")
    room = connect("design", server)
    doc = room.create("login", SOURCE)
    doc.tag("before review")

    text = EXAMPLES[name].replace("http://127.0.0.1:8888/", server.url).replace('"…"', repr(server.token))
    names = {"plant": plant, "room": room, "doc": doc, **vars(plant.diagrams)}
    if re.search(r">>> (doc|room) = plant.connect", text):
        room.close()  # the example is the only one there
    test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append, clear_globs=False)
    for thing in test.globs.values():
        if isinstance(thing, plant.Room | plant.DiagramWidget):
            thing.close()
    assert not said, "".join(said)


@pytest.mark.parametrize("use_jedi", [True, False])
def test_completion_of_a_room_and_a_document_shows_what_their_classes_have(
    use_jedi: bool, server: JupyterProcess, connect: Any
) -> None:
    room = connect("completed", server)
    doc = room["drawn"] if "drawn" in room else room.create("drawn", SOURCE)
    shell = InteractiveShell.instance()
    shell.Completer.use_jedi = use_jedi
    shell.user_ns |= {"room": room, "doc": doc}
    for name, thing in {"room": room, "doc": doc}.items():
        with provisionalcompleter():
            found = shell.Completer.completions(f"{name}.", len(name) + 1)
            assert {one.text.removeprefix(".") for one in found} == {
                member for member in dir(type(thing)) if not member.startswith("_")
            }
    del shell.user_ns["room"], shell.user_ns["doc"]

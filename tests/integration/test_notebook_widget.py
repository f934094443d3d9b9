"""DiagramWidget without a browser: traits that follow the document, and what a saved notebook shows."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
import traitlets
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from notebook_server import JupyterProcess

import jupyter_plant_together as plant

TEXT = "@startuml\nAda -> Ben : hello\n@enduml\n"


@pytest.fixture
def room(connect: Callable[..., plant.Room], server: JupyterProcess) -> plant.Room:
    return connect("widgets", server)


@pytest.fixture
def widget(room: plant.Room) -> plant.DiagramWidget:
    name = uuid.uuid4().hex
    room.create(name, TEXT)
    return plant.DiagramWidget(room, name)


def test_source_is_the_document_s_text_both_ways(
    widget: plant.DiagramWidget, room: plant.Room, eventually: Any
) -> None:
    doc = room[widget.document]
    heard: list[str] = []
    widget.observe(lambda change: heard.append(change.new), "source")
    doc.replace("hello", "good morning 🎉")
    eventually(lambda: "good morning 🎉" in widget.source, "the trait follows")
    widget.source = widget.source.replace("Ada", "Grace")
    assert doc.source == widget.source == TEXT.replace("hello", "good morning 🎉").replace("Ada", "Grace")
    eventually(lambda: heard[-1:] == [doc.source], "the observer heard the last")


def test_an_observer_may_change_what_it_hears(
    widget: plant.DiagramWidget, room: plant.Room, eventually: Any
) -> None:
    doc = room[widget.document]

    def shout(change: Any) -> None:
        if "hello" in change.new:
            widget.source = change.new.replace("hello", "HELLO")

    widget.observe(shout, "source")
    doc.append("' hello\n")
    eventually(
        lambda: "HELLO" in doc.source and "hello" not in doc.source, "the observer's text is the document's"
    )
    assert widget.source == doc.source


def test_traits_can_be_linked(widget: plant.DiagramWidget, room: plant.Room, eventually: Any) -> None:
    class Form(traitlets.HasTraits):
        text = traitlets.Unicode()

    form = Form()
    traitlets.link((widget, "source"), (form, "text"))
    form.text = TEXT.replace("hello", "from a form")
    assert room[widget.document].source == form.text
    room[widget.document].replace("form", "document")
    eventually(lambda: "from a document" in form.text, "the form has what was written elsewhere")


def test_who_is_there_and_the_end(widget: plant.DiagramWidget, room: plant.Room, eventually: Any) -> None:
    eventually(lambda: [person.me for person in widget.participants] == [True], "this notebook is there")
    widget.close()
    room[widget.document].append("' more\n")
    room[widget.document].flush()
    assert "' more" not in widget.source, "a closed widget follows no more"


def test_bad_values_are_refused(room: plant.Room, widget: plant.DiagramWidget) -> None:
    with pytest.raises(plant.DocumentNotFound):
        plant.DiagramWidget(room, "nothing")
    with pytest.raises(traitlets.TraitError):
        widget.height = 0
    with pytest.raises(traitlets.TraitError):
        widget.source = 7  # type: ignore[assignment]
    with pytest.raises(traitlets.TraitError):
        widget.document = "other"
    assert room[widget.document].source == TEXT


@pytest.mark.parametrize("state_saved", [False, True])
@pytest.mark.parametrize("shown", ["doc", "plant.DiagramWidget(room, doc.name)"])
def test_an_exported_notebook_shows_the_picture_of_the_run(
    room: plant.Room, server: JupyterProcess, shown: str, state_saved: bool
) -> None:
    """nbconvert has no widget manager, whether or not widget state is in the notebook."""
    name = uuid.uuid4().hex
    room.create(name, TEXT)
    cell = (
        "import jupyter_plant_together as plant\n"
        f"room = plant.connect('widgets')\ndoc = room['{name}']\n{shown}"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    environment = {**server.environment, "PLANT_TOGETHER_CONNECTION_FILE": str(server.connection_file)}
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", store_widget_state=state_saved)
    client.execute(env=environment)
    assert ("widgets" in notebook.metadata) == (state_saved and "Widget" in shown)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    pictures = re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", html)
    drawn = [base64.b64decode(picture).decode() for picture in pictures]  # the page's own icons among them
    assert sum(">hello<" in picture for picture in drawn) == 1
    assert "application/vnd.jupyter.widget-view+json" not in html.split("<body", 1)[1]

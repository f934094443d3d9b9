"""A document as the last line of a cell: the live diagram in the notebook's output."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from cells import open_notebook, printed, run_notebook
from lab import LabServer
from playwright.sync_api import Page, expect
from rooms import go_to_line, new_document, open_document, rest, source, text, wait_for
from windows import wait_for_lab

pytestmark = pytest.mark.browser

SOURCE = "@startuml\nAda -> Ben : hello\n@enduml\n"


def test_a_cell_shows_the_document_live_and_is_one_more_place_to_edit_it(
    lab_server: LabServer, two: tuple[Page, Page]
) -> None:
    ada, ben = two
    new_document(lab_server, "cell.puml", SOURCE)
    output = run_notebook(
        ada,
        lab_server,
        "import jupyter_plant_together as plant\nroom = plant.connect('example')",
        "doc = room['cell']\ndoc",
    )
    expect(output.locator("svg").get_by_text("hello")).to_be_visible(timeout=60_000)
    open_document(ben, "cell.puml")

    # Typed in the cell: it reaches the tab of the other, and the server.
    editor = output.locator(".cm-content")
    editor.get_by_text("hello").click()
    ada.keyboard.press("End")
    ada.keyboard.type(" from a cell")
    wait_for(lambda: "hello from a cell" in text(ben), "the tab has what was typed in the cell")
    wait_for(lambda: "hello from a cell" in source(lab_server, "cell.puml"), "the server has it")
    expect(output.locator("svg").get_by_text("hello from a cell")).to_be_visible()

    # Undo is the diagram's, not the notebook's.
    ada.keyboard.press("ControlOrMeta+z")
    wait_for(lambda: "from a cell" not in text(ben), "the edit is undone for both")
    assert "doc = room['cell']" in ada.locator(".jp-Cell .jp-InputArea-editor").nth(1).inner_text()

    # Typed in the tab: it reaches the cell.
    go_to_line(ben, 2)
    ben.keyboard.type("\nnote over Ada : seen")
    expect(output.locator("svg").get_by_text("seen")).to_be_visible()


def test_an_output_follows_a_rename_and_says_when_its_document_is_gone(
    lab_server: LabServer, ada: Page
) -> None:
    made = new_document(lab_server, "first.puml", SOURCE)
    rest(lab_server, "PATCH", f"rooms/example/documents/~{made['id']}", {"name": "second.puml"})
    bundle = {"room_id": made["room_id"], "id": made["id"], "room": "example", "document": "first.puml"}
    show = (
        "from IPython.display import display\n"
        f"display({{'application/vnd.plant-together.document+json': {bundle!r}, 'text/plain': 'x'}}, raw=True)"
    )
    output = run_notebook(ada, lab_server, show)
    expect(output.locator("svg").get_by_text("hello")).to_be_visible(timeout=60_000)
    rest(lab_server, "DELETE", f"rooms/example/documents/~{made['id']}")
    expect(output.get_by_role("status").filter(has_text="is not there any more")).to_be_visible()
    rest(lab_server, "POST", f"rooms/example/documents/~{made['id']}/restore", {})
    output.get_by_role("button", name="Try again").click()
    expect(output.locator("svg").get_by_text("hello")).to_be_visible()


def test_a_notebook_that_is_not_trusted_opens_nothing(lab_server: LabServer, ada: Page) -> None:
    made = new_document(lab_server, "secret.puml", SOURCE)
    bundle = {"room_id": made["room_id"], "id": made["id"]}
    data = {"application/vnd.plant-together.document+json": bundle, "text/plain": "the text of it"}
    output = nbformat.v4.new_output("display_data", data)
    cell = nbformat.v4.new_code_cell("doc", outputs=[output])
    open_notebook(ada, lab_server, "foreign.ipynb", [cell])
    expect(ada.locator(".jp-OutputArea-output").get_by_text("the text of it")).to_be_visible()
    expect(ada.locator(".jp-DiagramOutput")).to_have_count(0)

    # Whoever trusts it sees the document.
    ada.evaluate("() => void window.jupyterapp.commands.execute('notebook:trust')")
    ada.get_by_role("button", name="Trust").click()
    expect(ada.locator(".jp-DiagramOutput svg").get_by_text("hello")).to_be_visible(timeout=60_000)


def test_a_widget_follows_the_document_and_the_browser_tells_it_what_it_sees(
    lab_server: LabServer, two: tuple[Page, Page]
) -> None:
    ada, ben = two
    new_document(lab_server, "widget.puml", SOURCE)
    cells = run_notebook(
        ada,
        lab_server,
        "import jupyter_plant_together as plant, ipywidgets\n"
        "w = plant.DiagramWidget('example', 'widget', height=300)\n"
        "heard = []\n"
        "w.observe(lambda change: heard.append(change.new), 'source')\n"
        "w",
        # A view in a layout of widgets, and a slider that changes the diagram.
        "s = ipywidgets.IntSlider(1)\n"
        "s.observe(lambda c: w._document.replace(f'hello', f'hello {c.new}'), 'value')\n"
        "ipywidgets.VBox([s, w])",
    )
    first, second = cells.nth(0), cells.nth(1)
    for view in (first, second):
        expect(view.locator("svg").get_by_text("hello")).to_be_visible(timeout=60_000)
    assert first.evaluate("node => node.offsetHeight") == 300

    # Typed in one view: it reaches the other view, the tab, and Python.
    open_document(ben, "widget.puml")
    first.locator(".cm-content").get_by_text("hello").click()
    ada.keyboard.press("End")
    ada.keyboard.type(" typed")
    expect(second.locator("svg").get_by_text("hello typed")).to_be_visible()
    wait_for(lambda: "hello typed" in text(ben), "the tab has it")
    ask = "assert 'hello typed' in w.source and 'hello typed' in heard[-1], (w.source, heard)\nprint('same')"
    assert printed(ada, ask) == "same"

    # Set in Python: everybody has it, and the caret stays where it was.
    printed(ada, "w.source = w.source.replace('Ada', 'Grace')")
    expect(first.locator("svg text").get_by_text("Grace").first).to_be_visible()
    first.locator(".cm-content").focus()
    ada.keyboard.type("!")
    wait_for(lambda: "Grace -> Ben : hello typed!" in text(ben), "typing went on at the caret")
    printed(ada, "s.value = 7")
    expect(second.locator("svg").get_by_text("hello 7 typed!")).to_be_visible()

    # What the browser knows: the picture, the error, and who is here.
    assert printed(ada, "print('hello 7' in w.svg, w.error, sorted({p.name for p in w.participants}))") == (
        "True None ['Ada', 'Ben', 'server']"
    )
    printed(ada, "w.source = '@startuml\\nclass {\\n@enduml\\n'")
    expect(first.locator(".jp-Diagram-problem")).to_be_visible()
    assert printed(ada, "print(w.error['line'])") == "2"
    printed(ada, "w.editable, w.height = False, 200")
    expect(first.locator(".cm-content")).to_be_hidden()
    assert first.evaluate("node => node.offsetHeight") == 200


def test_a_widget_outlives_its_kernel(lab_server: LabServer, ada: Page) -> None:
    name = f"outlived {uuid.uuid4().hex[:6]}"
    new_document(lab_server, f"{name}.puml", SOURCE)
    make = f"import jupyter_plant_together as plant\nw = plant.DiagramWidget('example', '{name}')\nw"
    output = run_notebook(ada, lab_server, make)
    expect(output.locator("svg").get_by_text("hello")).to_be_visible(timeout=60_000)

    # Restarted: what is on the page is the document, which needs no kernel.
    ada.evaluate(
        "() => Array.from(window.jupyterapp.shell.widgets('main'))"
        ".find(w => w.sessionContext?.session).sessionContext.session.kernel.restart()"
    )
    output.locator(".cm-content").get_by_text("hello").click()
    ada.keyboard.press("End")
    ada.keyboard.type(" after the restart")
    wait_for(lambda: "hello after the restart" in source(lab_server, f"{name}.puml"), "typing goes on")
    assert printed(ada, f"{make}\nprint('after the restart' in w.source)") == "True"

    # Saved, and opened again where no kernel runs.
    ada.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    ada.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
    ada.reload()
    wait_for_lab(ada)
    ada.evaluate(
        "() => void window.jupyterapp.commands.execute('docmanager:open',"
        " { path: 'drawing.ipynb', kernel: null })"
    )
    expect(output.locator("svg").get_by_text("hello after the restart")).to_be_visible(timeout=60_000)
    saved = nbformat.read(lab_server.root / "drawing.ipynb", as_version=4)
    assert "hello" in saved.cells[0].outputs[0].data["image/svg+xml"], "the picture for where no Lab is"


@pytest.mark.long
def test_without_the_widget_manager_everything_else_works(
    start_lab: Callable[..., LabServer], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    """One shared module that is missing must not take the extension with it."""
    configuration = tmp_path / "config" / "labconfig" / "page_config.json"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(
        json.dumps({"disabledExtensions": {"@jupyter-widgets/jupyterlab-manager": True}})
    )
    server = start_lab(home=tmp_path)
    page = new_page(server)
    assert page.evaluate(
        "() => !window.jupyterapp.isPluginActivated('@jupyter-widgets/jupyterlab-manager:plugin')"
    )
    new_document(server, "alone.puml", SOURCE)
    open_document(page, "alone.puml")
    expect(page.locator(".jp-Diagram-canvas svg text").get_by_text("hello")).to_be_visible(timeout=60_000)
    output = run_notebook(
        page, server, "import jupyter_plant_together as plant\nplant.connect('example')['alone']"
    )
    expect(output.locator("svg").get_by_text("hello")).to_be_visible(timeout=60_000)

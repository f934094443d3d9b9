"""Two people and a notebook draw one diagram: two browsers and a kernel in one document."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
from kernel import Kernel, running_kernel
from lab import LabServer
from playwright.sync_api import Page, expect
from rooms import caret_line, expect_saved, go_to_line, new_document, open_document, source, text, wait_for
from scale import scaled

pytestmark = pytest.mark.browser

EDITS = scaled(90, 500)
SEED = 20261124

# What people write: ASCII, emoji of several code points, right-to-left, combining marks, lines.
_PIECES = ["A -> B : x\n", "hello", "  ", "\n", "🎉", "👩‍👩‍👧", "🇫🇷", "שלום עולם", "مرحبا", "é", "日本", "' "]

# A caret where a person can put one: not inside of a character.
_PUT_CARET = """
part => {
  const view = (window.jupyterapp.shell.currentWidget.content.editorPane
    ?? window.jupyterapp.shell.currentWidget.content).editor.editor;
  const text = view.state.doc.toString();
  let anchor = Math.floor(part * (text.length + 1));
  if (/[\\ud800-\\udbff]/.test(text[anchor - 1] ?? '') && /[\\udc00-\\udfff]/.test(text[anchor] ?? '')) {
    anchor += 1;
  }
  view.dispatch({ selection: { anchor } });
}
"""

_EDITOR_TEXT = (
    "() => (window.jupyterapp.shell.currentWidget.content.editorPane"
    " ?? window.jupyterapp.shell.currentWidget.content).editor.editor.state.doc.toString()"
)

_OPEN_AS_TEXT = """
async path => {
  const { commands, shell } = window.jupyterapp;
  const widget = await commands.execute('docmanager:open', { path, factory: 'Editor' });
  await widget.context.ready;
  shell.activateById(widget.id);
}
"""

_DRAW_AT_RANDOM = """
import random, time
rng, pieces = random.Random({seed}), {pieces}
for _ in range({edits}):
    with doc.transaction():  # others' edits wait, so that the index stays right
        length = len(doc.source)
        at = rng.randint(0, length)
        if rng.random() < 0.4 and length > 80:
            doc.delete(at, min(length, at + rng.randint(1, 8)))
        else:
            doc.insert(at, rng.choice(pieces))
    time.sleep(rng.uniform(0, {pause}))
doc.flush(timeout=20)
print(len(doc.source))
"""


@pytest.fixture
def kernel(lab_server: LabServer) -> Iterator[Kernel]:
    """Return a kernel that the server has started."""
    with running_kernel(lab_server) as kernel:
        yield kernel


def edit(page: Page, rng: random.Random) -> None:
    """Make one edit by the keyboard, somewhere in the text."""
    page.evaluate(_PUT_CARET, rng.random())
    kind = rng.random()
    if kind < 0.5:
        page.keyboard.insert_text(rng.choice(_PIECES))
    elif kind < 0.6:
        page.keyboard.press(rng.choice(["Enter", "a", "Tab"]))
    elif kind < 0.75:
        page.keyboard.press("Backspace")
    elif kind < 0.9:
        page.keyboard.press("Delete")
    else:  # type over a selection
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.insert_text(rng.choice(_PIECES))


def test_two_browsers_and_a_kernel(two: tuple[Page, Page], kernel: Kernel, lab_server: LabServer) -> None:
    """Each one's edits reach the other two, with names and carets; after many at random all texts are equal."""
    new_document(lab_server, "three.puml", "@startuml\ntitle three\n\n\n@enduml\n")
    joining = kernel.start(
        "import jupyter_plant_together as plant\nroom = plant.connect('example')\ndoc = room['three']"
    )
    for page in two:
        open_document(page, "three.puml")
    kernel.result(joining)
    ada, ben = two

    go_to_line(ada, 3)
    ada.keyboard.type("Ada -> Ben : hello")
    go_to_line(ben, 4)
    ben.keyboard.type("Ben -> Ada : well")
    wait_for(lambda: "well" in text(ada) and "hello" in text(ben), "each other's lines")
    kernel.run(
        "doc.wait_for(lambda text: 'hello' in text and 'well' in text, timeout=10)\n"
        "doc.replace('@enduml', 'Kernel -> Ada : done\\n@enduml'); doc.flush(timeout=10)"
    )
    expected = (
        "@startuml\ntitle three\nAda -> Ben : hello\nBen -> Ada : well\nKernel -> Ada : done\n@enduml\n"
    )
    notebook = " · notebook"
    for page, other in ((ada, "Ben"), (ben, "Ada")):
        wait_for(lambda page=page: text(page) == expected, "all three lines")  # type: ignore[misc]
        for word in ("hello", "well", "done"):
            expect(page.locator(".jp-Diagram-canvas")).to_contain_text(word)
        # Two avatars and two carets, of the other person and of the notebook, each where it is.
        titles = page.locator(".ptg-Avatar")
        expect(titles).to_have_count(2)
        names = [title or "" for title in titles.evaluate_all("all => all.map(one => one.title)")]
        assert other in names and sum(name.endswith(notebook) for name in names) == 1
        flags = page.locator(".ptg-RemoteCaret-flag")
        expect(flags).to_have_count(2)
        assert caret_line(page, other) == (4 if other == "Ben" else 3)
        assert caret_line(page, notebook) in (5, 6)

    rng = random.Random(SEED)
    third = EDITS // 3
    drawing = kernel.start(
        _DRAW_AT_RANDOM.format(seed=SEED, pieces=_PIECES, edits=EDITS - 2 * third, pause=0.2)
    )
    for _ in range(third):
        edit(ada, rng)
        edit(ben, rng)
    length = int(kernel.result(drawing))
    assert length > 100
    for page in two:
        expect_saved(page)

    def in_kernel() -> str:
        return str(json.loads(kernel.run("import json; print(json.dumps(doc.source))")))

    wait_for(lambda: text(ada) == text(ben) == in_kernel() == source(lab_server, "three.puml"), "one text")
    final = text(ada)
    assert "\ufffd" not in final
    for page in two:  # what the editor shows is the shared text
        assert page.evaluate(_EDITOR_TEXT) == final

    kernel.run(
        "doc.source = '@startuml\\nA -> B : after all\\n@enduml\\n'; doc.flush(timeout=10); room.close()"
    )
    for page in two:
        expect(page.locator(".jp-Diagram-canvas")).to_contain_text("after all", timeout=20_000)
        expect(page.locator(".ptg-Avatar")).to_have_count(1)


@pytest.mark.parametrize("factory", ["Diagram", pytest.param("Editor", marks=pytest.mark.long)])
def test_emoji_beside_each_other_stay_whole(
    lab_server: LabServer, two: tuple[Page, Page], factory: str
) -> None:
    """Emoji begin with the same UTF-16 unit, so what the page sees as changed can lie inside of one.

    Without ``wholeCharacters`` such typing tore a 😁 apart within 60 edits.
    """
    name = f"emoji {factory}.puml"
    new_document(lab_server, name, "x🎉🇫🇷😀y\n")
    for page in two:
        if factory == "Diagram":
            open_document(page, name)
        else:
            page.evaluate(_OPEN_AS_TEXT, f"Rooms:example/{name}")
            page.locator(".jp-FileEditor .cm-content").focus()
    rng = random.Random(2)
    for _ in range(80):
        page = rng.choice(two)
        page.evaluate(_PUT_CARET, rng.random())
        if rng.random() < 0.6:
            page.keyboard.insert_text(rng.choice(["🎉", "👩‍👩‍👧", "🇫🇷", "🇩🇪", "a", "😀", "😁", "\n"]))
        else:
            page.keyboard.press(rng.choice(["Backspace", "Delete"]))
    ada, ben = two
    wait_for(lambda: text(ada) == text(ben) == source(lab_server, name), "one text")
    assert "\ufffd" not in text(ada)
    for page in two:
        assert page.evaluate(_EDITOR_TEXT) == text(page)

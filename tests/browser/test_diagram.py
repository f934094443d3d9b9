"""The diagram widget and its engine, in a real JupyterLab."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lab import LabServer
from playwright.sync_api import Locator, Page, expect
from scale import scaled

pytestmark = pytest.mark.browser

CORPUS = Path(__file__).parents[1] / "data" / "corpus"

#: What the built-in engine does not draw; all others must be drawn.
NOT_DRAWN = {"archimate", "archimate_nostd", "aws", "c4", "chen", "ditaa", "dot", "files", "salt"}

#: A word of each picture that shows that it is this diagram.
LABELS = {
    "activity": "Read file",
    "activity_legacy": "First Activity",
    "class": "Animal",
    "component": "First Component",
    "deployment": "app.jar",
    "erd_ie": "Users",
    "gantt": "Design",
    "json": "Paris",
    "mindmap": "Debian",
    "nwdiag": "web01",
    "object": "CapitalCity",
    "preproc": "len3",
    "sequence": "SELECT * FROM users",
    "state": "Running",
    "timing": "Web Browser",
    "unicode": "日本語",
    "usecase": "Eat Food",
    "wbs": "Launch the project",
    "yaml": "Apple",
}

#: Calls itself 2^60 times.
RUNAWAY = """@startuml
!procedure $p($n)
!if $n > 0
$p($n - 1)
$p($n - 1)
!endif
!endprocedure
$p(60)
A -> B : never
@enduml"""

#: Ends when the diagram has settled: nothing loads, nothing is drawn.
_OPEN = """
async path => {
  const widget = await window.jupyterapp.commands.execute('docmanager:open', { path });
  await widget.context.ready;
  await window.jupyterapp.shell.activateById(widget.id);
}
"""


@pytest.fixture(scope="module")
def files(lab_server: LabServer) -> LabServer:
    """Return the Lab with the corpus in its folder."""
    for source in CORPUS.glob("*.puml"):
        (lab_server.root / source.name).write_text(source.read_text())
    return lab_server


@pytest.fixture
def page(files: LabServer, ada: Page) -> Page:
    """Return a window on these files."""
    return ada


def current(page: Page) -> Locator:
    """Return the diagram on show."""
    return page.locator(".jp-Diagram:not(.lm-mod-hidden)")


def open_file(page: Page, path: str) -> Locator:
    """Open a file and wait until it is drawn or known not to be."""
    page.evaluate(_OPEN, path)
    preview = current(page).locator(".jp-Diagram-preview")
    expect(preview).not_to_have_attribute("data-state", "loading", timeout=40_000)
    return current(page)


def write(files: LabServer, name: str, text: str) -> str:
    """Make a file that Lab has not seen."""
    (files.root / name).write_text(text)
    return name


def set_text(page: Page, text: str) -> None:
    """Replace the text as a person would: select all and type over."""
    current(page).locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def caret_line(page: Page) -> str:
    """Return the text of the line where the caret is."""
    line = page.evaluate(
        """() => {
          const { editor } = window.jupyterapp.shell.currentWidget.content.editorPane;
          return editor.getLine(editor.getCursorPosition().line);
        }"""
    )
    return str(line)


def picture_texts(diagram: Locator) -> list[str]:
    """Return the labels of the picture."""
    return [
        text.replace("\u00a0", " ")
        for text in diagram.locator(".jp-Diagram-canvas svg text").all_text_contents()
    ]


@pytest.mark.slow
def test_corpus_is_drawn_or_says_what_could_draw_it(page: Page, files: LabServer) -> None:
    """Each of the diagrams becomes a picture, or a sentence with the way out."""
    wrong: dict[str, Any] = {}
    sources = sorted(CORPUS.glob("*.puml"))
    assert len(sources) == 43
    for source in sources[:: scaled(5, 1)]:
        diagram = open_file(page, source.name)
        state = diagram.locator(".jp-Diagram-preview").get_attribute("data-state")
        if source.stem in NOT_DRAWN:
            message = diagram.locator(".jp-Diagram-message").inner_text()
            if state != "unsupported" or "PlantUML server" not in message:
                wrong[source.stem] = state, message
        else:
            texts = picture_texts(diagram)
            drawn = state == "picture" and diagram.locator(".jp-Diagram-canvas svg *").count() >= 3
            # Long labels are drawn in pieces: their first word is enough.
            label = LABELS.get(source.stem, "").partition(" ")[0]
            if not drawn or label not in " ".join(texts):
                wrong[source.stem] = state, texts
        page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
    assert wrong == {}


def test_the_engine_forgets_the_last_diagram(page: Page, files: LabServer) -> None:
    """Fourteen lines of messages after a state diagram stay a sequence diagram."""
    messages = "\n".join(f"A -> B : m{n}" for n in range(14))
    path = write(files, "memory.puml", (CORPUS / "state.puml").read_text())
    diagram = open_file(page, path)
    assert "Idle" in picture_texts(diagram)
    set_text(page, f"@startuml\n{messages}\n@enduml")
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("m13")
    # A sequence diagram shows its participants at both ends, a state once.
    assert picture_texts(diagram).count("A") == 2


def test_a_runaway_is_stopped_and_the_next_draws(page: Page, files: LabServer) -> None:
    """A diagram that never ends is stopped; the last good picture stays meanwhile."""
    diagram = open_file(page, write(files, "runaway.puml", "@startuml\nA -> B : before\n@enduml"))
    set_text(page, RUNAWAY)
    expect(diagram.locator(".jp-Diagram-progress")).to_be_visible()
    assert "before" in picture_texts(diagram)
    expect(diagram.locator(".jp-Diagram-problem")).to_contain_text("was stopped", timeout=30_000)
    set_text(page, "@startuml\nA -> B : after\n@enduml")
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("after", timeout=20_000)
    expect(diagram.locator(".jp-Diagram-problem")).to_be_hidden()


def test_a_runaway_that_is_mended_is_cut_short(page: Page, files: LabServer) -> None:
    """Who corrects the text does not wait for the old one's time-out."""
    diagram = open_file(page, write(files, "mended.puml", "@startuml\nA -> B : before\n@enduml"))
    set_text(page, RUNAWAY)
    expect(diagram.locator(".jp-Diagram-progress")).to_be_visible()
    set_text(page, "@startuml\nA -> B : mended\n@enduml")
    # Less than the ten seconds after which it would have been stopped.
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("mended", timeout=8_000)
    expect(diagram.locator(".jp-Diagram-problem")).to_be_hidden()


def test_an_unclosed_group_is_reported(page: Page, files: LabServer) -> None:
    """The engine ends an open "alt" silently; its line is marked, and the picture is there."""
    diagram = open_file(
        page, write(files, "open.puml", "@startuml\nA -> B : one\nalt yes\nA -> B : two\n@enduml")
    )
    expect(diagram.locator(".jp-Diagram-problem")).to_contain_text("line 3: Nothing ends this “alt”")
    expect(diagram.locator(".cm-lintRange-error")).to_have_text("alt yes")
    assert "two" in picture_texts(diagram)


def test_find_and_the_place_of_the_caret(page: Page, files: LabServer) -> None:
    """Lab's search panel finds and replaces in the text; the status bar shows line and column."""
    diagram = open_file(
        page, write(files, "find.puml", "@startuml\nAnn -> Bob : hello\nBob -> Ann : hello\n@enduml")
    )
    diagram.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Ln 2, Col 2")
    page.keyboard.press("Control+f")
    overlay = page.locator(".jp-DocumentSearch-overlay")
    overlay.locator("[placeholder=Find]").fill("hello")
    expect(overlay.locator(".jp-DocumentSearch-index-counter")).to_have_text("1/2")
    expect(diagram.locator(".cm-searching")).to_have_count(2)
    overlay.get_by_title("Show Replace").click()
    overlay.locator("[placeholder=Replace]").fill("well")
    overlay.get_by_role("button", name="Replace All").click()
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("well")
    expect(diagram.locator(".cm-content")).not_to_contain_text("hello")
    page.keyboard.press("Escape")


def test_an_error_is_marked_and_the_picture_stays(page: Page, files: LabServer) -> None:
    """The gutter, the line and the bar say what is wrong; a click goes there."""
    diagram = open_file(page, write(files, "error.puml", "@startuml\nA -> B : good\n@enduml\n"))
    set_text(page, "@startuml\nA -> B : good\nA -> -> B\n@enduml\n")
    bar = diagram.locator(".jp-Diagram-problem")
    expect(bar).to_contain_text(re.compile("line 3: This line is not understood"))
    assert "good" in picture_texts(diagram)
    expect(diagram.locator(".cm-lint-marker-error")).to_have_count(1)
    expect(diagram.locator(".cm-lintRange-error")).to_have_text("A -> -> B")
    diagram.locator(".cm-lintRange-error").hover()
    expect(page.locator(".cm-tooltip-lint")).to_contain_text("not understood")
    current(page).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    bar.get_by_role("button").click()
    assert caret_line(page) == "A -> -> B"
    set_text(page, "@startuml\nA -> B : fixed\n@enduml\n")
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("fixed")
    expect(diagram.locator(".cm-lint-marker-error")).to_have_count(0)
    expect(bar).to_be_hidden()


def test_zoom_and_place_survive_a_new_picture(page: Page, files: LabServer) -> None:
    """Zoom by button, wheel and key, move by dragging; a new picture changes nothing."""
    diagram = open_file(page, write(files, "zoom.puml", "@startuml\nA -> B : one\n@enduml"))
    percent = diagram.locator(".jp-Diagram-percent")
    expect(percent).to_have_text("100 %")
    diagram.get_by_role("button", name="Zoom in").click()
    expect(percent).to_have_text("125 %")
    view = diagram.locator(".jp-Diagram-viewport")
    box = view.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(percent).not_to_have_text("125 %")
    page.mouse.down()
    page.mouse.move(middle[0] - 60, middle[1] + 40, steps=4)
    page.mouse.up()
    canvas = diagram.locator(".jp-Diagram-canvas")
    before = canvas.get_attribute("style")
    set_text(page, "@startuml\nA -> B : two\nB -> C : three\n@enduml")
    expect(canvas).to_contain_text("three")
    assert canvas.get_attribute("style") == before
    view.focus()
    page.keyboard.press("0")
    expect(diagram.get_by_role("button", name="Fit to window")).to_have_attribute("aria-pressed", "true")
    expect(percent).to_have_text("100 %")


def test_a_click_on_the_picture_goes_to_its_line(page: Page, files: LabServer) -> None:
    """By the engine's mark (classes) and by the label (messages)."""
    diagram = open_file(page, "class.puml")
    diagram.locator(".jp-Diagram-canvas text", has_text="Flea").first.click()
    assert "Flea" in caret_line(page)
    diagram = open_file(page, "sequence.puml")
    diagram.locator(".jp-Diagram-canvas text", has_text="SELECT").first.click()
    assert caret_line(page) == "W -> DB : SELECT * FROM users"


def test_export_svg_and_png(page: Page, files: LabServer) -> None:
    """Both files hold the picture; the PNG has two pixels for each unit."""
    diagram = open_file(page, write(files, "export.puml", "@startuml\nAnn -> Bob : exported\n@enduml"))
    picture = diagram.locator(".jp-Diagram-canvas svg")
    width = float(picture.get_attribute("width") or 0)
    for kind in ("SVG", "PNG"):
        diagram.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=f"Export Diagram as {kind}").click()
        assert download.value.suggested_filename == f"export.{kind.lower()}"
        data = Path(download.value.path()).read_bytes()
        if kind == "SVG":
            text = data.decode()
            assert text.startswith("<?xml") and "exported" in text and "<script" not in text
        else:
            assert data.startswith(b"\x89PNG")
            assert struct.unpack(">I", data[16:20])[0] == pytest.approx(2 * width, abs=2)


def test_layouts_are_remembered(page: Page, files: LabServer) -> None:
    """A diagram opens as it was left."""
    diagram = open_file(page, write(files, "layout.puml", "@startuml\nA -> B\n@enduml"))
    editor, _preview = diagram.locator(".jp-Diagram-editor"), diagram.locator(".jp-Diagram-preview")
    expect(editor).to_be_visible()
    diagram.get_by_role("button", name="Preview only").click()
    expect(editor).to_be_hidden()
    page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
    diagram = open_file(page, "layout.puml")
    expect(diagram.locator(".jp-Diagram-editor")).to_be_hidden()
    diagram.get_by_role("button", name="Editor and preview").click()
    diagram.get_by_role("button", name="Preview below the editor").click()
    above = diagram.locator(".jp-Diagram-editor").bounding_box()
    below = diagram.locator(".jp-Diagram-preview").bounding_box()
    assert above and below and below["y"] >= above["y"] + above["height"]


def test_pages_and_blocks(page: Page, files: LabServer) -> None:
    """Every block and page can be seen; the caret's own is shown."""
    text = "@startuml\nA -> B : one\nnewpage\nA -> B : two\n@enduml\n@startjson\n[3]\n@endjson"
    diagram = open_file(page, write(files, "pages.puml", text))
    canvas, label = diagram.locator(".jp-Diagram-canvas"), diagram.locator(".jp-Diagram-pageLabel")
    expect(label).to_have_text("1 / 3")
    diagram.get_by_role("button", name="Next picture").click()
    expect(canvas).to_contain_text("two")
    expect(canvas).not_to_contain_text("one")
    current(page).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    expect(label).to_have_text("3 / 3")


def test_saving_and_undo(page: Page, files: LabServer) -> None:
    """Local files are saved as Lab saves; undo is the text's own."""
    diagram = open_file(page, write(files, "save.puml", "@startuml\nA -> B : kept\n@enduml\n"))
    set_text(page, "@startuml\nA -> B : changed\n@enduml\n")
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("changed")
    page.keyboard.press("Control+Z")
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("kept")
    page.keyboard.press("Control+Shift+Z")
    expect(diagram.locator(".jp-Diagram-canvas")).to_contain_text("changed")
    page.keyboard.press("Control+S")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert "changed" in (files.root / "save.puml").read_text()


def test_a_new_diagram_begins_with_a_picture(page: Page, files: LabServer) -> None:
    """The launcher's card makes a file that draws."""
    # A fresh Lab shows a launcher once it knows its kernels.
    card = page.locator(".jp-Launcher:not(.lm-mod-hidden) .jp-LauncherCard", has_text="PlantUML diagram")
    expect(card.first).to_be_visible(timeout=90_000)
    card.first.click()
    expect(current(page).locator(".jp-Diagram-canvas")).to_contain_text("Accounts", timeout=30_000)
    assert any(path.suffix == ".puml" for path in files.root.glob("untitled*"))


def test_an_empty_file_says_how_to_begin(page: Page, files: LabServer) -> None:
    """Nothing to draw is no error."""
    diagram = open_file(page, write(files, "nothing.puml", ""))
    expect(diagram.locator(".jp-Diagram-message")).to_contain_text("@startuml")
    expect(diagram.locator(".jp-Diagram-problem")).to_be_hidden()


def test_the_engine_is_loaded_only_when_needed(files: LabServer, new_page: Callable[..., Page]) -> None:
    """Lab without a diagram loads no chunk of the engine."""
    page = new_page(files)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.reload()
    page.wait_for_selector(".jp-Launcher", timeout=60_000)
    assert any("@plant-together" in url for url in loaded)
    assert not [url for url in loaded if "plantuml_core" in url or "render_worker" in url]


def test_dark_theme(start_lab: Callable[..., LabServer], new_page: Callable[..., Page]) -> None:
    """The picture follows the theme."""
    server = start_lab(
        named_users=True, settings={"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}
    )
    page = new_page(server)
    diagram = open_file(page, write(server, "dark.puml", "@startuml\nA -> B\nactivate B\nB --> A\n@enduml"))
    preview = diagram.locator(".jp-Diagram-preview")
    expect(preview).to_have_attribute("data-paper", "dark")
    fills = diagram.locator(".jp-Diagram-canvas svg text").evaluate_all(
        "texts => texts.map(text => text.getAttribute('fill'))"
    )
    assert fills and all(int(fill[1:3], 16) > 0x99 for fill in fills)
    # Lines and heads of arrows are bright, nothing that has an inside is.
    insides = diagram.locator(".jp-Diagram-canvas svg rect").evaluate_all(
        "all => all.map(one => one.getAttribute('fill')).filter(fill => fill !== 'none')"
    )
    assert len(insides) == 5 and all(int(fill[1:3], 16) < 0x66 for fill in insides)

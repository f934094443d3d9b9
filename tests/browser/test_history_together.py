"""Going back in a document's past while others type: nothing of theirs is lost, and it can be undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import LabServer
from past import both_have, confirm, entry, open_history, then
from playwright.sync_api import Page, expect
from rooms import (
    caret_line,
    expect_saved,
    go_to_line,
    new_document,
    open_document,
    rest,
    source,
    text,
    wait_for,
)

pytestmark = pytest.mark.browser

_DOCUMENTS = "rooms/example/documents"

LETTERS = 150  # six seconds: on a busy machine a panel opens slowly

#: Goes on typing in the page while the test does something else: one letter each 40 ms at the caret.
_TYPE_ON = """
([word, times]) => {
  const view = window.jupyterapp.shell.currentWidget.content.editorPane.editor.editor;
  window.typedOn = new Promise(done => {
    let count = 0;
    const timer = setInterval(() => {
      view.dispatch(view.state.replaceSelection(word));
      if (++count >= times) {
        clearInterval(timer);
        done(count);
      }
    }, 40);
  });
}
"""


#: Types numbered lines at the caret, one after the other, until it is told to stop.
_TYPE_LINES = """
word => {
  const view = window.jupyterapp.shell.currentWidget.content.editorPane.editor.editor;
  const typing = { count: 0 };
  const timer = setInterval(() => {
    typing.count += 1;
    view.dispatch(view.state.replaceSelection(`' ${word} ${typing.count}\\n`));
  }, 20);
  typing.stop = () => clearInterval(timer);
  window.typing = typing;
}
"""

#: The line (1-based) at which somebody else's caret is shown, also where the text is scrolled.
_CARET_LINE = """
() => {
  const view = window.jupyterapp.shell.currentWidget.content.editorPane.editor.editor;
  const box = view.dom.querySelector('.ptg-RemoteCaret').getBoundingClientRect();
  const at = view.posAtCoords({ x: box.left + 1, y: (box.top + box.bottom) / 2 });
  return view.state.doc.lineAt(at).number;
}
"""


def undo(page: Page, wanted: Callable[[str], bool]) -> str:
    """Press Ctrl+Z until the text is as wanted, and return it."""
    for _ in range(40):
        page.keyboard.press("Control+z")
        if wanted(text(page)):
            break
    now = text(page)
    assert wanted(now), now
    return now


def front(page: Page, name: str) -> None:
    """Bring a document's tab to the front again."""
    open_document(page, name)


def test_restore_while_two_people_type(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """The text becomes what it was, what is typed from then on stays, and Undo brings back all that went."""
    ada, ben = two
    before = "@startuml\ntitle old\nAda -> Ben : first\n\n\n@enduml\n"
    new_document(lab_server, "back.puml", before)
    for page in two:
        open_document(page, "back.puml")
        expect_saved(page)
    rest(lab_server, "POST", f"{_DOCUMENTS}/back.puml/versions", {"name": "reviewed"})
    go_to_line(ada, 2)
    ada.keyboard.type("er")
    go_to_line(ada, 3)
    ada.keyboard.type(" of all")
    ada.wait_for_timeout(700)  # an undo step of its own
    both_have(ada, ben, lambda now: "of all" in now, "the newer text")

    panel = open_history(ada)
    entry(panel, "reviewed").click()
    expect(then(panel)).to_contain_text("title old")
    go_to_line(ben, 4)
    ben.evaluate(_TYPE_ON, ["b", LETTERS])
    panel.get_by_role("button", name="Restore…").click()
    confirm(ada, "Restore")
    front(ada, "back.puml")
    go_to_line(ada, 5)
    ada.keyboard.type("Ben -> Ada : later")
    assert ben.evaluate("() => window.typedOn") == LETTERS

    def restored(now: str) -> bool:
        return "older" not in now and "of all" not in now and "later\n" in now

    both_have(ada, ben, restored, "the restored text with what both typed since")
    written = text(ada).split("\n")[3]
    assert 0 < len(written) < LETTERS and set(written) == {"b"}  # the rest was there before the restore
    assert text(ada) == before.replace("\n\n\n", f"\n{written}\nBen -> Ada : later\n")
    assert source(lab_server, "back.puml") == text(ada)
    assert caret_line(ada, "Ben") == 4
    ben.keyboard.type("!")
    both_have(ada, ben, lambda now: f"\n{written}!\n" in now, "Ben's caret is where it was")

    now = undo(ada, lambda now: "older" in now)  # what she typed after it is undone first
    assert "title older\nAda -> Ben : first of all\n" in now
    assert "b" * LETTERS + "!" in now  # Ben's own
    both_have(ada, ben, lambda now: "older" in now, "the undone restore")
    expect_saved(ada)
    assert source(lab_server, "back.puml") == now


def test_rollback_while_two_people_type(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """One person's edits go, deleted text comes back, and what others wrote between and since stays."""
    ada, ben = two
    new_document(lab_server, "rolled.puml", "@startuml\ntitle kept\n\n\n@enduml\n")
    for page in two:
        open_document(page, "rolled.puml")
        expect_saved(page)
    go_to_line(ben, 2)
    for _ in range(4):
        ben.keyboard.press("Backspace")
    ben.keyboard.type("broken")
    expect_saved(ben)
    both_have(ada, ben, lambda now: "title broken" in now, "what Ben did")
    go_to_line(ada, 3)
    ada.keyboard.type("Ada -> Ben : mine")
    expect_saved(ada)
    panel = open_history(ada)
    entry(panel, "ben").click()
    expect(then(panel)).to_contain_text("broken")
    front(ada, "rolled.puml")
    go_to_line(ada, 4)
    ada.evaluate(_TYPE_ON, ["a", LETTERS])
    panel = open_history(ada)
    panel.get_by_role("button", name="Undo edits…").click()
    confirm(ada, "Undo the edits")
    go_to_line(ben, 1)
    ben.keyboard.type(" ' ben again")
    assert ada.evaluate("() => window.typedOn") == LETTERS
    front(ada, "rolled.puml")
    expected = "@startuml ' ben again\ntitle kept\nAda -> Ben : mine\n" + "a" * LETTERS + "\n@enduml\n"
    both_have(ada, ben, lambda now: now == expected, "the text without Ben's stretch")
    expect_saved(ada)
    assert source(lab_server, "rolled.puml") == expected
    assert caret_line(ada, "Ben") == 1

    # The rollback is one step of Ada's undo: after what she typed since, before what she typed until then.
    now = undo(ada, lambda now: "broken" in now)
    typed = len(now.split("\n")[3])
    assert 0 < typed < LETTERS
    expected = expected.replace("kept", "broken").replace("a" * LETTERS, "a" * typed)
    both_have(ada, ben, lambda now: now == expected, "Ben's stretch again, and nothing else of his undone")
    ada.keyboard.press("Control+Shift+z")
    expected = expected.replace("broken", "kept")
    both_have(ada, ben, lambda now: now == expected, "the text without it again")
    expect_saved(ada)
    assert source(lab_server, "rolled.puml") == expected


@pytest.mark.long
def test_both_type_on_through_a_rollback_and_a_restore(two: tuple[Page, Page], lab_server: LabServer) -> None:
    """Nobody's later line is lost or torn, both carets are where they were, and all three texts are one."""
    ada, ben = two
    new_document(lab_server, "busy.puml", "@startuml\ntitle kept\n= A =\n\n= B =\n\n@enduml\n")
    for page in two:
        open_document(page, "busy.puml")
        expect_saved(page)
    rest(lab_server, "POST", f"{_DOCUMENTS}/busy.puml/versions", {"name": "reviewed"})
    go_to_line(ben, 2)
    ben.keyboard.press("Control+Shift+ArrowLeft")
    ben.keyboard.type("broken")
    expect_saved(ben)
    both_have(ada, ben, lambda now: "title broken" in now, "what Ben did")
    go_to_line(ada, 3)
    ada.keyboard.type(" more")
    expect_saved(ada)
    panel = open_history(ada)
    entry(panel, "ben").click()
    front(ada, "busy.puml")

    def typed(page: Page, more: int = 70) -> None:
        count = page.evaluate("() => window.typing.count")
        wait_for(lambda: page.evaluate("() => window.typing.count") >= count + more, "more lines")

    go_to_line(ada, 4)
    go_to_line(ben, 6)
    ada.evaluate(_TYPE_LINES, "ada")
    ben.evaluate(_TYPE_LINES, "ben")
    panel = open_history(ada)
    for page in two:
        typed(page)
    panel.get_by_role("button", name="Undo edits…").click()
    confirm(ada, "Undo the edits")
    wait_for(lambda: "title kept\n= A = more\n" in text(ben), "Ben's stretch is undone, Ada's edit stays")
    for page in two:
        typed(page)
    entry(panel, "reviewed").click()
    expect(then(panel)).to_contain_text("title kept")
    panel.get_by_role("button", name="Restore…").click()
    before = [page.evaluate("() => window.typing.count") for page in two]
    confirm(ada, "Restore")
    wait_for(lambda: "= A =\n" in text(ben), "the version is restored")
    after = [page.evaluate("() => window.typing.count") for page in two]
    for page in two:
        typed(page)
    for page in two:
        page.evaluate("() => window.typing.stop()")
    front(ada, "busy.puml")
    both_have(ada, ben, lambda now: True, "one text")
    for page, key in ((ada, "?"), (ben, "!")):
        page.locator(".jp-Diagram:not(.lm-mod-hidden) .cm-content").focus()
        page.keyboard.type(key)
    both_have(ada, ben, lambda now: "?" in now and "!" in now, "what both type where their carets are")
    for page in two:
        expect_saved(page)

    now = text(ada)
    assert source(lab_server, "busy.puml") == now
    written = now.split("\n")
    for page, word, least, most in zip(two, ("ada", "ben"), before, after, strict=True):
        count = page.evaluate("() => window.typing.count")
        lines_of = [int(line.split()[2]) for line in written if line.startswith(f"' {word} ")]
        # From the restore on every line of theirs is there, whole and in order; those before went with it.
        assert lines_of == list(range(lines_of[0], count + 1))
        assert least < lines_of[0] <= most + 1 and count >= 210
        last = written.index(f"' {word} {count}")
        assert written[last + 1] == {"ada": "?", "ben": "!"}[word]
    assert [line for line in written if not line.startswith("' ")] == [
        "@startuml", "title kept", "= A =", "?", "= B =", "!", "@enduml", "",
    ]  # fmt: skip
    ada.locator(".ptg-Avatar").first.click()
    expect(ada.locator(".ptg-RemoteCaret")).to_be_visible()
    assert ada.evaluate(_CARET_LINE) == written.index("!") + 1

"""Who wrote what, beside the text of a diagram in Lab."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from lab import LabServer
from past import entry, open_history
from playwright.sync_api import Locator, Page, Route, expect
from rooms import expect_saved, go_to_line, new_document, open_document, text, wait_for

pytestmark = pytest.mark.browser

_AUTHORS = re.compile(r"/documents/[^/]+/authors(\?|$)")
_TOGGLE = "() => window.jupyterapp.commands.execute('plant-together:show-authors')"
_TOGGLED = "() => window.jupyterapp.commands.isToggled('plant-together:show-authors')"

#: What is not dimmed in the editor in front.
_BRIGHT = """
() => Array.from(document.querySelectorAll('.jp-Diagram:not(.lm-mod-hidden) .cm-line'), line => {
  const copy = line.cloneNode(true);
  copy.querySelectorAll('.ptg-Author-dimmed').forEach(dimmed => dimmed.remove());
  return copy.textContent;
}).join('\\n')
"""


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of a document that only this test has."""
    return f"{request.node.name}.puml"


@pytest.fixture
def shown(ada: Page, ben: Page, lab_server: LabServer, name: str) -> Iterator[Page]:
    """Return Ada's window with the authors of a document that both wrote."""
    new_document(lab_server, name, "@startuml\nAda -> Ben : one\n\n@enduml\n")
    for page in (ada, ben):
        open_document(page, name)
        expect_saved(page)
    go_to_line(ben, 2)
    ben.keyboard.type(" and two, three and four")
    go_to_line(ben, 3)
    ben.keyboard.type("Ben -> Ada : mine")
    expect_saved(ben)
    wait_for(lambda: text(ada) == text(ben), "one text")
    assert not ada.evaluate(_TOGGLED)  # nobody sees it who has not asked for it
    expect(ada.locator(".ptg-Authors")).to_have_count(0)
    ada.locator(".ptg-AuthorsButton").click()
    expect(chips(ada)).to_have_count(2)
    yield ada
    ada.unroute(_AUTHORS)
    if ada.evaluate(_TOGGLED):
        ada.evaluate(_TOGGLE)


def chips(page: Page) -> Locator:
    return page.locator(".ptg-Authors-chip")


def bar(page: Page, line: int) -> Locator:
    """Return the bar beside a line (1-based)."""
    elements = page.locator(".ptg-Author-gutter .cm-gutterElement")
    return elements.nth(line).locator(".ptg-Author-bar")  # the first is CodeMirror's spacer


def note(page: Page) -> Locator:
    return page.locator(".ptg-Authors-note")


def color(locator: Locator) -> str:
    return str(locator.evaluate("one => getComputedStyle(one).backgroundColor"))


def test_each_line_has_a_bar_in_its_authors_colour(shown: Page) -> None:
    """As in presence; two people's line has both, and names, parts and times are told, for the line at the caret too."""
    ada = shown
    expect(bar(ada, 1)).to_have_attribute("title", _word("Ada ·"))
    expect(bar(ada, 2)).to_have_attribute("title", _word(r"Ben \d+% · .*\nAda \d+% · "))
    expect(bar(ada, 3)).to_have_attribute("title", _word("Ben ·"))
    assert color(bar(ada, 3)) == color(ada.locator(".ptg-Avatar").first)
    assert color(bar(ada, 1)) != color(bar(ada, 3))
    stripes = bar(ada, 2).evaluate("one => getComputedStyle(one).backgroundImage")
    assert color(bar(ada, 1)) in stripes and color(bar(ada, 3)) in stripes
    parts = [int(part.strip("%")) for part in ada.locator(".ptg-Authors-share").all_text_contents()]
    assert sum(parts) in (99, 100, 101) and parts == sorted(parts, reverse=True)
    go_to_line(ada, 3)
    expect(note(ada)).to_have_text(_word("Line 3: Ben · "))
    go_to_line(ada, 2)
    expect(note(ada)).to_have_text(_word("Line 2: Ben .*, Ada "))


def test_one_author_is_chosen_and_the_rest_is_dimmed(shown: Page) -> None:
    """By the keyboard, too; what comes later follows."""
    ada = shown
    ben_chip = chips(ada).filter(has_text="Ben")
    ben_chip.focus()
    ada.keyboard.press("Enter")
    expect(chips(ada).filter(has_text="Ben")).to_have_attribute("aria-pressed", "true")
    expect(chips(ada).filter(has_text="Ben")).to_be_focused()
    assert ada.evaluate(_BRIGHT) == "\n and two, three and four\nBen -> Ada : mine\n\n"
    dimmed = ada.locator(".ptg-Author-dimmed").first
    assert dimmed.evaluate("one => getComputedStyle(one).color") != ada.locator(".cm-content").evaluate(
        "one => getComputedStyle(one).color"
    )
    ada.keyboard.press("Escape")
    expect(chips(ada).filter(has_text="Ben")).to_have_attribute("aria-pressed", "false")
    expect(ada.locator(".ptg-Author-dimmed")).to_have_count(0)
    chips(ada).filter(has_text="Ada").click()
    go_to_line(ada, 3)
    ada.keyboard.type("!")
    assert ada.evaluate(_BRIGHT) == "@startuml\nAda -> Ben : one\n!\n@enduml\n"


def test_bars_follow_what_is_typed(shown: Page, ben: Page, name: str) -> None:
    """One's own at once, without the server; others' when it has been asked again, by itself."""
    ada = shown
    ada.route(_AUTHORS, lambda route: route.abort())
    go_to_line(ada, 3)
    ada.keyboard.type("\nAda -> Ada : new")
    expect(bar(ada, 4)).to_have_attribute("title", _word("Ada · now"))
    expect(bar(ada, 3)).to_have_attribute("title", _word("Ben ·"))
    expect(bar(ada, 5)).to_have_attribute("title", _word("Ada ·"))
    go_to_line(ben, 4)
    ben.keyboard.type("\n'' by ben, and more of it")
    expect(bar(ada, 5)).to_have_attribute("title", "just typed")
    expect(note(ada)).to_contain_text("Authors are not known just now")
    expect(bar(ada, 4)).to_have_attribute("title", _word("Ada ·"))
    ada.unroute(_AUTHORS)
    expect(bar(ada, 5)).to_have_attribute("title", _word("Ben ·"), timeout=30_000)
    expect(bar(ada, 4)).to_have_attribute("title", _word("Ada ·"))
    expect(note(ada)).to_have_text(_word("Line 4: Ada"))


@pytest.mark.long
def test_an_answer_that_takes_long_is_waited_for_without_stopping_anybody(
    shown: Page, ben: Page, name: str
) -> None:
    """It says that it looks, typing goes on, and the answer is fitted to the text as it has become."""
    ada = shown
    held: list[Callable[[], None]] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()  # what is asked afterwards
        else:
            answer = route.fetch()
            held.append(lambda: route.fulfill(response=answer))

    ada.route(_AUTHORS, hold)
    go_to_line(ben, 3)
    ben.keyboard.type("\n'' from ben")
    row = ada.locator(".ptg-Authors.ptg-mod-busy")
    expect(row).to_be_visible()
    expect(bar(ada, 4)).to_have_attribute("title", "just typed")
    go_to_line(ada, 1)
    ada.keyboard.type("\n'' from ada")
    expect(bar(ada, 2)).to_have_attribute("title", _word("Ada ·"))
    expect(ada.locator(".ptg-Authors-chips")).to_have_attribute("aria-busy", "true")
    held[0]()
    expect(row).to_have_count(0)
    expect(bar(ada, 2)).to_have_attribute("title", _word("Ada ·"))
    expect(bar(ada, 5)).to_have_attribute("title", _word("Ben ·"))
    assert "'' from ada\nAda -> Ben" in text(ada)


def test_the_switch_is_remembered_for_the_user(
    shown: Page, new_page: Callable[..., Page], lab_server: LabServer, name: str
) -> None:
    """In another browser of hers it is on, in Ben's it would be another setting; the shortcut turns it off."""
    other = new_page(lab_server, user="ada")
    open_document(other, name)
    expect(chips(other)).to_have_count(2)
    expect(other.locator(".ptg-AuthorsButton").get_by_role("button")).to_have_attribute(
        "aria-pressed", "true"
    )
    other.get_by_role("menuitem", name="View", exact=True).click()
    other.locator(".lm-Menu-itemLabel", has_text=re.compile("^Diagram$")).click()
    expect(other.locator(".lm-Menu-item.lm-mod-toggled", has_text="Show Authors")).to_be_visible()
    other.keyboard.press("Escape")
    other.keyboard.press("Escape")
    other.locator(".jp-Diagram .cm-content").focus()
    other.keyboard.press("Alt+Shift+A")
    expect(other.locator(".ptg-Authors")).to_have_count(0)
    expect(other.locator(".ptg-Author-bar")).to_have_count(0)
    assert not other.evaluate(_TOGGLED)


@pytest.mark.long
def test_texts_of_the_past_tell_their_authors_too(shown: Page) -> None:
    """Where it is asked for: on both sides, with one row of people who can be chosen."""
    ada = shown
    panel = open_history(ada)
    bars = panel.locator(".cm-mergeViewEditor .ptg-Author-gutter")
    expect(panel.locator(".ptg-Authors")).to_be_hidden()
    expect(bars).to_have_count(0)
    panel.get_by_label("Compare with").select_option("before")
    panel.get_by_label("Authors", exact=True).check()
    expect(panel.locator(".ptg-Authors-chip")).to_have_count(2)
    expect(bars).to_have_count(2)
    older, newer = (bars.nth(i).locator(".ptg-Author-bar[title]:not([title=''])") for i in range(2))
    expect(newer.nth(2)).to_have_attribute("title", _word("Ben ·"))
    expect(older.nth(1)).to_have_attribute("title", _word("Ada ·"))
    panel.locator(".ptg-Authors-chip", has_text="Ben").click()
    expect(panel.locator(".cm-mergeViewEditor").nth(0).locator(".ptg-Author-dimmed").first).to_be_visible()
    bright = panel.locator(".cm-mergeViewEditor").nth(1).locator(".cm-line").nth(2)
    expect(bright).to_have_text("Ben -> Ada : mine")
    expect(bright.locator(".ptg-Author-dimmed")).to_have_count(0)
    entry(panel, "ada").click()
    expect(panel.locator(".ptg-Authors-chip")).to_have_count(1)  # the text that Ada began with
    panel.get_by_label("Authors", exact=True).uncheck()
    expect(bars).to_have_count(0)


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^{pattern}")

"""The status item while the server is killed again and again under a person who types (PROTOCOL A7)."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from disk import on_disk
from lab import LabServer
from playwright.sync_api import Page
from rooms import expect_saved, go_to_line, new_document, open_document, source, text
from scale import scaled

pytestmark = [pytest.mark.browser, pytest.mark.chaos]

KILLS = scaled(2, 4)
SEED = 20261124

# What a person sees: in each frame that is painted, what the item says and which text stands beside it.
_WATCH = """
() => {
  const { sharedModel } = window.jupyterapp.shell.currentWidget.context.model;
  const item = document.querySelector('.ptg-Status');
  window.seen = [];
  const look = () => {
    const [, kind, text] = window.seen.at(-1) ?? [];
    const now = [Date.now() / 1000, item.dataset.kind, sharedModel.getSource()];
    if (now[1] !== kind || now[2] !== text) {
      window.seen.push(now);
    }
    requestAnimationFrame(look);
  };
  look();
}
"""


@dataclass
class Killer(threading.Thread):
    """Kills a server some times and starts it again; notes what was on the disk meanwhile."""

    server: LabServer
    database: Path
    document: str
    #: (the server was dead until then, the text on the disk)
    deaths: list[tuple[float, str]] = field(default_factory=list)
    failure: BaseException | None = None

    __hash__ = threading.Thread.__hash__

    def __post_init__(self) -> None:
        super().__init__(name="killer")

    def run(self) -> None:
        """Kill and start."""
        rng = random.Random(SEED)
        try:
            for _ in range(KILLS):
                time.sleep(rng.uniform(0.8, 2))
                self.server.kill()
                kept = asyncio.run(on_disk(self.database, self.document))
                time.sleep(rng.uniform(0.2, 1))
                self.deaths.append((time.time(), kept))
                self.server.start()
        except BaseException as failure:  # noqa: BLE001 - handed to the thread that waits
            self.failure = failure


def test_saved_is_never_said_of_what_is_not(
    start_lab: Callable[..., LabServer], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    """Whatever stood beside "Saved" in any frame is on the disk of the killed server; all of it in the end (PROTOCOL A7)."""
    database = tmp_path / "rooms.db"
    server = start_lab(named_users=True, args=(f"--PlantTogether.database_path={database}",))
    document = new_document(server, "killed.puml")["id"]
    page = new_page(server)
    open_document(page, "killed.puml")
    expect_saved(page)
    page.evaluate(_WATCH)
    go_to_line(page, 2)
    page.keyboard.type("'")
    killer = Killer(server, database, document)
    killer.start()
    written = "'"
    while killer.is_alive():
        word = f" {len(written)}"
        page.keyboard.type(word, delay=15)
        written += word
        page.wait_for_timeout(500 if len(written) % 3 == 0 else 50)  # at times long enough to be saved
    killer.join()
    assert killer.failure is None
    expect_saved(page)

    expected = f"@startuml\n{written}\n@enduml\n"
    assert text(page) == expected
    assert source(server, "killed.puml") == expected

    seen = page.evaluate("() => window.seen")
    assert {"saved", "saving", "offline"} <= {kind for _, kind, _ in seen}
    promises = 0
    for until, kept in killer.deaths:
        typed = kept.removesuffix("\n@enduml\n")
        for at, kind, shown in seen:
            if kind == "saved" and at <= until:
                promises += 1
                assert typed.startswith(shown.removesuffix("\n@enduml\n")), "“Saved” was said of a lost edit"
    assert promises > KILLS

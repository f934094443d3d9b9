"""Drawing children that outlive the renderers that had them, for tests that only need pictures.

Loading the engine costs two seconds of a processor. ``usefixtures("kept_drawing")`` lets the renderers of a
test, also those of a server in this process, take children that an earlier one had; they are real children.
Tests of the children themselves (their environment, their end, their limits) have their own; in a module
that keeps them for the rest, they are marked ``own_drawing``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_plant_together.rendering import renderer
from jupyter_plant_together.rendering.engine.process import Process, close_pipes

Shelf = dict[int, list[subprocess.Popen[bytes]]]  # by the limit of memory, which a child has from its start


class KeptProcess(Process):
    """Takes its child from a shelf, and puts it back there unless it draws."""

    shelf: Shelf

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self._kept = self.shelf.setdefault(settings.render_memory, [])
        self._asking = False

    def start(self) -> None:
        with self._end:
            if not self.started and self._kept and not self._closed:
                self._child = self._kept.pop()
        super().start()

    def ask(self, head: dict[str, Any], body: str) -> tuple[dict[str, Any], bytes]:
        self._asking = True
        answer = super().ask(head, body)
        self._asking = False  # after an error the child may be anywhere
        return answer

    def close(self) -> None:
        with self._end:
            if self.started and not self._asking and self._child is not None:
                self._kept.append(self._child)
                self._child = None
        super().close()


@pytest.fixture(scope="session")
def shelf_of_children() -> Iterator[Shelf]:
    shelf: Shelf = {}
    yield shelf
    for child in (child for kept in shelf.values() for child in kept):
        child.kill()
        child.wait()
        close_pipes(child)


@pytest.fixture
def kept_drawing(
    request: pytest.FixtureRequest, shelf_of_children: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let renderers that are made in this test use children that others have loaded."""
    if request.node.get_closest_marker("own_drawing") is not None:
        return
    monkeypatch.setattr(KeptProcess, "shelf", shelf_of_children, raising=False)
    monkeypatch.setattr(renderer, "Process", KeptProcess)

"""Telling people's callbacks about changes of the text, on the dispatcher thread, never more than one ahead.

A callback that is slower than the edits gets one change for all that happened meanwhile, so that what waits
for it stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import Disconnected
from ..yjs import textdiff
from ..yjs.textdiff import Edit
from .client.worker import Worker


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a document's text.

    Attributes
    ----------
    document
        The document, as ``connect`` gave it.
    before, text
        The text before and after.
    local
        Whether this notebook alone made the change.

    Examples
    --------
    >>> plant.Change(doc, before="Ada", text="Adam", local=True).edits
    [Edit(index=3, delete=0, insert='m')]
    """

    document: Any
    before: str
    text: str
    local: bool

    @property
    def edits(self) -> list[Edit]:
        """The least edits from ``before`` to ``text``, from the last to the first."""
        return textdiff.edits(self.before, self.text)


Callback = Callable[[Change], object]


class Observer:
    """One registered callback. It holds its document, which stays open as long as somebody listens."""

    def __init__(self, worker: Worker, document: Any, callback: Callback, text: Callable[[], str]) -> None:
        self.callback = callback
        self._worker = worker
        self._document = document
        self._text = text
        self._last = text()
        self._local = True
        self._due = False
        self.active = True

    def notify(self, local: bool) -> None:
        """Note a change (loop thread)."""
        self._local = self._local and local
        if not self._due:
            self._due = True
            self._worker.dispatch(self._deliver)

    def _take(self) -> Change:
        change = Change(self._document, self._last, self._text(), self._local)
        self._last, self._local, self._due = change.text, True, False
        return change

    def _deliver(self) -> None:
        try:
            change = self._worker.call(self._take)
        except Disconnected:
            return  # the room was closed meanwhile
        if self.active and change.text != change.before:
            self.callback(change)


class Observers:
    """The callbacks of one document (loop thread)."""

    def __init__(self, worker: Worker, text: Callable[[], str]) -> None:
        self._worker = worker
        self._text = text
        self._all: list[Observer] = []
        self._of_people: list[Callable[[], None]] = []

    def add_of_people(self, callback: Callable[[], None]) -> None:
        """Register a callback that is told when somebody came, left or moved."""
        self._of_people.append(callback)

    def remove_of_people(self, callback: Callable[[], None]) -> None:
        """Remove such a callback, if it is there."""
        if callback in self._of_people:
            self._of_people.remove(callback)

    def people_changed(self) -> None:
        """Tell those who asked."""
        for callback in self._of_people:
            self._worker.dispatch(callback)

    def add(self, document: Any, callback: Callback) -> None:
        """Register a callback; twice is once."""
        if not any(observer.callback == callback for observer in self._all):
            self._all.append(Observer(self._worker, document, callback, self._text))

    def remove(self, callback: Callback) -> bool:
        """Remove a callback; returns whether it was there. What is on its way to it is dropped."""
        for observer in self._all:
            if observer.callback == callback:
                observer.active = False
                self._all.remove(observer)
                return True
        return False

    def notify(self, local: bool) -> None:
        """Tell everybody."""
        for observer in self._all:
            observer.notify(local)

    def clear(self) -> None:
        """Forget everybody; what is on its way still arrives."""
        self._all.clear()
        self._of_people.clear()


def condition(predicate: Callable[[str], object] | str) -> Callable[[str], object]:
    """Return the test that ``wait_for`` makes."""
    if isinstance(predicate, str):
        return lambda text: predicate in text
    if not callable(predicate):
        raise TypeError("wait_for takes a function of the text, or a string.")
    return predicate

"""What a document in a notebook does without waiting for the network: read, edit, listen.

Reads and edits go to the replica on the background thread and are there when the call returns. What waits
is added by ``document.Document``, which blocks, and by its twin in ``aio``, which awaits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, Self, SupportsIndex, TypeVar

from ..yjs.textdiff import Edit
from .client import edits
from .client.rest import Server
from .client.session import NotReady, Session
from .client.worker import Worker
from .observers import Callback
from .presence import Participant

EDIT_TIMEOUT = 10.0  # seconds for which an edit waits until the server takes more

T = TypeVar("T")
F = TypeVar("F", bound=Callback)


class OwningRoom(Protocol):
    """A document's room, seen from the document."""

    @property
    def id(self) -> str:
        """The room's id."""
        ...

    @property
    def _worker(self) -> Worker:
        """The background thread."""
        ...

    @property
    def _server(self) -> Server:
        """The server's REST interface."""
        ...


class _Buffer:
    """An open transaction: the text as its edits leave it."""

    def __init__(self, owner: int, text: str) -> None:
        self.owner = owner
        self.text = text
        self.edits: list[Edit] = []

    def edit(self, build: edits.Builder) -> None:
        new = build(self.text)
        self.text = edits.apply(self.text, new)
        self.edits += new


class BaseDocument:
    """What a document can do without waiting for the network.

    Indices are those of a Python ``str``, whatever the characters; a bad one raises ``IndexError`` or
    ``ValueError`` and changes nothing.
    """

    def __init__(self, room: OwningRoom, session: Session) -> None:
        self._room = room  # the room stays connected while a document is held
        self._worker = room._worker
        self._session = session
        self._lock = threading.RLock()
        self._buffer: _Buffer | None = None

    def _belongs_to(self, session: Session) -> bool:
        """Whether this object shows ``session``."""
        return self._session is session

    # --- reading -----------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The document's id, which a rename does not change.

        Examples
        --------
        >>> doc.id[:2]
        'd_'
        """
        return self._session.id

    @property
    def name(self) -> str:
        """The document's present name.

        Examples
        --------
        >>> doc.name
        'login.puml'
        """
        return self._session.name

    @property
    def room(self) -> str:
        """The present name of the document's room.

        Examples
        --------
        >>> doc.room
        'design'
        """
        return self._session.room

    @property
    def role(self) -> str:
        """What you may do here: ``owner``, ``editor`` or ``viewer``.

        Examples
        --------
        >>> doc.role
        'owner'
        """
        return self._session.role

    @property
    def status(self) -> str:
        """``saved``, ``saving``, ``offline``, … in a few words."""
        return self._session.status

    @property
    def unsent(self) -> str | None:
        """The text with the edits that the server refused or never got, None if there are none.

        Examples
        --------
        >>> doc.unsent is None
        True
        """
        return self._session.unsent

    @property
    def participants(self) -> list[Participant]:
        """Who has the document open now; yourself with ``me=True``.

        Examples
        --------
        >>> [str(person) for person in doc.participants if not person.me]
        []
        """
        return self._read(lambda: self._session.presence.participants, [])

    @property
    def source(self) -> str:
        """The PlantUML text; setting it makes the least edits, so that others' cursors stay."""
        buffer = self._buffer
        if buffer is not None and buffer.owner == threading.get_ident():
            return buffer.text
        return self._read(lambda: self._session.text, self._session.last_text)

    @source.setter
    def source(self, text: str) -> None:
        self._edit(edits.becoming(text))

    def __str__(self) -> str:
        return self.source

    def __len__(self) -> int:
        return len(self.source)

    def __bool__(self) -> bool:
        return True  # an empty text is still a document

    def __contains__(self, text: str) -> bool:
        return text in self.source

    def _read(self, function: Callable[[], T], otherwise: T) -> T:
        """Read on the background thread; what is closed is still read as it was."""
        return otherwise if self._worker.stopped else self._worker.call(function)

    # --- writing -----------------------------------------------------------------------------------

    def insert(self, index: SupportsIndex, text: str) -> None:
        """Insert ``text`` before the character at ``index``.

        Parameters
        ----------
        index
            An index of ``source``; a negative one counts from its end, ``len(doc)`` is its end.
        text
            What to insert; ``\\r\\n`` becomes ``\\n``.

        Raises
        ------
        IndexError
            If the index lies outside the text.
        ReadOnly, DocumentNotFound, AccessDenied
            If you may only look, or the document was deleted or taken from you.
        Disconnected
            If it was closed here, or so much waits for the server that there is no room for more.

        Examples
        --------
        >>> doc.insert(doc.source.index("@enduml"), "Ada -> Ben : hello\\n")
        """
        self._edit(edits.inserting(index, text))

    def append(self, text: str) -> None:
        """Insert ``text`` at the end; raises as ``insert`` does."""
        self._edit(edits.appending(text))

    def delete(self, start: SupportsIndex, stop: SupportsIndex | None = None) -> None:
        """Delete ``source[start:stop]``; without ``stop`` the one character at ``start``.

        Raises
        ------
        IndexError
            If an index lies outside the text, or there is no character at ``start``.
        ValueError
            If the range ends before it starts.
        PlantTogetherError
            As ``insert`` does.

        Examples
        --------
        >>> doc.delete(0, len("@startuml\\n"))
        >>> doc.source[:3]
        'Ada'
        """
        self._edit(edits.deleting(start, stop))

    def replace(self, old: str, new: str, count: SupportsIndex = -1) -> int:
        """Replace ``old`` by ``new``, of which only the difference is written.

        Parameters
        ----------
        old, new
            The texts; ``old`` must not be empty (ValueError).
        count
            At most so many times, from the start; -1 means everywhere.

        Returns
        -------
        int
            How often it was replaced.

        Examples
        --------
        >>> doc.replace("hello", "good morning")
        1
        """
        build, done = edits.replacing(old, new, count)
        self._edit(build)
        return done[0]

    def _edit(self, build: edits.Builder) -> None:
        with self._lock:
            if self._buffer is not None:
                self._buffer.edit(build)
            else:
                self._when_ready(lambda: self._session.edit(build))

    def _when_ready(self, function: Callable[[], T]) -> T:
        while True:
            try:
                return self._worker.call(function)
            except NotReady:
                self._worker.run(self._session.ready(EDIT_TIMEOUT))

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """Make all edits of a ``with`` block one update for the others; an exception undoes them all.

        Meanwhile other people's edits are held back, so that indices stay right, and edits by other
        threads wait. An inner block can fail alone. Waiting calls raise RuntimeError inside.

        Examples
        --------
        >>> with doc.transaction():
        ...     doc.replace("Ada", "Grace")
        ...     doc.append("\\n' renamed")
        1
        """
        with self._lock:
            outer = self._buffer
            if outer is not None:  # an inner block can fail alone
                text, count = outer.text, len(outer.edits)
                try:
                    yield self
                except BaseException:
                    outer.text = text
                    del outer.edits[count:]
                    raise
                return
            try:
                replica, text = self._when_ready(self._session.begin)
                buffer = self._buffer = _Buffer(threading.get_ident(), text)
                yield self
            except BaseException:  # an interrupt, too, must not leave others' edits held back
                self._buffer = None
                if self._worker.usable:
                    self._worker.post(self._session.rollback)
                raise
            self._buffer = None
            self._worker.call(self._session.commit, replica, buffer.edits, buffer.text)

    def _not_in_transaction(self, what: str) -> None:
        buffer = self._buffer
        if buffer is not None and buffer.owner == threading.get_ident():
            raise RuntimeError(f"{what} inside a transaction would wait for ever; do it after the block.")

    # --- listening ---------------------------------------------------------------------------------

    def observe(self, callback: F) -> F:
        """Call ``callback`` with a ``Change`` after each change of the text, by anyone.

        Callbacks run one after the other on a thread of their own; an exception is logged and harms
        nothing. One that is slower than the edits gets one change for several. Returns the callback, so
        that it serves as a decorator; ``on_change`` is another name of this method.

        Examples
        --------
        >>> @doc.on_change
        ... def show(change):
        ...     print(change.edits)
        """
        if not callable(callback):
            raise TypeError(f"The callback must be callable, not {type(callback).__name__}.")
        self._worker.call(self._session.observers.add, self, callback)
        return callback

    on_change = observe

    def unobserve(self, callback: Callback) -> None:
        """Call ``callback`` no more; raises ValueError if it was not registered.

        Examples
        --------
        >>> @doc.observe
        ... def show(change):
        ...     print(change.edits)
        >>> doc.unobserve(show)
        """
        if not self._read(lambda: self._session.observers.remove(callback), False):
            raise ValueError("This callback is not registered.")

    def __repr__(self) -> str:
        here = [str(person) for person in self.participants if not person.me]
        lines = self.source.count("\n") + 1
        parts = [self.role, self.status, f"{lines} line{'s' if lines != 1 else ''}"]
        if here:
            parts.append("with " + ", ".join(here))
        return f"<{type(self).__name__} {self.room}/{self.name}: {', '.join(part for part in parts if part)}>"

"""A document in a notebook: a text to read and write, shared with everybody who has it open.

``base_document`` has what needs no waiting; here is what does, by blocking. Its twin in ``aio`` awaits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from .cell_display import CellDisplay
from .client.room_client import FLUSH_TIMEOUT
from .observers import condition
from .pictures import Pictures
from .versions import Versions


class Document(Pictures, Versions, CellDisplay):
    """A PlantUML document that others edit at the same time; ``room["login"]`` opens one.

    Reading (``source``, ``len(doc)``, ``text in doc``) and editing (``source = …``, ``insert``, ``append``,
    ``delete``, ``replace``, ``transaction``) never wait for the network; ``flush`` waits until all is saved.

    Examples
    --------
    >>> doc = plant.connect("design")["login"]
    >>> doc.replace("hello", "good morning")
    1
    >>> doc.flush()
    >>> doc
    <Document design/login.puml: owner, saved, 3 lines>
    """

    def flush(self, timeout: float | None = FLUSH_TIMEOUT) -> None:
        """Return when every edit so far is durable on the server.

        Parameters
        ----------
        timeout
            Seconds to wait; None waits for ever.

        Raises
        ------
        Disconnected
            If that takes longer than ``timeout`` seconds; the edits are kept and sent later.
        ReadOnly, LimitExceeded, EpochMismatch
            If the server refused an edit; the text is in ``unsent``.

        Examples
        --------
        >>> doc.append("\\n' done")
        >>> doc.flush()
        >>> doc.status
        'saved'
        """
        self._not_in_transaction("flush()")
        self._worker.run(self._session.flush(timeout))

    def wait_for(self, predicate: Callable[[str], object] | str, timeout: float | None = None) -> str:
        """Wait until the text is as wanted, and return it.

        Parameters
        ----------
        predicate
            A function of the text, or a string that the text must contain.
        timeout
            Seconds to wait; None waits for ever.

        Raises
        ------
        TimeoutError
            If that takes longer.
        DocumentNotFound, AccessDenied, Disconnected
            If the document ends meanwhile.

        Examples
        --------
        >>> text = doc.wait_for("@enduml", timeout=10)
        >>> text = doc.wait_for(lambda text: text.count("->") > 0)
        """
        self._not_in_transaction("wait_for()")
        test = condition(predicate)
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            text, version = self._worker.call(self._session.snapshot)
            if test(text):
                return text
            left = None if end is None else max(0.0, end - time.monotonic())
            if not self._worker.run(self._session.wait_for_change(version, left)):
                raise TimeoutError(f"{self.room}/{self.name} did not become so within {timeout} s.")

    def close(self, timeout: float = FLUSH_TIMEOUT) -> None:
        """Flush and leave the document; reads go on. Raises what ``flush`` raises, but is closed then.

        Examples
        --------
        >>> doc.close()
        >>> "Ada" in doc
        True
        """
        self._not_in_transaction("close()")
        if self._worker.usable:
            self._worker.run(self._session.close(timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

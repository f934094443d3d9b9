"""The size limits of one document: a cheap upper bound per update, the exact sizes only near a limit.

The bound grows by each update's own length, which is more than what the update adds to text or state; when
it reaches a limit, the true size is taken and the bound begins again from there.
"""

from __future__ import annotations

from ..limits import Limits
from .state import DocumentState


class SizeGuard:
    """Refuses what would make the document too large.

    Parameters
    ----------
    state
        The document's state.
    limits
        ``max_source_size`` and ``max_document_size``, bytes.
    """

    def __init__(self, state: DocumentState, limits: Limits) -> None:
        self._state = state
        self._limits = limits
        self._document = 0
        self._text = 0

    def loaded(self) -> None:
        """Take the size of the text from what was loaded."""
        self._text = self._state.text_size()

    def add(self, update: bytes) -> None:
        """Count an update that was taken."""
        self._document += len(update)
        self._text += len(update)

    def check(self, update: bytes) -> None:
        """Raise LimitExceeded if ``update`` would make the text or the state too large."""
        more = len(update)
        limit = self._limits.max_source_size
        if self._text + more > limit:
            self._text = self._state.text_size()
            # what replaces much of the text may leave it short enough
            if self._text + more > limit and self._state.text_size_with(update) > limit:
                raise self._limits.exceeded("max_source_size", "The text")
        if self._document + more > self._limits.max_document_size:
            self._document = len(self._state.snapshot())
            if self._document + more > self._limits.max_document_size:
                raise self._limits.exceeded("max_document_size", "The document with its history")

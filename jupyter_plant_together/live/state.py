"""A document's text as a pycrdt Doc that is kept lazily: updates are relayed first and applied after.

Beside the Doc stand the bytes that it cannot integrate yet (*pending*: a struct or deletion whose
dependency has not come). ``Doc.get_update`` leaves them out, so whoever joins is given both (PROTOCOL S2).
The backlog is applied in slices; an update that fails to apply is set aside and never stops the document
(S4). State vectors answer "is it contained?" without a merge: :meth:`~..yjs.update.UpdateMeta.within`.

One rule keeps every peer complete: **the Doc is never ahead of the broadcast**. Whoever reads has the backlog
applied, and before anything is applied, what is queued for the peers is written: so a state vector taken from
the Doc is always one that each peer has.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import pycrdt

from ..yjs.sync import EMPTY_STATE_VECTOR, EMPTY_UPDATE, SOURCE, parse_state_vector
from ..yjs.update import UpdateMeta, decode_meta


class DocumentState:
    """The merged state of one live document.

    Parameters
    ----------
    quarantine
        Called with an update that cannot be applied.
    flush
        Writes what is queued for the peers; called before anything is applied.
    """

    def __init__(
        self, quarantine: Callable[[bytes, Exception | None], None], flush: Callable[[], None]
    ) -> None:
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._text = self._doc.get(SOURCE, type=pycrdt.Text)
        self._pending = EMPTY_UPDATE
        self._backlog: deque[tuple[bytes, UpdateMeta]] = deque()
        self._quarantine = quarantine
        self._flush = flush
        self._whole: bytes | None = None
        self._deleted: dict[int, list[tuple[int, int]]] | None = None

    @property
    def behind(self) -> int:
        """How many updates wait to be applied."""
        return len(self._backlog)

    @property
    def pending(self) -> bytes:
        """The update that holds all that waits for something missing; two zero bytes if nothing does."""
        return self._pending

    def push(self, update: bytes, meta: UpdateMeta) -> None:
        """Queue an update."""
        self._backlog.append((update, meta))

    def push_all(self, updates: Iterable[bytes]) -> None:
        """Queue updates that are already known to be well-formed."""
        for update in updates:
            self.push(update, decode_meta(update))

    def drain(self, budget: float | None = None) -> bool:
        """Apply the backlog, for about ``budget`` seconds if given; returns whether all of it is applied."""
        self._flush()
        if not self._backlog:
            return True
        self._whole = self._deleted = None
        end = None if budget is None else time.perf_counter() + budget
        applied: list[tuple[bytes, UpdateMeta]] = []
        while self._backlog:
            item = self._backlog.popleft()
            if self._apply(item[0]):
                applied.append(item)
            if end is not None and time.perf_counter() > end:
                break
        self._note_pending(applied)
        return not self._backlog

    def _apply(self, update: bytes) -> bool:
        try:
            self._doc.apply_update(update)
        except ValueError as error:  # yrs cannot read it
            self._quarantine(update, error)
            return False
        except BaseException as error:
            if isinstance(error, Exception) or type(error).__name__ != "PanicException":
                raise
            self._quarantine(update, None)  # a panic in yrs; PanicException is a BaseException
            return False
        return True

    def _note_pending(self, applied: list[tuple[bytes, UpdateMeta]]) -> None:
        vector = self.vector()
        beyond = [update for update, meta in applied if not meta.within(vector)]
        if not beyond and self._pending == EMPTY_UPDATE:
            return
        held = beyond if self._pending == EMPTY_UPDATE else [self._pending, *beyond]
        merged = pycrdt.merge_updates(*held)
        # Whatever became complete by now: applying it again is harmless, and does not rely on yrs' own queue.
        self._apply(merged)
        vector = self.vector()
        if decode_meta(merged).within(vector):
            self._pending = EMPTY_UPDATE
        else:
            self._pending = pycrdt.get_update(merged, self._doc.get_state())

    def vector(self) -> dict[int, int]:
        """Return the state vector of what is applied."""
        return parse_state_vector(self._doc.get_state())

    def vector_bytes(self) -> bytes:
        """Return the state vector of what is applied, encoded: each peer has all of that."""
        return self._doc.get_state()

    def brings_anything(self, update: bytes, meta: UpdateMeta) -> bool:
        """Whether ``update`` holds anything new, be it only pending (PROTOCOL S3); changes nothing.

        Structs are new if they lie beyond the state vector, deletions if the Doc's own do not cover them.
        """
        self.drain()
        if not meta.within(self.vector()):
            known = self._pending
            return known == EMPTY_UPDATE or pycrdt.merge_updates(known, update) != known
        if not meta.deletions:
            return False
        if self._deleted is None:
            # the difference to its own vector: no structs, all deletions
            self._deleted = decode_meta(self._doc.get_update(self._doc.get_state())).joined_deletions()
        return not meta.deletes_only(self._deleted)

    def snapshot(self, vector: bytes = EMPTY_STATE_VECTOR) -> bytes:
        """Return all that a peer at ``vector`` lacks, pending bytes included; raises ValueError."""
        self.drain()
        if vector == EMPTY_STATE_VECTOR:
            if self._whole is None:
                self._whole = self._with_pending(self._doc.get_update())
            return self._whole
        return self._with_pending(self._doc.get_update(vector))

    def _with_pending(self, update: bytes) -> bytes:
        return update if self._pending == EMPTY_UPDATE else pycrdt.merge_updates(update, self._pending)

    def text(self) -> str:
        """Return the text now."""
        self.drain()
        return str(self._text)

    def text_size_with(self, update: bytes) -> int:
        """Return what the size of the text would be with ``update``; works on a copy."""
        copy: pycrdt.Doc[Any] = pycrdt.Doc()
        text = copy.get(SOURCE, type=pycrdt.Text)
        try:
            copy.apply_update(self.snapshot())
            copy.apply_update(update)
        except ValueError:  # it will be set aside when it is applied
            return 0
        return len(text)

    def text_size(self) -> int:
        """Return the size of the text now, bytes of UTF-8."""
        self.drain()
        return len(self._text)

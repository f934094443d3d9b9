"""A document's text as a pycrdt Doc that is kept lazily: updates are relayed first and applied after.

Beside the Doc stands what it cannot integrate yet (*pending*: a struct or deletion whose dependency has not
come), kept by the :class:`~..yjs.integrator.Integrator`. ``Doc.get_update`` leaves it out, so whoever joins
is given both (PROTOCOL S2). The backlog is applied in slices; what fails to apply is set aside and never
stops the document (S4). What is new in an update is told from clocks and ranges, without a merge.

One rule keeps every peer complete: **the Doc is never ahead of the broadcast**. Whoever reads has the backlog
applied, and before anything is applied, what is queued for the peers is written: so a state vector taken from
the Doc is always one that each peer has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pycrdt

from ..yjs import forks
from ..yjs.integrator import Held, Integrator
from ..yjs.sync import EMPTY_STATE_VECTOR, EMPTY_UPDATE, SOURCE
from ..yjs.update import UpdateMeta, decode_meta


class DocumentState:
    """The merged state of one live document.

    Parameters
    ----------
    quarantine
        Called with an update that cannot be applied.
    flush
        Writes what is queued for the peers; called before anything is applied.
    repaired
        Called with a deletion of whole surrogate pairs that an edit would have split (PROTOCOL A10).
    """

    def __init__(
        self,
        quarantine: Callable[[bytes, Exception | None], None],
        flush: Callable[[], None],
        repaired: Callable[[bytes], None],
    ) -> None:
        self._doc: pycrdt.Doc[Any] = pycrdt.Doc()
        self._text = self._doc.get(SOURCE, type=pycrdt.Text)
        self._integrator = Integrator(self._doc, quarantine)
        self._flush = flush
        self._repaired = repaired
        self._whole: bytes | None = None
        self._deleted: dict[int, list[tuple[int, int]]] | None = None

    @property
    def pushed(self) -> int:
        """How many updates have been queued so far."""
        return self._integrator.pushed

    @property
    def behind(self) -> int:
        """How many updates wait to be applied."""
        return self._integrator.queued

    @property
    def behind_structs(self) -> int:
        """How many structs and deleted ranges wait to be applied."""
        return self._integrator.queued_weight

    @property
    def pending(self) -> bytes:
        """The update that holds all that waits for something missing; two zero bytes if nothing does."""
        return self._integrator.pending

    def held(self, owner: str) -> Held:
        """Return how much of what ``owner`` sent waits for something missing."""
        return self._integrator.held(owner)

    def push(self, update: bytes, meta: UpdateMeta, owner: str = "") -> None:
        """Queue an update; ``owner`` is who sent it."""
        self._integrator.push(update, meta, owner)

    def drain(self, budget: float | None = None) -> bool:
        """Apply the backlog, for about ``budget`` seconds if given; returns whether all of it is applied."""
        self._flush()
        if not self._integrator.queued:
            return True
        self._whole = self._deleted = None
        if budget is None:
            self._integrator.finish()
            self._tell_repairs()
            return True
        end = time.perf_counter() + budget
        while self._integrator.step():
            if time.perf_counter() > end:
                break
        self._tell_repairs()
        return not self._integrator.queued

    def _tell_repairs(self) -> None:
        repaired, self._integrator.repaired = self._integrator.repaired, []
        for update in repaired:
            self._repaired(update)

    def vector_bytes(self) -> bytes:
        """Return the state vector of what is applied, encoded: each peer has all of that."""
        return self._doc.get_state()

    def vector_with(self, clocks: Mapping[int, int]) -> bytes:
        """Return the state vector of what is applied, but with these clocks."""
        return forks.state_vector({**self._integrator.vector, **clocks})

    def may_lack(self, meta: UpdateMeta) -> bool:
        """Whether some of an update may have to wait for what is not there; False is certain."""
        return self._integrator.may_lack(meta)

    def lacks(self, meta: UpdateMeta) -> bool:
        """Whether some of an update would have to wait for what is not there."""
        self.drain()
        return self._integrator.lacks(meta)

    def brings_anything(self, meta: UpdateMeta) -> bool:
        """Whether an update holds anything new, be it only pending (PROTOCOL S3); changes nothing.

        Structs are new if they lie beyond the state vector, deletions if the Doc's own do not cover them.
        """
        self.drain()
        if self._deleted is None and meta.deletions:
            # the difference to its own vector: no structs, all deletions
            self._deleted = decode_meta(self._doc.get_update(self._doc.get_state())).joined_deletions()
        return not self._integrator.covers(meta, self._deleted or {})

    def conflicting(self, update: bytes, meta: UpdateMeta) -> int | None:
        """Return a client id under whose clocks something else is known (PROTOCOL A11)."""
        self.drain()
        vector = dict(self._integrator.vector)
        repeated = [run for run in meta.runs if run.clock < vector.get(run.client, 0)]
        if not repeated:
            return None
        for run in repeated:
            vector[run.client] = min(vector[run.client], run.clock)
        return forks.conflicting(self._doc.get_update(forks.state_vector(vector)), update)

    def snapshot(self, vector: bytes = EMPTY_STATE_VECTOR) -> bytes:
        """Return all that a peer at ``vector`` lacks, pending bytes included; raises ValueError."""
        self.drain()
        if vector == EMPTY_STATE_VECTOR:
            if self._whole is None:
                self._whole = self._with_pending(self._doc.get_update())
            return self._whole
        return self._with_pending(self._doc.get_update(vector))

    def _with_pending(self, update: bytes) -> bytes:
        pending = self.pending
        return update if pending == EMPTY_UPDATE else pycrdt.merge_updates(update, pending)

    def text(self) -> str:
        """Return the text now."""
        self.drain()
        return str(self._text)

    def text_size_with(self, update: bytes) -> int:
        """Return what the size of the text would be with ``update``; works on a copy."""
        self.drain()
        copy: pycrdt.Doc[Any] = pycrdt.Doc()
        text = copy.get(SOURCE, type=pycrdt.Text)
        copy.apply_update(self._doc.get_update())
        integrator = Integrator(copy, lambda *_: None)  # it will be set aside when it is applied
        for part in (self.pending, update):
            integrator.push(part)
        integrator.finish()
        return len(text)

    def text_size(self) -> int:
        """Return the size of the text now, bytes of UTF-8."""
        self.drain()
        return len(self._text)

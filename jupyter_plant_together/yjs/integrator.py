"""The one way into a Doc: updates go in in causal order and in slices, and what lacks something waits here.

yrs is never given a struct whose predecessor, origin or parent is missing (PROTOCOL S7), nor more than
:data:`SLICE` structs in one transaction (S6): joining n chained structs in one costs it n²/2 bytes, and what
it holds as pending it integrates in one piece. So each run of an update becomes a *cursor*, which hands out
struct after struct, as bytes that nobody copies, until it comes to one that needs (client, clock). There it
waits, filed under that id, and goes on when the id has come. Deletions of what has not come wait likewise.
An update that is small and lacks nothing, as nearly all are, is applied as it is.

An edit between the two halves of a surrogate pair would leave yrs and yjs with different texts for ever. So
before anything goes between them, or deletes one of them, both are deleted (*repair*; PROTOCOL A10): that
follows from the edits alone, so it is the same wherever they are applied, and only who is connected is told.
"""

from __future__ import annotations

import heapq
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pycrdt

from ..errors import Malformed
from .structs import read, struct_at
from .sync import EMPTY_UPDATE, SOURCE, parse_state_vector, write_var_uint
from .update import (
    SKIP,
    Run,
    UpdateMeta,
    decode_meta,
    encode_deletions,
    join_ranges,
    merge,
    read_struct,
    within_ranges,
)

SLICE: Final = 250  # structs and deleted ranges of one transaction; the loop stands still for one

_STRING: Final = 4
_PAIR = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")  # a character of two UTF-16 units

Ranges = Mapping[int, Sequence[tuple[int, int]]]


class Held(NamedTuple):
    """How much waits for something missing."""

    size: int
    structs: int


class _Cursor:
    """What is left of one run of an update."""

    __slots__ = ("at", "client", "clock", "data", "end", "left", "owner", "stop")

    def __init__(self, data: bytes, run: Run, owner: str) -> None:
        self.data = data
        self.client = run.client
        self.clock = run.clock
        self.end = run.end
        self.left = run.structs
        self.at = run.start
        self.stop = run.stop
        self.owner = owner


class _Slice:
    """What goes into one transaction: of each client one row of structs, and deletions."""

    def __init__(self) -> None:
        self.weight = 0
        self.structs: dict[int, tuple[int, list[int], list[bytes]]] = {}
        self.deletions: dict[int, list[tuple[int, int]]] = {}

    def add(self, client: int, clock: int, count: int, data: bytes) -> None:
        """Add structs that go on from those of this client that are there."""
        _, counts, parts = self.structs.setdefault(client, (clock, [], []))
        counts.append(count)
        parts.append(data)

    def encode(self) -> bytes:
        """Return it as an update."""
        out = [write_var_uint(len(self.structs))]
        for client, (clock, counts, parts) in self.structs.items():
            out += (write_var_uint(sum(counts)), write_var_uint(client), write_var_uint(clock), *parts)
        out.append(encode_deletions(self.deletions))
        return b"".join(out)


class Integrator:
    """Brings updates into a Doc.

    Parameters
    ----------
    doc
        The Doc; whoever else writes to it says so (:meth:`advance`).
    failed
        Called with what yrs cannot apply; without it the error is raised.
    """

    def __init__(
        self, doc: pycrdt.Doc[Any], failed: Callable[[bytes, Exception | None], None] | None = None
    ) -> None:
        self._doc = doc
        self._failed = failed
        self.vector: dict[int, int] = parse_state_vector(doc.get_state())
        self._reach = dict(self.vector)  # where the clocks will be once the queue is applied, at least
        self._queue: deque[tuple[bytes, UpdateMeta, str]] = deque()
        self.pushed = 0
        self.queued_weight = 0
        self._ready: deque[_Cursor] = deque()
        self._deletions: deque[tuple[int, int, int, str]] = deque()
        self._waiting: dict[int, list[tuple[int, int, _Cursor]]] = {}
        self._undeleted: dict[int, list[tuple[int, int, str]]] = {}
        self._held: dict[str, list[int]] = {}
        self._number = 0
        self._halves: dict[int, set[int]] = {}  # by client, the clocks of second halves of surrogate pairs
        self._repairs: list[tuple[int, int]] = []
        self.repaired: list[bytes] = []  # the deletions that were added, for who is told of them
        self._pending: bytes | None = EMPTY_UPDATE
        self._covered: tuple[Ranges, Ranges] | None = None

    # --- taking ----------------------------------------------------------------------------------------

    @property
    def queued(self) -> int:
        """How many updates wait for their turn or have it."""
        return len(self._queue) + bool(self._ready or self._deletions)

    def push(self, update: bytes, meta: UpdateMeta | None = None, owner: str = "") -> None:
        """Queue an update; ``owner`` is who is charged if it must wait for something missing.

        Raises
        ------
        Malformed
            If no ``meta`` is given and it is not one update.
        """
        if meta is None:
            meta = decode_meta(update)
        self._queue.append((update, meta, owner))
        self.pushed += 1
        self.queued_weight += meta.weight
        if not self.may_lack(meta):
            reach = self._reach
            for client, end in meta.structs.items():
                if reach.get(client, 0) < end:
                    reach[client] = end

    def advance(self, client: int, clock: int, update: bytes = EMPTY_UPDATE) -> None:
        """Take note that the Doc has a client's structs up to ``clock``, the last of them by ``update``."""
        if _PAIR.search(update):
            for struct in read(update)[0]:
                self._note_halves(struct.client, struct.clock, struct.units or "")
        if clock > self.vector.get(client, 0):
            self.vector[client] = clock
            self._release(client)

    def _note_halves(self, client: int, clock: int, units: str) -> None:
        halves = [clock + at for at, unit in enumerate(units) if at and "\udc00" <= unit <= "\udfff"]
        if halves:
            self._halves.setdefault(client, set()).update(halves)

    def finish(self) -> None:
        """Apply all that is queued and can be."""
        while self.step():
            pass

    def step(self) -> bool:
        """Apply one slice; returns whether there was anything to do."""
        if not (self._ready or self._deletions):
            if not self._queue:
                return False
            update, meta, owner = self._queue.popleft()
            if (
                meta.weight <= SLICE
                and not _lacks(meta, self.vector)
                and not self._touches_pairs(update, meta)
            ):
                self.queued_weight -= meta.weight
                if self._apply(update):
                    self._note(meta.structs)
                return True
            self._ready.extend([_Cursor(update, run, owner) for run in meta.runs])
            self._deletions.extend(
                [
                    (client, start, end, owner)
                    for client, ranges in meta.deletions.items()
                    for start, end in ranges
                ]
            )
        if self._repairs:
            self._repair()
            return True
        part = _Slice()
        while self._ready and part.weight < SLICE:
            cursor = self._ready.popleft()
            if not self._take(cursor, part):
                self._ready.appendleft(cursor)
                break
        else:
            self._delete(part)
        if part.structs or part.deletions:
            self._apply(part.encode())
        return True

    def _touches_pairs(self, update: bytes, meta: UpdateMeta) -> bool:
        """Whether an update may bring surrogate pairs or change something at one."""
        halves = self._halves
        if halves and not (
            halves.keys().isdisjoint(meta.needs)
            and halves.keys().isdisjoint(meta.structs)
            and halves.keys().isdisjoint(meta.deletions)
        ):
            return True
        return _PAIR.search(update) is not None

    def _repair(self) -> None:
        """Delete the surrogate pairs that would be split next."""
        deletions: dict[int, list[tuple[int, int]]] = {}
        for client, half in self._repairs:
            deletions.setdefault(client, []).append((half - 1, half + 1))
            self._halves[client].discard(half)
        self._repairs.clear()
        update = b"\x00" + encode_deletions(deletions)
        self._apply(update)
        self.repaired.append(update)

    def _splits(self, info: int, refs: Sequence[int]) -> bool:
        """Whether a struct goes between two halves; then they are to be deleted first."""
        at = 0
        for flag, behind in ((0x80, 1), (0x40, 0)):
            if info & flag:
                client, half = refs[at], refs[at + 1] + behind
                at += 2
                if half in self._halves.get(client, ()) and (client, half) not in self._repairs:
                    self._repairs.append((client, half))
        return bool(self._repairs)

    def _apply(self, update: bytes) -> bool:
        try:
            self._doc.apply_update(update)
            return True
        except BaseException as error:
            # a panic of yrs is a BaseException; anything else of that kind is not ours to catch
            panic = not isinstance(error, Exception) and type(error).__name__ == "PanicException"
            if self._failed is None or not (panic or isinstance(error, ValueError)):
                raise
            self._failed(update, error if isinstance(error, Exception) else None)
            self.vector = parse_state_vector(self._doc.get_state())
            self._reach = dict(self.vector)
            return False

    def _note(self, structs: Mapping[int, int]) -> None:
        vector = self.vector
        for client, end in structs.items():
            if vector.get(client, 0) < end:
                vector[client] = end
                if client in self._waiting or client in self._undeleted:
                    self._release(client)

    def _take(self, cursor: _Cursor, part: _Slice) -> bool:
        """Move what can go in from a cursor to a slice; returns False if the slice must be applied first."""
        client, data, vector = cursor.client, cursor.data, self.vector
        begun = vector.get(client, 0)
        end = begun
        refs: list[int] = []
        taken, clock, start, left = 0, cursor.clock, cursor.at, cursor.left
        missing: tuple[int, int] | None = None
        room = SLICE - part.weight
        full = False
        while cursor.left:
            if cursor.clock > end:
                missing = (client, cursor.clock - 1)
                break
            info = data[cursor.at]
            length, at = read_struct(data, cursor.at, refs)
            if cursor.clock + length > end:
                for i in range(0, len(refs), 2):
                    other = refs[i]
                    if (end if other == client else vector.get(other, 0)) <= refs[i + 1]:
                        missing = (other, refs[i + 1])
                        break
                if missing is not None:
                    break
                if self._halves and info & 31 and self._splits(info, refs):
                    full = True
                    break
                if taken == room or (cursor.clock < end and client in part.structs):
                    full = True
                    break
                if info & 31 == _STRING and _PAIR.search(data, cursor.at, at):
                    struct, _ = struct_at(data, cursor.at, client, cursor.clock)
                    self._note_halves(client, cursor.clock, struct.units or "")
                taken += 1
                end = cursor.clock + length
            else:  # known already
                clock, start = cursor.clock + length, at
            refs.clear()
            cursor.clock += length
            cursor.at = at
            cursor.left -= 1
        self.queued_weight -= left - cursor.left
        if taken:
            part.add(client, clock, taken, data[start : cursor.at])
            part.weight += taken
            vector[client] = end
            if self._reach.get(client, 0) < end:
                self._reach[client] = end
            if client in self._waiting or client in self._undeleted:
                self._release(client)
        if missing is not None:
            self._wait(cursor, missing)
        return not full

    def _delete(self, part: _Slice) -> None:
        """Move deletions to a slice as far as their structs are there; the rest waits."""
        while self._deletions and part.weight < SLICE:
            client, start, end, owner = self._deletions.popleft()
            self.queued_weight -= 1
            start, end = self._whole_pairs(client, start, end)
            known = min(end, self.vector.get(client, 0))
            if start < known:
                part.deletions.setdefault(client, []).append((start, known))
                part.weight += 1
            if end > known:
                heapq.heappush(self._undeleted.setdefault(client, []), (max(start, known), end, owner))
                self._charge(owner, 0, 1)

    def _whole_pairs(self, client: int, start: int, end: int) -> tuple[int, int]:
        """Return a deleted range that takes whole surrogate pairs."""
        halves = self._halves.get(client, ())
        wider = start - (start in halves), end + (end in halves)
        if wider != (start, end):
            self.repaired.append(b"\x00" + encode_deletions({client: [wider]}))
        return wider

    # --- waiting ---------------------------------------------------------------------------------------

    def _wait(self, cursor: _Cursor, missing: tuple[int, int]) -> None:
        client, clock = missing
        self._number += 1
        heapq.heappush(self._waiting.setdefault(client, []), (clock, self._number, cursor))
        self.queued_weight -= cursor.left
        self._charge(cursor.owner, cursor.stop - cursor.at, cursor.left)

    def _release(self, client: int) -> None:
        """Let go on what waited for a client's structs up to where they are now."""
        end = self.vector[client]
        waiting = self._waiting.get(client)
        while waiting and waiting[0][0] < end:
            cursor = heapq.heappop(waiting)[2]
            self.queued_weight += cursor.left
            self._charge(cursor.owner, cursor.at - cursor.stop, -cursor.left)
            self._ready.append(cursor)
        if waiting is not None and not waiting:
            del self._waiting[client]
        undeleted = self._undeleted.get(client)
        while undeleted and undeleted[0][0] < end:
            start, stop, owner = heapq.heappop(undeleted)
            self.queued_weight += 1
            self._charge(owner, 0, -1)
            self._deletions.append((client, start, stop, owner))
        if undeleted is not None and not undeleted:
            del self._undeleted[client]

    def _charge(self, owner: str, size: int, structs: int) -> None:
        self._pending = self._covered = None
        held = self._held.setdefault(owner, [0, 0])
        held[0] += size
        held[1] += structs
        if held == [0, 0]:
            del self._held[owner]

    def held(self, owner: str) -> Held:
        """Return how much of what ``owner`` sent waits for something missing."""
        return Held(*self._held.get(owner, (0, 0)))

    def may_lack(self, meta: UpdateMeta) -> bool:
        """Whether some of an update may have to wait, as far as the queue shows; False is certain."""
        return _lacks(meta, self._reach)

    def lacks(self, meta: UpdateMeta) -> bool:
        """Whether some of an update would have to wait for what neither it nor the Doc has."""
        vector = self.vector.copy()
        get = vector.get
        for run in meta.runs:
            if run.clock <= get(run.client, 0) < run.end:
                vector[run.client] = run.end
        return _lacks(meta, vector)

    @property
    def pending(self) -> bytes:
        """The update that holds all that waits for something missing; two zero bytes if nothing does."""
        if self._pending is None:
            self._pending = self._encode_pending()
        return self._pending

    def _encode_pending(self) -> bytes:
        cursors = sorted(
            [entry[2] for entries in self._waiting.values() for entry in entries],
            key=lambda cursor: (cursor.client, cursor.clock),
        )
        rows: dict[int, list[_Cursor]] = {}
        beside: list[bytes] = []  # what overlaps with another, as updates of their own
        for cursor in cursors:
            row = rows.setdefault(cursor.client, [])
            if row and row[-1].end > cursor.clock:
                beside.append(b"\x01" + _encode_row([cursor]) + b"\x00")
            else:
                row.append(cursor)
        deletions = join_ranges(
            {client: [(s, e) for s, e, _ in heap] for client, heap in self._undeleted.items()}
        )
        whole = write_var_uint(len(rows)) + b"".join(map(_encode_row, rows.values()))
        return merge([whole + encode_deletions(deletions), *beside])

    # --- what is known ---------------------------------------------------------------------------------

    def covers(self, meta: UpdateMeta, deleted: Ranges) -> bool:
        """Whether all of an update is in the Doc, whose deletions are ``deleted``, or waits already."""
        if self._covered is None:
            structs: dict[int, list[tuple[int, int]]] = {}
            for entries in self._waiting.values():
                for _, _, cursor in entries:
                    structs.setdefault(cursor.client, []).append((cursor.clock, cursor.end))
            undeleted = {client: [(s, e) for s, e, _ in heap] for client, heap in self._undeleted.items()}
            self._covered = join_ranges(structs), join_ranges(undeleted)
        waiting, undeleted_ranges = self._covered
        get = self.vector.get
        for run in meta.runs:
            known = get(run.client, 0)
            if run.end > known and not within_ranges(
                waiting.get(run.client, ()), max(run.clock, known), run.end
            ):
                return False
        for client, ranges in meta.deletions.items():
            known = get(client, 0)
            here, later = deleted.get(client, ()), undeleted_ranges.get(client, ())
            for start, end in ranges:
                if start < min(end, known) and not within_ranges(here, start, min(end, known)):
                    return False
                if end > known and end > start and not within_ranges(later, max(start, known), end):
                    return False
        return True


def _lacks(meta: UpdateMeta, vector: Mapping[int, int]) -> bool:
    """Whether a document at ``vector`` lacks something that an update stands on or deletes."""
    get = vector.get
    for client, clock in meta.needs.items():
        if get(client, 0) < clock:
            return True
    for client, ranges in meta.deletions.items():
        known = max(get(client, 0), meta.structs.get(client, 0))
        for _, end in ranges:
            if end > known:
                return True
    return False


def _encode_row(cursors: list[_Cursor]) -> bytes:
    """Return what is left of one client's runs, with gaps between them."""
    count = 0
    parts: list[bytes] = []
    clock = cursors[0].clock
    for cursor in cursors:
        if cursor.clock > clock:
            parts.append(bytes((SKIP,)) + write_var_uint(cursor.clock - clock))
            count += 1
        count += cursor.left
        parts.append(cursor.data[cursor.at : cursor.stop])
        clock = cursor.end
    head = (write_var_uint(count), write_var_uint(cursors[0].client), write_var_uint(cursors[0].clock))
    return b"".join((*head, *parts))


def integrated(updates: Iterable[bytes], client: int | None = None) -> tuple[pycrdt.Doc[Any], Integrator]:
    """Return a Doc with all of ``updates``, and what brought them in.

    ``client`` is the Doc's client id, for who writes to it.

    Raises
    ------
    ValueError
        If one of them is no update.
    """
    doc: pycrdt.Doc[Any] = pycrdt.Doc() if client is None else pycrdt.Doc(client_id=client)
    integrator = Integrator(doc)
    for update in updates:
        try:
            integrator.push(update)
        except Malformed as error:
            raise ValueError(error.message) from None
        integrator.finish()
    return doc, integrator


def merged(updates: Iterable[bytes]) -> tuple[bytes, str]:
    """Return one compact update equal to all of ``updates``, with what is pending in them (S1), and its text.

    Raises
    ------
    ValueError
        If one of them is no update.
    """
    doc, integrator = integrated(updates)
    text = str(doc.get(SOURCE, type=pycrdt.Text))
    state: bytes = doc.get_update()
    pending = integrator.pending
    return state if pending == EMPTY_UPDATE else pycrdt.merge_updates(state, pending), text


def merge_state(updates: Iterable[bytes]) -> bytes:
    """Return the state of :func:`merged`."""
    return merged(updates)[0]

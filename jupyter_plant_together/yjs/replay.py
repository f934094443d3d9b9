"""A text with its whole past: every unit that was ever typed, who typed it, and when it came and went.

The rows of a document's history are replayed, one after the other, into the sequence that Yjs itself would
build (YATA; yjs ``Item.integrate``), except that what is deleted stays, marked with the row that deleted it.
The text at any row, who wrote each character and a rollback of some rows can all be read off it. What a row
needs and has not come yet waits, filed under the (client, clock) that is missing. What is not in the text
``source`` has an extent and nothing else.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import NamedTuple

from .structs import Deletion, Id, Struct, from_units, read


class AuthoredSpan(NamedTuple):
    """Neighbouring characters of one author; ``at`` is when the last of them came, None if unknown."""

    author: str
    units: int
    at: int | None


class TextRun:
    """Neighbouring units of one client, alike in all that is known of them."""

    __slots__ = (
        "author",
        "client",
        "clock",
        "deleted_at",
        "inserted_at",
        "left",
        "length",
        "origin",
        "placed",
        "right",
        "right_origin",
        "tombstone",
        "units",
    )

    def __init__(self, struct: Struct, inserted_at: int, author: str, *, placed: bool) -> None:
        self.client = struct.client
        self.clock = struct.clock
        self.length = struct.length
        self.units = struct.units or ""
        self.placed = placed
        self.origin = struct.left
        self.right_origin = struct.right
        self.inserted_at = inserted_at
        self.author = author
        # What came deleted already has no units to show, at no time.
        self.tombstone = struct.units is None
        self.deleted_at: int | None = inserted_at if self.tombstone else None
        self.left: TextRun | None = None
        self.right: TextRun | None = None

    def visible(self, row: int) -> bool:
        """Whether the units were in the text after ``row``."""
        return self.inserted_at <= row and (self.deleted_at is None or self.deleted_at > row)


class _Came(NamedTuple):
    """A struct, the row in which it came, and its author."""

    struct: Struct
    row: int
    author: str


class TextHistory:
    """The replayed history of one document.

    Parameters
    ----------
    clients
        The user who introduced each Yjs client id (PROTOCOL S3).
    """

    def __init__(self, clients: Mapping[int, str]) -> None:
        self._clients = clients
        self._start: TextRun | None = None
        self._runs: dict[int, list[TextRun]] = {}
        self._ends: dict[int, int] = {}
        self._ready: deque[_Came] = deque()
        self._waiting: dict[int, list[tuple[int, int, _Came]]] = {}
        self._undead: dict[int, list[tuple[int, int, Deletion]]] = {}
        self._number = 0
        self._row = 0
        self.row_authors: dict[int, str] = {}

    def replay(self, row: int, author: str, update: bytes) -> None:
        """Take a row of history; ``row`` numbers must ascend."""
        structs, deletions = read(update)
        self._row = row
        self.row_authors[row] = author
        clients = self._clients
        self._ready += [_Came(struct, row, clients.get(struct.client, author)) for struct in structs]
        for deletion in deletions:
            end = deletion.clock + deletion.length
            heapq.heappush(self._undead.setdefault(deletion.client, []), (end, row, deletion))
        touched = {deletion.client for deletion in deletions}
        while self._ready:
            came = self._ready.popleft()
            missing = self._integrate(*came)
            if missing is None:
                touched.add(came.struct.client)
                self._release(came.struct.client)
            else:
                self._number += 1
                heapq.heappush(self._waiting.setdefault(missing[0], []), (missing[1], self._number, came))
        for client in touched:
            undead, end = self._undead.get(client), self._ends.get(client, 0)
            while undead and undead[0][0] <= end:
                _, deleted_at, deletion = heapq.heappop(undead)
                self._delete(deletion, deleted_at)

    def _release(self, client: int) -> None:
        waiting, end = self._waiting.get(client), self._ends[client]
        while waiting and waiting[0][0] < end:
            self._ready.append(heapq.heappop(waiting)[2])

    def runs(self) -> Iterator[TextRun]:
        """Return all runs in the order of the text, what was deleted too."""
        run = self._start
        while run is not None:
            yield run
            run = run.right

    def text(self, row: int | None = None) -> str:
        """Return the text after ``row``, by default after the last."""
        if row is None:
            return from_units("".join([run.units for run in self.runs() if run.deleted_at is None]))
        return from_units("".join([run.units for run in self.runs() if run.visible(row)]))

    def authors(self, row: int) -> list[tuple[str, int, int]]:
        """Return who wrote the text after ``row``: authors, how many UTF-16 units, and in which row."""
        found: list[tuple[str, int, int]] = []
        for run in self.runs():
            if run.visible(row):
                last = found[-1] if found else None
                if last is not None and (last[0], last[2]) == (run.author, run.inserted_at):
                    found[-1] = (run.author, last[1] + run.length, run.inserted_at)
                else:
                    found.append((run.author, run.length, run.inserted_at))
        return found

    def without(self, undone: Callable[[int], bool]) -> str:
        """Return the text as it is now, without what the rows that are ``undone`` did to it.

        What they typed is gone, what they deleted is back; what others did since stays.
        """
        kept = []
        for run in self.runs():
            removed = run.deleted_at is not None and not undone(run.deleted_at)
            if not undone(run.inserted_at) and not removed and not run.tombstone:
                kept.append(run.units)
        return from_units("".join(kept))

    # --- integration ---------------------------------------------------------------------------------

    def _integrate(self, struct: Struct, row: int, author: str) -> Id | None:
        """Take a struct in; returns the id of what it needs if that is missing."""
        end = self._ends.get(struct.client, 0)
        if struct.clock + struct.length <= end:
            return None
        if struct.clock > end:
            return struct.client, struct.clock - 1
        for origin in (struct.left, struct.right):
            if origin is not None and self._ends.get(origin[0], 0) <= origin[1]:
                return origin
        if struct.clock < end:
            known = end - struct.clock
            units = None if struct.units is None else struct.units[known:]
            struct = struct._replace(
                clock=end, length=struct.length - known, left=(struct.client, end - 1), units=units
            )
        # what has an origin is where that is
        origins = [self._holding(at) for at in (struct.left, struct.right) if at is not None]
        placed = not struct.outside and all(origin.placed for origin in origins)
        run = TextRun(struct, row, author, placed=placed)
        self._runs.setdefault(struct.client, []).append(run)
        self._ends[struct.client] = struct.clock + struct.length
        if placed:
            self._place(run)
        return None

    def _place(self, run: TextRun) -> None:
        left = None if run.origin is None else self._ending_at(run.origin)
        right = None if run.right_origin is None else self._beginning_at(run.right_origin)
        other = self._start if left is None else left.right
        conflicting: set[int] = set()
        before_origin: set[int] = set()
        while other is not None and other is not right:
            before_origin.add(id(other))
            conflicting.add(id(other))
            if other.origin == run.origin:
                if other.client < run.client:
                    left = other
                    conflicting.clear()
                elif other.right_origin == run.right_origin:
                    break
            elif other.origin is not None and id(origin := self._holding(other.origin)) in before_origin:
                if id(origin) not in conflicting:
                    left = other
                    conflicting.clear()
            else:
                break
            other = other.right
        self._link(run, left)

    def _link(self, run: TextRun, left: TextRun | None) -> None:
        if left is None:
            run.right, self._start = self._start, run
        else:
            run.right, left.right = left.right, run
        run.left = left
        if run.right is not None:
            run.right.left = run

    def _index(self, at: Id) -> int:
        return bisect_right(self._runs[at[0]], at[1], key=attrgetter("clock")) - 1

    def _holding(self, at: Id) -> TextRun:
        return self._runs[at[0]][self._index(at)]

    def _beginning_at(self, at: Id) -> TextRun:
        """Return the run that begins at a unit, cutting the one that holds it if need be."""
        index = self._index(at)
        run = self._runs[at[0]][index]
        return run if run.clock == at[1] else self._cut(run, index, at[1] - run.clock)

    def _ending_at(self, at: Id) -> TextRun:
        """Return the run whose last unit this is, cutting the one that holds it if need be."""
        index = self._index(at)
        run = self._runs[at[0]][index]
        if run.clock + run.length - 1 != at[1]:
            self._cut(run, index, at[1] - run.clock + 1)
        return self._holding(at)

    def _cut(self, run: TextRun, index: int, offset: int) -> TextRun:
        rest = TextRun.__new__(TextRun)
        rest.client, rest.clock, rest.author = run.client, run.clock + offset, run.author
        rest.inserted_at, rest.deleted_at, rest.tombstone = run.inserted_at, run.deleted_at, run.tombstone
        rest.units, run.units = run.units[offset:], run.units[:offset]
        rest.length, run.length = run.length - offset, offset
        rest.placed = run.placed
        rest.origin, rest.right_origin = (run.client, rest.clock - 1), run.right_origin
        rest.left = rest.right = None
        self._runs[run.client].insert(index + 1, rest)
        self._link(rest, run)
        if rest.units and "\ud800" <= run.units[-1] <= "\udbff" and "\udc00" <= rest.units[0] <= "\udfff":
            self._delete_halves(run, rest, index)
        return rest

    def _delete_halves(self, run: TextRun, rest: TextRun, index: int) -> None:
        """Delete a surrogate pair that was cut, as it is wherever these edits are applied (PROTOCOL A10)."""
        if rest.length > 1:
            self._cut(rest, index + 1, 1)
        half = self._cut(run, index, run.length - 1) if run.length > 1 else run
        for part in (half, rest):
            if part.deleted_at is None:
                part.deleted_at = self._row

    def _delete(self, deletion: Deletion, row: int) -> None:
        """Mark a range, all of which has come, as deleted."""
        end = deletion.clock + deletion.length
        if not deletion.length:
            return
        run = self._beginning_at((deletion.client, deletion.clock))
        runs = self._runs[deletion.client]
        index = self._index((deletion.client, deletion.clock))
        while run.clock < end:
            if run.clock + run.length > end:
                self._cut(run, index, end - run.clock)
            if run.deleted_at is None:
                run.deleted_at = row
            index += 1
            if index == len(runs):
                break
            run = runs[index]

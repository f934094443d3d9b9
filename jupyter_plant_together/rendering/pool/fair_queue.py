"""A queue that is fair between those who wait in it: everybody in turn, whoever has put in how much.

A piece of work that several people want waits in the line of each, and is taken from the one that is first.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """See the module's text; whoever uses it locks it. Items are told apart by identity."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[T]] = OrderedDict()
        self._waiting: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._waiting.values()))

    def length(self, user: str) -> int:
        """Return how many items wait for ``user``."""
        return sum(id(item) in self._waiting for item in self._lines.get(user, ()))

    def add(self, item: T, user: str) -> None:
        """Put ``item`` at the end of the line of ``user``; it may wait in others' lines already."""
        self._waiting[id(item)] = item
        self._lines.setdefault(user, deque()).append(item)

    def join(self, item: T, user: str) -> None:
        """Put an item that waits into the line of ``user``, too; nothing where it does not wait any more."""
        if id(item) in self._waiting and not any(one is item for one in self._lines.get(user, ())):
            self.add(item, user)

    def take(self, may: Callable[[str], bool] = lambda _: True) -> tuple[T, str] | None:
        """Remove and return the next item of whoever's turn it is, and whose turn that was.

        Parameters
        ----------
        may
            Whether it may be somebody's turn just now.

        Returns
        -------
        tuple or None
            None where nothing waits of those who may.
        """
        for user in [user for user in self._lines if may(user)]:
            line = self._lines.pop(user)
            while line:
                item = line.popleft()
                if self._waiting.pop(id(item), None) is not None:
                    if line:
                        self._lines[user] = line  # at the end: it was their turn
                    return item, user
        return None

    def remove(self, item: T) -> None:
        """Let ``item`` wait no longer."""
        del self._waiting[id(item)]
        for user, line in list(self._lines.items()):
            kept = deque(one for one in line if one is not item)
            if kept:
                self._lines[user] = kept
            else:
                del self._lines[user]

    def clear(self) -> list[T]:
        """Remove and return all items."""
        items = list(self._waiting.values())
        self._waiting.clear()
        self._lines.clear()
        return items

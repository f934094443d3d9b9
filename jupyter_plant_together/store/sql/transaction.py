"""One transaction, as the SQL of this folder knows it: all that it knows of a database.

The statements are Postgres's: ``$1`` for an argument, ``= ANY($1)`` for one of a list, ``FOR UPDATE`` for a
lock. Another database makes of them what it needs. What cannot be said in one statement for all of them has
a method of its own here.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

from ..events import Payload
from ..records import Appended, Mark, Update

T = TypeVar("T")
# A row answers by number and unpacks in the order of its columns; what they hold is known to the statement.
Row: TypeAlias = Any


class NameConflict(Exception):
    """The unique index over the names of rooms, or of a room's documents, refuses a name."""


class Transaction(Protocol):
    """What the SQL of the store needs of a database: statements, and what differs between databases."""

    @property
    def origin(self) -> int:
        """The number of the store that writes."""
        ...

    async def fetch(self, query: str, /, *arguments: Any) -> Sequence[Row]:
        """Return all rows of a statement."""
        ...

    async def fetchrow(self, query: str, /, *arguments: Any) -> Row:
        """Return the first row of a statement, None if there is none."""
        ...

    async def fetchval(self, query: str, /, *arguments: Any) -> Any:
        """Return the first column of the first row, None if there is none."""
        ...

    async def execute(self, query: str, /, *arguments: Any) -> None:
        """Run a statement; raises NameConflict."""
        ...

    async def write_event(
        self, payload: Payload, *, room: str, by: str, at: int, document: str | None = None
    ) -> None:
        """Record what changed, in the transaction that changes it; takes a sequence number."""
        ...

    async def append(self, updates: Sequence[Update]) -> Appended:
        """Append in order what is of a document's present epoch; takes a sequence number for each row."""
        ...

    async def introduce(self, clients: Iterable[tuple[str, int, int, str]]) -> None:
        """Note (document, epoch, client id, author) where that client id has no author yet (PROTOCOL S3)."""
        ...

    async def newest(self, document: str, epoch: int) -> tuple[int, bytes | None, Mark | None]:
        """Return the seq and state of the newest snapshot (0 and None), and the mark of the stream."""
        ...


Work: TypeAlias = Callable[[Transaction], Coroutine[Any, Any, T]]

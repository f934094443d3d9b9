"""Who introduced which Yjs client id (PROTOCOL S3), and which ids belong to a replaced history (E2)."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import EpochMismatch
from ..store.port import Loaded
from ..yjs.update import UpdateMeta


class Authors:
    """The client ids of one document."""

    def __init__(self) -> None:
        self.clients: dict[int, str] = {}
        self._retired: frozenset[int] = frozenset()
        self._epoch = 0

    def load(self, loaded: Loaded) -> None:
        """Take what the store knows; what came meanwhile stays."""
        self.clients = {**self.clients, **loaded.clients}
        self._retired = loaded.retired
        self._epoch = loaded.document.epoch

    def introduced(self, meta: UpdateMeta) -> tuple[int, ...]:
        """Return the client ids that nobody has introduced before; raises EpochMismatch for a retired one."""
        clients = self.clients
        new = tuple(client for client in meta.structs if client not in clients)
        if new:
            self.refuse_retired(new)
        return new

    def note(self, clients: Iterable[int], author: str) -> None:
        """Remember who introduced client ids; the first who did stays."""
        for client in clients:
            self.clients.setdefault(client, author)

    def refuse_retired(self, clients: Iterable[int]) -> None:
        """Raise EpochMismatch if one of the client ids is of a replaced history."""
        if self._retired and not self._retired.isdisjoint(clients):
            raise EpochMismatch("The history of this document was replaced.", epoch=self._epoch)

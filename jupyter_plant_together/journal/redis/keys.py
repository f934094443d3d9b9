"""The names in Redis; everything else is written in terms of these (and of the scripts in ``scripts/``).

For a document there are its stream ``{prefix}:room:{room id}:{document id}`` (the name that Y-Redis uses),
its *state* ``{prefix}:state:{document id}`` (``generation epoch last-id`` of the stream: an id alone proves
nothing after FLUSHALL or a failover, PROTOCOL J1), its channel, a lease and a lock. A state ``- epoch 0-0``
is a *tombstone*: the history was replaced or purged, and nothing was appended since (E1). ``{prefix}:marked``
is a sorted set of the documents to compact, scored by when that is due. Keys are of one database of a server,
channels of all of them: a channel's name says which database is meant.

Each entry has the id of the entry before it (``prev``), so that a reader sees every gap and every loss.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The names of one prefix in one database of a server."""

    prefix: str
    database: int

    def stream(self, room: str, document: str) -> bytes:
        """Return the key of a document's stream."""
        return f"{self.prefix}:room:{room}:{document}".encode()

    def state(self, document: str) -> bytes:
        """Return the key of ``generation epoch last-id``."""
        return f"{self.prefix}:state:{document}".encode()

    def channel(self, document: str) -> bytes:
        """Return the channel on which a document's replicas hear of one another."""
        return f"{self.prefix}:live:{self.database}:{document}".encode()

    def lease(self, document: str) -> bytes:
        """Return the key that a compactor holds while it works on a document."""
        return f"{self.prefix}:lease:{document}".encode()

    def refill(self, document: str) -> bytes:
        """Return the key that a replica holds while it refills a stream (J4)."""
        return f"{self.prefix}:refill:{document}".encode()

    @property
    def probe(self) -> bytes:
        """The key that is written to see whether anything can be; it vanishes within a second."""
        return f"{self.prefix}:check".encode()

    @property
    def marked(self) -> bytes:
        """The key of the documents to compact."""
        return f"{self.prefix}:marked".encode()

    @property
    def sweep(self) -> bytes:
        """The key that keeps replicas from sweeping at the same time."""
        return f"{self.prefix}:sweep".encode()

    @property
    def notifications(self) -> bytes:
        """The channel that says: look for events now."""
        return f"{self.prefix}:poke:{self.database}".encode()

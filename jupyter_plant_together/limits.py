"""The limits of docs/configuration.md, each with the trait that sets it.

The values live in one frozen object that app.py fills from the traits of the same names and hands down;
nobody below reads configuration.
"""

from __future__ import annotations

from dataclasses import dataclass

from .errors import LimitExceeded, Unavailable


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds; sizes in bytes, times in seconds, rates per second."""

    max_source_size: int = 1_000_000
    max_update_size: int = 1_000_000
    max_document_size: int = 10_000_000
    max_documents_per_room: int = 500
    max_sessions_per_document: int = 1_000
    max_connections_per_user: int = 300
    max_presence_size: int = 4_096
    message_rate: float = 200.0
    message_burst: int = 1_000
    max_upload_size: int = 20_000_000
    render_timeout: float = 10.0
    render_memory: int = 256_000_000

    def busy(self, name: str, what: str) -> Unavailable:
        """Return the error for a limit that passes by itself: come back (PROTOCOL I6)."""
        return Unavailable(self._sentence(name, what), limit=name)

    def exceeded(self, name: str, what: str) -> LimitExceeded:
        """Return the error for a passed limit, a sentence that names the limit and its trait."""
        return LimitExceeded(self._sentence(name, what), limit=name)

    def _sentence(self, name: str, what: str) -> str:
        return f"{what} is over the limit of {getattr(self, name):,} (trait PlantTogether.{name})."

"""Where users' own pages come from, where each user's server has a host of its own (a hub's subdomains).

A request of a page with cookies is answered only if the page comes from this server, or from the host of the
very user whose cookies they are: what another user's server serves is that user's code.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit


class UserOrigins:
    """The origins of users' pages.

    Parameters
    ----------
    host
        Scheme, domain and port above the users' own, ``https://hub.example.org``.
    domain_of
        Returns the domain of a user, by name and by the domain above.
    """

    def __init__(self, host: str, domain_of: Callable[[str, str], str]) -> None:
        parts = urlsplit(host)
        self._scheme = parts.scheme
        self._domain = parts.hostname or ""
        self._port = f":{parts.port}" if parts.port else ""
        self._domain_of = domain_of

    def origin(self, username: str) -> str:
        """Return the origin of a user's pages."""
        return f"{self._scheme}://{self._domain_of(username, self._domain)}{self._port}".lower()

    def knows(self, origin: str) -> bool:
        """Return whether this could be some user's origin."""
        start, end = f"{self._scheme}://", f".{self._domain}{self._port}".lower()
        label = origin.lower().removeprefix(start).removesuffix(end)
        return origin.lower() == start + label + end and label.replace("-", "").isalnum() and label.isascii()

"""Who is asking: from what a server's sign-in knows to one :class:`Principal` (PROTOCOL I1, I2).

Jupyter's own token and password sign-in proves that somebody may use this server, and invents a random
person for each cookie jar. There the policy's subject is ``local`` for everybody and the invented name only
decorates presence. Where an identity provider names people, the subject is the username.
"""

from __future__ import annotations

import colorsys
import getpass
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..store.records import Identity

LOCAL = "local"
Kind = Literal["browser", "notebook"]
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or program: ``subject`` for the policy and the history, the rest for others' eyes.

    ``groups`` count as members too. ``unproven`` is a program that runs beside a server of several users and
    cannot prove whose it is (PROTOCOL I2).
    """

    subject: str
    username: str
    name: str
    display_name: str
    initials: str
    avatar_url: str | None
    color: str
    kind: Kind
    groups: tuple[str, ...] = ()
    unproven: bool = False

    @property
    def identity(self) -> Identity:
        """Whom the store looks for among members; a program that is nobody in particular is anyone."""
        return Identity("") if self.unproven else Identity(self.subject, self.groups)

    def stamp(self) -> Mapping[str, Any]:
        """Return the ``user`` object that the server writes into presence (PROTOCOL P2)."""
        return {
            "username": self.username,
            "name": self.name,
            "display_name": self.display_name,
            "initials": self.initials,
            "avatar_url": self.avatar_url,
            "color": self.color,
            "kind": self.kind,
        }


class JupyterUser(Protocol):
    """What is read of ``jupyter_server.auth.User``."""

    username: str
    name: str
    display_name: str
    initials: str | None
    avatar_url: str | None
    color: str | None


class IdentitySource(Protocol):
    """Turns a signed-in user into a principal."""

    @property
    def invented(self) -> bool:
        """Whether users are random names that stand for one and the same person."""
        ...

    def principal(self, user: JupyterUser, kind: Kind) -> Principal:
        """Return the principal of a user whom the server's sign-in knows."""
        ...

    def server(self) -> Principal:
        """Return the principal of a program that proved only that it runs beside the server."""
        ...


class JupyterIdentity:
    """The identity source of a Jupyter server.

    Parameters
    ----------
    invented
        Whether the server's identity provider invents its users; see :func:`invents_users`.
    """

    def __init__(self, *, invented: bool) -> None:
        self._invented = invented

    @property
    def invented(self) -> bool:
        """Whether users are random names that stand for one and the same person."""
        return self._invented

    def principal(self, user: JupyterUser, kind: Kind) -> Principal:
        """Return the principal of a signed-in user; a program of an invented user is the account's."""
        if self._invented and kind == "notebook":
            return self.server()
        display = user.display_name or user.name or user.username
        color = user.color if user.color and _COLOR.fullmatch(user.color) else color_of(user.username)
        if kind == "notebook":
            display, color = f"{display} · notebook", color_of(f"{user.username}/notebook")
        return Principal(
            subject=LOCAL if self._invented else user.username,
            username=user.username,
            name=user.name or user.username,
            display_name=display,
            initials=user.initials or initials_of(display),
            avatar_url=user.avatar_url,
            color=color,
            kind=kind,
        )

    def server(self) -> Principal:
        """Return the principal of a kernel with the connection file's token.

        With one person behind the server it is that person, under the account's name; among several it
        cannot prove whose it is.
        """
        name = account_name() if self._invented else "server"
        return Principal(
            subject=LOCAL if self._invented else "server",
            username=name,
            name=name,
            display_name=f"{name} · notebook",
            initials=initials_of(name),
            avatar_url=None,
            color=color_of(f"{name}/notebook"),
            kind="notebook",
            unproven=not self._invented,
        )


def invents_users(provider: object) -> bool:
    """Return whether an identity provider is Jupyter's own in every part that decides who a user is."""
    deciding = (
        "get_user",
        "get_user_token",
        "get_user_cookie",
        "user_from_cookie",
        "generate_anonymous_user",
    )
    return all(
        getattr(getattr(type(provider), name, None), "__module__", "") == "jupyter_server.auth.identity"
        for name in deciding
    )


def account_name() -> str:
    """Return the name of the account this process runs under."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user id may have no name
        return "me"


def initials_of(name: str) -> str:
    """Return up to two upper-case initials."""
    words = [word for word in re.split(r"[\W_]+", name) if word and word != "notebook"]
    return "".join(word[0] for word in words[:2]).upper()


def color_of(who: str) -> str:
    """Return a colour for a person, always the same, legible under white text and on light and dark."""
    digest = hashlib.sha256(who.encode("utf-8", "surrogatepass")).digest()
    hue = int.from_bytes(digest[:2], "big") / 65_536
    red, green, blue = colorsys.hls_to_rgb(hue, 0.42, 0.65)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"

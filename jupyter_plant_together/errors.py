"""Every failure that a person or a program can see, with its one sentence.

An exception carries the stable ``code`` clients match on, the HTTP ``status`` and, where it can end a
sync connection, the WebSocket ``close`` code (PROTOCOL.md, *Refusals*). Handlers translate an exception
by these three attributes and decide nothing else; the Python client turns a ``code`` back into the same
class with :func:`from_code`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class PlantTogetherError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message
        One sentence for a person.
    **details
        Further JSON-serialisable members of the HTTP error body.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    close: ClassVar[int] = 1011

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the HTTP answer: ``{"error": code, "message": …, …}``."""
        return {"error": self.code, "message": self.message, **self.details}


class BadRequest(PlantTogetherError):
    """The request's body or parameters are not what the call takes."""

    code = "bad-request"
    status = 400
    close = 4400


class BadName(BadRequest):
    """A room or document name breaks the naming rule, which the message states."""

    code = "bad-name"


class Malformed(BadRequest):
    """A frame is not a well-formed y-websocket message (PROTOCOL S4)."""

    code = "malformed"


class NotSignedIn(PlantTogetherError):
    """No credentials, or credentials that have lapsed."""

    code = "not-signed-in"
    status = 401
    close = 4401


class AccessDenied(PlantTogetherError):
    """The user may not do this."""

    code = "access-denied"
    status = 403
    close = 4403


class ReadOnly(AccessDenied):
    """The user may look at the document but not change it."""

    code = "read-only"


class NotFound(PlantTogetherError):
    """There is no such thing, or the user may not know of it."""

    code = "not-found"
    status = 404
    close = 4404


class RoomNotFound(NotFound):
    """There is no such room, or the user may not know of it."""

    code = "room-not-found"


class DocumentNotFound(NotFound):
    """There is no such document, or the user may not know of it."""

    code = "document-not-found"


class NameTaken(PlantTogetherError):
    """Another room or document has this name."""

    code = "name-taken"
    status = 409
    close = 1011


class LastOwner(PlantTogetherError):
    """A room must keep an owner."""

    code = "last-owner"
    status = 409


class RolesOff(PlantTogetherError):
    """The server's sign-in does not name people, so there are no roles (PROTOCOL I1)."""

    code = "roles-off"
    status = 409


class InvitationNotFound(NotFound):
    """There is no such invitation, or it has ended; the message says which."""

    code = "invitation-not-found"


class EpochMismatch(PlantTogetherError):
    """The client holds a history that was replaced; it must not merge (PROTOCOL E2)."""

    code = "epoch"
    status = 409
    close = 4409


class PreconditionFailed(PlantTogetherError):
    """``If-Match`` names a state that is no longer current."""

    code = "precondition-failed"
    status = 412


class LimitExceeded(PlantTogetherError):
    """A limit of the server was passed; the message names it and its trait."""

    code = "limit-exceeded"
    status = 413
    close = 4413


class Unavailable(PlantTogetherError):
    """The store cannot be reached or written just now; come back."""

    code = "unavailable"
    status = 503
    close = 1013


class Disconnected(PlantTogetherError):
    """The client could not reach the server within the time allowed."""

    code = "disconnected"
    status = 503
    close = 1013


class RenderTimeout(PlantTogetherError):
    """Drawing took longer than the limit and was stopped."""

    code = "render-timeout"
    status = 422


class UnsupportedDiagram(PlantTogetherError):
    """The engine cannot draw this type; the message names what could."""

    code = "unsupported-diagram"
    status = 422


class PlantUMLSyntaxError(PlantTogetherError):
    """The diagram's text has an error.

    Parameters
    ----------
    line
        1-based line in the text given, or None if unknown.
    message
        What the engine says.
    """

    code = "syntax"
    status = 422

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message if line is None else f"line {line}: {message}", line=line)
        self.line = line


def from_code(code: str, message: str) -> PlantTogetherError:
    """Return the exception for an HTTP error body's ``code``; the base class for an unknown one."""
    pending: list[type[PlantTogetherError]] = [PlantTogetherError]
    while pending:
        cls = pending.pop()
        if cls.code == code:
            return PlantUMLSyntaxError(None, message) if cls is PlantUMLSyntaxError else cls(message)
        pending.extend(cls.__subclasses__())
    return PlantTogetherError(message)


def from_close(close_code: int, message: str) -> PlantTogetherError | None:
    """Return the exception for a WebSocket close code of the 44xx range, None for a transient one."""
    table: dict[int, type[PlantTogetherError]] = {
        cls.close: cls
        for cls in (Malformed, NotSignedIn, AccessDenied, NotFound, EpochMismatch, LimitExceeded)
    }
    cls = table.get(close_code)
    return None if cls is None else cls(message)

"""Every failure that a person or a program can see, with its one sentence.

An exception carries the stable ``code`` clients match on, the HTTP ``status`` and, where it can end a
sync connection, the WebSocket ``close`` code (docs/protocol.md, *Refusals*). Handlers translate an exception
by these three attributes and decide nothing else; the Python client turns a ``code`` back into the class.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from .shared import table

CLOSE_CODES: Final[dict[str, int]] = table("wire")["closeCodes"]


class PlantTogetherError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message
        One sentence for a person.
    **details
        Further JSON-serialisable members of the HTTP error body.

    Examples
    --------
    >>> try:
    ...     room["nothing"]
    ... except plant.PlantTogetherError as error:
    ...     print(error.message)
    There is no document 'nothing' in the room 'design'; create() makes one.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    close: ClassVar[int] = CLOSE_CODES["failed"]

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the HTTP answer: ``{"error": code, "message": …, …}``."""
        return {"error": self.code, "message": self.message, **self.details}


class BadRequest(PlantTogetherError):
    """The request's body or parameters are not what the call takes.

    Examples
    --------
    >>> plant.render("Ada -> Ben", "gif")
    Traceback (most recent call last):
    BadRequest: Pictures are made as svg, png, pdf, not as “gif”.
    """

    code = "bad-request"
    status = 400
    close = CLOSE_CODES["badRequest"]


class BadName(BadRequest):
    """A room or document name breaks the naming rule, which the message states.

    Examples
    --------
    >>> room.create("a/b")
    Traceback (most recent call last):
    BadName: A document name is 1 to 128 letters, digits, spaces, '-', '_' or '.'; '/' is not allowed.
    """

    code = "bad-name"


class Malformed(BadRequest):
    """A frame is not a well-formed y-websocket message (PROTOCOL S4)."""

    code = "malformed"


class ClientIdTaken(BadRequest):
    """Other edits are known under the client id of these (PROTOCOL A11)."""

    code = "client-id"


class NotSignedIn(PlantTogetherError):
    """No credentials, or credentials that have lapsed.

    Examples
    --------
    >>> plant.NotSignedIn.status, plant.NotSignedIn.code
    (401, 'not-signed-in')
    """

    code = "not-signed-in"
    status = 401
    close = CLOSE_CODES["notSignedIn"]


class AccessDenied(PlantTogetherError):
    """The user may not do this.

    Examples
    --------
    >>> plant.connect("design", url="http://127.0.0.1:8888/", token="wrong")
    Traceback (most recent call last):
    AccessDenied: http://127.0.0.1:8888/ refused the token.
    """

    code = "access-denied"
    status = 403
    close = CLOSE_CODES["accessDenied"]


class ReadOnly(AccessDenied):
    """The user may look at the document but not change it.

    Examples
    --------
    >>> plant.ReadOnly.code
    'read-only'
    """

    code = "read-only"


class NotFound(PlantTogetherError):
    """There is no such thing, or the user may not know of it.

    Examples
    --------
    >>> try:
    ...     room["nothing"]
    ... except plant.NotFound as error:
    ...     print(type(error).__name__)
    DocumentNotFound
    """

    code = "not-found"
    status = 404
    close = CLOSE_CODES["notFound"]


class RoomNotFound(NotFound):
    """There is no such room, or the user may not know of it.

    Examples
    --------
    >>> plant.connect("nowhere", create=False)
    Traceback (most recent call last):
    RoomNotFound: There is no room “nowhere”.
    """

    code = "room-not-found"


class DocumentNotFound(NotFound):
    """There is no such document, or the user may not know of it.

    Examples
    --------
    >>> room["nothing"]
    Traceback (most recent call last):
    DocumentNotFound: There is no document 'nothing' in the room 'design'; create() makes one.
    """

    code = "document-not-found"


class NameTaken(PlantTogetherError):
    """Another room or document has this name.

    Examples
    --------
    >>> room.create("login")
    Traceback (most recent call last):
    NameTaken: There is a document of this name already.
    """

    code = "name-taken"
    status = 409
    close = CLOSE_CODES["failed"]


class EpochMismatch(PlantTogetherError):
    """The client holds a history that was replaced; it must not merge (PROTOCOL E2).

    Examples
    --------
    >>> plant.EpochMismatch.code
    'epoch'
    """

    code = "epoch"
    status = 409
    close = CLOSE_CODES["epoch"]


class PreconditionFailed(PlantTogetherError):
    """``If-Match`` names a state that is no longer current."""

    code = "precondition-failed"
    status = 412


class LimitExceeded(PlantTogetherError):
    """A limit of the server was passed; the message names it and its trait.

    Examples
    --------
    >>> room.create("long", "x" * 2_000_000)
    Traceback (most recent call last):
    LimitExceeded: The text is over the limit.
    """

    code = "limit-exceeded"
    status = 413
    close = CLOSE_CODES["limitExceeded"]


class Unavailable(PlantTogetherError):
    """The store cannot be reached or written just now; come back.

    Examples
    --------
    >>> try:
    ...     doc.tag("today").name
    ... except plant.Unavailable as error:
    ...     print("later, please")
    'today'
    """

    code = "unavailable"
    status = 503
    close = CLOSE_CODES["unavailable"]


class Misconfigured(Unavailable):
    """Something is set up so that it cannot be used, and somebody has to change that.

    :class:`Unavailable` says "come back"; this does not pass by waiting, so a start that meets it stops with
    its sentence.
    """


class Disconnected(PlantTogetherError):
    """The client could not reach the server within the time allowed.

    Examples
    --------
    >>> plant.connect("design", url="http://127.0.0.1:9/")
    Traceback (most recent call last):
    Disconnected: http://127.0.0.1:9/ does not answer: Connection refused.
    """

    code = "disconnected"
    status = 503
    close = CLOSE_CODES["unavailable"]


class RenderTimeout(PlantTogetherError):
    """Drawing took longer than the limit and was stopped.

    Examples
    --------
    >>> plant.RenderTimeout.code
    'render-timeout'
    """

    code = "render-timeout"
    status = 422


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


class UnsupportedDiagram(PlantTogetherError):
    """The engine cannot draw this type; the message names what could.

    Examples
    --------
    >>> plant.render("@startsalt\\n{ }\\n@endsalt")
    Traceback (most recent call last):
    UnsupportedDiagram: The built-in engine cannot draw this type.
    """

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

    Examples
    --------
    >>> try:
    ...     plant.render("Ada -> Ben\\nAda -> -> Ben")
    ... except plant.PlantUMLSyntaxError as error:
    ...     print(error.line)
    2
    """

    code = "syntax"
    status = 422

    def __init__(self, line: int | None, message: str) -> None:
        super().__init__(message if line is None else f"line {line}: {message}", line=line)
        self.line = line

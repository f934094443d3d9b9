"""The server's error codes as the exceptions of this package."""

from __future__ import annotations

from ...errors import PlantTogetherError, PlantUMLSyntaxError


def from_code(code: str, message: str) -> PlantTogetherError:
    """Return the exception for an HTTP error body's ``code``; the base class for an unknown one."""
    pending: list[type[PlantTogetherError]] = [PlantTogetherError]
    while pending:
        cls = pending.pop()
        if cls.code == code:
            return PlantUMLSyntaxError(None, message) if cls is PlantUMLSyntaxError else cls(message)
        pending.extend(cls.__subclasses__())
    return PlantTogetherError(message)

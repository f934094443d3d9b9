"""Shared PlantUML diagrams in Jupyter: people and notebooks draw one diagram together, live.

    import jupyter_plant_together as plant

    room = plant.connect("example")          # this kernel's own server, or url=… and token=…
    doc = room["welcome"]                    # a plant.Document, open and in step with everybody
    doc.replace("hello", "good morning")     # there at once, on its way to the others
    doc.flush()                              # returns when it is saved
    doc                                      # as a cell's last line: live, with an editor beside the picture

What there is:

    connect         enter a room: a Room, which is a mapping of names to documents
    Room            documents, create, rename, delete, restore, members, events, export, import_files, …
    Document        source, insert, replace, transaction, flush, observe, svg, png, save, tag, versions, …
    DiagramWidget   a document as a widget, for layouts
    render          draw any PlantUML text here, without a server
    diagrams        PlantUML from Python objects: classes, er, json, sequence, state
    aio             connect, Room and Document with async and await
    Change, Event, Member, Participant, Version
                    what documents and rooms tell

Errors are subclasses of PlantTogetherError, and their message is a sentence:

    AccessDenied  BadName  BadRequest  Disconnected  DocumentNotFound  EpochMismatch  LimitExceeded
    NameTaken  NotFound  NotSignedIn  PlantUMLSyntaxError  ReadOnly  RenderTimeout  RoomNotFound
    Unavailable  UnsupportedDiagram

%load_ext jupyter_plant_together brings %%plantuml. help(plant.connect), help(plant.Document), … tell more.
"""

# The public names are loaded when they are first used, so that a server does not import the client nor a
# notebook the server.

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import diagrams
    from .errors import (
        AccessDenied,
        BadName,
        BadRequest,
        Disconnected,
        DocumentNotFound,
        EpochMismatch,
        LimitExceeded,
        NameTaken,
        NotFound,
        NotSignedIn,
        PlantTogetherError,
        PlantUMLSyntaxError,
        ReadOnly,
        RenderTimeout,
        RoomNotFound,
        Unavailable,
        UnsupportedDiagram,
    )
    from .notebook import aio
    from .notebook.client.event_subscription import Event
    from .notebook.document import Document
    from .notebook.members import Member
    from .notebook.observers import Change
    from .notebook.presence import Participant
    from .notebook.room import Room, connect
    from .notebook.versions import Version
    from .notebook.widget import DiagramWidget
    from .rendering.render import render

__all__ = [
    "AccessDenied",
    "BadName",
    "BadRequest",
    "Change",
    "DiagramWidget",
    "Disconnected",
    "Document",
    "DocumentNotFound",
    "EpochMismatch",
    "Event",
    "LimitExceeded",
    "Member",
    "NameTaken",
    "NotFound",
    "NotSignedIn",
    "Participant",
    "PlantTogetherError",
    "PlantUMLSyntaxError",
    "ReadOnly",
    "RenderTimeout",
    "Room",
    "RoomNotFound",
    "Unavailable",
    "UnsupportedDiagram",
    "Version",
    "aio",
    "connect",
    "diagrams",
    "render",
]

_CLIENT = {
    "Change": ".notebook.observers",
    "DiagramWidget": ".notebook.widget",
    "Document": ".notebook.document",
    "Event": ".notebook.client.event_subscription",
    "Member": ".notebook.members",
    "Participant": ".notebook.presence",
    "Room": ".notebook.room",
    "Version": ".notebook.versions",
    "connect": ".notebook.room",
    "render": ".rendering.render",
}


def __getattr__(name: str) -> Any:
    if name == "aio":
        return import_module(".notebook.aio", __name__)
    if name == "diagrams":
        return import_module(".diagrams", __name__)
    if name in __all__:
        return getattr(import_module(_CLIENT.get(name, ".errors"), __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Register ``%plantuml`` and ``%%plantuml``; called by ``%load_ext jupyter_plant_together``."""
    import_module(".notebook.magic", __name__).load(shell)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .server.app import PlantTogether  # noqa: PLC0415 - a notebook must not import the server

    return [{"module": "jupyter_plant_together", "app": PlantTogether}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@plant-together/jupyterlab"}]


def __dir__() -> list[str]:
    """Return what people use; parts of the package become attributes of it as they are imported."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})

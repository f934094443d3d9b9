"""A room in a notebook: a mapping from document names to documents, whose calls wait for the server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import DocumentNotFound
from . import files
from .base_room import BaseRoom
from .client.room_client import FLUSH_TIMEOUT, RoomClient
from .client.worker import Worker
from .document import Document
from .events import Events
from .members import Member, members_of


class Room(BaseRoom[Document]):
    """A room: ``room["login"]`` opens a document, ``room.documents`` names them all.

    Made by ``connect``. It is a mapping of names (``len``, ``in``, iteration), and a context manager
    that closes it. Names may be given without ``.puml``, or as ``~`` and an id.

    Examples
    --------
    >>> room = plant.connect("design")
    >>> doc = room["login"] if "login" in room else room.create("login", "@startuml\\n@enduml\\n")
    >>> room.documents
    ['login.puml']
    """

    def __init__(self, client: RoomClient) -> None:
        super().__init__(client, Document)

    @property
    def documents(self) -> list[str]:
        """The names of the room's documents."""
        return self._worker.run(self._client.names())

    def __getitem__(self, name: str) -> Document:
        """Open a document (``login`` finds ``login.puml``); its content is there on return.

        Raises DocumentNotFound if there is none, Disconnected if the server does not answer.
        """
        return self._hold(self._worker.run(self._client.open(name)))

    def create(self, name: str, source: str = "") -> Document:
        """Create a document and open it.

        Parameters
        ----------
        name
            Its name; ``.puml`` is added to one without an extension.
        source
            Its text.

        Raises
        ------
        NameTaken, BadName
            If another document has the name, or it breaks the rule for names.
        LimitExceeded
            If the text is too long, or the room is full.
        Disconnected
            If the server does not answer.

        Examples
        --------
        >>> room.create("errors", "@startuml\\n@enduml").name
        'errors.puml'
        """
        return self._hold(self._worker.run(self._client.create(name, source)))

    def delete(self, name: str) -> None:
        """Delete a document for everybody; the server keeps it for a restore.

        Raises DocumentNotFound if there is none.
        """
        self._worker.run(self._client.delete(name))

    def rename(self, name: str, to: str) -> None:
        """Rename a document; whoever has it open keeps it.

        Raises DocumentNotFound if there is none, NameTaken or BadName if it cannot be called ``to``.

        Examples
        --------
        >>> room.rename("login", "sign in")
        >>> room.documents
        ['sign in.puml']
        """
        self._worker.run(self._client.rename(name, to))

    @property
    def deleted(self) -> list[str]:
        """The names of the documents that were deleted and can be restored.

        Examples
        --------
        >>> room.delete("login")
        >>> room.deleted
        ['login.puml']
        """
        return self._worker.run(files.deleted(self._client))

    def restore(self, name: str, to: str | None = None) -> Document:
        """Bring back a deleted document and open it.

        ``to`` is what it shall be called if its name is taken by now. Raises DocumentNotFound if no document
        of this name was deleted, NameTaken if another has the name.

        Examples
        --------
        >>> room.delete("login")
        >>> room.restore("login").name
        'login.puml'
        """
        return self[self._worker.run(files.restore(self._client, name, to))]

    def export(
        self,
        path: str | os.PathLike[str],
        documents: Sequence[str] = (),
        kinds: Sequence[str] = ("puml",),
    ) -> Path:
        """Write the room into a zip file, ``<document>/diagram.puml`` for each document; returns its path.

        Parameters
        ----------
        path
            The file; it is replaced whole, or not touched if something fails.
        documents
            Names of the documents to take; without them all.
        kinds
            Some of ``puml``, ``svg``, ``png`` and ``history`` (who did what when, and the named versions);
            pictures need a server that can draw.

        Raises DocumentNotFound if a document is not there, OSError if the file cannot be written.

        Examples
        --------
        >>> room.export("design.zip")
        PosixPath('design.zip')
        """
        return self._worker.run(files.export(self._client, path, documents, kinds))

    def import_files(self, *paths: str | os.PathLike[str]) -> files.Imported:
        """Bring zip files (as ``export`` writes them) and PlantUML files into the room.

        A document that is there already is edited, so that it has the file's text; one that has it is left
        alone. Returns the names of what was ``created``, ``changed`` and ``unchanged``.

        Raises
        ------
        LimitExceeded, PlantTogetherError
            If a file is too large or not what it seems; nothing of that file is in the room then.
        OSError
            If a file cannot be read; nothing is imported then.

        Examples
        --------
        >>> package = room.export("design.zip")
        >>> room.delete("login")
        >>> room.import_files(package).created
        ('login.puml',)
        """
        return self._worker.run(files.import_files(self._client, paths))

    @property
    def members(self) -> list[Member]:
        """Who belongs to the room, and as what.

        Examples
        --------
        >>> {member.kind: member.role for member in room.members}
        {'everyone': 'editor', 'user': 'owner'}
        """
        return self._worker.run(members_of(self._client))

    @property
    def events(self) -> Events:
        """What happens in the room: documents come and go, members change, people enter and leave.

        Examples
        --------
        >>> @room.events.observe
        ... def tell(event):
        ...     print(event.type, event.by)
        """
        return Events(self)

    def __iter__(self) -> Iterator[str]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    def __bool__(self) -> bool:
        return True  # without asking the server; an empty room is a room

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        try:
            self._worker.run(self._client.find(name))
        except DocumentNotFound:
            return False
        return True

    def _ipython_key_completions_(self) -> list[str]:
        return self.documents

    def close(self, timeout: float = FLUSH_TIMEOUT) -> None:
        """Flush and leave every document. Raises what ``flush`` raises, but all is closed then.

        Examples
        --------
        >>> room.close()
        """
        if not self._worker.usable:
            return
        try:
            self._worker.run(self._client.close(timeout))
        finally:
            self._worker.stop()
            self._worker.join(timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(room: str, *, url: str | None = None, token: str | None = None, create: bool = True) -> Room:
    """Connect to a room.

    Parameters
    ----------
    room
        The room's name.
    url, token
        The Jupyter server and a token for it. Without them: ``PLANT_TOGETHER_URL`` and
        ``PLANT_TOGETHER_TOKEN``, the server that runs this kernel, or the only one of yours that runs.
    create
        Whether to create a room that is not there.

    Raises
    ------
    Disconnected
        If no server is found or it does not answer.
    RoomNotFound
        If there is no such room and ``create`` is False.
    AccessDenied
        If the server refuses the token, or you may not enter or create the room.
    BadName
        If the room would have to be made and the name breaks the rule for names.

    Examples
    --------
    >>> import jupyter_plant_together as plant
    >>> room = plant.connect("design")
    >>> elsewhere = plant.connect("design", url="http://127.0.0.1:8888/", token="…", create=False)
    """
    worker = Worker(f"plant-together {room}")
    try:
        client = worker.run(RoomClient.connect(worker, room, url, token, create))
    except BaseException:
        worker.stop()
        raise
    return Room(client)

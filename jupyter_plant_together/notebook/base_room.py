"""What a room in a notebook is without waiting for the network: its names, its people, the documents held.

The objects people hold may vanish at any time: a document that nobody holds or observes is flushed and
left, a room likewise, and the end of the interpreter waits for a last short flush.
"""

from __future__ import annotations

import weakref
from typing import Generic, TypeVar

from ..errors import Disconnected
from .base_document import BaseDocument
from .client.event_subscription import EventSubscription
from .client.rest import Server
from .client.room_client import FLUSH_TIMEOUT, RoomClient
from .client.session import Session
from .client.worker import Worker
from .presence import Participant

D = TypeVar("D", bound=BaseDocument)


class BaseRoom(Generic[D]):
    """What a room can do without waiting for the network."""

    def __init__(self, client: RoomClient, document_type: type[D]) -> None:
        self._client = client
        self._document_type = document_type
        self._documents: weakref.WeakValueDictionary[str, D] = weakref.WeakValueDictionary()
        self._worker: Worker = client.worker
        weakref.finalize(self, _leave_room, client).atexit = False

    @property
    def id(self) -> str:
        """The room's id, which a rename does not change.

        Examples
        --------
        >>> room.id[:2]
        'r_'
        """
        return self._client.id

    @property
    def name(self) -> str:
        """The room's name.

        Examples
        --------
        >>> room.name
        'design'
        """
        return self._client.name

    @property
    def _server(self) -> Server:
        """The server's REST interface, for the background thread."""
        return self._client.server

    @property
    def participants(self) -> list[Participant]:
        """Who has a document open that is open here, too.

        Examples
        --------
        >>> [person.kind for person in room.participants if person.me]
        ['notebook']
        """
        return [] if self._worker.stopped else self._worker.call(self._client.participants)

    @property
    def _subscription(self) -> EventSubscription:
        """The room's events, for the background thread."""
        return self._client.subscription

    def _hold(self, session: Session) -> D:
        """Return the one object for a session; the session is released when the object vanishes."""
        document = self._documents.get(session.id)
        if document is not None and document._belongs_to(session):
            _leave_document(self._client, session)  # counted twice
            return document
        document = self._document_type(self, session)
        self._documents[session.id] = document
        weakref.finalize(document, _leave_document, self._client, session).atexit = False
        return document

    def __repr__(self) -> str:
        open_here = sorted(document.name for document in self._documents.values())
        return f"<{type(self).__name__} {self.name}{': ' + ', '.join(open_here) if open_here else ''}>"


def _leave_document(client: RoomClient, session: Session) -> None:
    try:
        client.worker.submit(client.release(session))
    except Disconnected:
        pass  # everything is closed already


def _leave_room(client: RoomClient) -> None:
    try:
        client.worker.submit(client.dispose(FLUSH_TIMEOUT))
    except Disconnected:
        pass  # everything is closed already

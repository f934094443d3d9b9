"""A document as an ipywidget: traits that follow it in the kernel, an editor and its picture in the browser.

The text does not travel through the widget: the kernel and each page have the document open, so a cell in a
loop and a person who types never wait for each other, and no browser is needed. What the widget carries is
how to show it (``height``, ``editable``), and from the browser the picture and what is wrong with the text.
Traits that follow the document are set on its callback thread, with what it says at that moment; only a value
that did not come from there is written into it.
"""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from ..errors import PlantTogetherError
from .cell_display import MIME_TYPE
from .document import Document
from .observers import Change
from .room import Room, connect

_MODULE = "@plant-together/jupyterlab"
_PROTOCOL = "^1.0.0"  # of the traits below, not of the package


class DiagramWidget(ipywidgets.DOMWidget):  # type: ignore[misc]  # ipywidgets has no types
    """A live diagram in a cell or in a layout of widgets.

    Parameters
    ----------
    room
        A room, or the name of one at this kernel's own server.
    document
        The document's name; it is opened, and must be there.
    editable
        Whether the text is shown beside the picture and may be changed in this view.
    height
        In pixels.

    Attributes
    ----------
    source : str
        The text. Setting it makes the least edits, as ``Document.source`` does; it follows everybody's edits.
    svg : str
        The picture as the browser drew it last; empty while no view is open.
    error : dict or None
        What is wrong with the text: ``{"line": int or None, "message": str}``, as the browser sees it.
    participants : tuple of Participant
        Who has the document open.

    Raises
    ------
    RoomNotFound, DocumentNotFound, AccessDenied, Disconnected
        As ``connect`` and ``room[document]`` do.

    Examples
    --------
    >>> diagram = plant.DiagramWidget(room="design", document="login", height=480)
    >>> lengths = []
    >>> diagram.observe(lambda change: lengths.append(len(change.new)), "source")
    >>> diagram.source = diagram.source.replace("Ada", "Grace")
    """

    _model_name = traitlets.Unicode("DiagramModel").tag(sync=True)
    _model_module = traitlets.Unicode(_MODULE).tag(sync=True)
    _model_module_version = traitlets.Unicode(_PROTOCOL).tag(sync=True)
    _view_name = traitlets.Unicode("DiagramView").tag(sync=True)
    _view_module = traitlets.Unicode(_MODULE).tag(sync=True)
    _view_module_version = traitlets.Unicode(_PROTOCOL).tag(sync=True)

    room = traitlets.Unicode(read_only=True).tag(sync=True)
    document = traitlets.Unicode(read_only=True).tag(sync=True)
    room_id = traitlets.Unicode(read_only=True).tag(sync=True)
    document_id = traitlets.Unicode(read_only=True).tag(sync=True)
    editable = traitlets.Bool(True).tag(sync=True)
    height = traitlets.Int(360, min=80).tag(sync=True)
    svg = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Dict(None, allow_none=True).tag(sync=True)
    source = traitlets.Unicode("")
    participants = traitlets.Tuple(read_only=True)

    def __init__(self, room: Room | str, document: str, *, editable: bool = True, height: int = 360) -> None:
        place = room if isinstance(room, Room) else connect(room)
        opened = place[document]
        self._document: Document = opened
        self._taken = opened.source  # what the trait was set to last because the document said so
        super().__init__(editable=editable, height=height, source=self._taken)
        for name, value in {
            "room": place.name,
            "document": opened.name,
            "room_id": place.id,
            "document_id": opened.id,
        }.items():
            self.set_trait(name, value)
        self._look_who_is_there()
        opened.observe(self._changed)
        self._document_observers = opened._session.observers
        self._document_observers.add_of_people(self._look_who_is_there)
        self._take()  # what happened before it was observed

    def close(self) -> None:
        """Remove the widget from the page and stop following; the document stays open in its room."""
        if hasattr(self, "_document_observers"):
            self._document.unobserve(self._changed)
            self._document_observers.remove_of_people(self._look_who_is_there)
            del self._document_observers
        super().close()

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        # Not a widget view: where its module cannot be loaded, as in an exported page, that shows nothing.
        shown = self._document._repr_mimebundle_()
        shown[MIME_TYPE] |= {"height": self.height, "widget": self.model_id}
        return shown

    # --- following ---------------------------------------------------------------------------------

    def _changed(self, _change: Change) -> None:
        self._take()

    def _take(self) -> None:
        self._taken = self.source = self._document.source

    def _look_who_is_there(self) -> None:
        people = tuple(self._document.participants)
        if people != self.participants:
            self.set_trait("participants", people)

    @traitlets.observe("source")
    def _write(self, change: Any) -> None:
        if change.new != self._taken:
            try:
                self._document.source = change.new
            except PlantTogetherError:
                self._take()  # the trait says what the document does
                raise

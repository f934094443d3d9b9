"""A document's text as its first update, and the text of the example.

A document is a Y.Doc whose Y.Text is ``source``. Line ends are ``\\n``: ``a\\r\\nb`` would be four long for
Yjs and three for CodeMirror.
"""

from __future__ import annotations

import pycrdt

from ..errors import BadRequest
from ..ids import new_client_id
from ..limits import Limits
from ..yjs.sync import SOURCE

EXAMPLE_ROOM = "example"
EXAMPLE_DOCUMENT = "welcome.puml"
EXAMPLE_SOURCE = """\
@startuml
title Drawing together

skinparam shadowing false
skinparam sequenceMessageAlign center

actor Ada
participant "Ada's browser" as A
participant "Jupyter server" as S
database "History" as H
participant "Ben's browser" as B
participant "Notebook" as N
actor Ben

== One key is pressed ==

Ada -> A : types
activate A
A -> S : update
deactivate A
activate S
par everyone sees it at once
  S -> B : relay
  B --> Ben : new picture
else
  S -> N : relay
else and nothing is lost
  S -> H : append
  H --> S : durable
end
S --> A : saved
deactivate S

== A program draws too ==

N -> S : doc.append("Ada -> Ben : hello")
S -> A : relay
S -> B : relay

note over Ada, Ben
  Change this text: the picture follows.
  Open it in a second window to see
  two people in one diagram.
end note
@enduml
"""


def normalised(text: object, limits: Limits) -> str:
    """Return ``text`` with ``\\n`` line ends; raise where it is no proper text or too long."""
    if not isinstance(text, str):
        raise BadRequest("The source of a document must be a text.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise BadRequest("The source holds half of a surrogate pair, which is no character.") from None
    if size > limits.max_source_size:
        raise limits.exceeded("max_source_size", "The source of the document")
    return text


def first_update(text: str) -> tuple[bytes, int]:
    """Return the update that writes ``text`` into an empty document, and its client id."""
    doc: pycrdt.Doc[pycrdt.Text] = pycrdt.Doc(client_id=new_client_id())
    source = doc.get(SOURCE, type=pycrdt.Text)
    source += text
    return doc.get_update(), doc.client_id

"""From Python objects to diagrams: what comes out is drawn by the real engine and says what the objects are."""

from __future__ import annotations

import doctest
import enum
import html
import re
import sqlite3
import typing
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

import jupyter_plant_together as plant
from jupyter_plant_together.diagrams import plain_data, python_types, tables

HOSTILE = [
    "__init__ and **bold** and //x// and --s-- and ~~w~~",
    "<b>x</b> <script> <$s> <img:/etc/passwd>",
    "%date() and $name and 100% of $5",
    'a "quoted" text \\n no line',
    "list[str] | None, dict[str, int]",
    "שלום 中文 é café",
    "!include /etc/passwd",
    "' no comment",
    "}",
    "@enduml",
    "end",
]


def texts(source: str) -> str:
    """All texts of the picture, one after the other, without blanks."""
    found = re.findall(r"<text[^>]*>([^<]*)<", plant.render(source))
    return re.sub(r"\s", "", html.unescape("".join(found)).replace("\u00a0", " "))


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("module", [plain_data, python_types, tables], ids=lambda module: module.__name__)
def test_the_examples_of_the_docstrings(module: typing.Any) -> None:
    done = doctest.testmod(module)
    assert done.attempted > 0 and done.failed == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_come_out_as_they_are(text: str) -> None:
    assert bare(text) in texts(plant.diagrams.sequence([("a", "b", text)]))
    assert bare(text) in texts(plant.diagrams.sequence([(text, "b", "x")]))
    assert bare(text) in texts(plant.diagrams.state([(text, "x", "b"), ("b", text, None)]))
    assert bare(text) in texts(plant.diagrams.json({"key": text}))
    connection = sqlite3.connect(":memory:")
    quoted = text.replace('"', '""')
    connection.execute(f'CREATE TABLE "{quoted}" ("{quoted}" INTEGER)')
    assert texts(plant.diagrams.er(connection)).count(bare(text)) == 2


def test_a_text_of_several_lines_stays_one_message() -> None:
    drawn = texts(plant.diagrams.sequence([("a", "b", "one\ntwo"), ("b", "a", "")]))
    assert "one" in drawn and "two" in drawn


class Status(enum.Enum):
    OPEN = 1
    PAID = 2


class Priced(typing.Protocol):
    def price(self) -> int: ...


class Item(ABC):
    @abstractmethod
    def price(self) -> int: ...

    @property
    def label(self) -> str:
        return ""

    @staticmethod
    def parse(text: str) -> Item:
        raise NotImplementedError(text)


@dataclass
class Book(Item):
    title: str
    pages: int | None = None
    count: typing.ClassVar[int] = 0
    _secret: str = ""


class Shop:
    books: list[Book]
    by_name: dict[str, Book | None]
    status: Status
    _hidden: Book


@dataclass
class Order:
    items: dict[str, list[Book]] = field(default_factory=dict)
    status: Status = Status.OPEN
    following: Order | None = None
    unknown: NoSuchName = None  # type: ignore[name-defined]  # noqa: F821 - as in code that is being written


def test_types_are_drawn_with_what_they_have_and_how_they_belong_together() -> None:
    source = plant.diagrams.classes(Order, Book, Item, Status, Priced)
    assert [line for line in source.splitlines() if line.endswith("{")] == [
        'class "Order" as c0 <<dataclass>> {',
        'abstract class "Book" as c1 <<dataclass>> {',
        'abstract class "Item" as c2 {',
        'enum "Status" as c3 {',
        'interface "Priced" as c4 {',
    ]
    drawn = texts(source)
    for shown in ("title:str", "pages:int|None", "count:int", "label:str", "price():int", "parse(text):Item"):
        assert shown in drawn
    assert "_secret" not in drawn and "OPEN" in drawn and "unknown:NoSuchName" in drawn
    assert "c2 <|-- c1" in source
    assert [line for line in source.splitlines() if line.startswith("c0 --> ")] == [
        "c0 --> c1 : items",
        "c0 --> c3 : status",
        "c0 --> c0 : following",
    ], "although one of its annotations names nothing"


def test_a_field_of_another_type_is_an_arrow() -> None:
    lines = plant.diagrams.classes(Shop, Book, Status).splitlines()
    assert [line for line in lines if "-->" in line] == [
        "c0 --> c1 : books",
        "c0 --> c1 : by_name",
        "c0 --> c2 : status",
    ]
    assert "dict[str,Book|None]" in texts("\n".join(lines))
    assert not any("{field}" in line for line in plant.diagrams.classes(Shop, members=False).splitlines())


def test_what_is_no_type_is_refused() -> None:
    with pytest.raises(TypeError, match="is not a type"):
        plant.diagrams.classes(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="MetaData"):
        plant.diagrams.er("sqlite://")


def test_our_own_classes_can_be_drawn() -> None:
    from jupyter_plant_together.rendering import renderer, settings
    from jupyter_plant_together.rendering.engine import process
    from jupyter_plant_together.rendering.pool import worker_pool

    found = [
        renderer.Renderer,
        worker_pool.WorkerPool,
        process.Process,
        settings.RenderSettings,
        plant.Document,
    ]
    drawn = texts(plant.diagrams.classes(*found))
    assert all(bare(one.__qualname__) in drawn for one in found)


def test_tables_of_sqlite_with_keys_and_what_refers_to_what() -> None:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = lambda _cursor, row: {"row": row}
    connection.executescript(
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT);"
        "CREATE TABLE booking (a INTEGER, b INTEGER, person INTEGER NOT NULL REFERENCES person, "
        "friend INTEGER REFERENCES person, PRIMARY KEY (a, b));"
    )
    source = plant.diagrams.er(connection)
    for line in (
        "  {field} * id : INTEGER <<PK>>",
        "  {field} * name : TEXT",
        "  {field} note : TEXT",
        "  {field} * a : INTEGER <<PK>>",
        "  {field} * person : INTEGER <<FK>>",
        "  {field} friend : INTEGER <<FK>>",
        "t1 }o--|| t0 : person",
        "t1 }o--o| t0 : friend",
    ):
        assert line in source.splitlines()
    assert "booking" in texts(source)


def test_tables_of_sqlalchemy_give_the_same() -> None:
    metadata = MetaData()
    Table("person", metadata, Column("id", Integer, primary_key=True), Column("name", String(20)))
    Table(
        "booking",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("person", ForeignKey("person.id"), nullable=False),
    )
    source = plant.diagrams.er(metadata)
    assert "  {field} name : VARCHAR(20)" in source.splitlines()
    assert "  {field} * person : INTEGER <<FK>>" in source.splitlines()
    assert "t1 }o--|| t0 : person" in source.splitlines()
    assert "VARCHAR(20)" in texts(source)

    class Base:
        pass

    Base.metadata = metadata  # type: ignore[attr-defined]
    assert plant.diagrams.er(Base) == source


def test_transitions_may_be_a_mapping() -> None:
    listed = plant.diagrams.state([("open", "close", "closed")])
    mapping = {("open", "close"): "closed"}
    assert plant.diagrams.state(mapping) == listed


def test_data_that_is_no_json_is_shown_as_text_and_a_circle_is_refused() -> None:
    drawn = texts(plant.diagrams.json({"a": Status.OPEN, "b": [1, None, True], "c": {}}))
    assert "Status.OPEN" in drawn and "true" in drawn
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular"):
        plant.diagrams.json(circle)

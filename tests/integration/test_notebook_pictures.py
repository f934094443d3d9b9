"""Pictures in notebooks: of a document, of a text, by method and by magic; in this process and in a real kernel."""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from notebook_server import JupyterProcess

import jupyter_plant_together as plant

TEXT = "@startuml\nAda -> Ben : hello\n@enduml\n"


@pytest.fixture
def doc(connect: Callable[..., plant.Room], server: JupyterProcess) -> plant.Document:
    return connect("pictures", server).create(uuid.uuid4().hex, TEXT)


def test_a_document_draws_itself(doc: plant.Document) -> None:
    svg = doc.svg()
    assert isinstance(svg, str) and svg.startswith("<svg") and ">hello<" in svg
    assert doc.png().startswith(b"\x89PNG")
    doc.replace("hello", "good morning")
    assert "good" in doc.svg(), "the text as it is now, sent or not"
    assert doc.svg(dark=True) != doc.svg()
    small, large = (struct.unpack(">II", doc.png(scale=scale)[16:24]) for scale in (1.0, 3.0))
    assert large[0] == pytest.approx(3 * small[0], abs=3)


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.svg", b"<svg"), ("b.PNG", b"\x89PNG"), ("c.pdf", b"%PDF-"), ("d.puml", b"@startuml\nAda")],
)
def test_a_document_is_saved_as_what_the_name_says(
    doc: plant.Document, tmp_path: Path, name: str, begins: bytes
) -> None:
    path = tmp_path / "größe 😀" / name
    path.parent.mkdir()
    path.write_bytes(b"old")
    assert doc.save(path) == path
    assert path.read_bytes().startswith(begins)
    assert [other.name for other in path.parent.iterdir()] == [name]


def test_a_document_draws_what_it_includes(
    connect: Callable[..., plant.Room], server: JupyterProcess, doc: plant.Document
) -> None:
    part = connect("pictures", server).create(uuid.uuid4().hex, "actor Cem")
    part.flush()
    doc.source = f"@startuml\n!include {part.name}\nAda -> Cem : hello\n@enduml"
    assert ">Cem<" in doc.svg() and doc.png().startswith(b"\x89PNG")
    assert ">Cem<" in doc._repr_mimebundle_()["image/svg+xml"]
    part.append("\nCem -> -> Cem")
    part.flush()
    with pytest.raises(
        plant.PlantUMLSyntaxError, match=rf"In “{part.name}”, line 2: This line is not"
    ) as caught:
        doc.svg()
    assert caught.value.line == 2
    doc.source = f"A -> B\n!include {doc.name}"
    with pytest.raises(plant.PlantUMLSyntaxError, match="includes itself"):
        doc.svg()
    doc.source = "A -> B\n!include /etc/passwd"
    with pytest.raises(plant.PlantUMLSyntaxError, match="line 2: The file /etc/passwd cannot be included"):
        doc.svg()
    doc.source = f"!include {part.name}"
    with pytest.raises(RuntimeError, match="inside a transaction"), doc.transaction():
        doc.svg()

    async def twin() -> str:
        async with await plant.aio.connect("pictures", url=server.url, token=server.token) as room:
            other = await room.create(uuid.uuid4().hex, f"!include {part.name}")
            await asyncio.to_thread(part.replace, "Cem -> -> Cem", "")
            await asyncio.to_thread(part.flush)
            return await other.svg()

    assert ">Cem<" in asyncio.run(twin())


def test_nothing_is_written_where_nothing_can_be_drawn(doc: plant.Document, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_bytes(b"old")
    doc.source = "@startuml\nAda -> -> Ben\n@enduml"
    with pytest.raises(plant.PlantUMLSyntaxError) as caught:
        doc.save(path)
    assert caught.value.line == 2 and path.read_bytes() == b"old"
    with pytest.raises(ValueError, match=r"must end in .svg"):
        doc.save(tmp_path / "a.gif")
    assert [other.name for other in tmp_path.iterdir()] == ["a.svg"]


def test_the_twin_of_aio_does_the_same(doc: plant.Document, server: JupyterProcess, tmp_path: Path) -> None:
    doc.flush()

    async def main() -> None:
        async with await plant.aio.connect("pictures", url=server.url, token=server.token) as room:
            document = await room.open(doc.name)
            assert await document.svg() == doc.svg()
            assert await document.png() == doc.png()
            assert (await document.save(tmp_path / "a.png")).read_bytes() == doc.png()
            assert (await document.save(tmp_path / "a.puml")).read_text() == TEXT

    asyncio.run(main())


# --- in a kernel --------------------------------------------------------------------------------------


@pytest.fixture
def cells(server: JupyterProcess) -> Iterator[Callable[..., list[Any]]]:
    """Return a function that runs cells in a new kernel beside the server, and returns what each showed."""
    environment = {**server.environment, "PLANT_TOGETHER_CONNECTION_FILE": str(server.connection_file)}

    def run(*sources: str) -> list[Any]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        NotebookClient(notebook, timeout=90, kernel_name="python3").execute(env=environment)
        return [output for cell in notebook.cells for output in cell.outputs]

    yield run


LOAD = "%load_ext jupyter_plant_together"


def test_a_cell_is_a_diagram_and_options_say_how_it_is_shown(cells: Callable[..., list[Any]]) -> None:
    shown, svg, png, page = cells(
        LOAD,
        "%%plantuml\nAda -> Ben : hello",
        "%%plantuml --size 500\nAda -> Ben : hello",
        "%%plantuml -f png --size 300 --dark\nAda -> Ben : hello",
        "%%plantuml -p 1\nAda -> Ben : one\nnewpage\nAda -> Ben : two",
    )
    assert ">hello<" in shown["data"]["image/svg+xml"]
    assert shown["data"]["text/plain"].startswith("<SVG of ")
    assert ' width="500"' in svg["data"]["image/svg+xml"].partition(">")[0]
    assert png["metadata"]["image/png"]["width"] == pytest.approx(300, abs=1)
    assert ">two<" in page["data"]["image/svg+xml"]


def test_an_error_points_at_the_line_of_the_cell_without_a_trace(cells: Callable[..., list[Any]]) -> None:
    with pytest.raises(CellExecutionError) as caught:
        cells(LOAD, "%%plantuml\nAda -> Ben\nAda -> -> Ben")
    said = str(caught.value)
    assert "line 3: This line is not understood" in said
    assert "3 | Ada -> -> Ben" in said and "Traceback" not in said.partition("-----\n\n")[2]


def test_a_cell_is_written_into_a_shared_document_and_a_line_shows_it(
    cells: Callable[..., list[Any]], server: JupyterProcess
) -> None:
    document, shown = cells(
        LOAD, "%%plantuml magic/login\nAda -> Ben : from a cell\n", "%plantuml magic/login"
    )
    assert server.api("GET", "rooms/magic/documents/login/source") == "Ada -> Ben : from a cell\n"
    assert "magic/login.puml" in document["data"]["text/plain"]
    assert ">from a cell<" in document["data"]["image/svg+xml"], "for viewers without the live view"
    assert ">from a cell<" in shown["data"]["image/svg+xml"]
    assert "application/vnd.plant-together.document+json" in document["data"]
    asked = ["%plantuml magic/none", "%plantuml none/none", "%plantuml magic", "%plantuml"]
    refused = "try: get_ipython().run_line_magic(*{!r}.lstrip('%').partition(' ')[::2])\n"
    refused += "except Exception as error: print(type(error).__name__, error)"
    texts = "".join(output["text"] for output in cells(LOAD, *(refused.format(line) for line in asked)))
    assert texts.count("UsageError There is no ") == 2 and texts.count("UsageError Name the shared ") == 2
    assert "none" not in [room["name"] for room in server.api("GET", "rooms")["items"]]


def test_pictures_show_themselves(cells: Callable[..., list[Any]]) -> None:
    svg, png = cells(
        "import jupyter_plant_together as plant",
        "plant.render('Ada -> Ben : hello')",
        "plant.render('Ada -> Ben', 'png')",
    )
    assert ">hello<" in svg["data"]["image/svg+xml"] and "<svg" not in svg["data"]["text/plain"]
    assert png["data"]["image/png"] and png["metadata"]["image/png"]["width"] > 50

"""A real kernel: one that the server starts finds its server, and those in notebooks/ run."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from notebook_server import JupyterProcess
from websockets.sync.client import connect as websocket

import jupyter_plant_together as plant

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def execute(socket: Any, code: str) -> str:
    """Run code in the kernel and return what it printed; fails with its error."""
    identifier = uuid.uuid4().hex
    header = {
        "msg_id": identifier,
        "msg_type": "execute_request",
        "session": "t",
        "username": "t",
        "version": "5.3",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": False,
    }
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    socket.send(json.dumps(message))
    printed = ""
    while True:
        reply = json.loads(socket.recv(60))
        if reply["parent_header"].get("msg_id") != identifier:
            continue
        kind, body = reply["msg_type"], reply["content"]
        if kind == "stream":
            printed += body["text"]
        assert kind != "error", body
        if kind == "status" and body["execution_state"] == "idle":
            return printed


def test_a_kernel_of_the_server_finds_it(server: JupyterProcess) -> None:
    kernel = server.call("POST", "api/kernels", {"name": "python3"})
    headers = {"Authorization": f"token {server.token}"}
    address = f"ws{server.url.removeprefix('http')}api/kernels/{kernel['id']}/channels"
    with websocket(address, additional_headers=headers) as socket:
        execute(
            socket, "import jupyter_plant_together as plant; doc = plant.connect('kernel').create('d', 'a')"
        )
        # ipykernel's loop runs while the cell does: the call blocks it, and the document stays in step.
        assert execute(
            socket, "doc.append('😀'); doc.flush(); print(doc.status, doc.participants[0].kind)"
        ) == ("saved notebook\n")
        assert server.api("GET", "rooms/kernel/documents/d.puml/source") == "a😀"
        assert "async" in execute(
            socket,
            "async with await plant.aio.connect('kernel') as room:\n"
            "    other = await room.open('d'); other.append(' async'); await other.flush()\n"
            "print(doc.wait_for('async', 10))",
        )
        execute(socket, "doc.append(' last')")
    server.call("DELETE", f"api/kernels/{kernel['id']}")


def run(name: str, server: JupyterProcess) -> str:
    """Run a notebook in a kernel beside the server; return what its cells show, and fail with their errors."""
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "committed without outputs"
    environment = {**server.environment, "PLANT_TOGETHER_CONNECTION_FILE": str(server.connection_file)}
    place = {"metadata": {"path": str(server.runtime)}}  # where it may write files
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=place).execute(env=environment)
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )


def source(server: JupyterProcess, name: str) -> str:
    return str(server.api("GET", f"rooms/example/documents/{name}/source"))


def test_getting_started(server: JupyterProcess) -> None:
    printed = run("getting-started", server)
    assert "Index 100 is outside the text, which is 0 characters long." in printed
    assert "Room example" in printed
    assert "· notebook'" in printed
    assert "<Document example/login.puml: owner, saved, " in printed
    assert "'closed'" in printed
    assert source(server, "login.puml") == (
        "@startuml\nactor Grace\nGrace -> Server : one-time code 🔑\nServer --> Grace : שלום, welcome\n@enduml\n"
        "' edited by a notebook\n' and by another\n"
    )


def test_following_code(server: JupyterProcess) -> None:
    printed = run("following-code", server)
    assert 'state "sent" as s3 #palegreen' in printed
    assert "An order that is sent cannot cancel." in printed
    assert "packed True" in printed, "the slider moved the order, and the widget's source followed"
    assert 'state "packed" as s2 #palegreen' in source(server, "order.puml")
    calls = source(server, "calls.puml")
    assert "p1 -> p2 : take('teapot', 2)" in calls
    assert calls.index("take('teapot', 9)") < calls.index("sold out")
    plant.render(calls)


def test_classes_and_tables(server: JupyterProcess) -> None:
    printed = run("classes-and-tables", server)
    handlers = source(server, "logging.puml")
    assert 'class "RotatingFileHandler"' in handlers
    assert handlers.count("<|--") == 6
    assert "output_history" in printed, "IPython's own tables"
    types = source(server, "traitlets.puml")
    assert 'class "Unicode"' in types
    for drawn in (handlers, types, source(server, "history.puml"), source(server, "data.puml")):
        assert "</svg>" in plant.render(drawn)
    assert (server.runtime / "data.svg").read_text().startswith("<svg")


def test_team_review(server: JupyterProcess) -> None:
    printed = run("team-review", server)
    assert "+Shop --> Customer : receipt" in printed
    assert "+What if the card is refused?" in printed
    assert "['approved', 'before the review']" in printed
    assert "document.created by" in printed
    assert "review.zip True" in printed
    approved = source(server, "checkout.puml")
    assert "alt card accepted" in approved
    assert "note over Bank" not in approved
    assert "</svg>" in plant.render(approved)


def test_every_notebook_is_run() -> None:
    names = {path.stem.replace("-", "_") for path in NOTEBOOKS.glob("*.ipynb")}
    assert {f"test_{name}" for name in names} <= set(globals())

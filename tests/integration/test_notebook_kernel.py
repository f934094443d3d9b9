"""A real kernel: one that the server starts finds its server, and the tour in notebooks/ runs."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from notebook_server import JupyterProcess
from websockets.sync.client import connect as websocket

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "getting-started.ipynb"


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


def test_getting_started(server: JupyterProcess) -> None:
    """The tour, as a kernel beside this server runs it."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "committed without outputs"
    environment = {**server.environment, "PLANT_TOGETHER_CONNECTION_FILE": str(server.connection_file)}
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute(env=environment)
    printed = "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
    assert "Index 100 is outside the text, which is 0 characters long." in printed
    assert "Room example" in printed
    assert "· notebook'" in printed
    assert "<Document example/login.puml: owner, saved, " in printed
    assert "'closed'" in printed
    assert server.api("GET", "rooms/example/documents/login.puml/source") == (
        "@startuml\nactor Grace\nGrace -> Server : one-time code 🔑\nServer --> Grace : שלום, welcome\n@enduml\n"
        "' edited by a notebook\n' and by another\n"
    )

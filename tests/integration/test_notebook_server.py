"""Finding, losing and finding again a server; refusals; the end of the program."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from certificates import self_made
from notebook_server import TOKEN, JupyterProcess, free_port

import jupyter_plant_together as plant

Start = Callable[..., JupyterProcess]
Connect = Callable[..., plant.Room]
Eventually = Callable[..., None]


def run_python(
    code: str, environment: dict[str, str], timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


HELLO = """
    import jupyter_plant_together as plant
    doc = plant.connect("hello").create("d", "a")
    doc.append("😀")
    print(doc.role, doc.status)
"""


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"base_url": "/some/base%20url/"},
        {
            "token": "",
            "options": {"PasswordIdentityProvider.hashed_password": "argon2:x", "IdentityProvider.token": ""},
        },
    ],
    ids=["token", "base url", "password"],
)
def test_plain_python_finds_the_only_server(start_server: Start, options: dict[str, Any]) -> None:
    """With the connection file alone, and the end of the program saves the last edit."""
    server = start_server(**options)
    done = run_python(HELLO, server.environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("owner ")
    check = 'import jupyter_plant_together as plant; print(plant.connect("hello")["d"].source)'
    named = {**server.environment, "PLANT_TOGETHER_CONNECTION_FILE": str(server.connection_file)}
    assert run_python(check, named).stdout == "a😀\n"
    server.stop()
    done = run_python(check, server.environment)
    assert "Disconnected: No running Jupyter server with Plant Together was found" in done.stderr


def test_port_retries(start_server: Start) -> None:
    first = start_server()
    second = start_server(port=first.port, options={"ServerApp.port_retries": 50})
    assert second.port != first.port
    assert run_python(HELLO, second.environment).returncode == 0
    assert [room["name"] for room in second.api("GET", "rooms")["items"]] == ["hello"]
    assert first.api("GET", "rooms")["items"] == []


def test_what_is_wrong_is_said(server: JupyterProcess) -> None:
    with pytest.raises(plant.AccessDenied, match=r"refused the token \(from the arguments of connect\(\)\)"):
        plant.connect("x", url=server.url, token="wrong")
    with pytest.raises(plant.Disconnected, match="does not answer: Connection refused"):
        plant.connect("x", url=f"http://127.0.0.1:{free_port()}", token="t")
    with pytest.raises(plant.Disconnected, match="There is no Plant Together at"):
        plant.connect("x", url=f"{server.url}wrong/", token=TOKEN)
    with pytest.raises(plant.BadRequest, match="is not the address"):
        plant.connect("x", url="localhost:8888")


def test_tls_with_an_own_authority(start_server: Start, tmp_path: Path) -> None:
    certificate, key = self_made(tmp_path)
    server = start_server(options={"ServerApp.certfile": certificate, "ServerApp.keyfile": key})
    done = run_python(HELLO, server.environment)
    assert done.returncode == 1
    assert "SSL_CERT_FILE can name a file with your own authority" in done.stderr
    done = run_python(HELLO, {**server.environment, "SSL_CERT_FILE": str(certificate)})
    assert (done.returncode, done.stderr) == (0, "")


def test_kill_9_and_restart(start_server: Start, connect: Connect, eventually: Eventually) -> None:
    """What was acknowledged is there, what was written meanwhile arrives, by itself (PROTOCOL A7)."""
    server = start_server()
    hers = connect("kill", server).create("d", "start\n")
    his = connect("kill", server)["d"]
    for number in range(100):
        hers.append(f"a{number}\n")
    hers.flush()
    server.kill()
    eventually(lambda: "offline" in hers.status, "the loss is noticed")
    hers.append("hers\n")
    his.insert(0, "his\n")
    assert hers.status == "offline, 1 edit kept"
    with pytest.raises(plant.Disconnected, match=r"does not answer.* Not saved yet: 1 edit\."):
        hers.flush(0.2)
    assert hers.source.startswith("start\na0\n")
    server.start()
    hers.flush(20)
    his.flush(20)
    expected = "his\nstart\n" + "".join(f"a{number}\n" for number in range(100)) + "hers\n"
    eventually(lambda: hers.source == his.source == expected, "both have everything once")
    assert server.api("GET", "rooms/kill/documents/d.puml/source") == expected
    assert hers.status == his.status == "saved"


def test_restart_with_another_token_and_port(start_server: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection file is read again (PROTOCOL, Kernel client) (PROTOCOL *Kernel*)."""
    server = start_server()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.runtime))
    monkeypatch.setenv("PLANT_TOGETHER_CONNECTION_FILE", str(server.connection_file))
    with plant.connect("moved") as room:
        doc = room.create("d", "a")
        server.kill()
        doc.append("b")
        server.port = free_port()
        server.start()
        doc.flush(30)
        assert room.documents == ["d.puml"]
        assert server.api("GET", "rooms/moved/documents/d.puml/source") == "ab"


def test_writes_are_kept_up_to_a_limit(start_server: Start) -> None:
    """PROTOCOL *Kernel*."""
    server = start_server()
    room = plant.connect("limit", url=server.url, token=server.token)
    doc = room.create("d", "")
    server.kill()
    with pytest.raises(plant.Disconnected, match="there is no room for more"):
        for _ in range(100):
            doc.append("x" * 100_000)
    kept = len(doc.source)
    assert kept > 700_000
    server.start()
    doc.flush(30)
    assert len(server.api("GET", "rooms/limit/documents/d.puml/source")) == kept
    room.close()


def test_over_a_limit_the_text_is_set_aside(
    start_server: Start, connect: Connect, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_server(options={"PlantTogether.max_source_size": 1_000})
    doc = connect("large", server).create("d", "small")
    other = connect("large", server)["d"]
    doc.append("x" * 2_000)
    with pytest.raises(plant.LimitExceeded, match="max_source_size"):
        doc.flush()
    assert doc.unsent == "small" + "x" * 2_000
    assert "kept in `unsent`" in caplog.text
    eventually(lambda: doc.source == "small", "the server's text is back")
    doc.append("!")
    doc.flush()
    assert other.wait_for("!", 10) == "small!"
    assert doc.status == "saved"


def test_two_notebooks_flush_under_load(server: JupyterProcess, connect: Connect) -> None:
    docs = [connect("load", server).create("d", "")]
    docs.append(connect("load", server)["d"])

    def write(doc: plant.Document) -> None:
        for number in range(50):
            doc.append("é")
            doc.flush(30)
            if number % 10 == 0:
                saved = server.api("GET", "rooms/load/documents/d.puml/source")
                assert saved.count("é") > number

    threads = [threading.Thread(target=write, args=(doc,)) for doc in docs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert server.api("GET", "rooms/load/documents/d.puml/source") == "é" * 100


def test_the_interpreter_ends_though_the_server_is_gone(start_server: Start) -> None:
    server = start_server()
    code = f"""
        import os, signal
        import jupyter_plant_together as plant
        doc = plant.connect("end").create("d", "a")
        doc.observe(print)
        os.kill({server.process.pid if server.process else 0}, signal.SIGKILL)
        while "offline" not in doc.status:
            pass
        doc.append("lost")
    """
    done = run_python(code, server.environment, timeout=90)
    assert done.returncode == 0
    assert "The room end was left with edits that are not saved" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_ends_and_harms_nothing(server: JupyterProcess) -> None:
    code = """
        import os, sys, warnings
        warnings.simplefilter("ignore")
        import jupyter_plant_together as plant
        doc = plant.connect("fork").create("d", "a")
        child = os.fork()
        if child == 0:
            try:
                doc.append("child")
            except plant.Disconnected as error:
                print(error, flush=True)
            sys.exit(0)
        os.waitpid(child, 0)
        doc.append("parent")
        doc.flush()
        print(doc.source)
    """
    environment = {**server.environment, "PLANT_TOGETHER_URL": server.url, "PLANT_TOGETHER_TOKEN": TOKEN}
    done = run_python(code, environment, timeout=90)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == "This connection belongs to the process that was forked; connect again in this one.\naparent\n"
    )

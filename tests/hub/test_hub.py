"""A JupyterHub as documented: two users, their kernels, two replicas of the gateway (docs/jupyterhub.md, *The gateway*)."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from clients import close_code, edit, events_socket, heard, kernel_of, sync_socket, told, until
from hub import SERVICE, Hub

import jupyter_plant_together as plant


def make_room(hub: Hub, name: str, **member: str) -> str:
    """Ada makes a room with a document, and others its members; returns the document's id."""
    ada = hub.token("ada")
    hub.make_room(ada, name)
    status, made = hub.ask(ada, "POST", f"rooms/{name}/documents", {"name": "a", "source": "@startuml\n"})
    assert status == 201
    for who, role in member.items():
        assert hub.ask(ada, "PUT", f"rooms/{name}/members/user/{who}", {"role": role})[0] == 204
    return str(made["id"])


def test_kernels_of_two_users_and_programs_at_both_replicas_edit_one_document(hub: Hub) -> None:
    make_room(hub, "design", bob="editor")
    code = """
import jupyter_plant_together as plant
room = plant.connect("design", create=False)
doc = room["a"]
doc.append("{line}\\n")
doc.flush(timeout=20)
"""
    rooms = []
    with kernel_of(hub, "ada") as ada, kernel_of(hub, "bob") as bob:
        ada.run(code.format(line="ada -> bob : from her kernel"))
        bob.run(code.format(line="bob -> ada : from his kernel"))
        for name, port in zip(("ada", "bob"), hub.balancer.ports, strict=True):
            url = f"http://127.0.0.1:{port}{SERVICE}"
            room = plant.connect("design", url=url, token=hub.token(name), create=False)
            rooms.append(room)
            document = room["a"]
            document.append(f"note over {name} : at replica {port}\n")
            document.flush(timeout=20)
        lines = 5
        texts = [room["a"] for room in rooms]
        until(lambda: all(len(one.source.splitlines()) == lines for one in texts))
        seen = [
            kernel.run(
                f"doc.wait_for(lambda text: text.count(chr(10)) == {lines}, 20); print(doc.source, end='')"
            )
            for kernel in (ada, bob)
        ]
        assert seen[0] == seen[1] == texts[0].source == texts[1].source
        who = {user["display_name"] for user in ada_sees(hub)}
        assert who == {"ada · notebook", "bob · notebook"}
    for room in rooms:
        room.close()


def ada_sees(hub: Hub) -> list[dict[str, Any]]:
    """Return who is present in "design" as Ada is told at one replica."""
    with events_socket(hub.balancer.ports[0], "design", hub.token("ada")) as socket:
        data: dict[str, Any] = told(socket, "presence")["data"]
    return [one["user"] for one in data["participants"]]


def user_processes(hub: Hub) -> list[psutil.Process]:
    """Return users' servers and their kernels."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or ())
        if "singleuser" in command and any(
            f"/user/{name}/" in environment(process) for name in ("ada", "bob")
        ):
            found += [process, *process.children(recursive=True)]
    return [process for process in found if str(hub.port) in environment(process)]


def environment(process: psutil.Process) -> str:
    """Return a process's environment in one text."""
    try:
        return "\n".join(f"{name}={value}" for name, value in process.environ().items())
    except psutil.Error:  # gone meanwhile
        return ""


def files_of(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads processes by /proc, as on Linux")
def test_no_secret_is_where_a_user_could_find_it(hub: Hub, secret: str) -> None:
    hidden = [secret, hub.service_token, hub.operator_token]
    with kernel_of(hub, "ada") as kernel:
        # the code that a user runs sees nothing ...
        kernel.run("import os")
        seen = kernel.run("print(dict(os.environ), open(f'/proc/{os.getppid()}/environ').read())")
        assert "PLANT_TOGETHER_GATEWAY_URL" in seen
        assert "JUPYTERHUB_API_TOKEN" in seen
        assert [word for word in hidden if word in seen] == []
        # ... the processes of users neither hold nor were told any ...
        processes = user_processes(hub)
        assert len(processes) >= 3, "two servers and a kernel"
        for process in processes:
            told_it = environment(process) + " ".join(process.cmdline())
            assert [word for word in hidden if word in told_it] == [], process
            memory = [Path(one.path) for one in process.open_files()]
            for path in memory:
                if path.is_file() and path.stat().st_size < 10_000_000:
                    assert secret.encode() not in path.read_bytes()
        # ... and in users' folders there is nothing.
        for path in files_of(hub.folder / "homes"):
            assert [word for word in hidden if word.encode() in path.read_bytes()] == [], path
    # Of the gateways themselves, the command line is readable by all.
    for replica in hub.replicas.values():
        line = " ".join(psutil.Process(replica.pid).cmdline())
        assert [word for word in hidden if word in line] == []
    if os.geteuid() == 0:
        # Another account looks through what it may read: the hub's folder, command lines, environments.
        account: dict[str, Any] = {"user": 65_534, "group": 65_534, "extra_groups": [], "cwd": "/"}
        processes_seen = subprocess.run(
            ["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null"],
            capture_output=True,
            check=False,
            **account,
        ).stdout
        assert b"gateway" in processes_seen
        assert [word for word in hidden if word.encode() in processes_seen] == []
        files = subprocess.run(
            ["grep", "-rlF", "-f", "-", str(hub.folder), "/dev/shm"],
            input="\n".join(hidden).encode(),
            capture_output=True,
            check=False,
            **account,
        )
        assert files.stdout == b""


def test_the_gateway_has_no_contents_kernels_or_terminals(hub: Hub) -> None:
    token = hub.token("ada")
    for what in ("contents", "kernels", "terminals", "sessions", "kernelspecs", "config/x", "me"):
        for path in (f"{SERVICE}api/{what}", f"{SERVICE}plant-together/api/{what}"):
            status, _, _ = hub.fetch("GET", path, token=token, who="plant-together--service")
            assert status == 404, path
    assert (
        hub.fetch("POST", f"{SERVICE}api/kernels", {}, token=token, who="plant-together--service")[0] == 404
    )


def test_a_users_server_knows_only_where_the_gateway_is(hub: Hub) -> None:
    token = hub.token("ada", ["access:servers!user=ada"])
    for call in ("me", "health"):
        path = f"/user/ada/plant-together/api/v1/{call}"
        status, answer, _ = hub.fetch("GET", path, token=token, who="ada")
        assert (status, answer["mode"], set(answer)) == (200, "remote", {"mode", "gateway_url", "version"})
        assert answer["gateway_url"].endswith(SERVICE)
    path = "/user/ada/plant-together/api/v1/rooms"
    status, answer, _ = hub.fetch("GET", path, token=token, who="ada")
    assert (status, answer["error"]) == (404, "elsewhere")
    assert not list((hub.folder / "homes").rglob("*.db-wal"))
    assert not [
        path for path in (hub.folder / "homes").rglob("plant-together*") if "runtime" not in str(path)
    ]


def test_who_may_not_use_the_service_gets_403_and_strangers_401(hub: Hub) -> None:
    document = make_room(hub, "closed")
    for token, expected in (
        (None, 401),
        ("made-up", 401),
        (hub.token("ada", ["access:servers!user=ada"]), 403),  # as the page of a server holds it
        (hub.operator_token, 403),  # a service's
    ):
        for method, path in (("GET", "me"), ("GET", "rooms/closed"), ("GET", "rooms/nowhere")):
            assert hub.ask(token, method, path)[0] == expected, (token, path)
    bob = hub.token("bob")
    assert hub.ask(bob, "GET", "rooms/closed")[0] == 404
    assert hub.ask(bob, "POST", "tickets", {"document": document})[0] == 404
    assert hub.ask(bob, "POST", "rooms", {"name": "closed"})[1]["error"] == "name-taken"
    _, made = hub.ask(bob, "POST", "rooms", {"name": "mine"})
    assert (made["private"], made["role"]) == (True, "owner")


def test_i3_a_change_of_a_hub_group_reaches_open_connections_within_identity_recheck(hub: Hub) -> None:
    document = make_room(hub, "grouped")
    ada = hub.token("ada")
    assert hub.ask(ada, "PUT", "rooms/grouped/members/group/team", {"role": "viewer"})[0] == 204
    assert hub.api("POST", "groups/team/users", {"users": ["bob"]})[0] == 200
    bob = hub.token("bob")
    assert hub.ask(bob, "GET", "me")[1]["groups"] == ["team"]
    one, other = hub.balancer.ports
    with sync_socket(one, document, bob) as socket, events_socket(other, "grouped", bob) as events:
        assert heard(socket, "hello")["role"] == "viewer"
        socket.send(edit("no"))
        heard(socket, "denied")
        assert hub.ask(ada, "PUT", "rooms/grouped/members/group/team", {"role": "editor"})[0] == 204
        assert heard(socket, "role")["role"] == "editor"
        assert hub.api("DELETE", "groups/team/users", {"users": ["bob"]})[0] == 200
        started = time.monotonic()
        assert close_code(socket) == 4403
        assert close_code(events) == 4403
        print(f"a group's change was effective after {time.monotonic() - started:.1f} s")


def test_while_the_hub_hangs_nobody_new_comes_in_and_open_connections_stay(hub: Hub) -> None:
    document = make_room(hub, "waiting")
    token, fresh = hub.token("ada"), hub.token("ada")
    port = hub.balancer.ports[0]
    with sync_socket(port, document, token) as socket:
        heard(socket, "hello")
        hub.pause()
        try:
            until(lambda: hub.ask_replica(port, fresh, "GET", "me")[0] == 503)
            time.sleep(hub.recheck)  # at least one question goes unanswered
            socket.send(edit("while the hub hangs"))
            heard(socket, "ack")
        finally:
            hub.resume()
        until(lambda: hub.ask_replica(port, fresh, "GET", "me")[0] == 200)
        socket.send(edit("and afterwards"))
        heard(socket, "ack")


def test_i3_removing_a_member_reaches_the_other_replica_at_once(hub: Hub) -> None:
    document = make_room(hub, "shared", bob="editor")
    one, other = hub.balancer.ports
    bob, ada = hub.token("bob"), hub.token("ada")
    with sync_socket(other, document, bob) as socket, sync_socket(one, document, ada) as hers:
        heard(socket, "hello")
        heard(hers, "hello")
        assert hub.ask(ada, "DELETE", "rooms/shared/members/user/bob")[0] == 204
        assert close_code(socket) == 4403
        hers.send(edit("still here"))
        heard(hers, "ack")


def test_a_replica_that_is_told_to_stop_sends_its_clients_elsewhere_and_loses_nothing(hub: Hub) -> None:
    document = make_room(hub, "moving")
    token = hub.token("ada")
    other = hub.balancer.ports[1]
    with sync_socket(other, document, token) as socket:
        heard(socket, "hello")
        socket.send(edit("written just before"))
        hub.replicas[other].terminate()
        assert close_code(socket) in (1001, 1013)
    assert hub.replicas[other].wait(30) == 0
    # The balancer finds the other one; the text is there.
    status, text = hub.ask(token, "GET", "rooms/moving/documents/a/source")
    assert status == 200
    assert "written just before" in text
    del hub.replicas[other]
    hub.start_replica(other)
    hub.until(lambda: sync_answers(other, document, token))


def sync_answers(port: int, document: str, token: str) -> bool:
    with sync_socket(port, document, token) as socket:
        return bool(heard(socket, "hello"))

"""From Python: versions and the way back, the trash, and rooms as files."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from notebook_server import JupyterProcess

import jupyter_plant_together as plant

Connect = Callable[..., plant.Room]
Eventually = Callable[..., None]


def test_a_version_is_named_and_restored(
    server: JupyterProcess, connect: Connect, eventually: Eventually
) -> None:
    """A restore is an edit of this notebook, which the others see; the version stays as it was."""
    room, other = connect("versions", server), connect("versions", server)
    doc = room.create("login", "@startuml\nA -> B : 🔑\n@enduml\n")
    theirs = other["login"]
    doc.append("' typed just now\n")
    made = doc.tag("before review")
    assert (made.name, made.source) == (
        "before review",
        "@startuml\nA -> B : 🔑\n@enduml\n' typed just now\n",
    )
    doc.source = "nothing left"
    doc.flush()
    doc.tag("after")
    assert [version.name for version in doc.versions] == ["after", "before review"]
    assert doc.versions[1] == made

    for wanted in ("before review", made.id, made):
        doc.source = "nothing left"
        doc.restore(wanted)
        assert doc.source == made.source
        assert doc.status == "saved"
        eventually(lambda: theirs.source == made.source, "the restored text at the other")
    with pytest.raises(KeyError, match="no version 'never'"):
        doc.restore("never")
    with pytest.raises(plant.PlantTogetherError, match="printable"):
        doc.tag("\n")


def test_restoring_keeps_what_others_write(
    server: JupyterProcess, connect: Connect, eventually: Eventually
) -> None:
    """What another person writes at the same time outside of what is restored stays."""
    room, other = connect("merge", server), connect("merge", server)
    doc = room.create("d", "top\nmiddle\nend\n")
    theirs = other["d"]
    doc.tag("v")
    doc.replace("middle", "changed")
    doc.flush()
    theirs.wait_for("changed")
    server_side = doc.versions[0]
    theirs.insert(0, "' theirs\n")
    doc.restore(server_side)
    doc.wait_for(lambda text: "middle" in text)
    theirs.flush()
    eventually(lambda: doc.source == theirs.source, "one text")
    assert "changed" not in doc.source


def test_what_was_deleted_comes_back(server: JupyterProcess, connect: Connect) -> None:
    room = connect("trash", server)
    room.create("login", "a").close()
    room.delete("login")
    assert (room.documents, room.deleted) == ([], ["login.puml"])
    assert room.restore("login").source == "a"
    assert room.deleted == []
    room.delete("login")
    room.create("login", "another")
    with pytest.raises(plant.NameTaken):
        room.restore("login")
    assert room.restore("login", "old").name == "old.puml"
    assert room.documents == ["login.puml", "old.puml"]
    with pytest.raises(plant.DocumentNotFound):
        room.restore("never")


def test_a_room_goes_to_a_file_and_into_another_room(
    server: JupyterProcess, connect: Connect, tmp_path: Path
) -> None:
    """A second import changes only what differs; one document, or a plain file, can be chosen."""
    room = connect("files", server)
    room.create("login", "@startuml\nA -> B : שלום\n@enduml\n")
    room.create("error states", "x")
    package = room.export(tmp_path / "files.zip")
    with zipfile.ZipFile(package) as found:
        assert sorted(found.namelist()) == ["error states/diagram.puml", "login/diagram.puml"]
    copy = connect("copy", server)
    outcome = copy.import_files(package)
    assert sorted(outcome.created) == ["error states.puml", "login.puml"]
    assert copy["login"].source == room["login"].source

    room["login"].append("more")
    room["login"].flush()
    plain = tmp_path / "plain.puml"
    plain.write_bytes(b"one\r\ntwo\r\n")
    again = copy.import_files(room.export(tmp_path / "files.zip"), plain)
    assert (again.created, again.changed, again.unchanged) == (
        ("plain.puml",),
        ("login.puml",),
        ("error states.puml",),
    )
    assert copy["plain"].source == "one\ntwo\n"
    with zipfile.ZipFile(room.export(tmp_path / "one.zip", ["login"])) as found:
        assert found.namelist() == ["login/diagram.puml"]


def test_pictures_in_a_file(server: JupyterProcess, connect: Connect, tmp_path: Path) -> None:
    """The server draws them; what it cannot draw is listed, and the export does not fail."""
    room = connect("pictures", server)
    room.create("login", "@startuml\nA -> B\n@enduml\n")
    room.create("wrong", "@startuml\n?!\n@enduml\n")
    with zipfile.ZipFile(room.export(tmp_path / "p.zip", kinds=["puml", "svg", "png"])) as found:
        assert found.namelist() == [
            "login/diagram.puml",
            "login/diagram.svg",
            "login/diagram.png",
            "wrong/diagram.puml",
            "NOT-DRAWN.txt",
        ]
        assert found.read("login/diagram.svg").startswith(b"<svg")
        assert found.read("NOT-DRAWN.txt").decode().startswith("wrong.puml: line 2")
    assert room.import_files(tmp_path / "p.zip").unchanged == ("login.puml", "wrong.puml")


def test_files_that_are_none(server: JupyterProcess, connect: Connect, tmp_path: Path) -> None:
    """A file that cannot be read, or is not what it seems, changes nothing; an export fails whole."""
    room = connect("bad", server)
    good = tmp_path / "good.puml"
    good.write_text("x")
    with pytest.raises(FileNotFoundError):
        room.import_files(good, tmp_path / "nothing.puml")
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(plant.PlantTogetherError):
        room.import_files(tmp_path / "bad.zip")
    assert room.documents == []
    target = tmp_path / "kept.zip"
    target.write_text("as it was")
    with pytest.raises(plant.DocumentNotFound):
        room.export(target, ["nothing"])
    with pytest.raises(plant.PlantTogetherError, match="kinds"):
        room.export(target, kinds=["exe"])
    assert target.read_text() == "as it was"
    with pytest.raises(FileNotFoundError):
        room.export(tmp_path / "no folder" / "x.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.zip", "good.puml", "kept.zip"]


def test_the_same_with_await(server: JupyterProcess, tmp_path: Path) -> None:
    async def use() -> None:
        async with await plant.aio.connect("awaited", url=server.url, token=server.token) as room:
            doc = await room.create("d", "old")
            made = await doc.tag("first")
            doc.source = "new"
            await doc.restore("first")
            assert doc.source == "old"
            assert await doc.versions() == [made]
            package = await room.export(tmp_path / "a.zip")
            await room.delete("d")
            assert await room.deleted() == ["d.puml"]
            assert (await room.import_files(package)).created == ("d.puml",)
            assert (await room.restore("d", "second")).name == "second.puml"
            assert await room.documents() == ["d.puml", "second.puml"]

    asyncio.run(use())

"""``jupyter plant-together export`` and ``import``, as somebody types them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from jupyter_plant_together.cli.main import main


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return f"--database-path={tmp_path / 'rooms.db'}"


def test_files_come_in_and_go_out(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "login.puml").write_text("@startuml\na -> b\n@enduml\n", encoding="utf-8")
    (tmp_path / "b.pu").write_text("b\n", encoding="utf-8")
    assert main(["import", database, "design", "login.puml", "b.pu"]) == 0
    assert main(["import", database, "design", "login.puml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "login.puml: 1 created",
        "b.pu: 1 created",
        "login.puml: 1 unchanged",
    ]
    assert main(["export", database, "design"]) == 0
    with zipfile.ZipFile(tmp_path / "design.zip") as package:
        assert sorted(package.namelist()) == ["b.pu/diagram.puml", "login/diagram.puml"]
        assert package.read("login/diagram.puml").decode() == "@startuml\na -> b\n@enduml\n"
    assert main(["export", database, "design", "-o", "one.zip", "--document", "login"]) == 0
    assert main(["import", database, "copy", "one.zip"]) == 0
    assert "1 created" in capsys.readouterr().out


def test_pictures_go_out_where_they_are_asked_for(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "login.puml").write_text("@startuml\na -> b\n@enduml\n", encoding="utf-8")
    (tmp_path / "wrong.puml").write_text("@startuml\n?!\n@enduml\n", encoding="utf-8")
    assert main(["import", database, "design", "login.puml", "wrong.puml"]) == 0
    assert main(["export", database, "design", "--kinds", "svg,png"]) == 0
    with zipfile.ZipFile(tmp_path / "design.zip") as package:
        assert package.namelist() == ["login/diagram.svg", "login/diagram.png", "NOT-DRAWN.txt"]
        assert package.read("login/diagram.png").startswith(b"\x89PNG")
    assert capsys.readouterr().err.startswith("not drawn: wrong.puml: line 2")
    before = (tmp_path / "design.zip").read_bytes()
    assert main(["export", database, "design", "--kinds", "gif"]) == 1
    assert capsys.readouterr().err.startswith("The parameter “kinds” names some of puml, svg, png")
    assert main(["export", database, "design", "-o", "none/design.zip"]) == 1
    assert (tmp_path / "design.zip").read_bytes() == before


def test_what_cannot_be_done_is_one_sentence(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", database, "none"]) == 1
    assert main(["import", database, "design", "none.puml"]) == 1
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    assert main(["import", database, "design", "bad.zip"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in errors] == [
        "There is no such room.",
        "none.puml cannot be read",
        "This is no zip file.",
    ]
    assert not list(tmp_path.glob("*none*"))

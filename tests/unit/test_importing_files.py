"""Files on their way in: equal names, and zip files that ask for more than they are worth."""

from __future__ import annotations

import bz2
import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jupyter_plant_together.cli.main import main
from jupyter_plant_together.errors import BadRequest
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.notebook.files import _refuse_equal_names
from jupyter_plant_together.rooms.zip_files import gather, unpack

LIMITS = Limits()


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_entries_are_stored_or_deflated(method: int) -> None:
    data = packed({"a.puml": b"a"}, method)
    with pytest.raises(BadRequest, match=r"'a\.puml' .* entries are stored or deflated"):
        unpack(data, LIMITS)
    for known in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert [one.text for one in unpack(packed({"a.puml": b"a"}, known), LIMITS)] == ["a"]


def test_what_asks_for_gigabytes_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A reader that decompressed a part of it only would hold the whole: bzip2 answers in one piece."""
    compressor = bz2.BZ2Compressor(9)
    piece = bytes(10_000_000)
    content = b"".join([*(compressor.compress(piece) for _ in range(60)), compressor.flush()])
    entry = zipfile.ZipInfo("a.puml")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(entry, content)
    data = bytearray(out.getvalue())
    directory = data.index(b"PK\x01\x02")
    data[8:10] = data[directory + 10 : directory + 12] = zipfile.ZIP_BZIP2.to_bytes(2, "little")
    (tmp_path / "a.zip").write_bytes(data)
    code = (
        "import sys; from jupyter_plant_together.limits import Limits; "
        "from jupyter_plant_together.rooms.zip_files import unpack\n"
        "try: unpack(open(sys.argv[1], 'rb').read(), Limits())\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.zip")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000)),
    )
    assert "entries are stored or deflated" in done.stdout, (done.stdout, done.stderr)


def test_a_list_of_very_many_entries_is_not_read() -> None:
    data = packed({f"{number}.png": b"" for number in range(20_001)}, zipfile.ZIP_STORED)
    with pytest.raises(BadRequest, match="too many entries"):
        unpack(data, LIMITS)


def test_a_package_of_very_much_text_is_not_read_to_its_end() -> None:
    files = {f"{number}.puml": b"x" * 999_000 for number in range(110)}
    with pytest.raises(BadRequest, match="holds too much"):
        unpack(packed(files), LIMITS)


def test_two_files_of_one_name_are_both_named() -> None:
    package = packed({"Login/diagram.puml": b"b"})
    with pytest.raises(BadRequest, match=r"“login\.puml” and “b\.zip” both .* called “Login\.puml”"):
        gather([("login.puml", b"a"), ("b.zip", package)], LIMITS)


@pytest.mark.parametrize(
    "names",
    [
        ("a/login.puml", "b/login.puml"),
        ("a/login.puml", "b/LOGIN.puml"),
        ("a/login.puml", "b/x.zip"),
        ("a/\u00e4.puml", "b/a\u0308.puml"),
    ],
)
def test_the_command_line_and_python_refuse_them_before_anything_is_written(
    names: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = []
    for name in names:
        data = packed({"login/diagram.puml": b"b"}) if name.endswith(".zip") else name.encode()
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(data)
        contents.append((Path(name), data))
    with pytest.raises(BadRequest) as refused:
        _refuse_equal_names(contents)
    database = tmp_path / "rooms.db"
    assert main(["import", f"--database-path={database}", "design", *names]) == 1
    said = capsys.readouterr().err
    for message in (refused.value.message, said):
        assert all(f"“{name}”" in message for name in names)
        assert "nothing was imported" in message
    assert not database.exists()


def test_the_same_file_twice_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.puml"
    _refuse_equal_names([(path, b"a"), (path, b"a"), (tmp_path / "b.zip", b"no zip")])


def test_a_dry_run_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, database = tmp_path / "a.puml", tmp_path / "data" / "rooms.db"
    file.write_text("A -> B\n")
    arguments = ["import", f"--database-path={database}", "design", str(file)]
    assert main([*arguments, "--dry-run"]) == 0
    said = "Dry run, nothing was changed. The room “design” would be made; documents: 1.\n"
    assert capsys.readouterr().out == said
    assert not database.parent.exists()
    assert main(arguments) == 0
    capsys.readouterr()
    assert main([*arguments, "--dry-run"]) == 0
    assert "would be changed" in capsys.readouterr().out

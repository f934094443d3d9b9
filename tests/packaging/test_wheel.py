"""The wheel: what is in it, and that it works where there is no Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from scale import LONG

ROOT = Path(__file__).parents[2]
LAB = "share/jupyter/labextensions/@plant-together/jupyterlab"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree with a fresh production build of the frontend."""
    tree = tmp_path_factory.mktemp("tree")
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    for name in filter(None, files):
        source = ROOT / name
        if source.is_file() and not name.startswith(("tests/", "benchmarks/")):
            target = tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            out,
            tree,
        ],
        check=True,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.mark.slow
def test_everything_is_in_it_once_and_it_is_small(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        package = json.loads(
            archive.read(next(name for name in names if name.endswith(f"{LAB}/package.json")))
        )
    assert wheel.stat().st_size < 10_000_000
    for part in (
        f"{LAB}/install.json",
        f"{LAB}/static/third-party-licenses.json",
        "etc/jupyter/jupyter_server_config.d/jupyter_plant_together.json",
        "licenses/LICENSE",
        "licenses/THIRD_PARTY_NOTICES.md",
        "licenses/CHANGELOG.md",
        *(f"rendering/engine/built/{name}" for name in ("plantuml.js.gz", "metrics.json", "LICENSE")),
        *(f"rendering/engine/built/fonts/{name}" for name in ("DejaVuSans.ttf", "LICENSE")),
        *(f"rendering/engine/built/libraries/c4/{name}" for name in ("c4_container.puml", "LICENSE")),
        *(
            str(path.relative_to(ROOT))
            for path in (ROOT / "jupyter_plant_together").rglob("*")
            if path.suffix in (".lua", ".sql")
        ),
    ):
        assert any(name.endswith(part) for name in names), part
    assert any(f"{LAB}/schemas/" in name for name in names)
    assert not [name for name in names if name.startswith("jupyter_plant_together/labextension")]
    sizes = Counter(name.rsplit("/", 1)[-1] for name in names if name.endswith(".js"))
    assert max(sizes.values()) == 1, "a script is in the wheel twice"
    assert package["name"] == "@plant-together/jupyterlab"
    assert not [name for name in names if name.endswith(".js.map")]


@pytest.mark.slow
def test_no_script_that_is_loaded_at_the_start_contains_the_engine(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        scripts = {
            name.rsplit("/", 1)[-1]: archive.getinfo(name).file_size
            for name in archive.namelist()
            if f"{LAB}/static/" in name and name.endswith(".js")
        }
    eager = {name: size for name, size in scripts.items() if name.startswith(("remoteEntry", "lib_index"))}
    assert eager and sum(eager.values()) < 600_000, eager
    assert max(scripts.values()) > 3_000_000, "the engine is nowhere"


@pytest.mark.slow
def test_installed_without_node_both_extensions_are_ok(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    venv = home / "venv"
    venv_with = [] if LONG else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", *venv_with, venv], check=True)
    kept = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "LANG"))}
    # only the environment and the bare system: no Node of the machine or of the developer's environment
    bare = home / "bin"
    bare.mkdir()
    for tool in ("sh", "env", "uname"):
        (bare / tool).symlink_to(str(shutil.which(tool)))
    environment = kept | {"HOME": str(home), "PATH": f"{venv / 'bin'}{os.pathsep}{bare}"}
    assert shutil.which("node", path=environment["PATH"]) is None

    def run(*command: str) -> str:
        done = subprocess.run(
            command, env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=240
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    python = str(venv / "bin" / "python")
    if LONG:
        run(python, "-m", "pip", "install", "--quiet", f"{wheel}[lab]")
    else:  # beside the packages that are here already, which takes seconds
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel],
            check=True,
        )
        (site,) = venv.glob("lib/python*/site-packages")
        (site / "here.pth").write_text(sysconfig.get_path("purelib"))
    servers = run(python, "-m", "jupyter_server.extension.serverextension", "list")
    labs = run(python, "-m", "jupyterlab.labextensions", "list")
    line = next(line for line in servers.splitlines() if "jupyter_plant_together" in line and "OK" in line)
    assert "OK" in line
    line = next(line for line in labs.splitlines() if "@plant-together/jupyterlab" in line)
    assert "enabled" in line and "OK" in line
    drawn = run(
        python,
        "-c",
        "import jupyter_plant_together as plant\n"
        "source = '!include <C4/C4_Container>\\nPerson(ada, \"Ada\")'\n"
        "print(plant.render(source)[:4], plant.render(source, 'png')[:4])",
    )
    assert drawn.startswith("<svg b'\\x89PNG'")

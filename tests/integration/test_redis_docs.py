"""docs/redis.md is true: its settings, its user, its names, its metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py
from redis_server import KINDS, RedisServer

from jupyter_plant_together.cli.main import main
from jupyter_plant_together.errors import Misconfigured
from jupyter_plant_together.handlers.metrics import HELP
from jupyter_plant_together.journal.redis.client.address import parse_address
from jupyter_plant_together.journal.redis.client.check import check
from jupyter_plant_together.journal.redis.keys import KeyNames

TEXT = (Path(__file__).parents[2] / "docs" / "redis.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\w*\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture(params=KINDS)
def redis(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    server = RedisServer(request.param).start()
    yield server
    server.remove()


def test_the_settings_are_accepted(redis: RedisServer) -> None:
    for line in BLOCKS[1].splitlines():
        redis.execute("CONFIG", "SET", *line.split())
    check(parse_address(redis.url), "y")


def test_the_user_of_the_page_may_do_what_is_needed_and_nothing_beside(redis: RedisServer) -> None:
    redis.execute(*BLOCKS[2].split())
    url = f"redis://plant:password@127.0.0.1:{redis.port}/0"
    check(parse_address(url), "y")
    with pytest.raises(Misconfigured, match="refuses Plant Together"):
        check(parse_address(url), "other")
    with redis_py.Redis.from_url(url) as client, pytest.raises(redis_py.exceptions.NoPermissionError):
        client.flushall()


@pytest.mark.parametrize("line", [line for line in BLOCKS[0].splitlines() if line.startswith("jupyter")])
def test_the_commands_are_those_of_the_program(
    line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    command = line.partition("#")[0].split()
    assert command[:2] == ["jupyter", "plant-together"]
    assert main(command[2:]) != 2  # ends with a sentence where nothing is set up, not with one about options


def test_names_and_metrics_are_those_of_the_code() -> None:
    names = KeyNames("y", 0)
    document = "<document id>"
    for name in (names.stream("<room id>", document), names.state(document), names.channel(document)):
        assert f"`{name.decode()}`" in TEXT
    for name in (names.marked, names.sweep, names.notifications):
        assert f"`{name.decode()}`" in TEXT
    assert f"`{names.lease('…').decode()}`" in TEXT
    assert f"`{names.refill('…').decode()}`" in TEXT
    told = re.findall(r"^\| `(?:plant_together|…)_(\w+)`.* \| (.+) \|$", TEXT, re.MULTILINE)
    assert {name: f"{text}." for name, text in told} == HELP
    assert set(re.findall(r"(?:plant_together|…)_(\w+)`", TEXT)) == set(HELP)

"""``import-yredis`` of what is damaged or too large, and with wrong arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from postgres import PASSWORD, PostgresServer
from yredis import Made, Old, Run, everything

from jupyter_plant_together.cli.main import main


def test_damaged_updates_are_left_out_and_counted(
    old: Old, run: Run, look: Any, target: Any, made: dict[str, Made]
) -> None:
    old.rows("7f3-a1", "index", [b"\0\1\2", made["login"].rows[0][:-3]])
    old.stream("7f3-a1", "index", [b"\0\2\5abc"])
    *notes, last = run(*target[0])
    assert "“Design/login”: damaged updates, left out: 3." in notes
    assert look(everything)["Design"]["login.puml"] == made["login"].text
    assert "Documents made: 5" in last


def test_documents_over_a_limit_are_left_out(
    run: Run, look: Any, target: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jupyter_server_config.py").write_text("c.PlantTogether.max_source_size = 30\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    *notes, last = run(*target[0])
    assert last == "Rooms made: 3. Documents made: 2, brought up to date: 0, unchanged: 0, left out: 3."
    assert (
        "The source of “Design/login” is over the limit of 30 (trait PlantTogether.max_source_size). "
        "“Design/login” is left out."
    ) in notes
    assert set(look(everything)) == {"Design 2", "a-b- c"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Where is the Postgres of Y-Redis? Set --from"),
        (["--from=wr0ng"], "--from is not a URL of Postgres"),
        (["--from={dsn}"], "has no table yredis_docs_v1 of Y-Redis."),
        (["--from=postgresql://plant:wr0ng@{place}/postgres"], "correct user or password in --from."),
        (["--from={dsn}", "--redis=http://wr0ng"], "is not a Redis URL"),
        (["--from={dsn}", "--redis=redis://:wr0ng@127.0.0.1:1/0"], "Redis at 127.0.0.1:1 cannot be read"),
        (["--from={dsn}", "--users=/nowhere/users.csv"], "/nowhere/users.csv cannot be read"),
    ],
)
def test_bad_arguments_are_one_sentence(
    arguments: list[str],
    sentence: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    values = {"dsn": postgres_server.dsn(), "place": f"127.0.0.1:{postgres_server.port}"}
    filled = [argument.format(**values) for argument in arguments]
    assert main(["import-yredis", f"--database-path={tmp_path / 'x.db'}", *filled]) == 1
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1)
    assert sentence in output.err
    assert "wr0ng" not in output.err
    assert PASSWORD not in output.err

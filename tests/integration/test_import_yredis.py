"""``jupyter plant-together import-yredis``: databases whose contents yjs made, imported as people do it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres import PASSWORD, PostgresServer
from redis_server import RedisServer
from stores import text_of
from yredis import Made, Old, make_contents

from jupyter_plant_together.cli import main
from jupyter_plant_together.live.textedit import update_to
from jupyter_plant_together.store.port import Action, Document, Named, Page, Ref, Store, Update
from jupyter_plant_together.store.postgres import PostgresStore
from jupyter_plant_together.store.sqlite import SQLiteStore
from jupyter_plant_together.textdiff import normalise
from jupyter_plant_together.updates import merge_state

Run = Callable[..., list[str]]


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    return make_contents()


@pytest.fixture
def redis(shared_redis: Callable[[str], RedisServer]) -> RedisServer:
    return shared_redis("redis")


@pytest.fixture
def old(postgres_server: PostgresServer, redis: RedisServer, made: dict[str, Made]) -> Old:
    """A Plant Together with two rooms and five documents."""
    old = Old(postgres_server, redis)
    old.plant_together()
    old.execute(
        "INSERT INTO \"user\" VALUES ('u1', 'Ada', 'ada@example.org'), ('u2', 'Ben', 'ben@example.org'), "
        "('u3', 'Cy', 'cy@example.org')",
        "INSERT INTO room VALUES ('7f3-a', 'Design', false, 'u1'), ('7f3-b', 'Design', true, 'u2'), "
        "('7f3-c', 'a/b: c', false, NULL)",
        "INSERT INTO room_participant VALUES ('7f3-b', 'u1', 'u2'), ('7f3-b', 'u3', 'u2')",
        "INSERT INTO document (name, room_id) VALUES ('login', '7f3-a'), ('login', '7f3-a'), "
        "('windows.puml', '7f3-a'), ('empty', '7f3-b'), ('holes?', '7f3-c')",
    )
    old.rows("7f3-a1", "index", made["login"].rows)
    old.rows("7f3-a2", "index", made["tail"].rows)
    old.stream("7f3-a2", "index", made["tail"].stream)
    old.rows("7f3-a3", "index", made["windows"].rows)
    old.rows("7f3-c5", "index", made["holes"].rows)
    old.rows("7f3-a99", "index", made["login"].rows)
    return old


@pytest.fixture
def run(
    old: Old, redis: RedisServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run ``import-yredis`` and return the lines of its report."""
    monkeypatch.setenv("PLANT_TOGETHER_IMPORT_DSN", old.dsn)
    monkeypatch.setenv("PLANT_TOGETHER_IMPORT_REDIS_URL", redis.url)

    def run(*arguments: str) -> list[str]:
        assert main(["import-yredis", *arguments]) == 0
        output = capsys.readouterr()
        assert output.err == ""
        assert PASSWORD not in output.out
        return output.out.splitlines()

    return run


@pytest.fixture(params=["sqlite", "postgres"])
def target(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], Callable[[], Store]]:
    """Return the options that name where to import to, and what makes a store to look there."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        return [f"--database-path={path}"], lambda: SQLiteStore(path)
    dsn = request.getfixturevalue("postgres_dsn")
    monkeypatch.setenv("PLANT_TOGETHER_POSTGRES_DSN", dsn)
    return ["--mode=cluster"], lambda: PostgresStore(dsn)


@pytest.fixture
def look(
    target: tuple[list[str], Callable[[], Store]], jp_asyncio_loop: asyncio.AbstractEventLoop
) -> Iterator[Callable[..., Any]]:
    """Run a coroutine function on a store."""

    def look(function: Callable[[Store], Any]) -> Any:
        async def job() -> Any:
            store = target[1]()
            try:
                return await function(store)
            finally:
                await store.close()

        return jp_asyncio_loop.run_until_complete(job())

    yield look


async def everything(store: Store) -> dict[str, dict[str, str]]:
    """Return the text of each document of each room."""
    found: dict[str, dict[str, str]] = {}
    for room in await store.rooms(Page()):
        for document in await store.documents(Ref(id=room.id), Page()):
            found.setdefault(room.name, {})[document.name] = await text(store, document)
    return found


async def text(store: Store, document: Document) -> str:
    loaded = await store.load(document.id)
    snapshot = [] if loaded.snapshot is None else [loaded.snapshot]
    return text_of([*snapshot, *(row.data for row in loaded.tail)])


async def named(store: Store, room: str, document: str) -> Document:
    return await store.document(Ref(key=room), Ref(key=document))


def test_texts_are_equal_and_a_second_import_changes_nothing(
    old: Old, run: Run, target: Any, look: Any, made: dict[str, Made]
) -> None:
    expected = {
        "Design": {
            "login.puml": made["login"].text,
            "login 2.puml": made["tail"].text,
            "windows.puml": normalise(made["windows"].text),
        },
        "Design 2": {"empty.puml": ""},
        "a-b- c": {"holes.puml": ""},
    }
    before = old.contents()
    counts = "Rooms made: 3. Documents made: 5, brought up to date: 0, unchanged: 0, left out: 0."
    assert run(*target[0], "--dry-run")[-1] == f"Dry run, nothing was changed. {counts}"
    assert look(everything) == {}
    *notes, last = run(*target[0])
    assert last == counts
    assert set(notes) == {
        "Room “Design” is called “Design 2” here.",
        "Room “a/b: c” is called “a-b- c” here.",
        "Room “Design”: people without a user name here (see --users): 1.",
        "Room “Design 2”: people without a user name here (see --users): 3.",
        "“Design/login” is called “login 2.puml” here.",
        "“a-b- c/holes?” is called “holes.puml” here.",
        "“Design/windows.puml”: its line ends are those of Unix now.",
        "Documents that belong to no room (they were deleted there) and are left out: 1.",
    }
    assert look(everything) == expected
    cursor = look(lambda store: store.cursor())
    for _ in range(2):
        assert run(*target[0])[-1] == (
            "Rooms made: 0. Documents made: 0, brought up to date: 0, unchanged: 5, left out: 0."
        )
    assert look(everything) == expected
    assert look(lambda store: store.cursor()) == cursor
    assert old.contents() == before


def test_what_was_typed_there_and_here_meanwhile_is_merged(
    old: Old, run: Run, target: Any, look: Any, made: dict[str, Made]
) -> None:
    run(*target[0])

    async def edit(store: Store) -> None:
        login = await named(store, "design", "login.puml")
        content = await text(store, login)
        loaded = await store.load(login.id)
        state = merge_state([row.data for row in loaded.tail])
        await store.append([Update(login.id, 1, update_to(state, "' here\n" + content), "ada", 5)])
        await store.rename_document(
            Ref(id=login.room_id), Ref(id=login.id), Named("sign in", "sign in"), Action("ada", 5)
        )

    look(edit)
    old.rows("7f3-a1", "index", made["later"].rows)
    # A row that others depend on comes late.
    old.rows("7f3-c5", "index", made["holes"].missing)
    assert run(*target[0])[-1] == (
        "Rooms made: 0. Documents made: 0, brought up to date: 2, unchanged: 3, left out: 0."
    )
    found = look(everything)
    assert found["Design"]["sign in"] == "' here\n" + made["later"].text
    assert found["a-b- c"]["holes.puml"] == "abcdef"
    assert run(*target[0])[-1].endswith("brought up to date: 0, unchanged: 5, left out: 0.")


def test_what_was_deleted_here_stays_deleted(old: Old, run: Run, target: Any, look: Any) -> None:
    run(*target[0])

    async def delete(store: Store) -> None:
        windows = await named(store, "design", "windows.puml")
        await store.delete_document(Ref(id=windows.room_id), Ref(id=windows.id), Action("ada", 5))
        await store.delete_room(Ref(key="design 2"), Action("ada", 5))

    look(delete)
    before = look(everything)
    *notes, last = run(*target[0])
    assert last == "Rooms made: 0. Documents made: 0, brought up to date: 0, unchanged: 3, left out: 2."
    assert "“Design/windows.puml” was deleted here; it stays so." in notes
    assert "Room “Design 2” was deleted here; it stays so." in notes
    assert look(everything) == before


def test_rooms_keep_their_people_where_their_user_names_are_known(
    run: Run, target: Any, look: Any, tmp_path: Path
) -> None:
    users = tmp_path / "users.csv"
    users.write_text("ada@example.org,ada\nu2, ben\n")
    *notes, _ = run(*target[0], f"--users={users}", "--owner=admin")

    async def people(store: Store) -> dict[str, tuple[bool, str, set[tuple[str, str]]]]:
        return {
            room.name: (
                room.private,
                room.created_by,
                {(m.subject, m.role) for m in await store.members(Ref(id=room.id)) if m.kind == "user"},
            )
            for room in await store.rooms(Page())
        }

    assert look(people) == {
        "Design": (False, "ada", {("ada", "owner")}),
        "Design 2": (True, "ben", {("ben", "owner"), ("ada", "editor")}),
        "a-b- c": (False, "admin", {("admin", "owner")}),
    }
    assert "Room “Design 2”: people without a user name here (see --users): 1." in notes


def test_without_redis_what_only_the_stream_holds_is_not_there(
    run: Run, target: Any, look: Any, made: dict[str, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLANT_TOGETHER_IMPORT_REDIS_URL")
    run(*target[0])
    found = look(everything)["Design"]["login 2.puml"]
    assert found and made["tail"].text.startswith(found)


def test_a_y_redis_alone(
    postgres_server: PostgresServer,
    redis: RedisServer,
    made: dict[str, Made],
    target: Any,
    look: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = Old(postgres_server, redis)
    old.rows("team: one", "index", made["login"].rows)
    old.stream("team/two", "a:b", made["tail"].stream)
    # Streams of this project under the same prefix are none of Y-Redis's.
    old.stream("r_" + "a" * 26, "d_" + "b" * 26, made["tail"].stream)
    monkeypatch.setenv("PLANT_TOGETHER_IMPORT_DSN", old.dsn)
    assert main(["import-yredis", *target[0], f"--redis={redis.url}"]) == 0
    assert look(everything) == {"team- one": {"index.puml": made["login"].text}, "team-two": {"a-b.puml": ""}}
    capsys.readouterr()
    assert main(["import-yredis", *target[0], f"--redis={redis.url}"]) == 0
    assert "unchanged: 2" in capsys.readouterr().out


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

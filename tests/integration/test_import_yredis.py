"""``jupyter plant-together import-yredis``: databases whose contents yjs made, imported as people do it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from postgres import PostgresServer
from redis_server import RedisServer
from stores import text_of
from yredis import Made, Old, Run, everything, named

from jupyter_plant_together.cli.main import main
from jupyter_plant_together.importing import open_document as opening
from jupyter_plant_together.importing.open_document import open_document
from jupyter_plant_together.server.storage import Storage
from jupyter_plant_together.store.port import Action, KeyedName, Page, Ref
from jupyter_plant_together.yjs.integrator import merge_state
from jupyter_plant_together.yjs.textdiff import normalise
from jupyter_plant_together.yjs.textedit import update_to


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
    cursor = look(lambda storage: storage.store.cursor())
    for _ in range(2):
        assert run(*target[0])[-1] == (
            "Rooms made: 0. Documents made: 0, brought up to date: 0, unchanged: 5, left out: 0."
        )
    assert look(everything) == expected
    assert look(lambda storage: storage.store.cursor()) == cursor
    assert old.contents() == before


def test_what_was_typed_there_and_here_meanwhile_is_merged(
    old: Old, run: Run, target: Any, look: Any, made: dict[str, Made]
) -> None:
    run(*target[0])

    async def edit(storage: Storage) -> None:
        login = await named(storage.store, "design", "login.puml")
        async with open_document(storage.journal, login.id) as known:
            changed = "' here\n" + text_of([*known.updates])
            update = update_to(merge_state(known.updates), changed, known.edit_place)
            assert await known.append(update, "ada", ())
        await storage.store.rename_document(
            Ref(id=login.room_id), Ref(id=login.id), KeyedName("sign in", "sign in"), Action("ada", 5)
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


def test_whoever_has_a_document_open_sees_what_is_imported(
    old: Old, run: Run, target: Any, look: Any, made: dict[str, Made]
) -> None:
    run(*target[0])
    old.rows("7f3-a1", "index", made["later"].rows)

    class Listener(opening._Listener):
        def received(self, update: bytes, author: str) -> None:
            heard.append((update, author))

    heard: list[tuple[bytes, str]] = []

    async def watch(storage: Storage) -> None:
        login = await named(storage.store, "design", "login.puml")
        loaded, stream = await storage.journal.attach(login.id, Listener())
        await asyncio.get_running_loop().run_in_executor(None, lambda: run(*target[0]))
        end = time.monotonic() + 10
        while not heard and time.monotonic() < end:
            await asyncio.sleep(0.05)
        await stream.close()
        ((update, author),) = heard
        assert author == "import"
        assert text_of([*(row.data for row in loaded.tail), update]) == made["later"].text

    look(watch)


def test_what_was_deleted_here_stays_deleted(old: Old, run: Run, target: Any, look: Any) -> None:
    run(*target[0])

    async def delete(storage: Storage) -> None:
        store = storage.store
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


@pytest.mark.parametrize("option", ["", "--private", "--open"])
def test_rooms_keep_their_people_where_their_user_names_are_known(
    run: Run, target: Any, look: Any, tmp_path: Path, option: str
) -> None:
    private = option == "--private" or (not option and target[1].mode == "cluster")
    users = tmp_path / "users.csv"
    users.write_text("ada@example.org,ada\nu2, ben\n")
    place = target[0][0]  # with another owner
    *notes, _ = run(place, f"--users={users}", "--owner=admin", *([option] if option else []))

    async def people(storage: Storage) -> dict[str, tuple[bool, str, set[tuple[str, str]]]]:
        store = storage.store
        return {
            room.name: (
                room.private,
                room.created_by,
                {(m.subject, m.role) for m in await store.members(Ref(id=room.id)) if m.kind == "user"},
            )
            for room in await store.rooms(Page())
        }

    assert look(people) == {
        "Design": (private, "ada", {("ada", "owner")}),
        "Design 2": (True, "ben", {("ben", "owner"), ("ada", "editor")}),
        "a-b- c": (private, "admin", {("admin", "owner")}),
    }
    assert "Room “Design 2”: people without a user name here (see --users): 1." in notes


def test_on_a_cluster_it_is_said_who_owns_the_rooms(
    old: Old,
    postgres_dsn: str,
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PLANT_TOGETHER_IMPORT_DSN", old.dsn)
    monkeypatch.setenv("PLANT_TOGETHER_POSTGRES_DSN", postgres_dsn)
    monkeypatch.setenv("PLANT_TOGETHER_REDIS_URL", redis.url)
    assert main(["import-yredis", "--mode=cluster"]) == 1
    assert capsys.readouterr().err == "Say who owns the rooms that are made: --owner=USER.\n"


def test_a_dry_run_makes_no_database(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "data" / "rooms.db"
    assert run(f"--database-path={path}", "--dry-run")[-1].startswith(
        "Dry run, nothing was changed. Rooms made: 3."
    )
    assert not path.parent.exists()


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

"""Roles of open sessions: changed at once, and what happens while they cannot be read (PROTOCOL I3)."""

from __future__ import annotations

import pytest

from jupyter_plant_together.live.role_watcher import RoleWatcher
from jupyter_plant_together.store.port import Action, Identity, Member, Ref


def roles_of(server):
    """What the store says of people, as the rooms' service asks it."""

    async def roles(room, people):
        return await server.store.roles(room, [Identity(person.subject) for person in people])

    return roles


def told(peer) -> str | None:
    """The last role that the peer heard of after its hello."""
    return next((body["role"] for body in reversed(peer.control) if body["type"] == "role"), None)


@pytest.mark.parametrize("message", ["heard", "missed"])
async def test_i3_a_change_on_one_replica_reaches_idle_sessions_of_the_others(
    server_of, make_peer, until, message
):
    one, two = await server_of(), await server_of()
    document = await one.create()
    room, _ = await one.store.locate(document)
    at = Ref(id=room.id)
    watchers = [RoleWatcher(roles_of(s), s.live.documents, s.journal, grace=60) for s in (one, two)]
    for watcher in watchers:
        await watcher.start()
    bob = make_peer("bob").join(await two.open(document))
    await one.store.set_member(at, Member("everyone", "", "viewer", "ada", 5), Action("ada", 5))
    if message == "heard":
        one.journal.notify_now()
    await until(lambda: told(bob) == "viewer")
    bob.text += "no"
    await until(lambda: any(body["type"] == "denied" for body in bob.control))
    await one.store.remove_member(at, "everyone", "", Action("ada", 6))
    if message == "heard":
        one.journal.notify_now()
    await until(lambda: bob.closed is not None)
    assert bob.closed[0] == 4403
    for watcher in watchers:
        await watcher.stop()


class TestUnreadable:
    """Only Postgres can go away from under a server that runs."""

    @pytest.fixture
    def backend(self):
        return "redis"

    async def test_i3_past_the_grace_nobody_writes_until_roles_can_be_read_again(
        self, server_of, make_peer, until, postgres_server
    ):
        server = await server_of()
        document = await server.create()
        live = await server.open(document)
        watcher = RoleWatcher(roles_of(server), server.live.documents, server.journal, grace=0.2)
        await watcher.start()
        ada = make_peer("ada").join(live)
        ada.text += "before"
        await until(lambda: ada.acked == ada.sent)
        postgres_server.kill()
        try:
            await until(lambda: told(ada) == "viewer", timeout=30)
            ada.text += " meanwhile"
            await until(lambda: any(body["type"] == "denied" for body in ada.control))
        finally:
            postgres_server.start()
        await until(lambda: told(ada) == "editor", timeout=30)
        assert live.text() == "before"
        await watcher.stop()

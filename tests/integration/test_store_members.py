"""What every store must do with members and invitations (PROTOCOL I5)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from stores import Factory, room_of

from jupyter_plant_together.errors import (
    AccessDenied,
    InvitationNotFound,
    LastOwner,
    NotFound,
    RoomNotFound,
)
from jupyter_plant_together.store.port import (
    Action,
    Identity,
    Invitation,
    Member,
    Page,
    Ref,
    Room,
    RoomPatch,
    Store,
)

ADA, EVE, BOB = Identity("ada"), Identity("eve"), Identity("bob", ("team", "friends"))


async def private_room(store: Store, name: str = "design") -> Ref:
    room = room_of(name)
    made = await store.create_room(
        Room(room.id, name, True, "", "ada", room.created_at, room.updated_at, None), name
    )
    return Ref(id=made.id)


def member(kind: str, subject: str, role: str) -> Member:
    return Member(kind, subject, role, "ada", 5)


def invitation(role: str = "editor", **more: Any) -> Invitation:
    return Invitation("i_1", "", "ab" * 32, role, "ada", 10, **more)


async def role(store: Store, room: Ref, who: Identity) -> str | None:
    return (await store.room(Ref(id=room.id, who=who))).role


async def test_the_maker_owns_a_room_and_an_open_one_everyone_edits(make_store: Factory) -> None:
    store = await make_store()
    closed = await private_room(store, "closed")
    opened = await store.create_room(room_of("opened"), "opened")
    assert opened.role == "owner"
    assert await store.roles(str(closed.id), [ADA, EVE, BOB]) == ["owner", None, None]
    assert await store.roles(opened.id, [ADA, EVE, BOB]) == ["owner", "editor", "editor"]
    page = await store.rooms(Page(who=EVE))
    assert [(room.name, room.role) for room in page] == [("closed", None), ("opened", "editor")]
    assert [(one.kind, one.role) for one in await store.members(Ref(id=opened.id))] == [
        ("everyone", "editor"),
        ("user", "owner"),
    ]


async def test_the_effective_role_is_the_highest(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    action = Action("ada", 6)
    await store.set_member(room, member("everyone", "", "viewer"), action)
    await store.set_member(room, member("group", "team", "editor"), action)
    await store.set_member(room, member("user", "bob", "viewer"), action)
    assert await store.roles(str(room.id), [ADA, EVE, BOB]) == ["owner", "viewer", "editor"]
    await store.remove_member(room, "group", "team", action)
    assert await role(store, room, BOB) == "viewer"
    with pytest.raises(NotFound):
        await store.remove_member(room, "group", "team", action)


async def test_opening_and_closing_a_room_is_everyone_coming_and_going(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    await store.set_member(room, member("everyone", "", "viewer"), Action("ada", 6))
    assert (await store.room(room)).private is False
    await store.change_room(room, RoomPatch(private=False), Action("ada", 7))
    assert await role(store, room, EVE) == "viewer"  # open already: nobody's role grows
    closed = await store.change_room(room, RoomPatch(private=True), Action("ada", 8))
    assert closed.private is True
    assert await role(store, room, EVE) is None
    await store.change_room(room, RoomPatch(private=False), Action("ada", 9))
    assert await role(store, room, EVE) == "editor"


async def test_a_room_keeps_an_owner(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    with pytest.raises(LastOwner):
        await store.remove_member(room, "user", "ada", Action("ada", 6))
    with pytest.raises(LastOwner):
        await store.set_member(room, member("user", "ada", "editor"), Action("ada", 6))
    assert await role(store, room, ADA) == "owner"
    await store.set_member(room, member("user", "eve", "owner"), Action("ada", 7))
    await store.remove_member(room, "user", "ada", Action("ada", 8))
    assert await store.roles(str(room.id), [ADA, EVE]) == [None, "owner"]


async def test_two_owners_who_leave_at_once_leave_one(make_store: Factory) -> None:
    stores = [await make_store(), await make_store()]
    room = await private_room(stores[0])
    await stores[0].set_member(room, member("user", "eve", "owner"), Action("ada", 6))
    results = await asyncio.gather(
        stores[0].remove_member(room, "user", "ada", Action("ada", 7)),
        stores[1].remove_member(room, "user", "eve", Action("eve", 7)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["LastOwner", "NoneType"]


async def test_what_authorizes_sees_the_role_and_can_refuse(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    seen: list[str | None] = []

    def authorize(found: Room) -> None:
        seen.append(found.role)
        raise AccessDenied("no")

    asked = Ref(id=room.id, who=EVE)
    with pytest.raises(AccessDenied):
        await store.set_member(asked, member("user", "eve", "owner"), Action("eve", 6, authorize=authorize))
    assert seen == [None]
    assert await role(store, room, EVE) is None


async def test_every_change_writes_its_event_and_rooms_tell_theirs_in_order(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    await private_room(store, "another")
    await store.set_member(room, member("user", "bob", "viewer"), Action("ada", 6))
    await store.set_member(room, member("user", "bob", "viewer"), Action("ada", 7))  # as it was
    await store.set_member(room, member("user", "bob", "editor"), Action("ada", 8))
    await store.create_invitation(room, invitation(), Action("ada", 10))
    await store.accept_invitation("i_1", "ab" * 32, EVE, 11)
    await store.revoke_invitation(room, "i_1", Action("ada", 12))
    await store.remove_member(room, "user", "eve", Action("ada", 13))
    events = await store.room_events(room, after=0, limit=100)
    assert [(event.type, event.by) for event in events] == [
        ("room.created", "ada"),
        ("member.added", "ada"),
        ("member.changed", "ada"),
        ("invitation.created", "ada"),
        ("member.added", "eve"),
        ("invitation.revoked", "ada"),
        ("member.removed", "ada"),
    ]
    assert events[2].data["was"] == "viewer"
    assert "ab" * 32 not in str(events)
    later = await store.room_events(room, after=events[4].seq, limit=1)
    assert [event.type for event in later] == ["invitation.revoked"]
    found = await store.changes(0)
    assert [event.seq for event in found.events if event.room == room.id] == [e.seq for e in events]


async def test_i5_accepting_twice_is_harmless_and_counts_once(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    await store.create_invitation(room, invitation(max_uses=1), Action("ada", 10))
    assert (await store.accept_invitation("i_1", "ab" * 32, EVE, 11)).role == "editor"
    assert (await store.accept_invitation("i_1", "ab" * 32, EVE, 12)).role == "editor"
    with pytest.raises(InvitationNotFound, match="used up"):
        await store.accept_invitation("i_1", "ab" * 32, BOB, 13)
    assert await role(store, room, BOB) is None
    assert [one.uses for one in await store.invitations(room)] == [1]


async def test_i5_acceptances_at_once_never_exceed_the_uses(make_store: Factory) -> None:
    stores = [await make_store(), await make_store()]
    room = await private_room(stores[0])
    await stores[0].create_invitation(room, invitation(max_uses=3), Action("ada", 10))
    people = [Identity(f"user{number}") for number in range(12)]
    results = await asyncio.gather(
        *(stores[i % 2].accept_invitation("i_1", "ab" * 32, who, 11) for i, who in enumerate(people)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Room) for result in results) == 3
    assert sum(isinstance(result, InvitationNotFound) for result in results) == 9
    granted = await stores[1].roles(str(room.id), people)
    assert granted.count("editor") == 3


async def test_i5_the_role_is_the_higher_one(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    await store.set_member(room, member("user", "eve", "owner"), Action("ada", 6))
    await store.create_invitation(room, invitation("viewer"), Action("ada", 10))
    assert (await store.accept_invitation("i_1", "ab" * 32, EVE, 11)).role == "owner"


@pytest.mark.parametrize(
    ("more", "at", "message"),
    [({"expires_at": 20}, 20, "expired"), ({}, 30, "revoked")],
)
async def test_i5_what_has_ended_lets_nobody_in(
    make_store: Factory, more: dict[str, Any], at: int, message: str
) -> None:
    store = await make_store()
    room = await private_room(store)
    await store.create_invitation(room, invitation(**more), Action("ada", 10))
    if message == "revoked":
        await store.revoke_invitation(room, "i_1", Action("ada", 15))
    with pytest.raises(InvitationNotFound, match=message):
        await store.accept_invitation("i_1", "ab" * 32, EVE, at)
    assert await role(store, room, EVE) is None


async def test_a_wrong_secret_is_an_unknown_invitation(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    await store.create_invitation(room, invitation(), Action("ada", 10))
    for identity, digest in (("i_1", "cd" * 32), ("i_2", "ab" * 32)):
        with pytest.raises(InvitationNotFound, match="no such"):
            await store.accept_invitation(identity, digest, EVE, 11)


async def test_i5_a_removed_member_comes_back_only_by_a_newer_invitation(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    await store.create_invitation(room, invitation(), Action("ada", 10))
    await store.set_member(room, member("user", "eve", "viewer"), Action("ada", 11))
    await store.remove_member(room, "user", "eve", Action("ada", 12))
    with pytest.raises(AccessDenied):
        await store.accept_invitation("i_1", "ab" * 32, EVE, 13)
    newer = Invitation("i_2", "", "cd" * 32, "viewer", "ada", 14)
    await store.create_invitation(room, newer, Action("ada", 14))
    assert (await store.accept_invitation("i_2", "cd" * 32, EVE, 15)).role == "viewer"


async def test_a_deleted_room_has_no_members_for_anybody(make_store: Factory) -> None:
    store = await make_store()
    room = await private_room(store)
    await store.create_invitation(room, invitation(), Action("ada", 10))
    await store.delete_room(room, Action("ada", 11))
    assert await store.roles(str(room.id), [ADA]) == [None]
    with pytest.raises(RoomNotFound):
        await store.accept_invitation("i_1", "ab" * 32, EVE, 12)

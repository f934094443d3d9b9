"""Names, identity, content and entity tags by themselves."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_server.auth import IdentityProvider, User
from jupyter_server.auth.identity import LegacyIdentityProvider, PasswordIdentityProvider

from jupyter_plant_together.errors import BadName, BadRequest, DocumentNotFound, LimitExceeded, RoomNotFound
from jupyter_plant_together.ids import new_document_id, new_room_id
from jupyter_plant_together.limits import Limits
from jupyter_plant_together.rooms import names
from jupyter_plant_together.rooms.guard import etag
from jupyter_plant_together.rooms.identity import JupyterIdentity, color_of, initials_of, invents_users
from jupyter_plant_together.rooms.source_text import EXAMPLE_DOCUMENT, EXAMPLE_ROOM, first_update, normalised
from jupyter_plant_together.store.port import Ref, Room
from jupyter_plant_together.yjs.update import decode_meta


@given(st.text(max_size=70))
def test_a_name_is_refused_or_safe_and_stable(text: str) -> None:
    try:
        named = names.room_name(text)
    except BadName as error:
        assert error.message.startswith("A room name is 1 to 64")
        return
    assert 1 <= len(named.name) <= 64
    assert unicodedata.is_normalized("NFC", named.name)
    assert not set(named.name) & set("/\\:~%?#\0\n")
    assert named.name.strip(" .") == named.name
    assert names.room_name(named.name) == named
    assert names.key_of(named.key) == named.key


@given(st.text(alphabet=st.characters(categories=["L", "M", "N"]), min_size=1, max_size=20))
def test_upper_case_lower_case_and_other_forms_have_one_key(text: str) -> None:
    key = names.key_of(text)
    assert names.key_of(unicodedata.normalize("NFD", text)) == key
    assert names.key_of(unicodedata.normalize("NFC", text)) == key
    assert names.key_of(text.casefold()) == key


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("login", "login.puml"),
        ("login.puml", "login.puml"),
        ("login.PUML", "login.PUML"),
        ("notes.txt", "notes.txt"),
        ("v1.2", "v1.2.puml"),
        ("a.b.c", "a.b.c"),
        ("Übersicht 3", "Übersicht 3.puml"),
    ],
)
def test_a_document_gets_an_extension_where_it_has_none(given_name: str, name: str) -> None:
    assert names.document_name(given_name).name == name


@pytest.mark.parametrize("bad", ["", ".puml", "a/b", "x" * 125, None, 5])
def test_bad_document_names(bad: object) -> None:
    with pytest.raises(BadName, match="A document name is 1 to 128"):
        names.document_name(bad)


def test_segments_mean_names_or_ids() -> None:
    room, document = new_room_id(), new_document_id()
    assert names.room_ref("~" + room) == Ref(id=room)
    assert names.document_ref("~" + document, deleted=True) == Ref(id=document, deleted=True)
    assert names.room_ref("Straße") == Ref(key="strasse")
    assert names.document_ref("Login") == Ref(key="login.puml")
    for bad in ("~", "~" + document, "~r_UPPER"):
        with pytest.raises(RoomNotFound):
            names.room_ref(bad)
    with pytest.raises(DocumentNotFound):
        names.document_ref("~" + room)


def test_the_example_has_good_names() -> None:
    assert names.room_name(EXAMPLE_ROOM).name == EXAMPLE_ROOM
    assert names.document_name(EXAMPLE_DOCUMENT).name == EXAMPLE_DOCUMENT


def test_which_identity_providers_invent_their_users() -> None:
    """PROTOCOL I1."""

    class Prettier(PasswordIdentityProvider):
        def process_login_form(self, handler: object) -> None:
            return None

    class Naming(IdentityProvider):
        def get_user(self, handler: object) -> None:
            return None

    class Tokens(IdentityProvider):
        async def get_user_token(self, handler: object) -> None:
            return None

    assert all(
        invents_users(kind())
        for kind in (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider, Prettier)
    )
    assert not any(invents_users(kind()) for kind in (Naming, Tokens))


def test_invented_people_are_one_subject_and_named_people_themselves() -> None:
    user = User("u1", name="Ada Byron", color="#123456")
    local = JupyterIdentity(invented=True).principal(user, "browser")
    assert (local.subject, local.display_name, local.color, local.initials) == (
        "local",
        "Ada Byron",
        "#123456",
        "AB",
    )
    named = JupyterIdentity(invented=False).principal(user, "notebook")
    assert (named.subject, named.display_name, named.kind) == ("u1", "Ada Byron · notebook", "notebook")
    odd = JupyterIdentity(invented=False).principal(User("u1", color="red;}<x>"), "browser")
    assert re.fullmatch(r"#[0-9a-f]{6}", odd.color)


@given(st.text())
def test_anybody_has_a_colour_and_initials(who: str) -> None:
    assert re.fullmatch(r"#[0-9a-f]{6}", color_of(who))
    assert color_of(who) == color_of(who)
    assert " " not in initials_of(who)


def test_line_ends_and_limits_of_a_source() -> None:
    assert normalised("a\r\nb\rc\n", Limits()) == "a\nb\nc\n"
    with pytest.raises(LimitExceeded, match="max_source_size"):
        normalised("é" * 6, Limits(max_source_size=11))
    assert normalised("é" * 6, Limits(max_source_size=12))
    for bad in (b"bytes", None, "\ud800"):
        with pytest.raises(BadRequest):
            normalised(bad, Limits())


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_the_first_update_is_the_text(text: str) -> None:
    data, client = first_update(text)
    doc = pycrdt.Doc()
    doc.apply_update(data)
    assert str(doc.get("source", type=pycrdt.Text)) == text
    assert set(decode_meta(data).structs) == ({client} if text else set())


def test_a_tag_tells_what_a_room_is() -> None:
    room = Room(new_room_id(), "design", False, "", "ada", 1, 1, None)
    assert etag(room) == etag(replace(room, updated_at=9, documents=4))
    for other in (
        replace(room, name="plan"),
        replace(room, private=True),
        replace(room, description="x"),
        replace(room, deleted_at=5),
        replace(room, id=new_room_id()),
    ):
        assert etag(other) != etag(room)

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users whom people have made are seen before secrets are made for an API user of the same login."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import foreign_users
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.secret_store import SecretError

from .conftest import Host, failure
from .lost_site import LostSite

PERSON = {"admin": False, "ours": False}
BOSS = {"admin": True, "ours": False}


def test_only_those_without_a_whole_record_are_asked_for() -> None:
    users = [{"login": "shop"}, {"login": "new"}, {"login": "half"}]
    assert foreign_users.unsure(users, {"shop": True, "half": False, "gone": True}) == ["new", "half"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, None),
        ({}, {"admin": False, "ours": True}),
        ({"existing": True}, PERSON),
        ({"existing": True, "admin": True}, PERSON),
        ({"existing": True, "admin": True}, BOSS),
    ],
)
def test_nobody_is_wronged(wanted: dict[str, Any], found: dict[str, Any] | None) -> None:
    assert foreign_users.objection({"login": "maria"} | wanted, found, {"shop": True}) is None


@pytest.mark.parametrize("existing", [False, True])
def test_an_administrator(existing: bool) -> None:
    told = foreign_users.objection({"login": "boss", "existing": existing, "admin": not existing}, BOSS, {})
    assert told == (
        "'boss' is an administrator of the application, whom somebody else has made: rights and password would be lost",
        "Choose another login; where this one is to serve the API, take the flag of an administrator away on its card, "
        "or say admin: true, and existing: true",
    )


def test_a_person() -> None:
    assert foreign_users.objection({"login": "maria"}, PERSON, {}) == (
        "'maria' is a user of the application already, whom somebody else has made: rights and password would be "
        "replaced",
        "Choose another login, or, where this one is to serve the API, say existing: true beside the login",
    )


@pytest.mark.parametrize(
    ("recorded", "foreign"), [({}, False), ({"maria": False}, False), ({"shop": True}, True), ({"shop": False}, True)]
)
def test_an_earlier_bridge_does_not_say_whose_a_user_is(recorded: dict[str, bool], foreign: bool) -> None:
    """Where the record is lost it may be ours; a record that knows others and not this one says that it is not."""
    assert bool(foreign_users.objection({"login": "maria"}, {"admin": False}, recorded)) is foreign


def test_a_site_that_cannot_be_asked_is_told_by_others(norte: Host) -> None:
    shown = [{"login": "maria", "user": PERSON}, {"login": "new", "user": None}]
    norte.answers = [{"ok": True, "answers": shown}]
    assert foreign_users.look("norte", ["maria", "new"], norte.bridge) == {"maria": PERSON, "new": None}
    norte.answers = [failure("database")]
    assert foreign_users.look("norte", ["maria"], norte.bridge) == {}


def test_no_secret_is_made_for_such_a_user(lost: LostSite) -> None:
    assert lost.database is not None
    lost.database["keys"]["maria"] = "a-key-of-the-pages"
    lost.database["foreign"] = ["maria"]
    lost.site["api"]["users"].append({"login": "maria"})
    before = lost.files()
    with pytest.raises(SecretError, match=r"site 'norte': api\.users\[1\]\.login: 'maria' is a user of the") as error:
        lost.ensure()
    assert "a-key-of-the-pages" not in str(error.value)
    assert lost.files() == before
    # Said on purpose, its key stays.
    lost.site["api"]["users"][1]["existing"] = True
    outcome = lost.ensure()
    assert (outcome.taken, outcome.kept) == ([], ["users.maria.key"])
    assert outcome.generated == ["users.maria.password"]
    assert outcome.told() == (
        "users of the application serve the API from now on, with the keys that they have: users.maria.key"
    )
    assert lost.stored()["users"]["maria"]["key"] == "a-key-of-the-pages"


def test_a_lost_record_is_made_good_all_the_same(lost: LostSite) -> None:
    """Of a host that an earlier version has laid nobody says whose a user is, and its key is taken back."""
    key = lost.stored()["users"]["shop"]["key"]
    lost.secrets.unlink()
    assert lost.ensure().values["users"]["shop"]["key"] == key

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what an inventory says of users and groups to the application, and what becomes of changes by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client, settings
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules, sites

from .sites import Answer, BridgedSite

ENTRY: Answer = {
    "name": "norte",
    "domain": "norte.example.org",
    "source": {"type": "sandbox"},
    "modules": ["societe", "product"],
    "groups": [
        {"name": "Ventas E", "note": "Los que venden", "rights": ["societe.lire", "produit.lire"]},
        {"name": "Alt E", "state": "absent"},
    ],
    "users": [
        {
            "login": "ana-e",
            "lastname": "Ruiz",
            "email": "Ana-E@example.org",
            "language": "es_ES",
            "groups": ["Ventas E"],
        },
        {"login": "luis-e", "state": "disabled"},
        {"login": "eva-e", "state": "absent"},
        {"login": "admin", "email": "erp@example.org"},
    ],
    "api": {
        "users": [
            {"login": "shop-e", "rights": ["produit.lire"], "groups": ["Ventas E"]},
            {"login": "old-e", "state": "disabled"},
        ]
    },
}
SECRETS: Answer = {
    "users": {"shop-e": {"key": "e" * 39 + "1", "password": "of-the-shop-e-1"}},
    "people": {"ana-e": {"password": "first-of-ana-e-1"}},
}


class Direct(client.Bridge):
    """The bridge of a site that is laid out here."""

    def __init__(self, site: BridgedSite) -> None:
        super().__init__("norte")
        self._tested = site

    def _ask(self, words: Sequence[str], command: str, text: str, check: bool) -> client.Answer:
        given = json.loads(text) if text else None
        answer: client.Answer = self._tested.ctl(*(["--check"] if check else []), *words, given=given)
        if not answer["ok"]:
            error = answer["error"]
            raise client.BridgeError("norte", error["code"], error["message"], error["mend"], answer=answer)
        return answer

    def has_route_cache(self) -> bool:
        return False


@pytest.fixture(scope="module")
def installed(apart: BridgedSite) -> BridgedSite:
    """Return a site of these tests' own."""
    return apart


@pytest.fixture
def site(installed: BridgedSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BridgedSite]:
    """Return a site with users who have left since."""
    monkeypatch.setattr(client, "STATE", tmp_path)
    (tmp_path / "norte").mkdir()
    installed.ok("module", "enable", "societe", "product", "api")
    installed.ok("group", "ensure", "Alt E", given={})
    for login in ("luis-e", "eva-e", "old-e"):
        installed.ok("user", "ensure", login, given={"key": f"a-key-of-{login}-0123", "enabled": True, "rights": []})
    yield installed
    for login in ("ana-e", "luis-e", "eva-e", "shop-e", "old-e"):
        installed.ok("user", "remove", login)
    for name in ("Ventas E", "Alt E"):
        installed.ok("group", "remove", name)


def applied(site: BridgedSite, *, check: bool = False, **other: Any) -> Answer:  # noqa: ANN401 (keys of a site)
    """Do what the module ``rest_api`` does."""
    entry = ENTRY | other
    assert rules.check([entry]) == []
    (wanted,) = promises.settings(sites.plan([entry]), {"norte": SECRETS})
    return settings.apply(wanted, check, lambda _: Direct(site))


def people(site: BridgedSite) -> dict[str, Answer]:
    return {user["login"]: user for user in site.ok("user", "list")["users"]}


def test_users_and_groups_become_what_is_declared(site: BridgedSite) -> None:
    foreseen, done = applied(site, check=True), applied(site)
    told = [line for line in done["changes"] if line.startswith(("user", "group"))]
    assert told == [line for line in foreseen["changes"] if line.startswith(("user", "group"))]
    assert "group Ventas E: created, rights" in told
    assert "user ana-e: created, password, groups" in told
    assert "user luis-e: enabled, key" in told
    assert told[-2:] == ["user eva-e: removed", "group Alt E: removed"]
    now = people(site)
    assert "eva-e" not in now
    assert {login: (now[login]["state"], now[login]["key"] is None) for login in ("luis-e", "old-e", "shop-e")} == {
        "luis-e": ("disabled", True),
        "old-e": ("disabled", True),
        "shop-e": ("present", False),
    }
    assert (now["ana-e"]["groups"], now["ana-e"]["language"], now["ana-e"]["password"]) == (["Ventas E"], "es_ES", True)
    assert (now["admin"]["email"], now["admin"]["admin"]) == ("erp@example.org", True)
    assert SECRETS["people"]["ana-e"]["password"] not in str(done)
    again = applied(site)
    assert (again["changed"], again["changes"]) == (False, [])


def test_changes_by_hand_are_told_or_repaired(site: BridgedSite) -> None:
    applied(site)
    site.sql("UPDATE llx_user SET admin = 1, email = 'x@example.org' WHERE login = 'ana-e'")
    site.sql("UPDATE llx_user SET login = 'shop-x' WHERE login = 'shop-e'")
    site.sql("UPDATE llx_usergroup SET note = 'X' WHERE nom = 'Ventas E'")
    site.ok("group", "ensure", "Ventas E", given={"rights": ["societe.lire"]})
    before = people(site)
    told = applied(site, enforce="report")
    assert (told["changed"], told["changes"]) == (False, [])
    assert told["would"] == [
        "group Ventas E: description is 'X', and would be 'Los que venden'",
        "group Ventas E: permission produit.lire would be given",
        "user shop-e: login is 'shop-x', and would be 'shop-e'",
        "user ana-e: e-mail is 'x@example.org', and would be 'Ana-E@example.org'",
        "user ana-e: administrator is yes, and would be no",
    ]
    assert people(site) == before
    other = [*ENTRY["users"][1:], ENTRY["users"][0] | {"language": "pt_BR"}]
    assert applied(site, enforce="report", users=other)["changes"] == ["user ana-e: email, language, admin"]
    assert applied(site)["changes"] == ["group Ventas E: note, rights", "user shop-e: login", "user ana-e: language"]
    assert applied(site)["changed"] is False

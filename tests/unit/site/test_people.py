# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users and groups that an inventory may not ask for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules

GROUPS = [{"name": "Ventas"}, {"name": "Alt", "state": "absent"}]


def said(**more: Any) -> list[str]:  # noqa: ANN401 (whatever an entry holds)
    entry = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}} | more
    return [str(problem).removeprefix("site 'norte': ") for problem in rules.check([entry])]


def test_what_is_right_is_let_through() -> None:
    api = {"users": [{"login": "shop", "groups": ["Ventas"]}, {"login": "old", "state": "disabled"}]}
    users = [
        {"login": "ana", "email": "ana@example.org", "language": "pt_BR", "groups": ["Ventas"], "rights": []},
        {"login": "admin", "email": "admin@example.org", "admin": True},
        {"login": "eva", "state": "absent"},
    ]
    assert said(api=api, users=users, groups=GROUPS) == []


@pytest.mark.parametrize(
    ("user", "problem"),
    [
        ({"login": "ana@x"}, "users[0].login: is 'ana@x'. Use 2 to 50 letters"),
        ({"login": "API"}, "users[0].login: 'API' stands there twice. Give each user one entry."),
        ({"email": "ana"}, "users[0].email: is 'ana'. Write an address, as in ana@example.org."),
        (
            {"email": "Robot@example.org"},
            "users[0].email: is that of api as well. Give each user an address",
        ),
        ({"lastname": "x" * 51}, "users[0].lastname: is longer than 50 characters. Write a shorter one."),
        ({"language": "es"}, "users[0].language: is 'es'. Write language and country, as in es_ES."),
        ({"groups": ["Venta"]}, "users[0].groups: holds 'Venta', which is not in groups. Add it there"),
        ({"groups": ["Alt"]}, "users[0].groups: holds 'Alt', which is not in groups. Add it there"),
        ({"rights": ["produit"]}, "users[0].rights: holds 'produit'. Write module.right or module.group.right."),
        ({"password": "short"}, "users[0].password: is shorter than 12 characters or the login itself"),
        ({"state": "off"}, "users[0].state: is 'off'. Choose one of: present, disabled, absent."),
        (
            {"login": "admin", "state": "disabled"},
            "users[0].state: is 'disabled', and admin is the site's",
        ),
        ({"login": "Admin", "state": "absent"}, "users[0].state: is 'absent', and Admin is the site's administrator"),
        ({"login": "admin", "admin": False}, "users[0].admin: is false for the site's administrator (admin.login)"),
        ({"login": "admin", "password": "Xk29-vmq0-Tz71"}, "users[0].password: is that of the site's administrator."),
    ],
)
def test_a_user(user: dict[str, Any], problem: str) -> None:
    api = {"users": [{"login": "api", "email": "robot@example.org"}]}
    (told,) = said(api=api, users=[{"login": "ana"} | user], groups=GROUPS)
    assert told.startswith(problem)


@pytest.mark.parametrize(
    ("group", "problem"),
    [
        ({"name": ""}, "groups[1].name: is ''. Write up to 180 characters"),
        ({"name": " x"}, "groups[1].name: is ' x'. Write up to 180 characters"),
        ({"name": "a<b"}, "groups[1].name: is 'a<b'. Write up to 180 characters"),
        ({"name": "ventas"}, "groups[1].name: 'ventas' stands there twice. Give each group one entry."),
        ({"name": "x", "note": "<b>"}, "groups[1].note: holds < or >. Write plain text."),
        (
            {"name": "x", "rights": ["lire"]},
            "groups[1].rights: holds 'lire'. Write module.right or module",
        ),
    ],
)
def test_a_group(group: dict[str, Any], problem: str) -> None:
    (told,) = said(groups=[{"name": "Ventas"}, group])
    assert told.startswith(problem)


def test_the_api_keeps_somebody_who_works() -> None:
    gone = {"login": "old", "state": "disabled"}
    assert said(api={"users": [gone]}) == [
        "api.users: has nobody who may work. Name at least one: the smoke test logs in with the first one."
    ]
    assert said(api={"users": [{"login": "shop"}, gone, {"login": "late"}]}) == [
        "api.users[2]: stands behind old, who may not work. Write those who are disabled or absent last."
    ]

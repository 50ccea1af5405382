# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host is asked for users that are new in the inventory, and only for those."""

from __future__ import annotations

from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import users as preflight_users

PERSON = {"admin": False, "ours": False}


def _sites(*logins: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (any key of a user)
    users = [{"login": login} | more for login in logins]
    return [
        {"name": name, "domain": f"{name}.example.org", "source": {"type": "sandbox"}, "api": {"users": users}}
        for name in ("norte", "sur")
    ]


def _check(entries: list[dict[str, Any]], recorded: dict[str, bool]) -> tuple[list[str], list[Any]]:
    facts = {"releases": {"norte": "22.0.4-0"}, "identities": {"norte": {"users": recorded}}}
    asked: list[Any] = []

    def look(logins: dict[str, list[str]]) -> dict[str, Any]:
        asked.append(logins)
        return {"norte": {"maria": PERSON}}

    return [str(problem) for problem in preflight_users.check(facts, entries, look)], asked


def test_a_new_login_of_somebody_is_refused() -> None:
    problems, asked = _check(_sites("shop", "maria", "new"), {"shop": True})
    assert asked == [{"norte": ["maria", "new"]}]
    assert problems == [
        "site 'norte': api.users[1].login: 'maria' is a user of the application already, whom somebody else has made: "
        "rights and password would be replaced. Choose another login, or, where this one is to serve the API, say "
        "existing: true beside the login."
    ]


def test_what_is_said_on_purpose_and_what_is_on_record_is_fine() -> None:
    assert _check(_sites("shop", "maria"), {"shop": True, "maria": True}) == ([], [])
    assert _check(_sites("maria", existing=True), {}) == ([], [{"norte": ["maria"]}])
    assert _check(_sites("new"), {}) == ([], [{"norte": ["new"]}])


def test_people_are_looked_for_as_well() -> None:
    entries = _sites("shop")
    entries[0]["users"] = [{"login": "maria"}, {"login": "ana"}, {"login": "old", "state": "absent"}]
    known = {"users": {"shop": True}, "people": {"ana": True}}
    facts: dict[str, Any] = {"releases": {"norte": "22.0.4-0"}, "identities": {"norte": known}}
    asked: list[Any] = []

    def look(logins: dict[str, list[str]]) -> dict[str, Any]:
        asked.append(logins)
        return {"norte": {"maria": PERSON}}

    problems = [str(problem) for problem in preflight_users.check(facts, entries, look)]
    assert asked == [{"norte": ["maria"]}]
    assert [problem.partition(" is a user")[0] for problem in problems] == ["site 'norte': users[0].login: 'maria'"]
    entries[0]["users"][0]["existing"] = True
    assert preflight_users.check(facts, entries, look) == []

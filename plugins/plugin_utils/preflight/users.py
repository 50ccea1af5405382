# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether users of the inventory would take the place of users whom people have made. On the controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import foreign_users
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

#: Logins by site to what the module ``served_users`` says of them.
Look = Callable[[dict[str, list[str]]], Mapping[str, Mapping[str, Any]]]


def check(facts: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], look: Look) -> list[Problem]:
    """Return the users whose login is taken; ``look`` is asked for those alone that are new on a site that is there."""
    planned = [site for site in sites.plan(entries) if site["name"] in facts["releases"]]
    recorded = {site["name"]: facts["identities"].get(site["name"], {}) for site in planned}
    asked: dict[str, list[str]] = {}
    for site in planned:
        for _, name, users in _lists(site):
            if unsure := foreign_users.unsure(users, recorded[site["name"]].get(name, {})):
                asked.setdefault(site["name"], []).extend(unsure)
    found = look(asked) if asked else {}
    problems = []
    for site in planned:
        for path, name, users in _lists(site):
            for index, user in enumerate(users):
                there = found.get(site["name"], {}).get(user["login"])
                if told := foreign_users.objection(user, there, recorded[site["name"]].get(name, {})):
                    problems.append(Problem(f"site '{site['name']}'", f"{path}[{index}].login", *told))
    return problems


def _lists(site: Site) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Return the lists of users: where they stand, what the record calls them, and those who may work."""
    people = [user for user in site["users"] if user["state"] == "present"]
    return [("api.users", "users", site["api"]["users"]), ("users", "people", people)]

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether API users of the inventory would take the place of users whom people have made. On the controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import foreign_users
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

#: Logins by site to what the module ``served_users`` says of them.
Look = Callable[[dict[str, list[str]]], Mapping[str, Mapping[str, Any]]]


def check(facts: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], look: Look) -> list[Problem]:
    """Return the users whose login is taken; ``look`` is asked for those alone that are new on a site that is there."""
    planned = [site for site in sites.plan(entries) if site["name"] in facts["releases"]]
    recorded = {site["name"]: facts["identities"].get(site["name"], {}).get("users", {}) for site in planned}
    unsure = {site["name"]: foreign_users.unsure(site["api"]["users"], recorded[site["name"]]) for site in planned}
    asked = {name: logins for name, logins in unsure.items() if logins}
    found = look(asked) if asked else {}
    problems = []
    for site in planned:
        name = site["name"]
        for index, user in enumerate(site["api"]["users"]):
            there = found.get(name, {}).get(user["login"])
            if told := foreign_users.objection(user, there, recorded[name]):
                problems.append(Problem(f"site '{name}'", f"api.users[{index}].login", *told))
    return problems

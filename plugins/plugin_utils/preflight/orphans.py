# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether sites would take something from one that is on the host and left the inventory, as by a new name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import orphans
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem


def check(
    planned: Sequence[Site], facts: Mapping[str, Any], engine: str, server: str, renamed_from: str = ""
) -> list[Problem]:
    """Return what the sites would take: a name at the web server, a database or its user, the web server itself.

    Another may have the names of ``renamed_from``, whose place it takes.
    """
    renamed = {name: seen for name, seen in facts.get("hosted", {}).items() if name != renamed_from}
    names = orphans.names({**facts, "hosted": renamed}, planned, server)
    taken = [*names, *orphans.databases(facts, planned, engine)]
    return [
        *(Problem(f"site '{name}'", *rest) for name, *rest in taken),
        *(Problem("host", "miclinik_web_server", *rest) for rest in orphans.web_server(facts, planned, server)),
    ]

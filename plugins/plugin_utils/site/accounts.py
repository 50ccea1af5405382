# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which Unix users and groups of the sites a host lacks, by the facts that the module ``host_facts`` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site


def groups_to_make(sites: Sequence[Site], facts: Mapping[str, Any]) -> list[str]:
    """Return the sites' groups, their users' own and those of the web server, that the host has not."""
    return [site[key] for site in sites for key in ("group", "web_group") if site[key] not in facts["groups"]]


def users_to_make(sites: Sequence[Site], facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return ``name``, ``user``, ``group``, ``home`` and ``web_group`` of the sites whose user the host has not so."""
    return [
        {key: site[key] for key in ("name", "user", "group", "home", "web_group")}
        for site in sites
        if site["user"] not in facts["accounts"] or site["user"] not in facts["groups"].get(site["web_group"], [])
    ]


def groups_to_join(sites: Sequence[Site], facts: Mapping[str, Any], web_server_user: str) -> list[str]:
    """Return the sites' web groups that the web server's user is no member of."""
    return [site["web_group"] for site in sites if web_server_user not in facts["groups"].get(site["web_group"], [])]

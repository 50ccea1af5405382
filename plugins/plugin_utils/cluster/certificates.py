# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates of a cluster: one host has each of them made, and the others have the same."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import renewal


def holders(sites: Sequence[Site], certificates: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """Return by site the host that sees to its certificate: the first with one that is good, else the first of all.

    ``certificates`` is what the module ``host_facts`` says of them, by host. A host that is new or was laid anew so
    gets what the others have.
    """
    hosts = list(certificates)
    return {
        site["name"]: next(
            (host for host in hosts if not renewal.due([site], certificates[host])),
            # One that has to be made anew, or that is the operator's, whose files only the controller can compare.
            hosts[0],
        )
        for site in sites
        if hosts
    }


def pairs(read: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return ``certificate`` and ``key`` by site of what was read of their files by ``slurp``, in a loop over both."""
    found: dict[str, dict[str, str]] = {}
    for one in read:
        site, which = one["item"]
        found.setdefault(site["name"], {})[which] = base64.b64decode(one["content"]).decode()
    return found

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host's timer has to know of its sites, without their secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import sites as doctor_sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises

#: What is on the controller, and the way through a proxy: from the host itself it proves nothing.
_LEFT_OUT = ("ca_path", "proxied", "proxy_ca_path", "proxy_ca_content")
#: The host calls itself.
ADDRESS = "127.0.0.1"


def watched(
    sites: Sequence[Site], facts: Mapping[str, Any], *, ca_path: str = "", validate_certs: bool = True
) -> list[dict[str, Any]]:
    """Return the sites as ``smoke_watch`` reads them; the file ``ca_path`` of the controller is read.

    :raises OSError: it cannot be.
    """
    return [_watched(site, facts, ca_path, validate_certs) for site in sites]


def disk(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """Return what the program that measures has to know of the sites."""
    names = ("name", "documents", "database_name", "database_local", "disk_max_mb", "disk_free_mb")
    return [{name: told[name] for name in names} for told in doctor_sites.plan(sites)]


def _watched(site: Site, facts: Mapping[str, Any], ca_path: str, validate_certs: bool) -> dict[str, Any]:
    check = promises.expected(site, facts, ADDRESS, ca_path=ca_path, validate_certs=validate_certs)
    kept = {name: value for name, value in check.items() if name not in _LEFT_OUT}
    if check.get("ca_path"):
        # As text: the file is on the controller.
        kept["ca_content"] = Path(check["ca_path"]).expanduser().read_text(encoding="ascii")
    if site["api"]["enabled"]:
        kept["secrets_file"] = site["secrets_file"]
        kept["login"] = promises.caller(site)  # whose key and password the host has itself
    return kept

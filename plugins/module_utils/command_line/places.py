# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a site is reached, and where on its host things of it are: names of files, and nothing out of them."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout


def facts(host: Host, site: str) -> dict[str, Any]:
    """Return what the host knows of the site. Raises CallError."""
    file = host.states / site / "site.json"
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CallError(f"{file} cannot be read: {error}. Run playbooks/site.yml.") from None
    return told


def of(host: Host, site: str) -> dict[str, str]:
    """Return URLs and places by what they are. Raises CallError."""
    told, usual = facts(host, site), layout.of(site)
    url, secrets = str(told.get("base_url", "")).rstrip("/"), host.states / site / layout.SECRETS
    found = {
        "pages": f"{url}/",
        "API": f"{url}/api/index.php",
        "explorer": f"{url}/api/index.php/explorer/",
        "password of the administrator": f"{secrets} (admin_password)",
        "keys and passwords of API users": f"{secrets} (users)",
        "password of the database": f"{secrets} (database_password)",
        "configuration": usual["conf"],
        "documents": str(told.get("documents", usual["documents"])),
        "code": usual["root"],
        "settings of PHP": usual["fpm_folder"],
        "database": str((told.get("database") or {}).get("name", "")),
    }
    if told.get("clone_of"):
        found["clone of"] = str(told["clone_of"])
    if not (host.states / site / "web.json").is_file():
        del found["API"], found["explorer"]
    return found

#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: route_cache
short_description: Has the APIs of sites make their tables of routes
version_added: 0.1.0
description:
  - Calls C(explorer/swagger.json) of each site on the host itself, and looks whether that has written the table.
  - Another release, changed modules and calls while the explorer is off leave a table that is not whole, with which an
    API in production mode answers 404 to most endpoints.
  - A pool that has read such a table keeps it until PHP-FPM is reloaded, so the API is asked for each endpoint of it.
  - Needs the explorer to be on. The web server and the FPM pools have to run.
  - A site that fails does not keep the others from being done; the module fails afterwards.
options:
  sites:
    description: The sites.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the site, for messages.
        type: str
        required: true
      domain:
        description: Name that the site answers to; sent as C(Host) and, with TLS, for the choice of the certificate.
        type: str
        required: true
      port:
        description: Port of the web server.
        type: int
        required: true
      encrypted:
        description: Whether that port speaks TLS. The certificate is not looked at, since the call stays on the host.
        type: bool
        required: true
      prefix:
        description: Base path of the site, without a slash at its end.
        type: str
        default: ""
      documents:
        description: Folder of the site's documents.
        type: path
        required: true
      current:
        description: Link to the release that is served; with another one the table is made anew.
        type: path
        default: ""
      modules:
        description: Modules that are on; with others the table is made anew.
        type: list
        elements: str
        default: []
  prove:
    description: Whether a site whose pool does not know all of the table is a failure.
    type: bool
    default: false
  timeout:
    description: Seconds that one call may take.
    type: float
    default: 60.0
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says for which sites a table would be made.
  diff_mode:
    support: none
    description: The table is the application's, and of no interest.
"""

EXAMPLES = r"""
- name: Have the API make its table of routes
  miclinik.hosting.route_cache:
    sites:
      - name: norte
        domain: norte.example.org
        port: 443
        encrypted: true
        documents: /srv/miclinik/norte/documents
"""

RETURN = r"""
made:
  description: Names of the sites whose table was not the whole one, and was made.
  returned: always
  type: list
  elements: str
unknown:
  description: By site, endpoints of the table that the API does not know before PHP-FPM is reloaded.
  returned: always
  type: dict
"""

from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import route_cache
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule

SITE = {
    "name": {"type": "str", "required": True},
    "domain": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "encrypted": {"type": "bool", "required": True},
    "prefix": {"type": "str", "default": ""},
    "documents": {"type": "path", "required": True},
    "current": {"type": "path", "default": ""},
    "modules": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True, "options": SITE},
            "prove": {"type": "bool", "default": False},
            "timeout": {"type": "float", "default": 60.0},
        },
        supports_check_mode=True,
    )
    made: list[str] = []
    unknown: dict[str, list[str]] = {}
    errors = []
    for entry in module.params["sites"]:
        try:
            _one(route_cache.Routed(**entry), module.params, module.check_mode, made, unknown)
        except (route_cache.RouteCacheError, OSError) as error:
            errors.append(str(error))
    if errors:
        module.fail_json(msg="\n".join(errors), changed=bool(made), made=made, unknown=unknown)
    module.exit_json(changed=bool(made), made=made, unknown=unknown)


def _one(
    site: route_cache.Routed, params: dict[str, Any], check: bool, made: list[str], unknown: dict[str, list[str]]
) -> None:
    """See to one site. Raises RouteCacheError."""
    if route_cache.ensure(site, check, timeout=params["timeout"]):
        made.append(site.name)
    try:
        missing = route_cache.unknown(site, timeout=params["timeout"]) if site.table.is_file() else []
    except route_cache.RouteCacheError:
        # In check mode the web server may have yet to listen there. Whether the site answers, the smoke test says.
        if not check:
            raise
        missing = []
    if missing:
        unknown[site.name] = missing
    if missing and params["prove"]:
        raise route_cache.RouteCacheError(
            f"site '{site.name}': PHP-FPM was reloaded, and the API still answers 404 to {', '.join(missing)}, which"
            f" {site.table} holds. See PHP-FPM's log."
        )


if __name__ == "__main__":
    main()

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
  - Calls C(explorer/swagger.json) of each site on the host itself, and looks whether the table is there afterwards.
  - Changed modules drop the table, and until it is made anew an API in production mode answers 404 to most endpoints.
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
  timeout:
    description: Seconds that one call may take.
    type: float
    default: 60.0
author:
  - miclinik.hosting maintainers
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
  description: Names of the sites whose table was made.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils import route_cache
from ansible_collections.miclinik.hosting.plugins.module_utils.host_module import HostModule

SITE = {
    "name": {"type": "str", "required": True},
    "domain": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "encrypted": {"type": "bool", "required": True},
    "prefix": {"type": "str", "default": ""},
    "documents": {"type": "path", "required": True},
}


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True, "options": SITE},
            "timeout": {"type": "float", "default": 60.0},
        },
        supports_check_mode=True,
    )
    made = []
    errors = []
    for entry in module.params["sites"]:
        try:
            if route_cache.ensure(route_cache.Site(**entry), module.check_mode, timeout=module.params["timeout"]):
                made.append(entry["name"])
        except route_cache.RouteCacheError as error:
            errors.append(str(error))
    if errors:
        module.fail_json(msg="\n".join(errors), changed=bool(made), made=made)
    module.exit_json(changed=bool(made), made=made)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: app_module
short_description: Switches modules of the application on and off
version_added: 0.1.0
description:
  - Uses the application's own functions through the bridge C(miclinikctl), and reads back what they did. What a module
    depends on comes along, and what depends on a module goes with it.
  - The API's cached table of routes is removed when modules changed, since it would be stale.
extends_documentation_fragment:
  - miclinik.hosting.bridge
  - miclinik.hosting.bridge.site
options:
  name:
    description: Modules by their short lower-case names, such as V(societe), V(product), V(commande), V(api).
    type: list
    elements: str
    required: true
  state:
    description: Whether they have to be on or off.
    type: str
    choices: [enabled, disabled]
    default: enabled
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Switch orders and invoices on
  miclinik.hosting.app_module:
    site: norte
    name: [commande, facture]
"""

RETURN = r"""
switched_on:
  description: Modules that were switched on, or would be.
  returned: success
  type: list
  elements: str
switched_off:
  description: Modules that were switched off, or would be.
  returned: success
  type: list
  elements: str
came_along:
  description: Those of both lists that were not asked for. In check mode only of those that go off.
  returned: success
  type: list
  elements: str
folders:
  description: Folders of modules that were on already, and that were missing in the documents.
  returned: when modules are switched on
  type: list
  elements: str
tables:
  description: >-
    Tables of modules that are off and that others ask nevertheless, where they were missing. Only on PostgreSQL, which
    ends the other's transaction without them.
  returned: when modules are switched on
  type: list
  elements: str
enabled:
  description: Modules that are on afterwards.
  returned: success, but not in check mode before the site is made
  type: list
  elements: str
route_cache_dropped:
  description: Whether a stale table of routes was removed. A call of C(explorer/swagger.json) makes it anew.
  returned: success
  type: bool
errors:
  description: C(site), C(code), C(expected), C(seen) and C(mend).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "site": {"type": "str", "required": True},
            "name": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "choices": ["enabled", "disabled"], "default": "enabled"},
        },
        supports_check_mode=True,
    )
    names, on = module.params["name"], module.params["state"] == "enabled"
    order = {"command": f"module {'enable' if on else 'disable'}", "args": {"names": names}}
    foreseen = {"switched_on": names if on else [], "switched_off": [], "came_along": [], "route_cache_dropped": False}
    site = bridge_client.Bridge(module.params["site"])
    bridge_module.one(module, lambda: site.batch([order], module.check_mode)[0], foreseen)


if __name__ == "__main__":
    main()

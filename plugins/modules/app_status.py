#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: app_status
short_description: Reads how far a site's application has come
version_added: 0.1.0
description:
  - Asks the bridge C(miclinikctl) on the host. Works at every stage, without a database as well or without the site,
    and changes nothing.
extends_documentation_fragment:
  - miclinik.hosting.reading
  - miclinik.hosting.bridge.site
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Read the state of a site
  miclinik.hosting.app_status:
    site: norte
  register: norte

- name: Stop where the code is newer than the database
  ansible.builtin.assert:
    that: not norte.upgrade_pending
"""

RETURN = r"""
version:
  description: Version of the code, such as V(22.0.4); null where there is none.
  returned: success
  type: str
php:
  description: Version of PHP that the bridge ran with; null where there is no bridge.
  returned: success
  type: str
conf:
  description: C(problem) says what is wrong with conf.php, and is null when nothing is.
  returned: success
  type: dict
database:
  description: C(reachable), C(engine) (V(mysqli) or V(pgsql)), C(version) of the server, C(problem), and
    C(read_only), which says why the server takes no writes, and is null when it takes them.
  returned: success
  type: dict
schema:
  description:
    - C(state) is V(none), V(partial), V(installed), or V(unknown) when the database cannot be read; C(reasons) says
      what keeps it from V(installed).
    - Also the number of C(tables) and C(countries), the C(administrators), and the recorded C(version).
  returned: success
  type: dict
install_lock:
  description: Mode of C(install.lock) in octal digits, null when there is none.
  returned: success
  type: str
modules:
  description: Modules that are on.
  returned: success
  type: list
  elements: str
api:
  description: Whether the API module is on.
  returned: success
  type: bool
route_cache:
  description: Whether the API's table of routes is cached in a file.
  returned: success
  type: bool
instance_unique_id:
  description: Whether conf.php has the id on which encrypted API keys depend.
  returned: success
  type: bool
upgrade_pending:
  description: Whether the database was last brought to another version than the code's.
  returned: success
  type: bool
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={"site": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    site = bridge_client.Bridge(module.params["site"])
    try:
        answer = site.call("status")
    except bridge_client.BridgeError as error:
        if error.site_is_there:
            bridge_module.give_up(module, [error])
        answer = bridge_module.nothing_there(error.seen)
    bridge_module.finish(module, **{key: value for key, value in answer.items() if key not in ("ok", "command")})


if __name__ == "__main__":
    main()

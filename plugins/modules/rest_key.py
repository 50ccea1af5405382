#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rest_key
short_description: Gives a user of the REST API a new key
version_added: 0.1.0
description:
  - Makes a new key, keeps it in the site's C(secrets.json) on the host, and stores it through the application's own
    class. The old key is refused from then on.
  - The file comes first, so that a run that is interrupted in between is put right by the next run of the role
    C(rest_api), which stores the key of the file.
  - Each run changes the key.
extends_documentation_fragment:
  - miclinik.hosting.bridge
  - miclinik.hosting.bridge.site
options:
  login:
    description: Login name of a user that is there.
    type: str
    required: true
author:
  - miclinik.hosting maintainers (@miclinik)

notes:
  - The key is not returned. It is in C(/etc/miclinik/<site>/secrets.json), under C(users).
"""

EXAMPLES = r"""
- name: Give the shop a new key
  miclinik.hosting.rest_key:
    site: norte
    login: shop
"""

RETURN = r"""
stored:
  description: How the application keeps the key, V(encrypted) (from version 20 on) or V(clear).
  returned: success, but not in check mode
  type: str
errors:
  description: C(site), C(code), C(expected), C(seen) and C(mend).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_rotation
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={"site": {"type": "str", "required": True}, "login": {"type": "str", "required": True}},
        supports_check_mode=True,
    )
    site, login = bridge_client.Bridge(module.params["site"]), module.params["login"]
    bridge_module.one(module, lambda: key_rotation.rotate(site, login, module.check_mode), {})


if __name__ == "__main__":
    main()

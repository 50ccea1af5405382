#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: app_constant
short_description: Sets and unsets constants of the application
version_added: 0.1.0
description:
  - Uses the application's own functions through the bridge C(miclinikctl), and reads back what was stored.
  - Values of constants whose names end in C(_PASS), C(_PASSWORD), C(_PW), C(_KEY), C(_TOKEN), C(_SECRET) or C(_SALT)
    are masked in everything that is returned.
extends_documentation_fragment:
  - miclinik.hosting.bridge
  - miclinik.hosting.bridge.site
options:
  name:
    description: Name of the constant, such as V(MAIN_SIZE_LISTE_LIMIT). Switches of modules are refused.
    type: str
    required: true
  value:
    description: Value. A boolean is stored as V(1) or V(0), everything else as text. Needed for O(state=present).
    type: raw
  entity:
    description:
      - Entity. Without it the constant is set for all, in entity 0 and in the first one, since a caller of the API
        chooses the entity whose constants count.
    type: int
  state:
    description: Whether the constant has to be there.
    type: str
    choices: [present, absent]
    default: present
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Show 50 lines a page
  miclinik.hosting.app_constant:
    site: norte
    name: MAIN_SIZE_LISTE_LIMIT
    value: 50
"""

RETURN = r"""
value:
  description: Value now, masked for names of secrets, null when it is not set.
  returned: success, but not in check mode before the site is made
  type: str
entity:
  description: Entity in which it is set; V(0), every one's, without O(entity).
  returned: success, but not in check mode before the site is made
  type: int
errors:
  description: C(site), C(code), C(expected), C(seen) and C(mend).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "site": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "value": {"type": "raw"},
            "entity": {"type": "int"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "present", ["value"])],
        supports_check_mode=True,
    )
    present = module.params["state"] == "present"
    wanted = ("name", "value", "entity") if present else ("name", "entity")
    args = {key: module.params[key] for key in wanted if module.params[key] is not None}
    order = {"command": f"constant {'set' if present else 'unset'}", "args": args}
    site = bridge_client.Bridge(module.params["site"])
    bridge_module.one(module, lambda: site.batch([order], module.check_mode)[0], {})


if __name__ == "__main__":
    main()

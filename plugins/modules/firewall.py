#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: firewall
short_description: Has the kernel do what C(/etc/nftables.d/miclinik.nft) says, and undoes it where that locks you out
version_added: 0.1.0
description:
  - Compares the table C(inet miclinik) of the kernel with the file, and loads it in one step where they differ.
  - Before that it sets a timer that takes the table away again. Then the controller comes back over a new connection,
    which keeps the table, and has it come with every boot. Where it cannot, the host is open again when O(seconds) are
    over, and the task fails.
options:
  state:
    description: Whether the table is there.
    type: str
    choices: [present, absent]
    default: present
  step:
    description: The module's own; V(confirm) is sent by the action over the new connection.
    type: str
    choices: [load, confirm]
    default: load
  because:
    description: What the caller has seen that shows that the kernel does not do what the file says.
    type: list
    elements: str
    default: []
  seconds:
    description: Seconds after which the table goes unless somebody could come in.
    type: int
    default: 60
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says whether the table would be loaded or taken away.
  diff_mode:
    support: full
    description: Shows the table before and after.
"""

EXAMPLES = r"""
- name: Have the kernel do what the file says
  miclinik.hosting.firewall:
"""

RETURN = r"""
armed:
  description: Whether it goes again unless it is confirmed.
  returned: success
  type: bool
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.baseline import table
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "step": {"type": "str", "choices": ["load", "confirm"], "default": "load"},
            "because": {"type": "list", "elements": "str", "default": []},
            "seconds": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    there = module.params["state"] == "present"
    try:
        if module.params["step"] == "confirm":
            table.confirm()
            module.exit_json(changed=True, armed=False)
        seen = table.see()
        changed = bool(module.params["because"] or not seen.as_wanted) if there else bool(seen.live or seen.enabled)
        if changed and not module.check_mode:
            if there:
                table.load(module.params["seconds"])
            else:
                table.remove()
    except UnitError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=changed,
        armed=changed and there and not module.check_mode,
        diff={
            "before_header": "firewall",
            "after_header": "firewall",
            "before": seen.live,
            "after": (seen.wanted or "(as the file says)\n") if there else "",
        },
    )


if __name__ == "__main__":
    main()

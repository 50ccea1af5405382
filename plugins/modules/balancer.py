#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: balancer
short_description: Says how a balancer of a cluster sees a host, and waits until it leads nobody there, or does again
version_added: 0.1.0
description:
  - Runs on a balancer, and changes nothing there; a host itself tells the balancers that it is to be drained.
options:
  name:
    description: Name of the host with the sites, in the inventory.
    type: str
    required: true
  wait_for:
    description:
      - V(drained) waits until nobody new is led to the host and its open calls of the API have ended, V(back) until
        callers are led to it in all backends; V(nothing) only looks.
    type: str
    choices: [nothing, drained, back]
    default: nothing
  patience:
    description: Seconds to wait. What is not so then fails.
    type: int
    default: 150
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Waits for nothing.
  diff_mode:
    support: none
    description: There is nothing to show.
"""

EXAMPLES = r"""
- name: See whether somebody else could take its calls
  miclinik.hosting.balancer:
    name: erp1
  delegate_to: balancer1
"""

RETURN = r"""
alone:
  description: Backends in which callers are led to this host and to nobody else.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.cluster import balancer
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule

_LACKS = {"drained": balancer.busy, "back": balancer.away}


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "wait_for": {"type": "str", "choices": ["nothing", *_LACKS], "default": "nothing"},
            "patience": {"type": "int", "default": 150},
        },
        supports_check_mode=True,
    )
    name, asked = module.params["name"], module.params["wait_for"]
    try:
        alone = balancer.alone(name, balancer.servers())
        patience = module.params["patience"]
        found = [] if asked == "nothing" or module.check_mode else balancer.wait(_LACKS[asked], name, patience)
    except balancer.BalancerError as error:
        module.fail_json(msg=str(error))
    if found:
        module.fail_json(msg=f"{name} is not {asked} after {patience} s: {'; '.join(found)}")
    module.exit_json(changed=False, alone=alone)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: baseline_facts
short_description: Reads who listens on a host, which firewalls are there, and whether it upgrades itself
version_added: 0.1.0
description:
  - Changes nothing, in check mode as well.
options: {}
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Look at the host
  miclinik.hosting.baseline_facts:
  register: seen
"""

RETURN = r"""
listeners:
  description: Who waits for clients from elsewhere, as C(protocol), C(port) and C(name) of the process.
  returned: success
  type: list
  elements: dict
ssh_ports:
  description: Ports by which people and Ansible come in.
  returned: success
  type: list
  elements: int
rivals:
  description: Firewalls of others that are loaded, as people call them.
  returned: success
  type: list
  elements: str
remembered:
  description: Ports of others that the firewall on disk leaves open, like C(listeners).
  returned: when there is one
  type: list
  elements: dict
loaded:
  description: Whether the firewall of this collection is there, on disk or in the kernel.
  returned: success
  type: bool
upgrades:
  description: What apt was told, as C(settings), C(masked) and C(off) timers (C(unit)), C(outdated) and C(reboot).
  returned: success
  type: dict
"""

from dataclasses import asdict

from ansible_collections.miclinik.hosting.plugins.module_utils.baseline import (
    listeners,
    openings,
    rivals,
    table,
    upgrades,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError


def main() -> None:
    """Run the module."""
    module = HostModule(argument_spec={}, supports_check_mode=True)
    found = listeners.read()
    remembered = openings.remembered(table.FILE)
    try:
        upgraded = upgrades.read()
    except UnitError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False,
        listeners=[asdict(listener) for listener in found],
        ssh_ports=listeners.ssh_ports(found),
        rivals=rivals.read(),
        remembered=remembered if remembered is None else [asdict(listener) for listener in remembered],
        loaded=remembered is not None or bool(table.live()),
        upgrades=upgraded,
    )


if __name__ == "__main__":
    main()

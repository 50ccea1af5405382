#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: galera
short_description: Looks at a member of a Galera cluster, or begins one with it
version_added: 0.1.0
description:
  - Says whether MariaDB on the host is at work in a cluster, and how far its data goes where it is not.
  - Who begins is for the filter P(miclinik.hosting.galera_first#filter) to say, which has seen all members.
options:
  begin:
    description: Whether the cluster begins here, as it may on one host alone.
    type: bool
    default: false
  leave:
    description:
      - Whether the server is ended where it waits for other members, so that its files say how far its data goes. For
        use where no member is at work, as after all power was lost.
    type: bool
    default: false
  patience:
    description: Seconds to wait until the member has all that the others have.
    type: int
    default: 0
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Begins and ends nothing.
  diff_mode:
    support: none
    description: There is nothing to show.
"""

EXAMPLES = r"""
- name: Look at the member
  miclinik.hosting.galera:
  register: seen
"""

RETURN = r"""
member:
  description: What the host has of a cluster.
  returned: success
  type: dict
  contains:
    running: {description: Whether the server answers., type: bool}
    primary: {description: Whether it is in the part of the cluster that may write., type: bool}
    synced: {description: Whether it has all that the others have., type: bool}
    uuid: {description: The cluster's id in its data., type: str}
    seqno: {description: How far its data goes where it does not run., type: int}
    foreign: {description: Databases of a server that never was a member., type: list, elements: str}
"""

import subprocess
import time

from ansible_collections.miclinik.hosting.plugins.module_utils.cluster import galera
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "begin": {"type": "bool", "default": False},
            "leave": {"type": "bool", "default": False},
            "patience": {"type": "int", "default": 0},
        },
        supports_check_mode=True,
    )
    leaves = module.params["leave"] and galera.waits()
    begins = module.params["begin"] and not galera.is_primary()
    changed = leaves or begins
    if changed and not module.check_mode:
        try:
            if leaves:
                galera.leave()
            if begins:
                galera.begin()
        except (OSError, subprocess.SubprocessError) as error:
            module.fail_json(msg=str(error))
    until = time.monotonic() + (0 if module.check_mode else module.params["patience"])
    seen = galera.look()
    while not seen["synced"] and time.monotonic() < until:
        time.sleep(1)
        seen = galera.look()
    if module.params["patience"] and not module.check_mode and not seen["synced"]:
        module.fail_json(msg=f"MariaDB does not follow the cluster: {seen}. See: journalctl -u mariadb", member=seen)
    module.exit_json(changed=changed, member=seen)


if __name__ == "__main__":
    main()

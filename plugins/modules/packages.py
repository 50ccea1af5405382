#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: packages
short_description: Installs Debian packages on hosts where other programs use apt as well
version_added: 0.1.0
description:
  - Waits while another program holds a lock of apt or dpkg, says for whom, and gives up after O(lock_timeout).
    M(ansible.builtin.apt) does not wait for all of the locks, and installs a package of its own first.
  - Has dpkg finish what was interrupted. A repository that is out of reach is an error only where something is missing
    afterwards.
  - Asks nothing, replaces no configuration file that somebody has changed, restarts no service of others, and never
    removes a package.
  - A failure says what apt said, and what mends it.
options:
  names:
    description: Names of the packages that have to be there.
    type: list
    elements: str
    required: true
  lock_timeout:
    description: Seconds that the module waits for other programs, altogether.
    type: int
    default: 300
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says which packages are missing; whether a repository has them is not looked at.
  diff_mode:
    support: full
    description: Shows the names of the packages that are missing.
"""

EXAMPLES = r"""
- name: Install Nginx
  miclinik.hosting.packages:
    names: [nginx]
"""

RETURN = r"""
installed:
  description: Names of the packages that were missing.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host import apt, apt_locks
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "names": {"type": "list", "elements": "str", "required": True},
            "lock_timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    patience = apt_locks.Patience(module.params["lock_timeout"])
    tool = apt.Apt(patience)
    names = module.params["names"]
    if module.check_mode:
        outcome = apt.Outcome(tool.missing(names))
    else:
        try:
            outcome = tool.install(names)
        except (apt.AptError, apt_locks.Busy) as error:
            module.fail_json(msg=str(error))
    for note in outcome.notes:
        module.warn(f"{note}.")
    lines = "".join(f"{name}\n" for name in outcome.installed)
    module.exit_json(
        changed=bool(outcome.installed),
        installed=outcome.installed,
        diff={"before_header": "packages", "after_header": "packages", "before": "", "after": lines},
    )


if __name__ == "__main__":
    main()

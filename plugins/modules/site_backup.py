#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_backup
short_description: Makes a snapshot of a site, and shows how far it has come
version_added: 0.1.0
description:
  - Starts the site's own unit of systemd (C(miclinik-backup@SITE)), as its timer does, and shows what it says, a line
    every ten seconds at least. It goes on whatever becomes of this connection; one that is under way already is
    watched.
options:
  site:
    description: Name of the site.
    type: str
    required: true
  since:
    description: Set by the action, which asks again and again.
    type: float
  cursor:
    description: Set by the action.
    type: str
    default: ""
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says that it would be made.
  diff_mode:
    support: none
    description: Nothing that could be compared is changed.
"""

EXAMPLES = r"""
- name: Make a snapshot now
  miclinik.hosting.site_backup:
    site: norte
"""

RETURN = r"""
lines:
  description: What the unit has said.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError


def main() -> None:
    """Run the module: it starts the unit, and says from then on what the unit has said."""
    module = HostModule(
        argument_spec={
            "site": {"type": "str", "required": True},
            "since": {"type": "float"},
            "cursor": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    site, since = module.params["site"], module.params["since"]
    if module.check_mode:
        module.exit_json(changed=True, running=False, lines=[], problem="")
    try:
        since = backup_unit.start(site) if since is None else since
        look = backup_unit.look(site, since, module.params["cursor"])
    except (UnitError, OSError) as error:
        module.fail_json(msg=f"site '{site}': {error}")
    module.exit_json(
        changed=True, running=look.running, since=since, cursor=look.cursor, lines=look.lines, problem=look.problem
    )


if __name__ == "__main__":
    main()

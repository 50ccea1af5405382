#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: debian_fpm
short_description: Has Debian's own PHP-FPM rest where nobody uses it
version_added: 0.1.0
description:
  - Each site has a PHP-FPM of its own. The one that Debian's package starts has a pool C(www) that runs as the web
    server's user, who may open the socket of every site.
  - Takes out pools that an earlier layout had there, once no vhost hands calls to them.
  - Stops and disables the service where nobody needs it; a pool of somebody else, a changed C(www), or a web server
    that names its socket keeps it.
options:
  version:
    description: Version of PHP, as in V(8.2).
    type: str
    required: true
  sites:
    description: Names of the sites of this host that have a PHP-FPM of their own.
    type: list
    elements: str
    required: true
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says what would be removed and done.
  diff_mode:
    support: full
    description: Names the files and the steps.
"""

EXAMPLES = r"""
- name: Have Debian's PHP-FPM rest where nobody uses it
  miclinik.hosting.debian_fpm:
    version: "8.2"
    sites: [norte]
"""

RETURN = r"""
removed:
  description: Files of an earlier layout.
  returned: success
  type: list
  elements: str
used:
  description: What shows that somebody needs it.
  returned: success
  type: list
  elements: str
steps:
  description: What was done to the service, or would be in check mode.
  returned: success
  type: list
  elements: str
"""

from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.facts import debian_fpm
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "version": {"type": "str", "required": True},
            "sites": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    unit = layout.debian_php_unit(module.params["version"])
    seen = debian_fpm.look(module.params["version"], module.params["sites"])
    try:
        state = systemd_unit.state(unit)
    except systemd_unit.UnitError as error:
        module.fail_json(msg=str(error))
    steps = []
    if not seen.used and state.there and (state.active or state.enabled):
        steps = ["disable --now"]
    elif seen.used and seen.remove and state.active:
        steps = ["reload"]
    if not module.check_mode:
        try:
            for path in seen.remove:
                Path(path).unlink(missing_ok=True)
            for step in steps:
                systemd_unit.order(*step.split(), unit)
        except (systemd_unit.UnitError, OSError) as error:
            module.fail_json(msg=str(error))
    done = [*(f"{path} (removed)" for path in seen.remove), *(f"{unit} ({step})" for step in steps)]
    module.exit_json(
        changed=bool(done),
        removed=seen.remove,
        used=seen.used,
        steps=steps,
        diff={"before": "", "after": "".join(f"{line}\n" for line in done)},
    )


if __name__ == "__main__":
    main()

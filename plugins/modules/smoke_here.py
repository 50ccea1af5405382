#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: smoke_here
short_description: Runs the checks of the smoke test on the host itself
version_added: 0.1.0
description:
  - The checks of M(miclinik.hosting.smoke), made where the task runs, for hosts whose sites the controller cannot call.
  - M(miclinik.hosting.smoke) uses it with O(miclinik.hosting.smoke#module:run_on=host), and adds the report.
  - Changes nothing.
extends_documentation_fragment:
  - miclinik.hosting.examination
requirements:
  - requests 2.28 or newer on the host (Debian's python3-requests)
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Reads only, and so does the same in check mode.
  diff_mode:
    support: none
    description: There is nothing to differ.
"""

EXAMPLES = r"""
- name: Check the site from its host
  miclinik.hosting.smoke_here:
    sites:
      - name: norte
        base_url: https://norte.example.org
        connect_to: 127.0.0.1
"""

RETURN = r"""
results:
  description: The checks of all sites, in order, as M(miclinik.hosting.smoke) returns them. No secret is in them.
  returned: success
  type: list
  elements: dict
"""

import dataclasses

from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import rest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs as smoke_runs
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import spec as smoke_spec


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "sites": smoke_spec.SITES,
            "timeout": {"type": "float", "default": 10.0},
            "settle": {"type": "float", "default": 3.0},
            "limit": {"type": "float", "default": 0.0},
        },
        supports_check_mode=True,
    )
    if rest.REQUESTS_MISSING is not None:
        mend = "run playbooks/site.yml, which installs it where smoke_from is host, or install python3-requests"
        module.fail_json(msg=f"The host has no Python library requests, which the checks need: {mend}.")
    given = smoke_spec.sites(module.params["sites"])
    patience = {name: module.params[name] for name in ("timeout", "settle", "limit")}
    results = smoke_runs.check_sites(given, **patience)
    module.exit_json(changed=False, results=[dataclasses.asdict(result) for result in results])


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: served_modules
short_description: Reads which modules sites have on, and which their releases bring
version_added: 0.1.0
description:
  - Asks the bridge C(miclinikctl) on the host, and looks into the release that is served.
  - M(miclinik.hosting.preflight) compares it with the source that is to be served next.
options:
  sites:
    description: Names of the sites.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: See what is on
  miclinik.hosting.served_modules:
    sites: [norte]
"""

RETURN = r"""
sites:
  description: What was seen, by site.
  returned: always
  type: dict
  contains:
    installed:
      description: Whether there is an application with a database.
      type: bool
    'on':
      description: Modules that are on.
      type: list
      elements: str
    brings:
      description: Modules of the release that is served.
      type: list
      elements: str
    rights:
      description: Rights that are defined.
      type: list
      elements: str
    added:
      description: Files and folders that were added to the release that is served since it was unpacked.
      type: list
      elements: str
    changed:
      description: Digests of the files of that release that were changed since, by name.
      type: dict
    problem:
      description: Why the site could not be asked for all of it; empty when it could.
      type: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import served_modules
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={"sites": {"type": "list", "elements": "str", "required": True}},
        supports_check_mode=True,
    )
    sites, _ = bridge_module.each(module.params["sites"], served_modules.look)
    module.exit_json(changed=False, sites=sites)


if __name__ == "__main__":
    main()

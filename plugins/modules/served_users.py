#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: served_users
short_description: Reads what sites have of users
version_added: 0.1.0
description:
  - Asks the bridge C(miclinikctl) on the host. M(miclinik.hosting.preflight) sees by it whether an API user that is new
    in the inventory would take the place of a user whom people have made in the application.
options:
  logins:
    description: Logins to look for, by site.
    type: dict
    required: true
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: See who is there
  miclinik.hosting.served_users:
    logins: {norte: [integration]}
"""

RETURN = r"""
sites:
  description:
    - The users by site and login, null where there is none; what there is of one is as M(miclinik.hosting.rest_user)
      returns it.
    - Of a site that cannot be asked there is nothing.
  returned: always
  type: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import foreign_users
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(argument_spec={"logins": {"type": "dict", "required": True}}, supports_check_mode=True)
    logins = module.params["logins"]
    sites, _ = bridge_module.each(list(logins), lambda name: foreign_users.look(name, logins[name]))
    module.exit_json(changed=False, sites=sites)


if __name__ == "__main__":
    main()

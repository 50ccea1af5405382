#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: app_install
short_description: Installs the application's schema and administrator
version_added: 0.1.0
description:
  - Runs the application's own installer through the bridge C(miclinikctl), as the site's user. Whether it worked is
    judged by what is in the database afterwards, since the installer ends with success in many cases where it did
    nothing.
  - A site that is installed is left alone. A half installation, from a run that was interrupted, is finished. A second
    administrator is never made.
  - The administrator's password is read from the site's C(secrets.json) on the host, and is in no process's arguments.
  - C(conf.php) does not become writable, not even for a moment.
extends_documentation_fragment:
  - miclinik.hosting.bridge
options:
  sites:
    description:
      - The sites, as the filter P(miclinik.hosting.sites#filter) completes them. Read are C(name), C(admin.login)
        (V(admin)), C(language) (V(en_US)) and C(state), the folder with C(secrets.json) (C(/etc/miclinik/<name>)).
    type: list
    elements: dict
    required: true
author:
  - miclinik.hosting maintainers (@miclinik)

notes:
  - Needs M(miclinik.hosting.site_secrets) before it, and root.
"""

EXAMPLES = r"""
- name: Install the application
  miclinik.hosting.app_install:
    sites: "{{ miclinik_sites | miclinik.hosting.sites }}"

- name: Install one site
  miclinik.hosting.app_install:
    sites:
      - name: norte
        language: es_ES
"""

RETURN = r"""
sites:
  description: What was done, by site.
  returned: success, and on failure for the sites that went well
  type: dict
  contains:
    changed:
      description: Whether anything was done.
      type: bool
    before:
      description: State that was found, V(none), V(partial) or V(installed).
      type: str
    state:
      description: State now, or in check mode afterwards.
      type: str
    steps:
      description: Steps of the installer that ran, with C(seconds) and C(exit).
      type: dict
    pending:
      description: In check mode, why the site could not be asked yet.
      type: str
errors:
  description: Per failed site C(site), C(code), C(expected), C(seen) and C(mend).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import install as bridge_install
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={"sites": {"type": "list", "elements": "dict", "required": True}},
        supports_check_mode=True,
    )
    sites = {site["name"]: site for site in module.params["sites"]}
    answers, errors = bridge_module.each(
        list(sites), lambda name: bridge_install.install(sites[name], module.check_mode)
    )
    bridge_module.finish_each(module, answers, errors)


if __name__ == "__main__":
    main()

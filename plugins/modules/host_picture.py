#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: host_picture
short_description: Keeps a picture of a host that works
version_added: 0.1.0
description:
  - Writes down what a host looks like, for the module M(miclinik.hosting.doctor) to compare with when something is
    wrong later. It holds files (owners, modes, digests), units, packages, PHP's settings, who listens, the firewall,
    and the database's settings, accounts, tables and columns. For use right after a smoke test that passed.
  - The picture is for root alone, and holds no secret.
  - Beside it lies what the host was told here, by which C(miclinikctl SITE doctor) and C(miclinikctl SITE smoke) look
    at a site without a controller.
  - It is a record of the host and not a part of it, so writing it is no change; in check mode it is not written.
options:
  sites:
    description: What to look at; the filter P(miclinik.hosting.doctor_sites#filter) makes it from C(miclinik_sites).
    type: list
    elements: dict
    required: true
  php_version:
    description: Version of the PHP-FPM that serves the sites, such as V(8.2).
    type: str
    required: true
  web_server:
    description: The web server in front, as the variable C(miclinik_web_server) calls it.
    type: str
    default: nginx
  database_engine:
    description: The engine, which is asked where a site's database is on the host.
    type: str
    choices: [mariadb, postgresql]
    default: mariadb
  checks:
    description:
      - What the smoke test is to look for from the host itself, for C(miclinikctl SITE smoke); the filter
        P(miclinik.hosting.smoke_watched#filter) makes it from C(miclinik_sites).
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    support: full
    description: Writes nothing.
  diff_mode:
    support: none
    description: A picture says nothing to people.
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Remember what the host looks like when it works
  miclinik.hosting.host_picture:
    sites: "{{ miclinik_sites | miclinik.hosting.sites | miclinik.hosting.doctor_sites }}"
    php_version: "8.2"
"""

RETURN = r"""
taken:
  description: Whether the host looks otherwise than in the last picture, and a new one was written.
  returned: success
  type: bool
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import picture, told
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True},
            "php_version": {"type": "str", "required": True},
            "web_server": {"type": "str", "default": "nginx"},
            "database_engine": {"type": "str", "choices": ["mariadb", "postgresql"], "default": "mariadb"},
            "checks": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    given = module.params
    if given["web_server"] not in SERVERS:
        module.fail_json(msg=f"web_server: is '{given['web_server']}'. Known are: {', '.join(SERVERS)}.")
    if module.check_mode:
        module.exit_json(changed=False, taken=False)
    host = {
        "php_version": given["php_version"],
        "web_server": given["web_server"],
        "engine": given["database_engine"],
    }
    seen = picture.take(given["sites"], **host)
    try:
        taken = picture.keep(seen)
        told.keep({"sites": given["sites"], "checks": given["checks"], **host})
    except OSError as error:
        module.fail_json(msg=f"The picture of the host cannot be kept: {error}.")
    module.exit_json(changed=False, taken=taken)


if __name__ == "__main__":
    main()

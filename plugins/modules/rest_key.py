#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rest_key
short_description: Gives a user of the REST API a new key
version_added: 0.1.0
description:
  - Makes a new key, keeps it in the site's C(secrets.json) on the host, and stores it through the application's own
    class. The old key is refused from then on, or after O(grace).
  - The file comes first, so that a run that is interrupted in between is put right by the next run of the role
    C(rest_api), which stores the key of the file.
  - With V(present) each run changes the key.
extends_documentation_fragment:
  - miclinik.hosting.bridge
  - miclinik.hosting.bridge.site
options:
  login:
    description: Login name of a user that is there. O(state=present) needs it.
    type: str
  grace:
    description:
      - For how many seconds the old key goes on working; the web server gives the new one to the application in its
        place, so it needs O(web). With V(0), as for a key that has leaked, it is dead at once, and so are older ones.
    type: int
    default: 0
  web:
    description:
      - The web server, with C(name), C(unit), C(kind), C(test), C(restart_for) as the filter
        P(miclinik.hosting.web_server#filter) returns them, C(reads), what it has loaded, and C(api)
        with C(host), C(port), C(tls) and C(prefix), where the keys are proven over HTTP.
    type: dict
  state:
    description: V(present) makes a new key; V(ended) takes away what is left of old ones whose grace is over.
    type: str
    choices: [present, ended]
    default: present
author:
  - miclinik.hosting maintainers (@miclinik)

notes:
  - The key is not returned. It is in C(/etc/miclinik/<site>/secrets.json), under C(users).
"""

EXAMPLES = r"""
- name: Give the shop a new key
  miclinik.hosting.rest_key:
    site: norte
    login: shop

- name: Kill a key that has leaked
  miclinik.hosting.rest_key:
    site: norte
    login: shop
    web: "{{ 'nginx' | miclinik.hosting.web_server | combine(norte_serves) }}"
  vars:
    norte_serves:
      reads: [/etc/nginx, /etc/miclinik/*/*.nginx]
      api: {host: norte.example.org, port: 443, tls: true}
"""

RETURN = r"""
stored:
  description: How the application keeps the key, V(encrypted) (from version 20 on) or V(clear).
  returned: success, but not in check mode
  type: str
ended:
  description: Logins of users whose old keys have ended.
  returned: with O(state=ended)
  type: list
  elements: str
errors:
  description: C(site), C(code), C(expected), C(seen) and C(mend).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_proof, key_rotation
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "site": {"type": "str", "required": True},
            "login": {"type": "str"},
            "grace": {"type": "int", "default": 0},
            "web": {"type": "dict"},
            "state": {"type": "str", "choices": ["present", "ended"], "default": "present"},
        },
        required_if=[("state", "present", ["login"]), ("state", "ended", ["web"])],
        supports_check_mode=True,
    )
    site, login, grace = bridge_client.Bridge(module.params["site"]), module.params["login"], module.params["grace"]
    given = module.params["web"]
    web = key_rotation.WebServer.of(site.site, given) if given else None
    if grace < 0 or (grace and web is None):
        module.fail_json(msg=f"grace is {grace}: it is a number of seconds, and more than 0 only where web is given")
    try:
        if module.params["state"] == "ended" and web is not None:
            bridge_module.one(module, lambda: key_rotation.end(site, module.check_mode, web), {"ended": []})
        bridge_module.one(module, lambda: key_rotation.rotate(site, login, module.check_mode, grace=grace, web=web), {})
    except (UnitError, key_proof.ProofError) as error:
        module.fail_json(msg=f"site '{module.params['site']}': {error}")


if __name__ == "__main__":
    main()

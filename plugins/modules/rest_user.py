#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rest_user
short_description: Makes, keeps, disables and removes a user
version_added: 0.1.0
description:
  - Uses the application's own classes through the bridge C(miclinikctl), and reads back what was stored, for the
    application reports success in cases where it stored nothing.
  - Passwords and keys are written only when the stored ones are other ones.
  - A disabled user loses its key too, which on versions 15 and 16 would go on working. One whom records refer to is
    not removed, but disabled; RV(kept) names them.
extends_documentation_fragment:
  - miclinik.hosting.bridge
  - miclinik.hosting.bridge.site
options:
  login:
    description: Login name.
    type: str
    required: true
  lastname:
    description: Last name; the login when a new user has none.
    type: str
  firstname:
    description: First name.
    type: str
  email:
    description: E-mail address. No two users of a site can have the same.
    type: str
  language:
    description: Language in which the application speaks to the user, such as V(es_ES).
    type: str
  groups:
    description: Groups that the user is in, which are there already.
    type: list
    elements: str
  first_password:
    description: Password of one who has none yet. Nothing else is changed by it.
    type: str
  admin:
    description: Whether the user is an administrator, who may do everything.
    type: bool
  rights:
    description:
      - Rights such as V(produit.lire) or V(societe.client.voir). Their modules must be on.
      - The read right that the application gives along with another right of the same module is no surplus.
    type: list
    elements: str
  exact:
    description: Whether rights that are not in O(rights), and groups that are not in O(groups), are taken away.
    type: bool
    default: true
  password:
    description: Password, 8 to 72 bytes. Only a user with a key can log in through the API.
    type: str
  key:
    description: API key, 16 to 64 letters, digits, C(_), C(.) and C(-). No two users of a site can have the same.
    type: str
  state:
    description: Whether the user can work.
    type: str
    choices: [present, disabled, absent]
    default: present
  existing:
    description:
      - Whether a user of this login that somebody else has made is taken over. Otherwise it is an error.
      - An administrator is taken over only where O(admin) is set as well.
    type: bool
    default: true
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Let the shop read products and write orders
  miclinik.hosting.rest_user:
    site: norte
    login: shop
    rights: [produit.lire, societe.lire, commande.lire, commande.creer]
    key: "{{ norte_shop_key }}"
"""

RETURN = r"""
changes:
  description: What changed, such as V(created), V(rights), V(password), V(key), V(enabled), V(email).
  returned: success
  type: list
  elements: str
kept:
  description: What refers to a user who was to be removed and is disabled instead, such as V(commande (3)).
  returned: with O(state=absent), where it stays
  type: list
  elements: str
user:
  description:
    - The user as stored, with C(id), C(login), C(lastname), C(firstname), C(email), C(admin), C(enabled), C(rights).
    - C(password) says whether there is one, C(key) whether it is V(encrypted) or V(clear), null when there is none.
  returned: success, but not in check mode before the site is made
  type: dict
errors:
  description: C(site), C(code), C(expected), C(seen) and C(mend).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import people as bridge_people
from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "site": {"type": "str", "required": True},
            "login": {"type": "str", "required": True},
            "lastname": {"type": "str"},
            "firstname": {"type": "str"},
            "email": {"type": "str"},
            "language": {"type": "str"},
            "groups": {"type": "list", "elements": "str"},
            "first_password": {"type": "str", "no_log": True},
            "admin": {"type": "bool"},
            "rights": {"type": "list", "elements": "str"},
            "exact": {"type": "bool", "default": True},
            "password": {"type": "str", "no_log": True},
            "key": {"type": "str", "no_log": True},
            "state": {"type": "str", "choices": ["present", "disabled", "absent"], "default": "present"},
            "existing": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    site = bridge_client.Bridge(module.params["site"])
    order = bridge_people.user_order(module.params)
    foreseen = {"changes": ["created"] if module.params["state"] == "present" else []}
    bridge_module.one(module, lambda: site.batch([order], module.check_mode)[0], foreseen)


if __name__ == "__main__":
    main()

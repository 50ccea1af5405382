#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rest_api
short_description: Brings modules, constants, company, groups and users of sites to what is asked for
version_added: 0.1.0
description:
  - Makes one call of the bridge C(miclinikctl) for each site, which starts the application once and does everything
    through its own classes. Sites are done side by side, a few at a time.
  - A site that fails does not keep the others from being done; the module fails afterwards.
extends_documentation_fragment:
  - miclinik.hosting.bridge
options:
  sites:
    description: The sites with their settings.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the site.
        type: str
        required: true
      modules:
        description:
          - Modules that have to be on, by their short lower-case names. Others are left as they are.
          - They are kept on record (constant C(MICLINIK_MODULES)), so that the smoke test and the doctor can name those
            that are not asked for any more and stay on.
        type: list
        elements: str
        default: []
      modules_exact:
        description:
          - Whether all modules go off that are not in O(sites[].modules), but for what those need, what the application
            itself needs, and what it has on by the law of the company's country. C(kept) of the bridge names them.
        type: bool
        default: false
      modules_off:
        description: Modules that have to be off.
        type: list
        elements: str
        default: []
      switches:
        description:
          - Constants by name that have to hold for every entity, before what one has set itself. An empty value unsets.
          - A caller of the API chooses the entity whose constants count, whether there is a module for several or not.
        type: dict
        default: {}
      constants:
        description:
          - Constants by name. An empty value unsets one.
          - They are set for all entities that have not set them themselves, and for the first.
        type: dict
        default: {}
      entities:
        description: Constants of other entities than the first, where the module C(multicompany) is.
        type: list
        elements: dict
        default: []
        suboptions:
          id:
            description: Number of the entity.
            type: int
            required: true
          constants:
            description: Constants by name, for this entity alone. An empty value unsets one.
            type: dict
            default: {}
      company:
        description:
          - C(name), C(country) (ISO 3166, such as V(ES)), C(currency) (ISO 4217, such as V(EUR)) and C(language) (such
            as V(es_ES)) of the company, and whatever else C(company) of a site may have.
          - C(logo) and C(logo_square) are files on the controller. What is not given stays, an empty text empties one.
        type: dict
        default: {}
      dictionaries:
        description:
          - Rows of dictionaries, lists by the dictionary's name, each row by its code. One goes off by C(active) false.
          - Rows that are not named stay as they are, and of a named one the fields that are not.
        type: dict
        default: {}
      extra_fields:
        description:
          - Extra fields, lists by the kind of record, each by its name. Others are left as they are.
          - C(state) V(absent) takes one away, with C(drop_data) also where records have a value in it.
        type: dict
        default: {}
      numbering:
        description: How records are numbered, C(model) and C(mask) or C(masks) by the kind of record.
        type: dict
        default: {}
      default_rights:
        description: Whether new users get a right by themselves, by the right's name. Others are left as they are.
        type: dict
        default: {}
      enforce:
        description:
          - With V(report) what was applied before and somebody has changed is told in RV(sites.would), and left as it
            is. What is new is done. What was applied is on record in C(/etc/miclinik/<name>/applied.json).
        type: str
        choices: [repair, report]
        default: repair
      groups:
        description: Groups of users; others are left as they are.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: What it is called.
            type: str
            required: true
          note:
            description: Its description.
            type: str
          rights:
            description: Exactly its rights, such as V(produit.lire).
            type: list
            elements: str
          state:
            description: Whether it has to be there.
            type: str
            choices: [present, absent]
            default: present
      users:
        description: Users; others are left as they are.
        type: list
        elements: dict
        default: []
        suboptions:
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
          admin:
            description: Whether the user is an administrator, who may do everything.
            type: bool
          rights:
            description: Rights such as V(produit.lire).
            type: list
            elements: str
          exact:
            description: >-
              Whether rights that are not in O(sites[].users[].rights), and groups that are not in
              O(sites[].users[].groups), are taken away.
            type: bool
            default: true
          groups:
            description: Groups that the user is in.
            type: list
            elements: str
          first_password:
            description: Password of one who has none yet.
            type: str
          password:
            description: Password, 8 to 72 bytes.
            type: str
          key:
            description: API key, 16 to 64 letters, digits, C(_), C(.) and C(-).
            type: str
          state:
            description: >-
              Whether the user can work. V(absent) removes it, and disables it where records refer to it.
            type: str
            choices: [present, disabled, absent]
            default: present
          existing:
            description:
              - Whether a user of this login that somebody else has made is taken over. Otherwise it is an error.
              - An administrator is taken over only where O(sites[].users[].admin) is set as well.
            type: bool
            default: false
      webhooks:
        description:
          - Whom the module C(webhook) tells of its events, by the relay of the role P(miclinik.hosting.webhooks#role).
          - Other targets that lead to the relay are taken away; those of people are left as they are. Without it
            none is looked at.
        type: list
        elements: dict
        suboptions:
          name:
            description: What it is called.
            type: str
            required: true
          token:
            description: By what the relay knows it.
            type: str
            required: true
          events:
            description: Codes of the application's triggers.
            type: list
            elements: str
            required: true
  changing:
    description:
      - Names of the sites that are about to get another release.
      - In check mode that is not there yet. What only it knows, such as the module and the rights of a new folder in
        C(custom/), is foreseen then, and no error.
    type: list
    elements: str
    default: []
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Switch the API on
  miclinik.hosting.rest_api:
    sites:
      - name: norte
        modules: [api, societe, product]
        constants: {API_PRODUCTION_MODE: true}
        company: {name: Clínica Norte, country: ES}
        users:
          - login: integration
            rights: [produit.lire, societe.lire]
            key: "{{ norte_key }}"
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
    changes:
      description: >-
        What was done, such as C(module api on), C(company currency), C(constant API_PRODUCTION_MODE), C(dictionary
        payment terms 45D; made) or C(user shop; created, rights).
      type: list
      elements: str
    route_cache:
      description: Whether the table of routes is there.
      type: bool
    route_cache_dropped:
      description: Whether a stale table of routes was removed. A call of C(explorer/swagger.json) makes it anew.
      type: bool
    modules:
      description: Modules that are on; empty where no module was named.
      type: list
      elements: str
    would:
      description: What somebody has changed, in words of the application's pages; with O(sites[].enforce=report).
      type: list
      elements: str
    pending:
      description: In check mode, why the site could not be asked yet.
      type: str
told:
  description: RV(sites.would) of all sites, each line with the name of its site.
  returned: where there is something
  type: list
  elements: str
errors:
  description: Per failed site C(site), C(code), C(expected), C(seen) and C(mend).
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings as bridge_settings
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule

USER = {
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
    "existing": {"type": "bool", "default": False},
}
ENTITY = {"id": {"type": "int", "required": True}, "constants": {"type": "dict", "default": {}}}
GROUP = {
    "name": {"type": "str", "required": True},
    "note": {"type": "str"},
    "rights": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
WEBHOOK = {
    "name": {"type": "str", "required": True},
    "token": {"type": "str", "required": True, "no_log": True},
    "events": {"type": "list", "elements": "str", "required": True},
}
SITE = {
    "name": {"type": "str", "required": True},
    "modules": {"type": "list", "elements": "str", "default": []},
    "modules_exact": {"type": "bool", "default": False},
    "modules_off": {"type": "list", "elements": "str", "default": []},
    "switches": {"type": "dict", "default": {}},
    "constants": {"type": "dict", "default": {}},
    "entities": {"type": "list", "elements": "dict", "default": [], "options": ENTITY},
    "company": {"type": "dict", "default": {}},
    "dictionaries": {"type": "dict", "default": {}},
    "extra_fields": {"type": "dict", "default": {}},
    "numbering": {"type": "dict", "default": {}},
    "default_rights": {"type": "dict", "default": {}},
    "enforce": {"type": "str", "choices": ["repair", "report"], "default": "repair"},
    "groups": {"type": "list", "elements": "dict", "default": [], "options": GROUP},
    "users": {"type": "list", "elements": "dict", "default": [], "options": USER},
    "webhooks": {"type": "list", "elements": "dict", "options": WEBHOOK},
}


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True, "options": SITE},
            "changing": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    sites = {site["name"]: site for site in module.params["sites"]}
    changing = module.params["changing"]
    answers, errors = bridge_module.each(
        list(sites),
        lambda name: bridge_settings.apply(sites[name], module.check_mode, changing=name in changing),
    )
    told = [f"site '{name}': {line}" for name, answer in answers.items() for line in answer.get("would", [])]
    bridge_module.finish_each(module, answers, errors, **({"told": told} if told else {}))


if __name__ == "__main__":
    main()

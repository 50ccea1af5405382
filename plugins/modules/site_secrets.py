#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_secrets
short_description: Keeps the secrets of sites on the host, and generates those that nobody gave
version_added: 0.1.0
description:
  - Keeps the secrets of each site in C(/etc/miclinik/<name>/secrets.json), which only root can read. What the inventory
    gives wins; what is given nowhere is generated once and stays.
  - What else is in the file stays as it is, secrets of users that are no longer in the inventory too.
  - C(instance_unique_id) never changes once something was made with it, because every encrypted API key depends on it.
    A declared one is compared with the sign in the database, with the documents and with the record before it is kept.
  - For an API user whose login is that of a user whom people have made in the application nothing is generated; the
    module fails and writes nothing, unless C(existing) is set.
  - What of an installed site is missing in the file is taken back, the instance id and the database's password from
    C(conf.php), keys of API users from the application. Where the id is nowhere any more, or differs between the two
    files, or is missing while the database has tables, the module fails and writes nothing, for no site.
options:
  sites:
    description:
      - The sites, as the filter P(miclinik.hosting.sites#filter) completes them. Read are C(name), C(state) (the folder
        of the file, C(/etc/miclinik/<name>)), C(instance_unique_id), C(login),
        C(existing) and C(admin) of each of C(api.users), and C(declared), the names of the secrets that the inventory
        gives.
    type: list
    elements: dict
    required: true
  declared:
    description: The secrets that the inventory gives, as P(miclinik.hosting.declared_secrets#filter) returns them.
    type: dict
    default: {}
  state:
    description:
      - With V(present) what is missing is made. With V(read) nothing is made or written, and RV(missing) says of which
        sites the record is not whole.
    type: str
    choices: [present, read]
    default: present
  engine:
    description: Engine of the databases, which are looked at before an instance id is made.
    type: str
    choices: [mariadb, postgresql]
    default: mariadb
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Writes nothing. What would be generated is generated for this run only.
  diff_mode:
    support: full
    description: Names the secrets that are new or other than before.
notes:
  - Set C(no_log) on the task; what it returns are secrets.
"""

EXAMPLES = r"""
- name: Read the secrets, and make those that are missing
  miclinik.hosting.site_secrets:
    sites: "{{ miclinik_sites | miclinik.hosting.sites }}"
    declared: "{{ miclinik_sites | miclinik.hosting.declared_secrets }}"
  no_log: true
  register: stored
"""

RETURN = r"""
secrets:
  description: The secrets of each site, by its name.
  returned: success
  type: dict
  contains:
    database_password:
      description: Password of the database user.
      type: str
    admin_password:
      description: Password of the first administrator.
      type: str
    instance_unique_id:
      description: Id of the instance, from which the key to encrypted values is derived.
      type: str
    host_token:
      description: By what the web server knows root on the host itself.
      type: str
    users:
      description: C(password) and C(key) of each API user, by login.
      type: dict
    constants:
      description: Constants whose names or values are secret, by name.
      type: dict
generated:
  description: Names of the secrets that are new, by site.
  returned: success
  type: dict
replaced:
  description: Names of the secrets that the inventory gave another value, by site.
  returned: success
  type: dict
told:
  description: What became of secrets that were lost, or are declared anew and only recorded, a line a site.
  returned: success
  type: list
  elements: str
refusal:
  description: Why nothing was written, without a secret, for a task that tells it; this one has C(no_log).
  returned: failure
  type: str
missing:
  description: What is wrong with the record, by site, for sites where it is not whole.
  returned: success
  type: dict
"""

from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import module as bridge_module
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule


def _ensure(module: DiscreetModule, site: dict[str, Any], check: bool) -> secret_store.Outcome:
    declared = module.params["declared"].get(site["name"], {}).get("stored")
    return secret_store.ensure(site, check, declared, module.params["engine"])


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "sites": {"type": "list", "elements": "dict", "required": True},
            "declared": {"type": "dict", "default": {}},
            "state": {"type": "str", "choices": ["present", "read"], "default": "present"},
            "engine": {"type": "str", "choices": ["mariadb", "postgresql"], "default": "mariadb"},
        },
        supports_check_mode=True,
    )
    sites = module.params["sites"]
    if module.params["state"] == "read":
        found = {site["name"]: secret_store.read(site) for site in sites}
        bridge_module.finish(
            module,
            changed=False,
            secrets={name: values for name, (values, _) in found.items()},
            missing={name: problem for name, (_, problem) in found.items() if problem},
        )
    try:
        # All are looked at before the first is written.
        for check in dict.fromkeys((True, module.check_mode)):
            outcomes = {site["name"]: _ensure(module, site, check) for site in sites}
    except (secret_store.SecretError, OSError) as error:
        module.fail_json(msg=str(error), refusal=str(error), invocation={"module_args": {}})
    bridge_module.finish(
        module,
        changed=any(outcome.changed for outcome in outcomes.values()),
        secrets={name: outcome.values for name, outcome in outcomes.items()},
        generated={name: outcome.generated for name, outcome in outcomes.items() if outcome.generated},
        replaced={name: outcome.replaced for name, outcome in outcomes.items() if outcome.replaced},
        missing={
            name: f"{', '.join(lost)} could not be taken back yet: the application did not answer"
            for name, outcome in outcomes.items()
            if (lost := [entry for entry in outcome.unknown if entry != "admin_password"])
        },
        told=[f"site '{name}': {text}" for name, outcome in outcomes.items() if (text := outcome.told())],
        diff=[
            bridge_module.shown_diff(
                name,
                {},
                {
                    "generated": outcome.generated,
                    "replaced": outcome.replaced,
                    "taken back": outcome.taken + outcome.kept,
                    "former keys ended": outcome.ended,
                },
            )
            for name, outcome in outcomes.items()
            if outcome.changed
        ],
    )


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_repository
short_description: Has a host know the restic repository of its backups, and makes it where there is none yet
version_added: 0.1.0
description:
  - Keeps the repository's password and what restic has to know in C(/etc/miclinik-backup), which only root can read.
  - Where no password is given and none is on record, one is made; RV(told) says where it is.
  - Fails, and changes nothing, where the password does not open the repository, where it is another one than before,
    and where one that was there is gone, as with a disk that is not mounted.
options:
  repository:
    description: Where it is, as restic writes it.
    type: str
    required: true
  password:
    description: Its password. Empty takes the one on record, or makes one.
    type: str
    default: ""
  environment:
    description: Variables of restic's environment, such as C(AWS_ACCESS_KEY_ID).
    type: dict
    default: {}
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Makes and writes nothing. Where restic is not there yet the repository is not looked at.
  diff_mode:
    support: none
    description: All of it is secret.
"""

EXAMPLES = r"""
- name: Have the repository
  miclinik.hosting.backup_repository:
    repository: sftp:backup@store.example.org:/srv/clinic
    password: "{{ miclinik_backup_password }}"
"""

RETURN = r"""
changes:
  description: What was written or made, of V(password), V(environment) and V(repository).
  returned: success
  type: list
  elements: str
identifier:
  description: The repository's own id.
  returned: success
  type: str
told:
  description: What the operator has to know.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule
from ansible_collections.miclinik.hosting.plugins.module_utils.life import repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import ResticError


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "repository": {"type": "str", "required": True},
            "password": {"type": "str", "default": "", "no_log": True},
            "environment": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    given = module.params
    environment = {str(name): str(value) for name, value in given["environment"].items()}
    try:
        outcome = repository.ensure(
            repository.Wanted(given["repository"], given["password"], environment), module.check_mode
        )
    except (ResticError, OSError) as error:
        module.fail_json(msg=f"miclinik_backup: {error}. No backup is made, and nothing was changed.")
    module.exit_json(
        changed=bool(outcome.changed), changes=outcome.changed, identifier=outcome.identifier, told=outcome.told
    )


if __name__ == "__main__":
    main()

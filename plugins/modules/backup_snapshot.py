#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_snapshot
short_description: Finds the snapshot of a site that is to be restored, and gives a bare host the site's secrets
version_added: 0.1.0
description:
  - Reads which snapshot it is, and what it says of itself, from the repository that the host knows
    (M(miclinik.hosting.backup_repository)).
  - One that is named may be of a site that was called otherwise then, where the host has nothing of this one.
  - Fails where there is none, and where what it holds is not what the inventory asks for, or cannot be run here.
  - Where the host has nothing of the site, its secrets and certificates are put in place, so that roles set it up with
    its own instance id, passwords and keys. Where there is something of it, nothing is changed.
options:
  site:
    description: Name of the site.
    type: str
    required: true
  snapshot:
    description: The snapshot, as C(miclinikctl SITE backup list) calls it, or V(latest).
    type: str
    default: latest
  at:
    description: With V(latest) the last one before this time, such as V(2026-11-27T01:30), in UTC.
    type: str
    default: ""
  engine:
    description: The database engine that the inventory asks for.
    type: str
    choices: [mariadb, postgresql]
    required: true
  php:
    description: Version of PHP that the host has.
    type: str
    required: true
  version:
    description: Version of the application that the inventory's source holds; any when empty.
    type: str
    default: ""
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Reads the repository, and puts nothing in place.
  diff_mode:
    support: none
    description: What is put in place is secret.
"""

EXAMPLES = r"""
- name: Find the last snapshot
  miclinik.hosting.backup_snapshot:
    site: norte
    engine: mariadb
    php: "8.2"
  register: found
"""

RETURN = r"""
snapshot:
  description: Name of the snapshot.
  returned: success
  type: str
time:
  description: When it was made.
  returned: success
  type: str
version:
  description: Version of the application that it holds.
  returned: success
  type: str
notes:
  description: What the operator should know of it, a sentence each.
  returned: success
  type: list
  elements: str
bare:
  description: Whether the host had no secrets of the site.
  returned: success
  type: bool
installed:
  description: Whether the site is there, so that what is restored can take its place.
  returned: success
  type: bool
files:
  description: What was put in place, below the folder of the site's secrets.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.life import choice, recovery, restic
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import ManifestError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository, ResticError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "site": {"type": "str", "required": True},
            "snapshot": {"type": "str", "default": choice.LATEST},
            "at": {"type": "str", "default": ""},
            "engine": {"type": "str", "choices": ["mariadb", "postgresql"], "required": True},
            "php": {"type": "str", "required": True},
            "version": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    given = module.params
    places = Places(given["site"])
    files: list[str] = []
    try:
        with restic.alone():
            repository = Repository(restic.read_environment())
            chosen = choice.choose(repository, places, given["snapshot"], given["at"], renamed=True)
            recovery.require_wanted(chosen.manifest, engine=given["engine"], php=given["php"], version=given["version"])
            bare = not recovery.has_secrets(places)
            if not bare:
                recovery.require_same(places, chosen.manifest)
            else:
                recovery.require_gone(places, chosen.manifest)
                files = [] if module.check_mode else recovery.take_secrets(places, repository, chosen)
    except (ResticError, ManifestError, StageError, OSError) as error:
        module.fail_json(msg=f"site '{places.site}': {error}. Nothing of the site was changed.")
    module.exit_json(
        changed=bare,
        snapshot=chosen.snapshot,
        time=chosen.time,
        version=chosen.manifest.version,
        notes=chosen.notes,
        bare=bare,
        installed=recovery.is_installed(places),
        files=files,
    )


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: database_probe
short_description: Looks whether the databases of sites are there and as they have to be
version_added: 0.1.0
description:
  - Connects to each site's database with the site's own user and password, as the application will, and looks at the
    version of the server, the character set of the database and the rights of the user.
  - All sites are looked at together, within a fraction of a second where the server is near.
  - On this host's own server the user has to have all rights on its database and not one more; on another server it
    has to be able to work.
  - Changes nothing, in check mode as well.
options:
  engine:
    description: Engine of all the databases.
    type: str
    choices: [mariadb, postgresql]
    required: true
  sites:
    description: The sites, as the filter P(miclinik.hosting.databases_probed#filter) describes them.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the site.
        type: str
        required: true
      local:
        description: Whether the server is the one of this host that the role C(database) manages.
        type: bool
        required: true
      host:
        description: Server; with O(sites[].local) its socket (MariaDB) or the folder of its sockets (PostgreSQL).
        type: str
        required: true
      port:
        description: Port of the server.
        type: int
        required: true
      database:
        description: Name of the database.
        type: str
        required: true
      user:
        description: Name of the database user.
        type: str
        required: true
      sslmode:
        description: Whether the connection is encrypted and the certificate checked, in the words of libpq.
        type: str
        choices: [disable, require, verify-full]
        default: disable
      state:
        description: Folder with the site's secrets and the record of its installation, to tell lost data by.
        type: path
      ca:
        description: File on the host with the authorities that may vouch for the server (V(verify-full)).
        type: path
  passwords:
    description: Password of each site's database user, by the name of the site.
    type: dict
    required: true
  oldest_version:
    description: Lowest version of the server that will do.
    type: str
    required: true
  required:
    description: Names of the sites whose databases have to be ready; the module fails when one is not.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
notes:
  - Needs C(python3-pymysql) or C(python3-psycopg2) on the host. Without it the state of every site is V(unknown), in
    which check mode, on a bare host, sees no failure.
"""

EXAMPLES = r"""
- name: Look at the databases before anything is done
  miclinik.hosting.database_probe:
    engine: postgresql
    sites: "{{ miclinik_sites | miclinik.hosting.sites | miclinik.hosting.databases_probed('postgresql') }}"
    passwords: {norte: "{{ norte_database_password }}"}
    oldest_version: "15"
    required: [norte]
"""

RETURN = r"""
sites:
  description: What was found, by the name of the site.
  returned: always
  type: dict
  contains:
    state:
      description:
        - V(ready), V(missing) (the server refuses the user, or has no such database), V(wrong) (it is there and not as
          it has to be), V(lost), V(unreachable), or V(unknown) (the host has no library to look with, or no password).
        - V(lost) is a database without the data of a site that was installed, with another site's, or with tables of
          other owners. The module fails then, whether or not the site is required.
      type: str
    key:
      description: Key of the site's description that is the likeliest cause; empty when ready.
      type: str
    seen:
      description: What was seen, without a secret.
      type: str
    mend:
      description: What to do.
      type: str
    version:
      description: Version of the server, where it could be asked.
      type: str
pending:
  description: Names of the sites whose databases are not ready, in their order.
  returned: always
  type: list
  elements: str
"""

from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.database import findings
from ansible_collections.miclinik.hosting.plugins.module_utils.database import look as database_look
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule

SITE = {
    "name": {"type": "str", "required": True},
    "local": {"type": "bool", "required": True},
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "database": {"type": "str", "required": True},
    "user": {"type": "str", "required": True},
    "sslmode": {"type": "str", "choices": ["disable", "require", "verify-full"], "default": "disable"},
    "ca": {"type": "path"},
    "state": {"type": "path"},
}


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "engine": {"type": "str", "choices": ["mariadb", "postgresql"], "required": True},
            "sites": {"type": "list", "elements": "dict", "required": True, "options": SITE},
            "passwords": {"type": "dict", "required": True, "no_log": True},
            "oldest_version": {"type": "str", "required": True},
            "required": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    given = module.params
    targets = [database_look.target_of(site) for site in given["sites"]]
    expected = {
        site["name"]: database_look.Expected.of(Path(site["state"])) for site in given["sites"] if site["state"]
    }
    verdicts = database_look.each(given["engine"], targets, given["passwords"], given["oldest_version"], expected)
    found = {name: verdict.report() for name, verdict in verdicts.items()}
    pending = [name for name, verdict in verdicts.items() if verdict.state != findings.READY]
    required = given["required"]
    if module.check_mode:
        required = [name for name in required if verdicts[name].state != findings.UNKNOWN]
    faults = database_look.faults(verdicts, required)
    if faults:
        module.fail_json(msg="\n".join(faults), sites=found, pending=pending)
    module.exit_json(changed=False, sites=found, pending=pending)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: database_server
short_description: Finds out who may make databases on the host's own database server
version_added: 0.1.0
description:
  - MariaDB is asked whether root gets in through the socket (or by root's own C(.my.cnf)), and otherwise whether
    O(admin_user) does.
  - Of PostgreSQL the files are read, since the role C(database) lets root in by them.
  - Changes nothing, in check mode as well. A host without the server has nothing to complain of.
options:
  engine:
    description: Engine of the server.
    type: str
    choices: [mariadb, postgresql]
    required: true
  admin_user:
    description: A user who may make users and databases, for a MariaDB into which root does not get.
    type: str
    default: ""
  admin_password:
    description: Password of O(admin_user).
    type: str
    default: ""
  version:
    description: Version of the PostgreSQL cluster V(main) that the role C(database) works with.
    type: str
    default: ""
  ports:
    description: Ports of the sites' databases.
    type: list
    elements: int
    default: []
  fail:
    description: Whether a complaint is an error.
    type: bool
    default: true
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Find out who may make databases
  miclinik.hosting.database_server:
    engine: mariadb
    admin_user: "{{ database_admin_user }}"
    admin_password: "{{ database_admin_password }}"
"""

RETURN = r"""
by:
  description: >-
    Who gets in: V(root) without a password, V(admin) with O(admin_password), or an empty text for nobody.
  returned: success
  type: str
complaints:
  description: Key, what was seen and the mend of all that is in the way.
  returned: success
  type: list
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.database import clusters
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.database import server as database_server
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "engine": {"type": "str", "choices": ["mariadb", "postgresql"], "required": True},
            "admin_user": {"type": "str", "default": ""},
            "admin_password": {"type": "str", "default": "", "no_log": True},
            "version": {"type": "str", "default": ""},
            "ports": {"type": "list", "elements": "int", "default": []},
            "fail": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    given = module.params
    if given["engine"] == database_connections.MARIADB:
        entry = database_server.look(database_connections.MARIADB_SOCKET, given["admin_user"], given["admin_password"])
    else:
        complaints = clusters.look(given["version"], given["ports"])
        # Our own lines of pg_hba.conf and pg_ident.conf let root act for the administrator.
        entry = database_server.Entry(database_server.ROOT, complaints=complaints)
    if entry.complaints and given["fail"]:
        module.fail_json(msg="\n".join(f"{key}: {seen}. {mend}." for key, seen, mend in entry.complaints))
    module.exit_json(changed=False, **entry.report())


if __name__ == "__main__":
    main()

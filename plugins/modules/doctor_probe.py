#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: doctor_probe
short_description: Collects on a host what the doctor reasons from
version_added: 0.1.0
description:
  - Looks at services, PHP-FPM and the web server as configured, files and permissions, room on disks, certificates,
    names and addresses, and asks the application through the bridge in check mode. All sites in one go.
  - Changes nothing and returns no secret. The module M(miclinik.hosting.doctor) runs it; by itself it is useful for a
    report to somebody else.
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
    description: The engine, of which the service is looked at where a site's database is on the host.
    type: str
    choices: [mariadb, postgresql]
    default: mariadb
  deep:
    description: Whether the configurations of web server and PHP-FPM are read too, and the API is called on the host.
    type: bool
    default: true
  writes:
    description:
      - Whether it is tried if the site can write. A file is made and removed in each of its folders, as its user, and
        an UPDATE of its database, which changes nothing, is taken back.
    type: bool
    default: false
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: See what there is to see
  miclinik.hosting.doctor_probe:
    sites: "{{ miclinik_sites | miclinik.hosting.sites | miclinik.hosting.doctor_sites }}"
    php_version: "8.2"
  register: evidence
"""

RETURN = r"""
evidence:
  description: What was found.
  returned: success
  type: dict
  contains:
    host:
      description:
        - C(time) in seconds since 1970; C(units), by the roles V(web), V(php) and V(database), with C(active),
          C(state), C(loaded) (when it last started or was reloaded) and C(log); C(addresses);
          C(database_disk) and C(log_disk); C(lines) of the logs since the look began, with C(source), C(text),
          C(count), C(site) and C(ours); C(late), what gave no answer in time; C(holders), who works with the database
          where it has the site wait; and
          C(php) with C(pools), C(settings), C(extensions) and C(problem).
      type: dict
    sites:
      description:
        - By name, C(sockets) (why nobody answers, by pool), C(disk) of the documents, C(usage) in bytes where it
          matters, C(files), C(application) (as the bridge sees it), C(routes), C(vhost), C(certificate),
          C(hosts_file), C(resolved), C(newest_code), C(missing_programs) (which the application would call),
          C(database) as the site itself finds it, with its faults by number or SQLSTATE; C(writes), the folders that
          take no file; C(late), what gave no answer in time;
          C(url_root), C(version) of the code, and C(loopback), what C(/status) answers on the host itself.
      type: dict
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe
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
            "deep": {"type": "bool", "default": True},
            "writes": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    given = module.params
    if given["web_server"] not in SERVERS:
        module.fail_json(msg=f"web_server: is '{given['web_server']}'. Known are: {', '.join(SERVERS)}.")
    evidence = probe.collect(
        given["sites"],
        php_version=given["php_version"],
        web_server=given["web_server"],
        engine=given["database_engine"],
        deep=given["deep"],
        writes=given["writes"] and not module.check_mode,
    )
    module.exit_json(changed=False, evidence=evidence)


if __name__ == "__main__":
    main()

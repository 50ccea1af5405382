# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules that look at sites from the controller take."""

from __future__ import annotations

import textwrap

import yaml
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import spec

_SITES = textwrap.indent(yaml.safe_dump(spec.documented(), sort_keys=False, width=10_000), " " * 6)


class ModuleDocFragment:
    """What the documentation of a module takes by ``extends_documentation_fragment``."""

    DOCUMENTATION = f"""
options:
  sites:
    description: What each site promises. Several are checked at the same time.
    type: list
    elements: dict
    required: true
    suboptions:
{_SITES}
  timeout:
    description: Seconds that one request may take.
    type: float
    default: 10.0
  limit:
    description:
      - Seconds after which no check of a site is begun any more, whatever hangs; V(0) sets none.
        While every check is answered, if slowly, as by a busy host, it is 1.4 times that.
    type: float
    default: 0
  settle:
    description:
      - Seconds for which the first checks are repeated before their failure counts.
      - A reload of Nginx is asynchronous, and the first calls after it can still meet the old configuration.
    type: float
    default: 3.0
"""

    CONTROLLER = r"""
requirements:
  - requests 2.32 or newer, on the controller; on the host as well with O(run_on=host)
options:
  run_on:
    description:
      - Where the sites are called from. With V(host) that is the host itself, for sites that the controller cannot
        call, as those of hosts behind a bastion.
      - What lies between them and their clients, such as a firewall, is not seen from there.
    type: str
    choices: [controller, host]
    default: controller
  host:
    description:
      - What to look at on the host. With it the host is examined at the same time, which adds the check V(inside) of
        what cannot be seen from outside, and the causes of what failed.
    type: dict
    suboptions:
      sites:
        description: What the filter P(miclinik.hosting.doctor_sites#filter) makes of the sites.
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
        description: The database engine.
        type: str
        choices: [mariadb, postgresql]
        default: mariadb
      writes:
        description:
          - Whether to try on the host what the sites have to be able to write. It leaves nothing behind.
          - Never in check mode.
        type: bool
        default: false
  report_dir:
    description:
      - Folder on the controller for the report; without it none is written.
      - In a folder of it that is named like the host come C(results.json), C(junit.xml) for CI servers, and
        C(report.html), a page that needs no other file. They replace those of the run before. No secret is in them.
      - They are written in check mode too, since they are output.
    type: path
    default: ""
"""

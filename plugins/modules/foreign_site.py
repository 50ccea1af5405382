#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: foreign_site
short_description: Reads what an installation of the application is that others have made
version_added: 0.1.0
description:
  - Reads its C(conf.php) as text, its database with its own password, and which files the web servers serve it by.
  - Nothing of it is run, and nothing is changed. The role P(miclinik.hosting.adopt#role) decides by it.
options:
  source:
    description: Its folder, with C(filefunc.inc.php) or C(htdocs/filefunc.inc.php) in it.
    type: path
    required: true
  documents:
    description: The folder of its documents on this host, where its C(conf.php) names another one.
    type: path
    default: ""
  host:
    description: Host of its database server as it is reached from here, where its C(conf.php) names another one.
    type: str
    default: ""
  port:
    description: Port of that.
    type: str
    default: ""
  site:
    description: Name of the site that it is to be.
    type: str
    required: true
extends_documentation_fragment:
  - miclinik.hosting.reading
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: See what is there
  miclinik.hosting.foreign_site:
    site: norte
    source: /var/www/html/dolibarr
"""

RETURN = r"""
done:
  description: Whether the site was adopted from there before.
  returned: always
  type: bool
found:
  description:
    - What there is, without any secret. C(problems) are what was seen and the mend, a list of two each.
    - >-
      C(root), C(url), C(documents), C(engine), C(database) (C(host), C(name), C(user)), C(version), C(schema) (the
      version of the database), C(users) (C(login), C(admin), C(active), C(key)), C(modules), C(more) (what else
      C(conf.php) sets), C(jobs) (lines of crontabs), C(vhosts) (C(server), C(file), C(others)), and sizes in bytes.
  returned: always
  type: dict
"""

from dataclasses import asdict
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.life import adopt, foreign
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.web import foreign_vhosts


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "source": {"type": "path", "required": True},
            "documents": {"type": "path", "default": ""},
            "host": {"type": "str", "default": ""},
            "port": {"type": "str", "default": ""},
            "site": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    given = module.params
    if adopt.is_done(Places(given["site"]), given["source"]):
        module.exit_json(changed=False, done=True, found={"problems": [], "vhosts": []})
    found = foreign.look(foreign.Order(given["source"], given["documents"], given["host"], given["port"]))
    vhosts = foreign_vhosts.find(Path(found["root"])) if "root" in found else []
    module.exit_json(changed=False, done=False, found=found | {"vhosts": [asdict(one) for one in vhosts]})


if __name__ == "__main__":
    main()

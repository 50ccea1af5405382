#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: loaded
short_description: Has services run what is on disk
version_added: 0.1.0
description:
  - Starts, reloads or restarts a service where it does not run what its files say, and leaves it alone otherwise.
  - Follows from state and from no notification, so it also mends what a run left that died before its reload.
  - What was on disk at the last load is kept as digests in C(/run/miclinik/loaded). Where the service was loaded by
    somebody else since, or nothing is on record, times decide; when in doubt it is loaded once more.
  - The configuration is tested before, and the load is proven afterwards, since a reload is asynchronous.
options:
  unit:
    description: Unit of systemd.
    type: str
  sockets:
    description:
      - Unit of systemd that holds the sockets of O(unit), so that calls wait there while it is restarted.
      - It is restarted with O(unit) where nobody listens on one of its sockets, or one is gone or has another owner or
        mode than the unit says, which no reload mends.
    type: str
    default: ""
  each:
    description:
      - Units that are alike, instead of O(unit). The other options are for all of them; O(reads) and O(because) are
        added to those of an entry.
      - One that fails leaves the others to be done, and the module fails in the end.
    type: list
    elements: dict
    suboptions:
      unit: {type: str, required: true, description: Unit of systemd.}
      sockets: {type: str, default: "", description: Unit of systemd that holds its sockets.}
      reads: {type: list, elements: str, default: [], description: What it alone has loaded.}
      test: {type: list, elements: str, default: [], description: Command that refuses a wrong configuration.}
      because: {type: list, elements: str, default: [], description: What the caller has seen of it.}
  reads:
    description: What it has loaded, as files, links, folders with all that is in them, and patterns.
    type: list
    elements: str
    default: []
  restart_for:
    description: Patterns of those paths of which a reload takes no notice.
    type: list
    elements: str
    default: []
  test:
    description: Command that refuses a wrong configuration, as a list of words.
    type: list
    elements: str
    default: []
  kind:
    description:
      - What proves that it was loaded anew.
      - For V(php-fpm) it is the memory that the master shares with its workers; for V(nginx) and V(apache) it is new
        workers.
    type: str
    choices: [php-fpm, nginx, apache, other]
    default: other
  user:
    description: Unix user of the workers; they have to have all of its groups.
    type: str
    default: ""
  because:
    description: What the caller has seen that shows that it does not run what is on disk.
    type: list
    elements: str
    default: []
  enabled:
    description: Whether it has to start with the host. V(false) leaves that as it is.
    type: bool
    default: true
  start:
    description: Whether it is started where it does not run. V(false) leaves one that does not run alone.
    type: bool
    default: true
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says what would be done to the service with the files as they are now.
  diff_mode:
    support: full
    description: Names the paths that are not loaded.
"""

EXAMPLES = r"""
- name: Have Nginx serve what is on disk
  miclinik.hosting.loaded:
    unit: nginx
    kind: nginx
    reads: [/etc/nginx, /etc/miclinik/norte/tls/certificate.pem]
    test: [nginx, -t]
    user: www-data
"""

RETURN = r"""
steps:
  description: What was done, as verbs of systemctl, or would be in check mode; with O(each) of all units.
  returned: success
  type: list
  elements: str
because:
  description: Paths that were not loaded as they are, and what else showed it; with O(each) of all units.
  returned: success
  type: list
  elements: str
units:
  description: The units for which something was done.
  returned: success
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.services import orders
from ansible_collections.miclinik.hosting.plugins.module_utils.services.service import Service


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            **orders.OWN,
            **orders.SHARED,
            "unit": {"type": "str"},
            "each": {"type": "list", "elements": "dict", "options": orders.OWN},
        },
        mutually_exclusive=[("unit", "each")],
        required_one_of=[("unit", "each")],
        supports_check_mode=True,
    )
    done = orders.carry_out(_services(module.params), check=module.check_mode)
    if done.failed:
        module.fail_json(msg="\n".join(done.failed), **done.result)
    module.exit_json(**done.result)


def _services(params: Mapping[str, Any]) -> list[Service]:
    """Return what the module was asked for, one by one."""
    common = {name: value for name, value in params.items() if name != "each"}
    return [
        Service(
            **common | entry | {name: [*common[name], *entry[name]] for name in ("reads", "because") if name in entry}
        )
        for entry in ([{}] if params["each"] is None else params["each"])
    ]


if __name__ == "__main__":
    main()

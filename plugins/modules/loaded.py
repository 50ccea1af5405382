#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: loaded
short_description: Has a service run what is on disk
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
    required: true
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
      - For V(php-fpm) it is the memory that the master shares with its workers, and that the sockets of its pools in
        O(reads) listen (it is restarted only where the file of such a socket is gone, or has another owner or mode than
        its pool says, which no reload mends); for V(nginx) and V(apache) it is new workers.
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
  description: What was done, as verbs of systemctl, or would be in check mode.
  returned: success
  type: list
  elements: str
because:
  description: Paths that were not loaded as they are, and what else showed it.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes as services_processes
from ansible_collections.miclinik.hosting.plugins.module_utils.services import service as services_service
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError


def main() -> None:
    """Run the module."""
    module = HostModule(
        argument_spec={
            "unit": {"type": "str", "required": True},
            "reads": {"type": "list", "elements": "str", "default": []},
            "restart_for": {"type": "list", "elements": "str", "default": []},
            "test": {"type": "list", "elements": "str", "default": []},
            "kind": {"type": "str", "choices": list(services_processes.KINDS), "default": "other"},
            "user": {"type": "str", "default": ""},
            "because": {"type": "list", "elements": "str", "default": []},
            "enabled": {"type": "bool", "default": True},
            "start": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    params = dict(module.params)
    known = params.pop("because")
    service = services_service.Service(**params)
    try:
        seen = services_service.see(service, known)
        if not module.check_mode:
            services_service.act(service, seen)
    except (UnitError, OSError) as error:
        module.fail_json(msg=str(error))
    steps = seen.steps(service)
    because = seen.because
    module.exit_json(changed=bool(steps), steps=steps, because=because, diff=_diff(service.unit, steps, because))


def _diff(unit: str, steps: list[str], because: list[str]) -> dict[str, str]:
    if not steps:
        return {"before": "", "after": ""}
    return {
        "before_header": f"{unit}: not as on disk",
        "after_header": f"{unit}: loaded",
        "before": "".join(f"{line}\n" for line in because),
        "after": "".join(f"({step})\n" for step in steps),
    }


if __name__ == "__main__":
    main()

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which versions of ansible-core run the collection.

Ansible itself only warns where ``requires_ansible`` of meta/runtime.yml is not met. Older versions lack what templates
are rendered with, and would end in the middle of a run.
"""

from __future__ import annotations

#: The oldest that works; meta/runtime.yml, requirements.txt and README.md say the same.
OLDEST = (2, 19)
#: Those that `make test-ansible` runs.
TESTED = ("2.19", "2.20", "2.21")


def refusal(version: str) -> str:
    """Return why ``version`` of ansible-core cannot run the collection, with the mend; nothing where it can."""
    if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST:
        return ""
    oldest = ".".join(map(str, OLDEST))
    return (
        f"miclinik.hosting needs ansible-core {oldest} or newer, and this is {version}. Nothing on the host was"
        f" changed. To mend: install a newer one in a virtual environment (python3 -m venv .venv && .venv/bin/pip"
        f" install 'ansible>=12'; it wants Python 3.11 or newer), and run .venv/bin/ansible-playbook."
        f" Tested are {', '.join(TESTED)}"
    )

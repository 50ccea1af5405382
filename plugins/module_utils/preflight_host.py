# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host may be like through its administrators, or other programs, and must not be for a run to go through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site_schema import Problem

# What sudo says, and the mend.
_SUDO = (
    ("must have a tty", "Take requiretty out of the host's sudoers, or set ansible_pipelining: false"),
    ("password is required", "Call ansible-playbook with --ask-become-pass, or set ansible_become_password"),
    ("not in the sudoers file", "Let the user of ansible_user become root, or name another user"),
    ("not allowed to execute", "Let the user of ansible_user run any command as root: Ansible runs /bin/sh"),
)


def unanswered(failure: Mapping[str, Any]) -> str:
    """Return what to say of a host on which not even the look at it ran; ``failure`` is Ansible's result."""
    said = str(failure.get("module_stderr") or failure.get("module_stdout") or "").strip()
    if not said:
        return str(failure.get("msg", ""))
    mends = [mend for words, mend in _SUDO if words in said]
    mend = mends[0] if mends else "See what the user of ansible_user may do there, and that Python is there"
    return f"Nothing can be run as root on the host, which says: {said.splitlines()[-1].rstrip('.')}. {mend}."


def check(facts: Mapping[str, Any]) -> list[Problem]:
    """Return why nothing can be done on the host as it is."""
    return [
        Problem("host", folder, "is closed to other users, and the sites' users pass through it", f"chmod o+x {folder}")
        for folder in facts["closed"]
    ]

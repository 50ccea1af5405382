# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What preflight says of hosts that others have made difficult, to the word."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils import preflight_host

START = "Nothing can be run as root on the host, which says: "


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "sudo: sorry, you must have a tty to run sudo\n",
            "sudo: sorry, you must have a tty to run sudo. "
            "Take requiretty out of the host's sudoers, or set ansible_pipelining: false.",
        ),
        (
            "sudo: a password is required\n",
            "sudo: a password is required. "
            "Call ansible-playbook with --ask-become-pass, or set ansible_become_password.",
        ),
        (
            "ops is not in the sudoers file.\n",
            "ops is not in the sudoers file. Let the user of ansible_user become root, or name another user.",
        ),
        (
            "first\nsh: 1: python3: not found\n",
            "sh: 1: python3: not found. See what the user of ansible_user may do there, and that Python is there.",
        ),
    ],
)
def test_a_host_that_lets_nobody_become_root(said: str, expected: str) -> None:
    failure = {"failed": True, "msg": "Module result deserialization failed", "module_stderr": said}
    assert preflight_host.unanswered(failure) == START + expected


def test_another_failure_keeps_its_words() -> None:
    assert preflight_host.unanswered({"failed": True, "msg": "no Python"}) == "no Python"

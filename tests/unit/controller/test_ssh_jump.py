# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How Ansible reaches a host, where HTTP from the controller goes another way. No host is called."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import ssh_jump

CONFIG = """
Host erp-*
  ProxyJump bastion.example.org
Host far
  ProxyCommand sshpass -p hush ssh -W %h:%p gate
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    assert shutil.which("ssh"), "install openssh-client"
    (tmp_path / "config").write_text(CONFIG)
    return f"-F {tmp_path / 'config'}"


@pytest.mark.parametrize(
    ("host", "more", "way"),
    [
        ("192.0.2.7", {}, ""),
        ("192.0.2.7", {"ssh_common_args": "-J me@gate:2222"}, "by SSH through me@gate:2222 (ProxyJump)"),
        ("192.0.2.7", {"ssh_extra_args": "-o ProxyJump=gate"}, "by SSH through gate (ProxyJump)"),
        ("2001:db8::5", {"ssh_common_args": "-o ProxyCommand='ssh -W %h:%p gate'"}, "by SSH through a ProxyCommand"),
        ("erp-1", {}, "by SSH through bastion.example.org (ProxyJump)"),
        ("erp-1", {"ssh_common_args": "-o ProxyJump=none"}, ""),
        ("far", {"port": 2222, "remote_user": "me"}, "by SSH through a ProxyCommand"),
    ],
)
def test_ssh_tells(config: str, host: str, more: dict[str, object], way: str) -> None:
    options = {"host": host, "ssh_args": f"-C -o ControlMaster=auto -o ControlPersist=60s {config}"} | more
    assert ssh_jump.other_way("ssh", options) == way
    assert ssh_jump.other_way("ansible.builtin.ssh", options) == way


def test_other_plugins() -> None:
    assert ssh_jump.other_way("local", {}) == ""
    assert ssh_jump.other_way("containers.podman.podman", {}) == "by the connection plugin containers.podman.podman"


def test_a_machine_without_ssh() -> None:
    assert ssh_jump.other_way("ssh", {"ssh_executable": "/nonexistent/ssh", "host": "a"}) == ""

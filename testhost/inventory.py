"""Ansible inventories of test hosts: JSON, which Ansible reads as YAML and we can read back without a YAML library."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from testhost import places, ssh
from testhost.errors import HostError
from testhost.record import Record

# A Unix socket's path holds 107 bytes, and ssh appends 17 of its own while it makes one.
SOCKET_PATH_MAX = 90


def variables(record: Record) -> dict[str, str]:
    """Return the connection variables of one host."""
    values = {
        "ansible_host": record.ip,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(ssh.user_key()),
        "ansible_ssh_common_args": shlex.join(ssh.options(record.name)),
    }
    # A control socket of its own for each host: one left by an earlier host at the same address would be a dead line.
    socket = str(places.host_dir(record.name) / "mux")
    if len(socket) <= SOCKET_PATH_MAX:
        values["ansible_control_path"] = socket
    return values


def add(tree: dict[str, Any], record: Record, groups: Sequence[str]) -> dict[str, Any]:
    """Put the host (again) into the inventory `tree`, in `groups` as well; return the tree."""
    remove(tree, record.name)
    everything = tree.setdefault("all", {})
    everything.setdefault("hosts", {})[record.name] = variables(record)
    for group in groups:
        children = everything.setdefault("children", {})
        children.setdefault(group, {}).setdefault("hosts", {})[record.name] = {}
    return tree


def remove(tree: dict[str, Any], name: str) -> dict[str, Any]:
    """Take the host out of the inventory `tree`, and groups that it leaves empty; return the tree."""
    everything = tree.get("all", {})
    everything.get("hosts", {}).pop(name, None)
    children = everything.get("children", {})
    for group in list(children):
        children[group].get("hosts", {}).pop(name, None)
        if not children[group].get("hosts"):
            del children[group]
    if not children:
        everything.pop("children", None)
    return tree


def read(path: Path) -> dict[str, Any]:
    """Return the tree of the file, empty when it is absent. Raises HostError for a file that is not ours."""
    if not path.exists():
        return {}
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise HostError(f"{path} to be an inventory written by testhost", str(error), "name another file") from error
    if not isinstance(tree, dict):
        raise HostError(f"{path} to be an inventory written by testhost", "no JSON object", "name another file")
    return tree


def render(tree: dict[str, Any]) -> str:
    """Return the text of an inventory."""
    return json.dumps(tree, indent=2) + "\n"


def write_host(path: Path, record: Record, groups: Sequence[str]) -> None:
    """Add the host to the inventory file, which is made when absent; call it with the machine's lock held."""
    tree = add(read(path), record, groups)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(tree), encoding="utf-8")


def drop_host(path: Path, name: str) -> None:
    """Take the host out of the inventory file; a file without a host is removed."""
    if not path.exists():
        return
    tree = remove(read(path), name)
    if tree.get("all", {}).get("hosts"):
        path.write_text(render(tree), encoding="utf-8")
    else:
        path.unlink()

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who listens on which ports of a host, and by which of them people come in. Runs on the host."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

PROC = Path("/proc")
#: States of a socket that waits for clients, as /proc/net writes them: TCP's LISTEN, and UDP's only one.
_WAITING = {"tcp": "0A", "udp": "07"}
#: What the kernel itself listens with, as WireGuard does, has no process.
KERNEL = "kernel"
_SSH = frozenset({"sshd", "dropbear", "tinysshd"})
_SOCKETS = ("ssh.socket", "sshd.socket")
_EPHEMERAL = (32768, 60999)


@dataclass(frozen=True, order=True)
class Listener:
    """A port that somebody listens on: ``name`` of the process, ``kernel`` where there is none."""

    protocol: str
    port: int
    name: str


def read(proc: Path = PROC) -> list[Listener]:
    """Return who listens where others can reach it, one for each protocol and port; what only hears itself is left out.

    A UDP socket with a port that the kernel has chosen waits for an answer, and not for clients.
    """
    first, last = _ephemeral(proc)
    sockets = {
        (protocol, port): inode
        for protocol in _WAITING
        for file in (proc / "net" / protocol, proc / "net" / f"{protocol}6")
        for port, inode in _waiting(file, protocol)
    }
    owners = _owners(proc, set(sockets.values()))
    return sorted(
        Listener(protocol, port, owners.get(inode, KERNEL))
        for (protocol, port), inode in sockets.items()
        if protocol == "tcp" or inode not in owners or not first <= port <= last
    )


def _ephemeral(proc: Path) -> tuple[int, int]:
    try:
        first, last = (proc / "sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return _EPHEMERAL
    return int(first), int(last)


def _waiting(file: Path, protocol: str) -> Iterator[tuple[int, str]]:
    """Yield port and inode of the sockets that wait for clients from elsewhere."""
    for line in file.read_text(encoding="ascii").splitlines()[1:] if file.is_file() else ():
        words = line.split()
        address, _, port = words[1].rpartition(":")
        if words[3] == _WAITING[protocol] and not _is_own(address):
            yield int(port, 16), words[9]


def _is_own(address: str) -> bool:
    """Return whether only the host itself reaches ``address``, as /proc/net writes it: four bytes, reversed."""
    words = bytes.fromhex(address)
    whole = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
    if len(whole) == 4:  # noqa: PLR2004 - bytes of an IPv4 address
        return IPv4Address(whole).is_loopback
    six = IPv6Address(whole)
    return (six.ipv4_mapped or six).is_loopback


def _owners(proc: Path, inodes: set[str]) -> dict[str, str]:
    """Return the name of the process that holds each of the sockets; the first one, where several do."""
    found: dict[str, str] = {}
    for handle in proc.glob("[0-9]*/fd/*"):
        try:
            inode = str(handle.readlink()).removeprefix("socket:[").removesuffix("]")
            if inode in inodes and inode not in found:
                found[inode] = (handle.parents[1] / "comm").read_text(encoding="utf-8", errors="replace").strip()
        except OSError:  # it ended while we looked
            continue
    return found


def ssh_ports(found: list[Listener], proc: Path = PROC) -> list[int]:
    """Return the ports by which people and Ansible come in: of SSH servers, and of the connection that we came by."""
    ports = {listener.port for listener in found if listener.protocol == "tcp" and listener.name in _SSH}
    return sorted(ports | set(_activated()) | set(_came_by(proc)))


def _activated() -> Iterator[int]:
    """Yield the ports at which systemd waits for SSH in the server's place."""
    for unit in _SOCKETS:
        shown = subprocess.run(
            ["systemctl", "show", "--property=ActiveState,Listen", unit],
            check=False,
            capture_output=True,
            text=True,
            env=programs.environment(),
        ).stdout
        if "ActiveState=active\n" in shown:
            yield from (int(port) for port in re.findall(r"^Listen=\S*?(\d+) \(Stream\)", shown, re.MULTILINE))


def _came_by(proc: Path) -> Iterator[int]:
    """Yield the port of the SSH connection of this process or one above it: sudo and the like drop the variable."""
    process = str(os.getpid())
    while process not in ("", "0"):
        try:
            content = (proc / process / "environ").read_bytes().decode("utf-8", "replace")
            status = (proc / process / "status").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return
        said = re.search(r"(?:^|\0)SSH_CONNECTION=\S+ \d+ \S+ (\d+)", content)
        if said:
            yield int(said[1])
            return
        process = next((line.split()[1] for line in status.splitlines() if line.startswith("PPid:")), "")

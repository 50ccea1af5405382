# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who listens where clients could reach it, and by which ports people come in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.baseline import listeners
from ansible_collections.miclinik.hosting.plugins.module_utils.baseline.listeners import Listener

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ANY, LOOPBACK, LAN = "00000000", "0100007F", "0A02000A"
ANY6, LOOPBACK6 = "0" * 32, "00000000000000000000000001000000"
#: ::ffff:127.0.0.1, as a Java program listens on the loopback.
MAPPED = "0000000000000000FFFF00000100007F"


def _line(address: str, port: int, inode: int, state: str = "0A") -> str:
    return f"   0: {address}:{port:04X} 00000000:0000 {state} 0:0 00:0 0     0        0 {inode} 1\n"


def _proc(folder: Path, owners: dict[int, str] | None = None, **tables: list[str]) -> Path:
    (folder / "net").mkdir()
    for name, lines in tables.items():
        (folder / "net" / name).write_text(HEAD + "".join(lines))
    for number, (inode, name) in enumerate((owners or {}).items(), start=100):
        (folder / str(number) / "fd").mkdir(parents=True)
        (folder / str(number) / "comm").write_text(f"{name}\n")
        (folder / str(number) / "fd/3").symlink_to(f"socket:[{inode}]")
    return folder


def test_who_listens_on_an_address_of_others_is_named(tmp_path: Path) -> None:
    proc = _proc(
        tmp_path,
        {1: "sshd", 2: "exim4", 3: "redis", 4: "java"},
        tcp=[_line(ANY, 22, 1), _line(LAN, 25, 2), _line(LOOPBACK, 6379, 3), _line(ANY, 80, 9, state="01")],
        tcp6=[_line(ANY6, 22, 1), _line(LOOPBACK6, 6379, 3), _line(MAPPED, 8005, 4)],
    )
    assert listeners.read(proc) == [Listener("tcp", 22, "sshd"), Listener("tcp", 25, "exim4")]


def test_what_waits_for_an_answer_is_no_service(tmp_path: Path) -> None:
    """A resolver's or a clock's socket has another port at each look. WireGuard's is one of these ports as well."""
    proc = _proc(
        tmp_path,
        {1: "chronyd", 2: "dnsmasq"},
        udp=[_line(ANY, 41234, 1, "07"), _line(ANY, 53, 2, "07"), _line(ANY, 51820, 0, "07")],
    )
    assert listeners.read(proc) == [Listener("udp", 53, "dnsmasq"), Listener("udp", 51820, "kernel")]


@pytest.mark.parametrize(("span", "found"), [("10000 20000", [41234]), ("40000 50000", [])])
def test_which_ports_the_kernel_chooses_is_the_hosts_affair(tmp_path: Path, span: str, found: list[int]) -> None:
    proc = _proc(tmp_path, {1: "turnserver"}, udp=[_line(ANY, 41234, 1, "07")])
    (proc / "sys/net/ipv4").mkdir(parents=True)
    (proc / "sys/net/ipv4/ip_local_port_range").write_text(f"{span}\n".replace(" ", "\t"))
    assert [listener.port for listener in listeners.read(proc)] == found


def test_people_come_in_by_what_sshd_listens_on(tmp_path: Path) -> None:
    found = [Listener("tcp", 22, "sshd"), Listener("tcp", 2222, "sshd"), Listener("tcp", 8080, "java")]
    assert listeners.ssh_ports([*found, Listener("tcp", 2200, "dropbear")], tmp_path) == [22, 2200, 2222]


def test_the_port_that_ansible_came_by_is_found_above_sudo(tmp_path: Path) -> None:
    """What sshd said of the connection is gone from the environment of what sudo starts."""
    for process, parent, environment in (
        (os.getpid(), 70, b"PATH=/bin\0SUDO_USER=me\0"),
        (70, 60, b"SHELL=/bin/sh\0SSH_CONNECTION=192.0.2.1 50000 192.0.2.9 2022\0HOME=/\0"),
        (60, 1, b""),
    ):
        (tmp_path / str(process)).mkdir()
        (tmp_path / str(process) / "environ").write_bytes(environment)
        (tmp_path / str(process) / "status").write_text(f"Name:\tx\nPPid:\t{parent}\n")
    assert listeners.ssh_ports([], tmp_path) == [2022]


def test_a_connection_without_ssh_has_no_port(tmp_path: Path) -> None:
    (tmp_path / str(os.getpid())).mkdir()
    (tmp_path / str(os.getpid()) / "environ").write_bytes(b"PATH=/bin\0")
    (tmp_path / str(os.getpid()) / "status").write_text("PPid:\t0\n")
    assert listeners.ssh_ports([], tmp_path) == []

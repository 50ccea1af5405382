# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the hosts of a cluster get.

cluster/galera.cnf.j2, cluster/mariadb.conf.j2, cluster/galera-check with cluster/galera-check.socket.j2 and
cluster/galera-check@.service.j2; cluster/garb.j2, cluster/garb.conf.j2; cluster/haproxy.cfg.j2,
cluster/haproxy.conf.j2, cluster/keepalived.conf.j2; cluster/documents.mount.j2, cluster/documents.service.j2;
cluster/members.j2.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import several

from . import programs
from .rendering import ROOT, Rendered, entry, render

GROUPS = {
    "miclinik_balancer": ["a", "b"],
    "miclinik_app": ["a", "b"],
    "miclinik_database": ["a", "b"],
    "miclinik_storage": ["a", "b"],
    "miclinik_arbiter": ["c"],
}
ADDRESSES = {"a": {"ansible_host": "192.0.2.1"}, "b": {"ansible_host": "192.0.2.2"}, "c": {"ansible_host": "192.0.2.3"}}
SITE = entry(port=8080, base_path="/erp", aliases=["www.example.org"], database={"host": "127.0.0.1", "port": 3307})
UNITS = "/etc/systemd/system"


def _rendered(host: str = "b") -> dict[str, Rendered]:
    return render(
        "cluster",
        SITE,
        groups=GROUPS,
        hostvars=ADDRESSES,
        inventory_hostname=host,
        ansible_host=ADDRESSES[host]["ansible_host"],
        ansible_play_hosts=["a", "b", "c"],
        cluster_floating_address="192.0.2.10/24",
    )


def _lines(dest: str, host: str = "b") -> list[str]:
    return [line.strip() for line in _rendered(host)[dest].content.splitlines()]


def test_a_member_of_the_database() -> None:
    lines = _lines("/etc/mysql/mariadb.conf.d/70-miclinik-galera.cnf")
    assert {
        "bind-address = 192.0.2.2",
        "wsrep_cluster_address = gcomm://192.0.2.1,192.0.2.2",
        "wsrep_node_name = b",
        'wsrep_provider_options = "gcache.size=512M"',
        "innodb_buffer_pool_size = 256M",
        "max_connections = 200",
        "tcp_keepalive_time = 5",
    } <= set(lines)
    assert "Restart=on-failure" in _lines(f"{UNITS}/mariadb.service.d/miclinik.conf")


def test_the_arbiter() -> None:
    assert 'GALERA_NODES="192.0.2.1:4567 192.0.2.2:4567"' in _lines("/etc/default/garb")
    assert "Restart=always" in _lines(f"{UNITS}/garb.service.d/miclinik.conf")


def test_haproxy_leads_to_one_member_and_to_all_application_hosts() -> None:
    lines = _lines("/etc/haproxy/miclinik.cfg")
    assert "server a 192.0.2.1:3306 check" in lines
    assert "server b 192.0.2.2:3306 check backup" in lines
    assert "server a 192.0.2.1:8080 check" in lines
    assert "acl norte req.hdr(host),field(1,:),lower -m str norte.example.org www.example.org" in lines
    assert "use_backend norte-calls if norte { path_beg /erp/api/ }" in lines
    assert "peer b 192.0.2.2:10000" in lines
    assert "Environment=CONFIG=/etc/haproxy/miclinik.cfg" in _lines(f"{UNITS}/haproxy.service.d/miclinik.conf")


def test_programs_that_know_one_host_are_told() -> None:
    assert _lines(str(several.FILE))[-3:] == ["a 192.0.2.1", "b 192.0.2.2", "c 192.0.2.3"]


def test_haproxy_believes_no_header_of_who_calls() -> None:
    lines = _lines("/etc/haproxy/miclinik.cfg")
    assert lines.index("http-request del-header X-Forwarded-For") < lines.index("option forwardfor")


@pytest.mark.parametrize(("host", "priority"), [("a", 150), ("b", 149)])
def test_one_balancer_has_the_address(host: str, priority: int) -> None:
    lines = _lines("/etc/keepalived/keepalived.conf", host)
    assert f"priority {priority}" in lines
    assert "192.0.2.10/24" in lines
    assert ("192.0.2.2" if host == "a" else "192.0.2.1") in lines


def test_units(tmp_path: Path) -> None:
    mount = _lines(f"{UNITS}/srv-documents.mount")
    assert "What=192.0.2.2:/documents" in mount
    assert "Where=/srv/documents" in mount
    assert "OnFailure=miclinik-documents.service" in mount
    again = _lines(f"{UNITS}/miclinik-documents.service")
    assert "ExecStart=/bin/systemctl --no-block start srv-documents.mount" in again
    rendered = _rendered()
    for name in ("miclinik-galera-check.socket", "miclinik-galera-check@.service"):
        text = rendered[f"{UNITS}/{name}"].content
        (tmp_path / name).write_text(text.replace("/usr/local/lib/miclinik/cluster/galera-check", "/bin/true"))
    programs.accept(["systemd-analyze", "verify", "--man=no", tmp_path / "miclinik-galera-check.socket"])


@pytest.mark.parametrize(
    ("state", "status", "ready", "read_only", "answer"),
    [
        ("Synced", "Primary", "ON", "OFF", "200 OK"),
        ("Donor/Desynced", "Primary", "ON", "OFF", "503 Service Unavailable"),
        ("Synced", "non-Primary", "ON", "OFF", "503 Service Unavailable"),
        ("Synced", "Primary", "OFF", "OFF", "503 Service Unavailable"),
        ("Synced", "Primary", "ON", "ON", "503 Service Unavailable"),
        ("", "", "", "", "503 Service Unavailable"),
    ],
)
def test_who_says_how_a_member_is(
    tmp_path: Path, state: str, status: str, ready: str, read_only: str, answer: str
) -> None:
    """The server gives its rows in an order of its own."""
    rows = f"wsrep_local_state_comment\\t{state}\\nwsrep_cluster_status\\t{status}\\nwsrep_ready\\t{ready}\\n"
    client = tmp_path / "mariadb"
    client.write_text(f"#!/bin/sh\nprintf '{rows}read_only\\t{read_only}\\n'\n" if state else "#!/bin/sh\nexit 1\n")
    client.chmod(0o755)
    done = subprocess.run(
        [ROOT / "templates/cluster/galera-check"],
        input="GET / HTTP/1.0\r\nHost: x\r\n\r\n",
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[0] == f"HTTP/1.1 {answer}"

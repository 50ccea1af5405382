# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's exporters tell of the host, and of servers that are up, on the loopback alone."""

from __future__ import annotations

from testinfra.host import Host

#: By service: a figure of it, and what it has to be.
FIGURES = {
    "prometheus-node-exporter": (9100, "node_textfile_scrape_error 0"),
    "prometheus-mysqld-exporter": (9104, "mysql_up 1"),
    "prometheus-postgres-exporter": (9187, "pg_up 1"),
    "prometheus-nginx-exporter": (9113, "nginx_up 1"),
    "prometheus-apache-exporter": (9117, "apache_up 1"),
}
ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=60).read().decode())"


def _there(host: Host) -> list[str]:
    """Return those that this collection runs."""
    found = host.run("ls -d /etc/systemd/system/prometheus-*-exporter.service.d/miclinik.conf").stdout.split()
    return [path.split("/")[4].removesuffix(".service.d") for path in found]


def test_each_tells_that_its_server_is_up(host: Host) -> None:
    for name in _there(host):
        port, figure = FIGURES[name]
        said = host.check_output("python3 -c %s %s", ASK, f"http://127.0.0.1:{port}/metrics")
        assert figure in said.splitlines(), name


def test_none_listens_for_others(host: Host) -> None:
    listening = host.check_output("ss -Hltn").splitlines()
    ports = [FIGURES[name][0] for name in _there(host)]
    addresses = [line.split()[3].rpartition(":") for line in listening]
    assert [found for found in addresses if int(found[2]) in ports and found[0] != "127.0.0.1"] == []

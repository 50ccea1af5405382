# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory asks of a host, and what its distribution brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from testinfra.host import Host

from .conftest import inventory


@dataclass(frozen=True)
class WebServer:
    """What the tests know of a web server: names that are its own, and the command that reads its configuration."""

    package: str
    header: str
    logs: str
    check: str


WEB_SERVERS = {
    "nginx": WebServer("nginx", "nginx", "/var/log/nginx", "nginx -t -q"),
    "apache": WebServer("apache2", "Apache", "/var/log/apache2", "apache2ctl configtest"),
}
PHP_VERSIONS = {"12": "8.2", "13": "8.4"}


def choice(host: Host, config: pytest.Config, name: str, default: str) -> str:
    """Return a variable of the host's inventory."""
    address = host.backend.host.name
    variables: dict[str, dict[str, Any]] = inventory(tuple(config.getoption("--inventory")))["_meta"]["hostvars"]
    found = [own for known, own in variables.items() if address in (known, own.get("ansible_host"))]
    assert len(found) == 1, f"{address} should be one host of the inventory, it is {len(found)}"
    return str(found[0].get(name, default))


def engine(host: Host, config: pytest.Config) -> str:
    """Return the database engine that the inventory asks for."""
    return choice(host, config, "miclinik_database_engine", "mariadb")


def pooler(host: Host, config: pytest.Config) -> str:
    """Return what the inventory has the sites share connections by."""
    return choice(host, config, "miclinik_database_pooler", "none")


def web_server(host: Host, config: pytest.Config) -> WebServer:
    """Return the web server that the inventory asks for."""
    return WEB_SERVERS[choice(host, config, "miclinik_web_server", "nginx")]


def other_web_server(host: Host, config: pytest.Config) -> WebServer:
    """Return the one that it does not ask for."""
    (other,) = set(WEB_SERVERS.values()) - {web_server(host, config)}
    return other


def php_version(host: Host) -> str:
    """Return the version of PHP that the host's Debian ships."""
    return PHP_VERSIONS[str(host.system_info.release).partition(".")[0]]

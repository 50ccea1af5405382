# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packages, services, users and sockets of a host."""

from __future__ import annotations

import pytest
from testinfra.host import Host

from .calls import get
from .choices import php_version
from .conftest import Site

# {} is the version of PHP that the distribution ships.
SERVICES = ("nginx", "php{}-fpm")
EXTENSIONS = ("curl", "gd", "intl", "mbstring", "xml", "zip")


@pytest.mark.parametrize("package", SERVICES)
def test_package_is_installed(host: Host, package: str) -> None:
    assert host.package(package.format(php_version(host))).is_installed


@pytest.mark.parametrize("package", ["apache2", "libapache2-mod-php{}", "phpmyadmin", "exim4-base"])
def test_nothing_came_along(host: Host, package: str) -> None:
    assert not host.package(package.format(php_version(host))).is_installed


@pytest.mark.parametrize("service", SERVICES)
def test_service_runs_and_starts_with_the_host(host: Host, service: str) -> None:
    found = host.service(service.format(php_version(host)))
    assert found.is_running
    assert found.is_enabled


def test_systemd_is_content(host: Host) -> None:
    assert host.check_output("systemctl is-system-running") == "running"


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_php_has_the_extension(host: Host, extension: str) -> None:
    assert extension in host.check_output("php%s -m", php_version(host)).lower().split()


def test_only_the_web_server_and_ssh_are_reachable(host: Host) -> None:
    # Columns of ss: state, queues, local address and port, the peer's, program.
    sockets = [line.split(maxsplit=5) for line in host.check_output("ss -Hltnp").splitlines()]
    outside = [found for found in sockets if not found[3].startswith(("127.", "[::1]:"))]
    assert {found[5].split('"')[1] for found in outside} == {"nginx", "sshd"}


def test_configurations_are_valid(host: Host) -> None:
    host.run_expect([0], "nginx -t -q")
    host.run_expect([0], "php-fpm%s -t", php_version(host))


def test_user_of_the_site(host: Host, site: Site) -> None:
    user = host.user(site.name)
    assert user.exists
    assert user.group == site.name
    assert user.home == site.home
    assert user.shell == "/usr/sbin/nologin"
    assert 0 < user.uid < 1000
    # The second is how the user and the web server, and nobody else, get into the site's folder.
    assert sorted(user.groups) == [site.name, f"{site.name}-www"]


@pytest.mark.parametrize("pool", ["web", "api"])
def test_socket_of_the_pool(host: Host, site: Site, pool: str) -> None:
    path = f"/run/php/miclinik-{site.name}-{pool}.sock"
    socket = host.file(path)
    assert socket.is_socket
    assert (socket.user, socket.group, socket.mode) == ("www-data", "www-data", 0o600)
    assert host.socket(f"unix://{path}").is_listening


@pytest.mark.parametrize("path", ["/", "/api/index.php/status"])
def test_workers_run_as_the_user_of_the_site(host: Host, site: Site, path: str) -> None:
    pool = "api" if path.startswith("/api/") else "web"
    # An answer of 401 is one of a worker as well.
    assert get(host, site, path).status_code in {200, 401}
    workers = host.check_output("ps -eo user:40,args").splitlines()
    users = {line.split()[0] for line in workers if line.endswith(f"php-fpm: pool {site.name}-{pool}")}
    assert users == {site.name}

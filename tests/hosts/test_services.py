# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packages, services, users and sockets of a host."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

from .calls import get
from .choices import other_web_server, php_version, web_server
from .conftest import HostedSite

EXTENSIONS = ("curl", "gd", "intl", "mbstring", "xml", "zip")


def services(host: Host, config: pytest.Config) -> tuple[str, str]:
    return web_server(host, config).package, f"php{php_version(host)}-fpm"


def test_packages_are_installed(host: Host, pytestconfig: pytest.Config) -> None:
    assert [host.package(name).is_installed for name in services(host, pytestconfig)] == [True, True]


@pytest.mark.parametrize("package", ["libapache2-mod-php{}", "phpmyadmin", "exim4-base"])
def test_nothing_came_along(host: Host, package: str) -> None:
    assert not host.package(package.format(php_version(host))).is_installed


def test_the_web_server_runs_and_starts_with_the_host(host: Host, pytestconfig: pytest.Config) -> None:
    found = host.service(web_server(host, pytestconfig).package)
    assert (found.is_running, found.is_enabled) == (True, True)


def test_the_site_has_a_php_fpm_of_its_own(host: Host, site: HostedSite) -> None:
    for unit in (f"miclinik-php@{site.name}.service", f"miclinik-php@{site.name}.socket"):
        asked = host.check_output("systemctl show --property=ActiveState,UnitFileState %s", unit)
        assert (unit, asked.splitlines()) == (unit, ["ActiveState=active", "UnitFileState=enabled"])


def test_debians_own_php_fpm_rests(host: Host) -> None:
    # Its workers are the web server's user, who may open the socket of every site.
    found = host.service(f"php{php_version(host)}-fpm")
    assert (found.is_running, found.is_enabled) == (False, False)


def test_the_other_web_server_is_off(host: Host, pytestconfig: pytest.Config) -> None:
    # It is there where a host was switched, and then without work.
    other = other_web_server(host, pytestconfig).package
    assert not host.service(other).is_running
    assert host.run("systemctl is-enabled %s", other).stdout.strip() in {"disabled", "not-found", ""}
    assert host.run("grep -rIl 'Written by miclinik.hosting' %s", f"/etc/{other}").stdout == ""


def test_systemd_is_content(host: Host) -> None:
    assert host.check_output("systemctl is-system-running") == "running"


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_php_has_the_extension(host: Host, extension: str) -> None:
    assert extension in host.check_output("php%s -m", php_version(host)).lower().split()


def test_only_the_web_server_and_ssh_are_reachable(host: Host, pytestconfig: pytest.Config) -> None:
    # Columns of ss: state, queues, local address and port, the peer's, program.
    sockets = [line.split(maxsplit=5) for line in host.check_output("ss -Hltnp").splitlines()]
    outside = [found for found in sockets if not found[3].startswith(("127.", "[::1]:"))]
    assert {found[5].split('"')[1] for found in outside} == {web_server(host, pytestconfig).package, "sshd"}


def test_configurations_are_valid(host: Host, pytestconfig: pytest.Config) -> None:
    host.run_expect([0], web_server(host, pytestconfig).check)


def test_the_configuration_of_php_is_valid(host: Host, site: HostedSite) -> None:
    host.run_expect([0], "php-fpm%s -t -y /etc/miclinik-php/%s/php-fpm.conf", php_version(host), site.name)


def test_user_of_the_site(host: Host, site: HostedSite) -> None:
    user = host.user(site.name)
    assert user.exists
    assert user.group == site.name
    assert user.home == site.home
    assert user.shell == "/usr/sbin/nologin"
    assert 0 < user.uid < 1000
    # The second is how the user and the web server, and nobody else, get into the site's folder.
    assert sorted(user.groups) == [site.name, f"{site.name}-www"]


@pytest.mark.parametrize("pool", ["web", "api"])
def test_socket_of_the_pool(host: Host, site: HostedSite, pool: str) -> None:
    path = f"/run/miclinik-php/{site.name}/{pool}.sock"
    socket = host.file(path)
    assert socket.is_socket
    assert (socket.user, socket.group, socket.mode) == ("www-data", "root", 0o660)
    assert host.socket(f"unix://{path}").is_listening


@pytest.mark.parametrize(
    ("path", "known", "pool"),
    [
        ("/", False, "quarantine"),
        ("/api/index.php/status", False, "quarantine"),
        ("/api/index.php/status", True, "api"),
    ],
)
def test_workers_run_as_the_user_of_the_site(
    host: Host, site: HostedSite, path: str, *, known: bool, pool: str
) -> None:
    users = json.loads(host.file(f"{site.state}/secrets.json").content_string).get("users", {})
    keys = [user["key"] for user in users.values() if user.get("key")]
    headers = {"DOLAPIKEY": keys[0]} if known and keys else {}
    # An answer of 401 is one of a worker as well; without a user there is no key to be known by.
    assert get(host, site, path, **headers).status_code in {200, 401}
    wanted = f"php-fpm: pool {site.name}-{pool if headers or not known else 'quarantine'}"
    workers = host.check_output("ps -eo user:40,args").splitlines()
    assert {line.split()[0] for line in workers if line.endswith(wanted)} == {site.name}

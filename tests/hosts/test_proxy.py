# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may reach the API of a site behind a proxy: the proxy's word for the client's address counts, nobody else's."""

from __future__ import annotations

import ipaddress

import pytest
from testinfra.host import Host

from .calls import base_url, get
from .choices import web_server
from .conftest import HostedSite

# Loopback has many addresses: the host itself is the proxy, and a neighbour of it that nobody trusts.
NEIGHBOUR = "127.0.0.3"
# Of its own: other tests look through the logs for the addresses that they have made up.
STRANGER = "192.0.2.77"
LET_IN, KEPT_OUT = 401, 403
# Prints the status of a call that comes from the first argument, with the second as X-Forwarded-For unless it is empty.
CALL = """
import http.client, sys
source, forwarded, host, path = sys.argv[1:]
caller = http.client.HTTPConnection("127.0.0.1", 80, timeout=60, source_address=(source, 0))
headers = {"Host": host} | ({"X-Forwarded-For": forwarded} if forwarded else {})
caller.request("GET", path, headers=headers)
print(caller.getresponse().status)
"""


def allowed(site: HostedSite, number: int = 5) -> str:
    """Return an address that may reach the API, and that nobody here has."""
    return str(ipaddress.ip_network(site.settings["api"]["allowed_ips"][0])[number])


def proxy(site: HostedSite) -> str:
    return str(site.settings["proxy"]["trusted"][0])


def status(host: Host, site: HostedSite, source: str, forwarded: str) -> int:
    """Return what the API answers on the host to a call without a key."""
    _, _, where = base_url(host, site).partition("://")
    name, _, prefix = where.partition("/")
    path = "/" + "/".join(part for part in (prefix, "api/index.php/status") if part)
    return int(host.check_output("python3 -c %s %s %s %s %s", CALL, source, forwarded, name, path))


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("{allowed}", LET_IN),
        (STRANGER, KEPT_OUT),
        # What stands further left has come from the client.
        (f"{STRANGER}, {{allowed}}", LET_IN),
        (f"{{allowed}}, {STRANGER}", KEPT_OUT),
        (f"127.0.0.1, {STRANGER}", KEPT_OUT),
        # The proxy itself is not allowed.
        ("", KEPT_OUT),
    ],
)
def test_the_proxy_says_who_the_client_is(host: Host, site: HostedSite, forwarded: str, expected: int) -> None:
    assert status(host, site, proxy(site), forwarded.format(allowed=allowed(site))) == expected


@pytest.mark.parametrize("forwarded", ["{allowed}", "127.0.0.1", "{proxy}", ""])
def test_nobody_else_does(host: Host, site: HostedSite, forwarded: str) -> None:
    told = forwarded.format(allowed=allowed(site), proxy=proxy(site))
    assert status(host, site, NEIGHBOUR, told) == KEPT_OUT


def test_who_is_allowed_cannot_lock_itself_out(host: Host, site: HostedSite) -> None:
    """The tests' own address is allowed."""
    answer = get(host, site, "/api/index.php/status", **{"X-Forwarded-For": STRANGER})
    assert answer.status_code == LET_IN


def test_the_log_names_the_client_that_the_proxy_names(
    host: Host, site: HostedSite, pytestconfig: pytest.Config
) -> None:
    true, spoofed = allowed(site, 6), allowed(site, 7)
    status(host, site, proxy(site), true)
    status(host, site, NEIGHBOUR, spoofed)
    get(host, site, "/api/index.php/status", **{"X-Forwarded-For": spoofed})
    log = host.check_output("cat %s", f"{web_server(host, pytestconfig).logs}/{site.name}.api.log")
    clients = {line.split()[0] for line in log.splitlines()}
    assert true in clients
    assert NEIGHBOUR in clients
    assert spoofed not in log

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site that is taken over: its own PHP tries what it can do to the other sites and to the host."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from testinfra.host import Host

from .calls import PORTS, base_url
from .choices import php_version, web_server
from .conftest import HostedSite, inventory

HERE = Path(__file__).parent
#: What an attempt gets, where that is more than nothing.
GETS: dict[str, Any] = {
    "no new privileges": "1",
    "capabilities": ["0000000000000000"] * 2,
    "system calls are filtered": "2",
    "calls the pool": "Permission denied",
}
#: What says that nothing was got: PHP's false, no output, an empty list.
NOTHING: tuple[Any, ...] = (False, "", [], None)
#: Calls as root, who can read the token; prints the status, which is that of a call without a key.
WITH_TOKEN = """
import json, ssl, sys, urllib.error, urllib.request
site, origin, name, path = sys.argv[1:]
token = json.load(open(f"/etc/miclinik/{site}/secrets.json"))["host_token"]
headers = {"Host": name, "X-Miclinik-Token": token}
try:
    request = urllib.request.Request(f"{origin}{path}/api/index.php/status", headers=headers)
    print(urllib.request.urlopen(request, timeout=60, context=ssl._create_unverified_context()).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
_got: dict[tuple[str, str], dict[str, Any]] = {}


@pytest.fixture
def got(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> dict[str, Any]:
    """What every attempt got, tried once for a site."""
    name = str(host.backend.host.name)
    if (name, site.name) not in _got:
        _got[name, site.name] = _tried(host, site, _neighbour(host, site, pytestconfig), _guarded(host, pytestconfig))
    return _got[name, site.name]


def _entries(host: Host, config: pytest.Config) -> list[dict[str, Any]]:
    variables = inventory(tuple(config.getoption("--inventory")))["_meta"]["hostvars"].values()
    return [
        entry
        for one in variables
        if one.get("ansible_host") == str(host.backend.host.name)
        for entry in one["miclinik_sites"]
    ]


def _neighbour(host: Host, site: HostedSite, config: pytest.Config) -> str:
    return next((entry["name"] for entry in _entries(host, config) if entry["name"] != site.name), "nobody")


def _guarded(host: Host, config: pytest.Config) -> tuple[str, str, str]:
    """Return origin on the host, name and path of an API that few addresses may call; of nobody where there is none."""
    for entry in _entries(host, config):
        if entry.get("api", {}).get("allowed_ips"):
            parts = urlsplit(base_url(host, HostedSite(entry["name"], entry)))
            port = parts.port or PORTS[parts.scheme]
            return f"{parts.scheme}://127.0.0.1:{port}", parts.netloc, parts.path.rstrip("/")
    return "http://127.0.0.1", "nobody.invalid", ""


def _tried(host: Host, site: HostedSite, other: str, guarded: tuple[str, str, str]) -> dict[str, Any]:
    script = f"{site.home}/sessions/taken-over.php"
    text = (HERE / "taken_over.php").read_text().replace("__OWN__", site.name).replace("__OTHER__", other)
    for word, value in zip(("__ORIGIN__", "__GUARDED__", "__PATH__"), guarded, strict=True):
        text = text.replace(word, value)
    client = f"/run/taken-over-{site.name}.py"
    for path, content in ((script, text), (client, (HERE / "fastcgi.py").read_text())):
        host.run_expect([0], "echo %s | base64 -d > %s", base64.b64encode(content.encode()).decode(), path)
    host.run_expect([0], "chown %s %s", site.name, script)
    try:
        said = host.check_output("python3 %s /run/miclinik-php/%s/api.sock %s", client, site.name, script)
    finally:
        host.run_expect([0], "rm -f %s %s", script, client)
    found: dict[str, Any] = json.loads(said)
    found["the same file on the host"] = host.file(str(found.pop("temporary file"))).exists
    return found


ATTEMPTS = [
    line.split("'")[1]
    for line in (HERE / "taken_over.php").read_text().splitlines()
    if line.startswith("    '") and "' => " in line and "temporary file" not in line
]


#: It is seen by its answer.
PAST = "calls an API past its addresses"


def test_no_loopback_leads_past_allowed_addresses(got: dict[str, Any], host: Host, pytestconfig: pytest.Config) -> None:
    # A name that nobody has gets a closed connection, or 421.
    nobody = _guarded(host, pytestconfig)[1] == "nobody.invalid"
    assert got[PAST] in ((0, 421) if nobody else (403,))


def test_roots_token_does(host: Host, pytestconfig: pytest.Config) -> None:
    origin, name, path = _guarded(host, pytestconfig)
    for entry in _entries(host, pytestconfig):
        if entry.get("api", {}).get("allowed_ips"):
            said = host.check_output("python3 -c %s %s %s %s %s", WITH_TOKEN, entry["name"], origin, name, path)
            assert said == "401"
            break
    else:
        assert name == "nobody.invalid"


@pytest.mark.parametrize("attempt", [name for name in ATTEMPTS if name not in ("its user", PAST)])
def test_it_gets_nothing(got: dict[str, Any], attempt: str) -> None:
    if attempt in GETS:
        assert got[attempt] == GETS[attempt] or (
            attempt == "calls the pool" and got[attempt] == "No such file or directory"
        )
    else:
        assert got[attempt] in NOTHING


def test_it_is_nobody_else(got: dict[str, Any], site: HostedSite) -> None:
    assert got["its user"] == site.name


def test_its_temporary_files_are_its_own(got: dict[str, Any]) -> None:
    assert got["the same file on the host"] is False


def test_the_unit_is_a_sandbox(host: Host, site: HostedSite) -> None:
    said = host.check_output("systemd-analyze security --no-pager miclinik-php@%s.service", site.name)
    exposure = float(said.splitlines()[-1].partition("level for ")[2].split()[1])
    assert exposure < 3


def test_its_limits_are_those_that_were_rendered(host: Host, site: HostedSite) -> None:
    unit = f"miclinik-php@{site.name}.service"
    shown = dict(
        line.split("=", 1)
        for line in host.check_output("systemctl show --property=MemoryMax,TasksMax %s", unit).splitlines()
    )
    rendered = dict(
        line.split("=", 1)
        for line in host.file(f"/etc/systemd/system/{unit}").content_string.splitlines()
        if line.startswith(("MemoryMax=", "TasksMax="))
    )
    assert shown["TasksMax"] == rendered["TasksMax"]
    assert int(shown["MemoryMax"]) == int(rendered["MemoryMax"].removesuffix("M")) * 1024 * 1024


def test_the_kernel_holds_its_limits(host: Host, site: HostedSite) -> None:
    unit = f"miclinik-php@{site.name}.service"
    folder = "/sys/fs/cgroup" + host.check_output("systemctl show --property=ControlGroup --value %s", unit)
    controllers = host.file("/sys/fs/cgroup/cgroup.controllers").content_string.split()
    for controller, name, limit in (("memory", "memory.max", "MemoryMax"), ("pids", "pids.max", "TasksMax")):
        held = host.file(f"{folder}/{name}")
        # The controllers of some machines belong to cgroup v1, and the kernel holds nothing then.
        assert held.exists is (controller in controllers)
        if controller in controllers:
            shown = host.check_output("systemctl show --property=%s --value %s", limit, unit)
            assert held.content_string.strip() == shown


def test_an_idle_site_costs_little(host: Host, site: HostedSite) -> None:
    unit = f"miclinik-php@{site.name}.service"
    pid = host.check_output("systemctl show --property=MainPID --value %s", unit)
    lines = host.file(f"/proc/{pid}/smaps_rollup").content_string.splitlines()
    sizes = {words[0]: int(words[1]) for line in lines[1:] if (words := line.split())}
    # Programs and libraries are there once for all sites.
    assert sizes["Pss:"] - sizes["Pss_File:"] < 15 * 1024


def test_php_comes_from_the_distribution(host: Host, site: HostedSite) -> None:
    pid = host.check_output("systemctl show --property=MainPID --value miclinik-php@%s.service", site.name)
    assert host.check_output("readlink /proc/%s/exe", pid) == f"/usr/sbin/php-fpm{php_version(host)}"


def test_the_web_server_is_in_a_sandbox_too(host: Host, pytestconfig: pytest.Config) -> None:
    unit = web_server(host, pytestconfig).package
    said = host.check_output("systemd-analyze security --no-pager %s.service", unit)
    exposure = float(said.splitlines()[-1].partition("level for ")[2].split()[1])
    assert exposure < 5
    pid = host.check_output("systemctl show --property=MainPID --value %s", unit)
    assert "NoNewPrivs:\t1" in host.file(f"/proc/{pid}/status").content_string

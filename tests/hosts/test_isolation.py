# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site that is taken over: its own PHP tries what it can do to the other sites and to the host."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

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
_got: dict[tuple[str, str], dict[str, Any]] = {}


@pytest.fixture
def got(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> dict[str, Any]:
    """What every attempt got, tried once for a site."""
    name = str(host.backend.host.name)
    if (name, site.name) not in _got:
        _got[name, site.name] = _tried(host, site, _neighbour(host, site, pytestconfig))
    return _got[name, site.name]


def _neighbour(host: Host, site: HostedSite, config: pytest.Config) -> str:
    variables = inventory(tuple(config.getoption("--inventory")))["_meta"]["hostvars"].values()
    names = [
        entry["name"]
        for one in variables
        if one.get("ansible_host") == str(host.backend.host.name)
        for entry in one["miclinik_sites"]
    ]
    return next((name for name in names if name != site.name), "nobody")


def _tried(host: Host, site: HostedSite, other: str) -> dict[str, Any]:
    script = f"{site.home}/sessions/taken-over.php"
    text = (HERE / "taken_over.php").read_text().replace("__OWN__", site.name).replace("__OTHER__", other)
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


@pytest.mark.parametrize("attempt", [name for name in ATTEMPTS if name != "its user"])
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

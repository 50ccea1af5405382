# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connect testinfra to the managed hosts of an inventory: ``pytest tests/hosts --inventory FILE``.

Every test runs once for each host of the group `miclinik`, or once for each of its sites.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import testinfra
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from testinfra.host import Host

GROUP = "miclinik"


@dataclass(frozen=True)
class HostedSite:
    """What the tests know of a site: its entry in `miclinik_sites` and the names that follow from its own."""

    name: str
    settings: dict[str, Any]

    @property
    def home(self) -> str:
        """Folder of its code and data."""
        return layout.of(self.name)["home"]

    @property
    def state(self) -> str:
        """Folder of what outlives a run."""
        return layout.of(self.name)["state"]

    @property
    def encrypted(self) -> bool:
        """Whether its web server speaks TLS."""
        return bool(self.settings.get("tls", {}).get("mode", "none") != "none")


def _is_open(settings: dict[str, Any]) -> bool:
    """Tell whether strangers reach a site directly, and all that they may guess at."""
    api = settings.get("api", {})
    asked = [api.get(key, True) for key in ("enabled", "explorer", "login")]
    direct = not settings.get("proxy", {}).get("trusted") and ":" not in settings["domain"]
    return all(asked) and not api.get("allowed_ips") and direct


#: What the tests of a file are about, when they are not about every site.
SUBJECTS: dict[str, Callable[[HostedSite], bool]] = {
    "test_acme.py": lambda site: site.encrypted and site.settings["tls"]["mode"] == "acme",
    "test_cors.py": lambda site: (
        bool(site.settings.get("api", {}).get("enabled", True)) and not site.settings.get("api", {}).get("allowed_ips")
    ),
    "test_fail2ban.py": lambda site: _is_open(site.settings),
    "test_mail.py": lambda site: "mail" in site.settings,
    "test_own_lines.py": lambda site: "web_server_extra" in site.settings,
    "test_proxy.py": lambda site: bool(site.settings.get("proxy", {}).get("trusted")),
    "test_tls.py": lambda site: site.encrypted,
    # A real tree may be one that has none, so there they are left out.
    "test_webhooks.py": lambda site: "webhooks" in site.settings and not os.environ.get("MICLINIK_SOURCE"),
    "test_users.py": lambda site: bool(site.settings.get("api", {}).get("enabled", True)),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inventory", action="append", default=[], help="inventory of converged hosts, several times")


@cache
def inventory(sources: Sequence[str]) -> dict[str, Any]:
    """Return ansible-inventory's listing of the sources."""
    words = [word for source in sources for word in ("--inventory", source)]
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-inventory"), *words, "--list"],
        capture_output=True,
        text=True,
        check=True,
    )
    listing: dict[str, Any] = json.loads(done.stdout)
    return listing


def _hosts(listing: dict[str, Any]) -> list[str]:
    hosts = list(listing.get(GROUP, {}).get("hosts", []))
    if not hosts:
        raise pytest.UsageError(f"these tests look at hosts; the inventory names none in the group {GROUP}")
    return hosts


def _asked_for(config: pytest.Config) -> bool:
    """Tell whether these tests were named on the command line: only then does pytest read the option above."""
    return hasattr(config.option, "inventory")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave these tests out of a run over a folder further up, where there is no host to look at.

    So are those about a thing that no site of the inventory has.
    """
    if not _asked_for(config):
        return True
    subject = SUBJECTS.get(collection_path.name)
    sources = config.getoption("--inventory")
    return True if subject and sources and not any(subject(site) for _, site in _sites(sources)) else None


def _sites(sources: Sequence[str]) -> list[tuple[str, HostedSite]]:
    listing = inventory(tuple(sources))
    variables = listing["_meta"]["hostvars"]
    return [
        (name, HostedSite(site["name"], site)) for name in _hosts(listing) for site in variables[name]["miclinik_sites"]
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    sources = metafunc.config.getoption("--inventory")
    if not sources:
        raise pytest.UsageError("these tests look at hosts; they need --inventory")
    hosts = _hosts(inventory(tuple(sources)))
    if "site" in metafunc.fixturenames:
        subject = SUBJECTS.get(metafunc.definition.path.name)
        pairs = [(name, site) for name, site in _sites(sources) if subject is None or subject(site)]
        names = [f"{name}-{site.name}" for name, site in pairs]
        metafunc.parametrize(("host", "site"), pairs, ids=names, indirect=["host"], scope="session")
    elif "host" in metafunc.fixturenames:
        metafunc.parametrize("host", hosts, indirect=True, scope="session")


@cache
def _connection(name: str, sources: Sequence[str]) -> Host:
    """Return testinfra's SSH connection with the variables of the inventory, one for all tests."""
    variables = inventory(sources)["_meta"]["hostvars"].get(name, {})
    user, address = variables.get("ansible_user", "root"), variables.get("ansible_host", name)
    socket = variables.get("ansible_control_path")
    return testinfra.get_host(
        f"ssh://{user}@{address}",
        ssh_identity_file=variables.get("ansible_ssh_private_key_file"),
        ssh_extra_args=variables.get("ansible_ssh_common_args"),
        controlpath=f"{socket}-tests" if socket else None,
        sudo=user != "root",
    )


@pytest.fixture(scope="session")
def host(request: pytest.FixtureRequest) -> Host:
    """A managed host, over SSH, as root."""
    return _connection(request.param, tuple(request.config.getoption("--inventory")))

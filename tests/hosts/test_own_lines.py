# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's own lines are in force: in the web server that serves, in both pools, in conf.php."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

from .calls import get
from .choices import choice, php_version
from .conftest import HostedSite


def test_the_web_server_that_serves_has_its_own(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> None:
    server = choice(host, pytestconfig, "miclinik_web_server", "nginx")
    assert get(host, site, "/").headers["X-Own"] == server


def test_both_pools_have_the_settings(host: Host, site: HostedSite) -> None:
    said = host.run_expect([0], f"php-fpm{php_version(host)} -tt -y /etc/miclinik-php/{site.name}/php-fpm.conf").stderr
    for pool in ("web", "api"):
        (own,) = [part for part in said.split("[NOTICE] [") if part.startswith(f"{site.name}-{pool}]")]
        for name, value in site.settings["php"]["ini"].items():
            assert f"php_admin_value[{name}] = {value}" in own


def test_conf_php_has_the_variables(host: Host, site: HostedSite) -> None:
    show = f"include {f'{site.home}/conf.php'!r}; echo json_encode(get_defined_vars());"
    found = json.loads(host.check_output("runuser -u %s -- php -r %s", site.name, show))
    wanted = site.settings["conf_extra"]
    assert {name: found[name] for name in wanted} == wanted

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sandbox as 24: login on request, keys in a table, products on sale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import KEY, equip, make_site
from .databases import MariaDb
from .site import SandboxSite

GOOD = {"login": "integration", "password": "Integration-1234"}


@pytest.fixture(scope="module")
def newer(workplace: Path, mariadb: MariaDb) -> Iterator[SandboxSite]:
    site = make_site(workplace, mariadb, "24.0.0")
    equip(site)
    site.serve()
    yield site
    site.halt()


def test_version(newer: SandboxSite) -> None:
    assert newer.get("/status", KEY).json()["success"]["dolibarr_version"] == "24.0.0"


def test_login_is_off_until_it_is_switched_on(newer: SandboxSite) -> None:
    refused = newer.call("POST", "/login", json=GOOD)
    assert (refused.status_code, "login APIs are disabled" in refused.text) == (403, True)
    assert "/login" in newer.get("/explorer/swagger.json", KEY).json()["paths"]
    newer.constant("API_DISABLE_LOGIN_API", "1")
    newer.constant("API_ENABLE_LOGIN_API", "1")
    assert newer.call("POST", "/login", json=GOOD).json()["success"]["token"] == KEY


def test_keys_are_looked_for_in_the_table(newer: SandboxSite) -> None:
    newer.constant("API_IN_TOKEN_TABLE", "1")
    assert newer.get("/status", KEY).status_code == 401
    newer.bootstrap(
        "$db->insert('llx_oauth_token', array('service' => 'dolibarr_rest_api', 'fk_user' => 2, 'entity' => 1,"
        f" 'tokenstring' => dolEncrypt('{KEY}', '', '', 'dolibarr')));"
    )
    assert newer.get("/status", KEY).status_code == 200
    newer.constant("API_IN_TOKEN_TABLE", "0")
    assert newer.get("/status", KEY).status_code == 200

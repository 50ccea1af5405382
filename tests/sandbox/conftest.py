# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Servers and sites for the tests of the sandbox."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from .databases import Database, MariaDb, PostgreSql
from .site import SandboxSite

MODULES = ("modApi", "modSociete", "modProduct", "modCommande", "modFacture")
KEY = "key-of-the-integration-user"
ADMIN_KEY = "key-of-the-administrator"
_number = count(1)


@pytest.fixture(scope="session")
def workplace() -> Iterator[Path]:
    # Not pytest's own folder: servers run as other users, who can't enter it, and socket paths have to be short
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def mariadb(workplace: Path) -> Iterator[MariaDb]:
    server = MariaDb(workplace)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgresql(workplace: Path) -> Iterator[PostgreSql]:
    server = PostgreSql(workplace)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def new_site(workplace: Path) -> Iterator[Callable[[Database], SandboxSite]]:
    made: list[SandboxSite] = []

    def make(database: Database) -> SandboxSite:
        site = make_site(workplace, database)
        made.append(site)
        return site

    yield make
    for site in made:
        site.halt()


@pytest.fixture(scope="module")
def site(workplace: Path, mariadb: MariaDb) -> Iterator[SandboxSite]:
    """An installed site with modules and keys on MariaDB, served as it should be; tests put back what they change."""
    ready = make_site(workplace, mariadb)
    equip(ready)
    ready.serve()
    yield ready
    ready.halt()


def make_site(workplace: Path, database: Database, version: str = "") -> SandboxSite:
    """A site with an empty database, neither installed nor served; of another version than the sandbox's own."""
    number = next(_number)
    folder = workplace / f"s{number}"
    folder.mkdir()
    database.create(f"site{number}")
    return SandboxSite(folder, database, f"site{number}", version=version)


def equip(site: SandboxSite) -> None:
    """Install, switch modules on, make an integration user with all their rights."""
    site.install()
    modules = ", ".join(f"'{name}'" for name in MODULES)
    site.bootstrap(
        f"foreach (array({modules}) as $module) {{ activateModule($module); }}"
        f" $user->api_key = '{ADMIN_KEY}'; $user->update($user);"
        f" $u = new User($db); $u->login = 'integration'; $u->lastname = 'Integration'; $u->api_key = '{KEY}';"
        " $u->pass = 'Integration-1234'; $u->create($user);"
        " foreach (array('societe', 'produit', 'commande', 'facture') as $m) { $u->addrights(0, $m); }"
    )

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules for databases that depend on the engine: names, and how a connection to another server is protected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

# https://www.postgresql.org/docs/current/sql-syntax-lexical.html (63 bytes of a name count) and sql-createrole.html
_LONGEST = 63
_POSTGRESQL_OWN = {"name": frozenset({"postgres", "template0", "template1"}), "user": frozenset({"postgres", "public"})}


def check(entries: Sequence[Mapping[str, Any]], engine: str, base: paths.Base) -> list[Problem]:
    """Return what is wrong with the sites' databases on ``engine``; ``base`` is where relative paths begin."""
    return [
        Problem(f"site '{site['name']}'", *rest) for site in sites.plan(entries) for rest in _rules(site, engine, base)
    ]


def check_pooler(entries: Sequence[Mapping[str, Any]], engine: str, pooler: str) -> list[Problem]:
    """Return why the sites of this host cannot share connections by ``pooler``."""
    if pooler == "none":
        return []
    key = "miclinik_database_pooler"
    if engine != database_connections.POSTGRESQL:
        return [Problem("inventory", key, f"is {pooler}, and the engine is {engine}, which needs none", "Remove it")]
    known = database_connections.of_engine(sites.plan(entries), engine)
    ports = {site["name"]: site["port"] for site in known if site["local"]}
    if len(set(ports.values())) > 1:
        seen = ", ".join(f"{port} of site '{name}'" for name, port in ports.items())
        mend = "Give all sites of the host one database.port, or remove it: it speaks to one server"
        return [Problem("inventory", key, f"is {pooler}, and there are several ports ({seen})", mend)]
    return []


def _rules(site: Site, engine: str, base: paths.Base) -> Iterator[Rest]:
    database = site["database"]
    if engine == database_connections.POSTGRESQL:
        for key in ("name", "user"):
            yield from _postgresql_name(f"database.{key}", database[key], _POSTGRESQL_OWN[key])
    tls = database_connections.encryption(site, engine)
    if database["local"] and tls != "none":
        yield "database.tls", f"is {tls}, and the database is reached by a socket of this host", "Remove it"
    elif engine == database_connections.MARIADB and tls == "verify":
        yield (
            "database.tls",
            "is verify, and the application's MariaDB driver looks at no certificate",
            "Write encrypt, or none and lead the connection through a tunnel",
        )
    if database["ca"] and tls == "none":
        yield "database.ca", "is given, and the connection is not encrypted", "Remove it, or write tls: verify"
    elif database["ca"] and not paths.find(base, database["ca"]).is_file():
        yield "database.ca", f"{database['ca']} is not a file on the controller", "Name the file of the authorities"


def _postgresql_name(key: str, name: str, own: frozenset[str]) -> Iterator[Rest]:
    if len(name) > _LONGEST:
        yield key, f"is {name!r}", f"Use up to {_LONGEST} characters: PostgreSQL cuts longer names off"
    if name.lower() in own or (key.endswith("user") and name.lower().startswith("pg_")):
        yield key, f"is {name!r}, a name that PostgreSQL keeps for itself", f"Set {key} to another one"

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the application, and those who prepare its database, reach the database of a site."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names

MARIADB, POSTGRESQL = "mariadb", "postgresql"
#: The engine by the application's own name for its driver, in conf.php.
ENGINES = {"mysqli": MARIADB, "pgsql": POSTGRESQL}
PORTS = {MARIADB: 3306, POSTGRESQL: 5432}
MARIADB_SOCKET = "/run/mysqld/mysqld.sock"
POSTGRESQL_SOCKETS = "/var/run/postgresql"
#: Where PgBouncer listens, at the port of the server behind it: for the application alone.
POOLER_SOCKETS = "/run/miclinik-pooler"
#: Connections that are left to others: the administrator, backups, exporters.
SPARE = 20
POOLER_SETTINGS = "/etc/pgbouncer/miclinik.ini"
# Versions of PostgreSQL in the distributions' own archives: https://packages.debian.org/postgresql
POSTGRESQL_VERSIONS = {"bookworm": "15", "trixie": "17", "jammy": "14", "noble": "16"}
# Of Debian's package ca-certificates.
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

_SSL_MODES = {"none": "disable", "encrypt": "require", "verify": "verify-full"}
_SCRAM_ITERATIONS = 4096  # PostgreSQL's own default
# They slow down whoever guesses a stolen verifier, and each call of the application: 2.6 ms of 7 (libpq, measured). A
# password of 32 characters, as we make them, is guessed by nobody, however fast a try is.
_SCRAM_FEW, _BEYOND_GUESSING = 16, 32


def encryption(site: Site, engine: str) -> str:
    """Return ``none``, ``encrypt`` or ``verify``: what the site asks for, or what the engine's driver can do."""
    database = site["database"]
    if database["tls"]:
        return str(database["tls"])
    return "verify" if engine == POSTGRESQL and not database["local"] else "none"


def authorities(site: Site, engine: str) -> str | None:
    """Return the file on the host with the authorities that may vouch for the database server; None asks nobody."""
    tls = encryption(site, engine)
    if tls != "none" and site["database"]["ca"]:
        return str(site["ca_file"])
    return SYSTEM_AUTHORITIES if tls == "verify" else None


def application(site: Site, engine: str, pooler: str = "none") -> dict[str, Any]:
    """Return what conf.php says: ``type``, ``host``, ``port``, ``character_set``, ``collation``, ``environment``.

    With a ``pooler`` the sites of this host's own server reach it through that.

    ``environment`` are variables that PHP has to set before it connects: the application's PostgreSQL driver passes
    only host, port, name, user and password on, and libpq takes the rest from there.
    """
    database = site["database"]
    tls = encryption(site, engine)
    port = str(database["port"] or "")
    if engine == MARIADB:
        # The driver's own sign for an encrypted connection, whose certificate it does not look at (22.0.4).
        host = text_names.in_url(database["host"])
        host = host if tls == "none" else f"ssl://{host}"
        charset = {"character_set": "utf8mb4", "collation": "utf8mb4_unicode_ci"}
        return {"type": "mysqli", "host": host, "port": port, "environment": {}} | charset
    environment = {} if database["local"] else {"PGSSLMODE": _SSL_MODES[tls]}
    if trusted := authorities(site, engine):
        environment["PGSSLROOTCERT"] = trusted
    return {
        "type": "pgsql",
        # A folder is libpq's way to name a socket. The application's own word for it, "socket", is looked up as a
        # host name, password in hand, whenever the local server does not answer (15 to 22).
        "host": (POSTGRESQL_SOCKETS if pooler == "none" else POOLER_SOCKETS) if database["local"] else database["host"],
        # Never empty: 16 takes MariaDB's 3306 then.
        "port": port or str(PORTS[engine]),
        "environment": environment,
        "character_set": "UTF8",
        "collation": "",
    }


def probed(site: Site, engine: str) -> dict[str, Any]:
    """Return what the module ``database_probe`` wants to know of the site; no secret is in it."""
    database = site["database"]
    socket = MARIADB_SOCKET if engine == MARIADB else POSTGRESQL_SOCKETS
    return {
        "name": site["name"],
        "local": database["local"],
        "host": socket if database["local"] else database["host"],
        "port": database["port"] or PORTS[engine],
        "database": database["name"],
        "user": database["user"],
        "sslmode": _SSL_MODES[encryption(site, engine)],
        "ca": authorities(site, engine),
        "state": site["state"],
    }


def maker(site: Site, engine: str, admin_user: str, admin_password: str, by: str = "root") -> dict[str, Any]:
    """Return the login of who makes databases and users: root here, the administrator that was named elsewhere.

    ``by`` is what the module ``database_server`` has found: with ``admin`` root does not get into this host's server.
    Keys are ``socket`` for the server of this host, else ``host``, ``port``, ``user``, ``password``, ``sslmode`` and,
    where the certificate is checked, ``ca``.
    """
    known = probed(site, engine)
    if engine == MARIADB:
        admin_password = for_pymysql(admin_password)
    if known["local"]:
        login = {"socket": known["host"], "port": known["port"]}
        return login | ({"user": admin_user, "password": admin_password} if by == "admin" else {})
    login = {key: known[key] for key in ("host", "port", "sslmode")}
    login |= {"user": admin_user, "password": admin_password}
    return login | ({"ca": known["ca"]} if known["ca"] else {})


def for_pymysql(password: str) -> str:
    """Return a password so that PyMySQL, which sends a text as latin1, sends the bytes that it has in UTF-8.

    >>> for_pymysql("señal").encode("latin1").decode()
    'señal'
    """
    return password.encode().decode("latin1")


def pattern(name: str) -> str:
    r"""Return ``name`` for a GRANT of MariaDB, where ``_`` stands for any character: rights on ``a_b`` open ``axb``.

    >>> pattern("clinica_norte")
    'clinica\\_norte'
    """
    return name.replace("_", "\\_")


def hba(sites: Iterable[Site]) -> str:
    """Return lines for the top of pg_hba.conf: each site's user gets into its own database by password, nowhere else.

    Root may act for ``postgres``, as it could anyway: without it, making a database would take a change of user, for
    which a bare Debian has no program that Ansible can use without a file that others may read.
    """
    lines = ["local all postgres peer map=miclinik"]
    for site in sites:
        name, user = site["database"]["name"], site["database"]["user"]
        # Beside the one that is served: what an upgrade or a restore makes to take its place.
        own = ",".join(f'"{layout.database(name, part)}"' for part in layout.PARTS)
        lines += [
            f'local {own} "{user}" scram-sha-256',
            f'local all "{user}" reject',
            f'host all "{user}" all reject',
        ]
    return "\n".join(lines)


def pool_size(max_connections: int, sites: int, most: int) -> int:
    """Return how many connections PgBouncer may keep for each of so many sites: all of them together leave some free.

    ``most`` is what a site may want.

    >>> pool_size(200, 3, 83), pool_size(200, 90, 83), pool_size(200, 1, 83)
    (60, 2, 83)
    """
    return min(most, max(2, (max_connections - SPARE) // max(1, sites)))


def icu_locale(language: str) -> str:
    """Return the ICU locale by which the texts of a site in ``language`` (``es_ES``) are sorted."""
    return language.replace("_", "-")


def scram_verifier(password: str, salt: bytes | None = None, *, local: bool = False) -> str:
    """Return what PostgreSQL stores of ``password``, so that the server is never sent, and cannot log, the password.

    Made as RFC 5803 and PostgreSQL say. ``salt`` is random when it is not given. ``local`` is for a user of this host's
    own server, whose clients are libpq: others refuse less than the usual number of iterations (JDBC).
    """
    salt = os.urandom(16) if salt is None else salt
    iterations = _SCRAM_FEW if local and len(password) >= _BEYOND_GUESSING else _SCRAM_ITERATIONS
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password), salt, iterations)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${iterations}:{salt64}${stored64}:{server64}"


def _prepared(password: str) -> bytes:
    """Return the password as SASLprep (RFC 4013) makes it, as far as normal texts go."""
    if password.isascii():
        return password.encode()
    spaces = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFKC", spaces).encode()


def of_engine(sites: Sequence[Site], engine: str) -> list[dict[str, Any]]:
    """Return ``probed`` of every site."""
    return [probed(site, engine) for site in sites]

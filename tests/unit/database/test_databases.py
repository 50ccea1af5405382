# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the application, the look and the maker reach a database."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

UTF8MB4 = {"character_set": "utf8mb4", "collation": "utf8mb4_unicode_ci"}
UTF8 = {"character_set": "UTF8", "collation": ""}
OTHER = {"host": "db.example.org", "password": "a password of theirs"}
SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
OWN = "/etc/miclinik/clinica-sur/database-ca.pem"


def planned(**database: object) -> Site:
    entry = {"name": "clinica-sur", "domain": "sur.example.org", "source": {"type": "sandbox"}, "database": database}
    return sites.plan([entry])[0]


@pytest.mark.parametrize(
    ("engine", "given", "expected"),
    [
        ("mariadb", {}, {"type": "mysqli", "host": "localhost", "port": "", "environment": {}} | UTF8MB4),
        (
            "mariadb",
            OTHER | {"port": 3307},
            {"type": "mysqli", "host": "db.example.org", "port": "3307", "environment": {}} | UTF8MB4,
        ),
        (
            "mariadb",
            OTHER | {"tls": "encrypt"},
            {"type": "mysqli", "host": "ssl://db.example.org", "port": "", "environment": {}} | UTF8MB4,
        ),
        ("postgresql", {}, {"type": "pgsql", "host": "/var/run/postgresql", "port": "5432", "environment": {}} | UTF8),
        (
            "postgresql",
            OTHER,
            {
                "type": "pgsql",
                "host": "db.example.org",
                "port": "5432",
                "environment": {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": SYSTEM},
            }
            | UTF8,
        ),
        (
            "postgresql",
            OTHER | {"ca": "ca.pem"},
            {
                "type": "pgsql",
                "host": "db.example.org",
                "port": "5432",
                "environment": {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": OWN},
            }
            | UTF8,
        ),
        (
            "postgresql",
            OTHER | {"tls": "encrypt"},
            {"type": "pgsql", "host": "db.example.org", "port": "5432", "environment": {"PGSSLMODE": "require"}} | UTF8,
        ),
        (
            "postgresql",
            OTHER | {"tls": "none"},
            {"type": "pgsql", "host": "db.example.org", "port": "5432", "environment": {"PGSSLMODE": "disable"}} | UTF8,
        ),
    ],
)
def test_what_the_application_is_told(engine: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert database_connections.application(planned(**given), engine) == expected


@pytest.mark.parametrize(
    ("engine", "given", "expected"),
    [
        ("mariadb", {}, ("/run/mysqld/mysqld.sock", 3306, "disable", None)),
        ("postgresql", {}, ("/var/run/postgresql", 5432, "disable", None)),
        ("postgresql", {"port": 5433}, ("/var/run/postgresql", 5433, "disable", None)),
        ("mariadb", OTHER, ("db.example.org", 3306, "disable", None)),
        ("mariadb", OTHER | {"tls": "encrypt", "ca": "x.pem"}, ("db.example.org", 3306, "require", OWN)),
        ("postgresql", OTHER, ("db.example.org", 5432, "verify-full", SYSTEM)),
    ],
)
def test_what_is_looked_at(engine: str, given: dict[str, Any], expected: tuple[str, int, str, str | None]) -> None:
    host, port, sslmode, authorities = expected
    assert database_connections.probed(planned(**given), engine) == {
        "name": "clinica-sur",
        "local": not given.get("host"),
        "host": host,
        "port": port,
        "state": "/etc/miclinik/clinica-sur",
        "database": "clinica_sur",
        "user": "clinica_sur",
        "sslmode": sslmode,
        "ca": authorities,
    }


def test_a_look_needs_no_secret() -> None:
    assert "a password of theirs" not in str(database_connections.of_engine([planned(**OTHER)], "postgresql"))


def test_root_makes_databases_here() -> None:
    assert database_connections.maker(planned(), "mariadb", "admin", "secret") == {
        "socket": "/run/mysqld/mysqld.sock",
        "port": 3306,
    }


def test_the_administrator_makes_the_databases_of_this_host_where_root_does_not_get_in() -> None:
    socket = {"socket": database_connections.MARIADB_SOCKET, "port": 3306}
    assert database_connections.maker(planned(), "mariadb", "admin", "secret", "root") == socket
    login = {"user": "admin", "password": "secret"}
    assert database_connections.maker(planned(), "mariadb", "admin", "secret", "admin") == socket | login


@pytest.mark.parametrize("there", [{}, OTHER])
def test_the_administrators_password_in_any_script(there: dict[str, Any]) -> None:
    password = database_connections.maker(planned(**there), "mariadb", "admin", "contraseña Ω", "admin")["password"]
    assert password.encode("latin1") == "contraseña Ω".encode()  # PyMySQL sends it so
    assert (
        database_connections.maker(planned(**OTHER), "postgresql", "admin", "contraseña Ω")["password"]
        == "contraseña Ω"
    )


def test_the_administrator_makes_them_elsewhere() -> None:
    login = {"host": "db.example.org", "user": "admin", "password": "secret"}
    assert database_connections.maker(planned(**OTHER), "postgresql", "admin", "secret") == login | {
        "port": 5432,
        "sslmode": "verify-full",
        "ca": SYSTEM,
    }
    assert database_connections.maker(planned(**OTHER), "mariadb", "admin", "secret") == login | {
        "port": 3306,
        "sslmode": "disable",
    }


def test_a_grant_is_for_one_database() -> None:
    assert database_connections.pattern("clinica_sur_2") == "clinica\\_sur\\_2"
    assert database_connections.pattern("norte") == "norte"


def _own(name: str) -> str:
    return ",".join(f'"{name}{part}"' for part in ("", "$next", "$before", "$undone", "$scratch"))


def test_who_may_enter() -> None:
    other = sites.plan([{"name": "norte", "domain": "n.example.org", "source": {"type": "sandbox"}}])[0]
    assert database_connections.hba([planned(user="Sur"), other]).splitlines() == [
        "local all postgres peer map=miclinik",
        f'local {_own("clinica_sur")} "Sur" scram-sha-256',
        'local all "Sur" reject',
        'host all "Sur" all reject',
        f'local {_own("norte")} "norte" scram-sha-256',
        'local all "norte" reject',
        'host all "norte" all reject',
    ]


def test_locale() -> None:
    assert database_connections.icu_locale("es_ES") == "es-ES"


# Of RFC 7677's example: user "user", password "pencil", 4096 rounds; its server signature comes out of this server key.
def test_verifier_is_that_of_the_rfc() -> None:
    assert database_connections.scram_verifier("pencil", b"[m\x99h\x9d\x125\x8e\xec\xa0K\x14\x126\xfa\x81") == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_every_verifier_has_its_own_salt() -> None:
    assert database_connections.scram_verifier("pencil") != database_connections.scram_verifier("pencil")


@pytest.mark.parametrize(
    ("password", "local", "iterations"), [("x" * 32, True, 16), ("x" * 31, True, 4096), ("x" * 32, False, 4096)]
)
def test_who_cannot_be_guessed_is_logged_in_fast(password: str, local: bool, iterations: int) -> None:
    verifier = database_connections.scram_verifier(password, local=local)
    assert verifier.startswith(f"SCRAM-SHA-256${iterations}:")


def test_the_password_is_prepared() -> None:
    salt = b"0123456789abcdef"
    assert database_connections.scram_verifier("Clínica 1", salt) == database_connections.scram_verifier(
        "Cli\u0301nica\u00a01", salt
    )

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at a database takes and brings back, whatever the engine."""

from __future__ import annotations

from dataclasses import dataclass, field

READY, MISSING, WRONG, UNKNOWN, LOST = "ready", "missing", "wrong", "unknown", "lost"
#: Seconds that a connection may take.
PATIENCE = 10


@dataclass(frozen=True)
class Target:
    """Where a site's database is. ``host`` is a socket (MariaDB) or the folder of one (PostgreSQL) when ``local``."""

    name: str
    local: bool
    host: str
    port: int
    database: str
    user: str
    sslmode: str  # libpq's words: disable, require, verify-full
    ca: str | None


@dataclass
class Finding:
    """What the server says. ``complaints`` are key, what was seen, and the mend.

    ``tables`` is the number of the application's tables, ``sign`` the one that they hold (see ``identity``), ``owners``
    are roles that own some of them and are not the site's user (on PostgreSQL).
    """

    product: str
    wanted_product: str
    version: str
    complaints: list[tuple[str, str, str]] = field(default_factory=list)
    tables: int = 0
    sign: str = ""
    owners: list[str] = field(default_factory=list)


class LibraryMissing(Exception):
    """The Python library of the engine is not installed; the message is its name."""


class Unreachable(Exception):
    """No server answered, or not with a certificate that can be trusted. The message holds no secret."""


class Refused(Exception):
    """The server answered and did not let the user in; ``key`` is the key that is the likeliest cause.

    ``absent``: it has no such database.
    """

    def __init__(self, key: str, seen: str, *, absent: bool = False) -> None:
        super().__init__(seen)
        self.key = key
        self.absent = absent


#: The application's table with the sign in it.
CONSTANTS = "llx_const"
SIGN_QUERY = "SELECT value FROM llx_const WHERE name = 'MICLINIK_SITE_SIGN' AND entity = 0"

# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one table of what differs between the application's versions, for the controller and for hosts' Python.

The bridge has its own in templates/bridge/src/Versions.php, the contract suite in tests/contract/versions.py;
docs/adding-a-version.md says how a new version comes into all three.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: The major versions that we deliver: all but 18 and 21 were run, 23 and 24 before they were final (a 23.0.0-beta, a
#: tree that calls itself 23.1.0, and 24.0.0-beta).
OLDEST, NEWEST = 15, 24
#: Versions of PHP on which they were: 15 to 22 on both, 23 and 24 on the first.
TESTED_PHP = ("8.2", "8.4")


@dataclass(frozen=True)
class Span:
    """Major versions from ``first`` to ``last``. Without a last one what newest versions do is expected of newer."""

    first: int
    last: int | None = None

    def holds(self, version: str) -> bool:
        """Whether ``version`` is one of these."""
        major = number(version)
        return self.first <= major and (self.last is None or major <= self.last)


FEATURES: dict[str, Span] = {
    # `Authorization: Bearer` carries a key: 22.0.4 takes it, 20.0.2 does not.
    "bearer": Span(22),
    # 15.0.3 stores 6 rights of a user where 39 were asked for, and says nothing: its PostgreSQL driver loses rows on
    # PHP 8.
    "postgresql": Span(16),
    # Measured on 22.0.4. 19 was the first to encrypt (https://github.com/Dolibarr/dolibarr/pull/25525), and releases of
    # 20 showed a blank page with it (https://github.com/Dolibarr/dolibarr/issues/33372).
    "encrypted_mariadb": Span(21),
    # `(t.rowid:in:select 1 from llx_const)` in sqlfilters is run by 19.0.2 and 20.0.0, not by 17.0.2, and 21.0.0-alpha
    # has no setting against it; 22 and 23 have one, which the role rest_api makes, and 24 never runs it.
    "subqueries_for_all": Span(18, 21),
    # /login is off unless API_ENABLE_LOGIN_API is 1, and API_DISABLE_LOGIN_API is not read any more.
    "login_on_request": Span(24),
    # MAIN_MODULE_API_LOGIN_DISABLED switches /login off as well.
    "login_old_switch": Span(0, 19),
    # API_IN_TOKEN_TABLE is read: keys are looked for in llx_oauth_token.
    "token_table": Span(23),
    # The same, and it works: 23 asks for "rowid" of two tables, and answers 503 to every key
    # (https://github.com/Dolibarr/dolibarr/pull/38082).
    "token_table_works": Span(24),
}

#: The first major version in which a module brings operations to the API; the others of `api_modules` always do.
#: 18 and 21 were not to be had: what was first seen in 19 or 22 is asked for from there.
API_SINCE: dict[str, int] = {
    "accounting": 19,
    "eventorganization": 22,
    "holiday": 23,
    "mailing": 23,
    "multicurrency": 19,
    "partnership": 19,
    "reception": 16,
    "salaries": 20,
    "service": 22,
    "webhook": 22,
    "workstation": 20,
}


def number(version: str) -> int:
    """Return the major version, 0 where the text does not begin with a number: a release may have any name."""
    found = re.match(r"[0-9]+", version)
    return int(found[0]) if found else 0


def older(version: str, other: str) -> bool:
    """Return whether ``version`` comes before ``other``; a preview comes before what it is a preview of.

    >>> older("22.0.4", "22.0.10"), older("24.0.0-beta", "24.0.0"), older("22.0.4", "22.0.4")
    (True, True, False)
    """
    return _place(version) < _place(other)


def _place(version: str) -> tuple[list[int], bool]:
    numbers, _, preview = version.partition("-")
    return [int(part) for part in numbers.split(".") if part.isdecimal()], not preview


def login_setting(version: str, on: bool) -> str:
    """Return the setting that switches the login endpoint of ``version`` on or off, as ``NAME=VALUE``."""
    older, newer = f"API_DISABLE_LOGIN_API={int(not on)}", f"API_ENABLE_LOGIN_API={int(on)}"
    if not number(version):
        return f"{older}, from version {FEATURES['login_on_request'].first} on {newer}"
    return newer if has(version, "login_on_request") else older


def has(version: str, feature: str) -> bool:
    """Whether ``version`` of the application has a feature of ``FEATURES``."""
    return FEATURES[feature].holds(version)
